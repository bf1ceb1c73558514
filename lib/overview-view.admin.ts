/** The figures of the overview in words and in the pieces its pictures are made of. */
import type { CallFigures, SeriesPoint, Surface, SurfaceOverview, TrafficOverview, TrafficRange } from "@/lib/contracts/traffic.admin";
import { formatNumber, formatPercent } from "@/lib/format";
import { latencyFloor } from "@/lib/latency-histogram";
import { formatShortDay } from "@/lib/moment";
import { requestsHref, type RequestsAddress } from "@/lib/requests-address.admin";

export const surfaceNames: Record<Surface, string> = { api: "Customer API", console: "Console" };
export const rangeNames: Record<TrafficRange, string> = { "1h": "1 h", "24h": "24 h", "7d": "7 days", "30d": "30 days" };
const rangeWords: Record<TrafficRange, string> = { "1h": "hour", "24h": "24 hours", "7d": "7 days", "30d": "30 days" };
const HOUR = 3_600;
const MINUTE = 60;
/** From here on a span of the health strip is drawn as failing, and as slow. */
const FAILING_SHARE = 0.01;
const SLOW_MS = 1_000;

/** How long a step is: `minute`, `15 minutes`, `2 hours`. */
export function sayStep(seconds: number): string {
  if (seconds === MINUTE) return "minute";
  if (seconds < HOUR) return `${seconds / MINUTE} minutes`;
  return seconds === HOUR ? "hour" : `${formatNumber(seconds / HOUR)} hours`;
}

/** `14:15` in UTC. */
export function formatClock(iso: string): string {
  return new Date(iso).toISOString().slice(11, 16);
}

const isLong = (range: TrafficRange) => range === "7d" || range === "30d";

/** A span of a chart by its beginning, in UTC. */
export function namePoint(iso: string, range: TrafficRange): string {
  return isLong(range) ? `${formatShortDay(iso)}, ${formatClock(iso)} UTC` : `${formatClock(iso)} UTC`;
}

/** How far apart the names under the axis are, in seconds. */
const TICKS: Record<TrafficRange, number> = { "1h": 15 * MINUTE, "24h": 6 * HOUR, "7d": 24 * HOUR, "30d": 7 * 24 * HOUR };

/** Names for the axis: on whole quarters of an hour, hours of the clock, or midnights. */
export function nameTicks(series: readonly { at: string }[], range: TrafficRange): (string | null)[] {
  const every = TICKS[range] * 1_000;
  let last: number | null = null;
  return series.map(({ at }) => {
    const slot = Math.floor(Date.parse(at) / every);
    const isNew = last !== null ? slot !== last : Date.parse(at) % every === 0;
    last = slot;
    return isNew ? (isLong(range) ? formatShortDay(at) : formatClock(at)) : null;
  });
}

/** Failed calls among all, 0 to 1; null without a call. */
export function failedShare({ calls, failed }: Pick<CallFigures, "calls" | "failed">): number | null {
  return calls === 0 ? null : failed / calls;
}

/** A share as `0.39 %`, with two digits, because a tenth of a per cent of many calls are many. */
export function formatShare(share: number | null): string {
  if (share === null) return "no calls";
  if (share === 1) return "100 %";
  if (share > 0 && share < 0.0001) return "<0.01 %";
  return share < 0.1 ? `${formatNumber(share * 100)} %` : `${formatPercent(share)} %`;
}

/** A latency without its unit; a dash where no call was answered. */
export function formatMs(value: number | null): string {
  if (value === null) return "–";
  return formatNumber(value, value < 10 ? 1 : 0);
}

/** How many more calls than in the span that it is compared with. */
export function sayChange({ totals, before, last_week }: SurfaceOverview, range: TrafficRange): string {
  const [known, words] = last_week ? [last_week, "on the same time last week"] : [before, `on the ${rangeWords[range]} before`];
  if (!known || known.calls === 0) return `none known of the ${rangeWords[range]} before`;
  const change = totals.calls / known.calls - 1;
  if (change > 9.99) return `${formatNumber(totals.calls / known.calls, 0)} times as many as ${words.replace(/^on /, "")}`;
  return `${change > 0 ? "+" : ""}${formatNumber(change * 100, 1)} % ${words}`;
}

/** The requests behind a figure of a span: all of a surface, narrowed down. */
export function behind({ from, to }: Pick<TrafficOverview, "from" | "to">, surface: Surface, more: RequestsAddress = {}): string {
  return requestsHref({ surface, from, to, ...more });
}

/**
 * Those that took as long as a percentile or longer; everything where there is none. A percentile is estimated within a bucket of its
 * histogram and may be above every call there was, so that the bucket's lower end is what leads to the calls it stands for.
 */
export function slowerThan(percentile: number | null): RequestsAddress {
  return percentile === null ? {} : { slower_than_ms: Math.floor(latencyFloor(percentile) * 100) / 100 };
}

export type Condition = "idle" | "works" | "slow" | "failing";

function judge(points: readonly SeriesPoint[]): Condition {
  const calls = points.reduce((sum, point) => sum + point.calls, 0);
  const failed = points.reduce((sum, point) => sum + point.failed, 0);
  if (calls === 0) return "idle";
  if (failed / calls >= FAILING_SHARE) return "failing";
  return points.some(({ p95_ms: p95 }) => p95 !== null && p95 >= SLOW_MS) ? "slow" : "works";
}

/** A series in at most so many spans of equal length, each as good as it was. */
export function judgeSpans(series: readonly SeriesPoint[], most: number): Condition[] {
  const size = Math.ceil(series.length / most);
  return Array.from({ length: Math.ceil(series.length / size) }, (_unused, index) => judge(series.slice(index * size, (index + 1) * size)));
}

/** The picture of calls in a sentence. */
export function describeCalls({ surface, totals }: SurfaceOverview, range: TrafficRange): string {
  if (totals.calls === 0) return `No requests to the ${surfaceNames[surface]} in the last ${rangeWords[range]}.`;
  const parts = `${formatNumber(totals.answered)} answered, ${formatNumber(totals.refused)} refused, ${formatNumber(totals.failed)} failed`;
  return `Requests to the ${surfaceNames[surface]} in the last ${rangeWords[range]}: ${formatNumber(totals.calls)} in all, ${parts}.`;
}

/** The picture of latencies in a sentence. */
export function describeLatency({ surface, totals }: SurfaceOverview, range: TrafficRange): string {
  const { p50_ms: p50, p95_ms: p95, p99_ms: p99 } = totals;
  if (p50 === null) return `No request to the ${surfaceNames[surface]} was answered in the last ${rangeWords[range]}.`;
  const words = `p50 ${formatMs(p50)} ms, p95 ${formatMs(p95)} ms, p99 ${formatMs(p99)} ms`;
  return `Latency of the ${surfaceNames[surface]} in the last ${rangeWords[range]}: ${words}.`;
}

/** For how long: `40 s`, `2 min`, `3 h`, `2 d`. */
export function formatSince(iso: string, now: number): string {
  const seconds = Math.max(0, Math.floor((now - Date.parse(iso)) / 1_000));
  if (seconds < MINUTE) return `${seconds} s`;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min`;
  return seconds < 48 * HOUR ? `${Math.floor(seconds / HOUR)} h` : `${Math.floor(seconds / (24 * HOUR))} d`;
}
