import { Fragment } from "react";

/** A sentence whose parts between backticks are code. */
export function InlineCode({ text }: { text: string }) {
  return [...text.matchAll(/([^`]+)(?:`([^`]*)`)?|`([^`]*)`/g)].map(({ index: offset, 1: plain, 2: after, 3: alone }) => {
    const code = after ?? alone;
    return (
      <Fragment key={offset}>
        {plain}
        {code && <code>{code}</code>}
      </Fragment>
    );
  });
}
