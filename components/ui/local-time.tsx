"use client";

import { useHydrated } from "@/components/ui/use-hydrated";
import { formatExact, formatMoment } from "@/lib/moment";

/**
 * A moment on the reader's own clock, UTC to the millisecond on hover. Until the scripts run it is told in UTC, and says so; in a table the
 * room for that stays, so that no column moves.
 */
export function LocalTime({ iso }: { iso: string }) {
  const clock = useHydrated() ? "local" : "utc";
  return (
    <time dateTime={iso} title={formatExact(iso)} className="tabular whitespace-nowrap">
      {formatMoment(iso, clock)}
      <span className={clock === "utc" ? undefined : "utc-room"}> UTC</span>
    </time>
  );
}
