"use client";

import { type PointerEvent, useState } from "react";

export interface Cursor {
  /** The point that is read, or null. */
  at: number | null;
  set: (at: number | null) => void;
  /** Follows the pointer over an element as wide as all points. */
  follow: (event: PointerEvent<HTMLElement>) => void;
}

/** Which of a chart's points is read: by the pointer, or by the arrow keys. */
export function useCursor(points: number): Cursor {
  const [at, setAt] = useState<number | null>(null);
  const follow = (event: PointerEvent<HTMLElement>) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    const share = width > 0 ? (event.clientX - left) / width : 0;
    setAt(Math.min(points - 1, Math.max(0, Math.floor(share * points))));
  };
  // What is drawn may have become shorter since.
  return { at: at === null || at < points ? at : points - 1, set: setAt, follow };
}
