"use client";

import { useSyncExternalStore } from "react";

const noChange = () => () => undefined;

/** Whether the page's scripts run: false in what the server paints, and until the page has come alive. */
export function useHydrated(): boolean {
  return useSyncExternalStore(noChange, () => true, () => false);
}
