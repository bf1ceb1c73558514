import "server-only";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export type Width = "1m" | "15m" | "3h" | "1d";

/** How long a bucket of each width is, and how long it is kept after it began: a day is compared with the same one a week before. */
export const widths: Record<Width, { length: number; kept: number }> = {
  "1m": { length: MINUTE_MS, kept: 2 * DAY_MS },
  "15m": { length: 15 * MINUTE_MS, kept: 9 * DAY_MS },
  "3h": { length: 3 * HOUR_MS, kept: 400 * DAY_MS },
  "1d": { length: DAY_MS, kept: 400 * DAY_MS },
};
/** Finest first; each boundary of a width is one of those before it. */
export const allWidths = ["1m", "15m", "3h", "1d"] as const satisfies readonly Width[];
/** Of counts whose number grows with that of customers. */
export const customerWidths = ["15m", "3h", "1d"] as const satisfies readonly Width[];

/** The beginning of the bucket a moment lies in, in milliseconds since 1970; days begin at midnight UTC. */
export function startOf(width: Width, time: number): number {
  const { length } = widths[width];
  return Math.floor(time / length) * length;
}

/** Buckets of one width that begin in a span of time; `to` is not in it. Milliseconds since 1970. */
export interface Span {
  width: Width;
  from: number;
  to: number;
}

/**
 * The fewest buckets that cover a span: wide ones for its inside, finer ones towards its ends, as fine as they are still kept. Where they
 * are not, it begins a little earlier. They do not overlap.
 * @param to exclusive; now at the latest, so that the bucket that is going on is the last one
 * @param known what is counted, finest first
 */
export function coverSpan(from: number, to: number, now: number, known: readonly Width[] = allWidths): Span[] {
  const [finest = "1d"] = known;
  const kept = known.find((width) => from >= now - widths[width].kept) ?? known.at(-1) ?? finest;
  const usable = known.slice(known.indexOf(kept));
  return to <= from ? [] : coverWith(startOf(kept, from), to, usable);
}

/** @param usable finest first; `from` lies on a boundary of the first */
function coverWith(from: number, to: number, usable: readonly Width[]): Span[] {
  const width = usable.at(-1);
  if (width === undefined || to <= from) return [];
  const finer = usable.slice(0, -1);
  if (finer.length === 0) return [{ width, from, to }];
  const start = Math.ceil(from / widths[width].length) * widths[width].length;
  const end = startOf(width, to);
  if (end <= start) return coverWith(from, to, finer);
  return [...coverWith(from, start, finer), { width, from: start, to: end }, ...coverWith(end, to, finer)];
}
