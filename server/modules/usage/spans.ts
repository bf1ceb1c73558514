import "server-only";
import type { BucketWidth } from "@/lib/contracts/usage";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** How long a bucket of each width is, and how long it is kept after it began. */
export const widths: Record<BucketWidth, { length: number; kept: number }> = {
  "1m": { length: MINUTE_MS, kept: 3 * DAY_MS },
  "1h": { length: HOUR_MS, kept: 100 * DAY_MS },
  "1d": { length: DAY_MS, kept: 800 * DAY_MS },
};
export const allWidths = ["1m", "1h", "1d"] as const satisfies readonly BucketWidth[];

/** The beginning of the bucket a moment lies in, in milliseconds since 1970; days begin at midnight UTC. */
export function startOf(width: BucketWidth, time: number): number {
  const { length } = widths[width];
  return Math.floor(time / length) * length;
}

export interface Month {
  /** `2026-11`. */
  name: string;
  /** Milliseconds since 1970. */
  start: number;
  end: number;
}

/** Nearly every call asks for the month of now. */
let lastMonth: Month = { name: "", start: 0, end: 0 };

/** The calendar month a moment lies in, UTC. */
export function monthOf(time: number): Month {
  if (!(time >= lastMonth.start && time < lastMonth.end)) lastMonth = findMonth(time);
  return lastMonth;
}

function findMonth(time: number): Month {
  const date = new Date(time);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  return { name: date.toISOString().slice(0, 7), start: Date.UTC(year, month), end: Date.UTC(year, month + 1) };
}

/** A span of buckets of one width; the end is not in it. */
export interface Span {
  width: BucketWidth;
  from: Date;
  to: Date;
}

/** The last 24 hours, exact to the minute: the minutes of the hour that began before them, and whole hours. */
export function lastDay(now: number): Span[] {
  const begin = startOf("1m", now - DAY_MS);
  const firstHour = startOf("1h", begin + HOUR_MS - 1);
  return [
    { width: "1m", from: new Date(begin), to: new Date(firstHour) },
    { width: "1h", from: new Date(firstHour), to: new Date(now + 1) },
  ];
}

/** Until when a month's count is kept: as long as its days. The same for all counts of one month, so that it also tells months apart. */
export function endOfMonthCount(month: Month): Date {
  return new Date(month.end + widths["1d"].kept);
}
