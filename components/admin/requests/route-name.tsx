import { Fragment } from "react";

/** The pattern of an address or the name of a procedure; in a narrow place its lines break between its parts. */
export function RouteName({ route }: { route: string }) {
  return route.split(/(?<=[/.])/).map((part, index) => (
    <Fragment key={index}>
      {part}
      <wbr />
    </Fragment>
  ));
}
