import { Fragment } from "react";

/** The pattern of an address or the name of a procedure; in a narrow place its lines break between its parts. */
export function RouteName({ route }: { route: string }) {
  return [...route.matchAll(/[^/.]+[/.]?|[/.]/g)].map(({ 0: part, index: at }) => (
    <Fragment key={at}>
      {part}
      <wbr />
    </Fragment>
  ));
}
