"use client";

import { useEffect, useState } from "react";

/** The reader's clock, every second; before the first second the moment that the page was made for, so that both sides agree. */
export function useNow(madeAt: string): number {
  const [now, setNow] = useState(() => Date.parse(madeAt));
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return Math.max(now, Date.parse(madeAt));
}
