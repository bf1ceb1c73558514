"use client";

import { useSyncExternalStore } from "react";
import { formatExact, formatMoment } from "@/lib/moment";

const noChange = () => () => undefined;

/**
 * A moment on the reader's own clock, UTC to the millisecond on hover. Until the scripts run it is told in UTC, and says so; the room for
 * that stays, so that no column moves.
 */
export function LocalTime({ iso }: { iso: string }) {
  const clock = useSyncExternalStore(noChange, () => "local" as const, () => "utc" as const);
  return (
    <time dateTime={iso} title={formatExact(iso)} className="tabular whitespace-nowrap">
      {formatMoment(iso, clock)}
      <span className={clock === "utc" ? undefined : "invisible"}> UTC</span>
    </time>
  );
}
