import "server-only";
import type {
  CallFigures,
  CanPredict,
  CustomerTraffic,
  ErrorGroup,
  ModelTraffic,
  ProcessReport,
  SurfaceOverview,
  TrafficRange,
} from "@/lib/contracts/traffic.admin";
import { env } from "@/server/core/env";
import type { CallBucket, CustomerBucket, ErrorBucket, ProcessRecord, Surface } from "@/server/modules/traffic/collection";
import { type CallSum, ranges, startOfRange, stepsOf, sumAll, sumBy } from "@/server/modules/traffic/figures.admin";
import * as repository from "@/server/modules/traffic/repository";
import { coverSpan, startOf, widths } from "@/server/modules/traffic/spans";
import type { Losses } from "@/server/modules/traffic/tally";

const DAY_MS = widths["1d"].length;
const WEEK_MS = 7 * DAY_MS;
/** Processes report every three seconds (process-report.ts). Functions report beside their calls and sleep between them. */
const SILENT_MS = 8_000;
const ASLEEP_MS = 30_000;
const MAX_MODELS = 20;
const MAX_CUSTOMERS = 10;
/** Of each single bucket so many customers are looked at, and so many of all buckets together. */
const BUSIEST = 20;
const CANDIDATES = 30;
/** Questions to the database under way together. */
const AT_ONCE = 4;
/** How far back the question looks whether customers can predict, and how few calls say nothing. */
const RECENT_MS = 5 * 60_000;
const TELLING_CALLS = 3;

const instant = (time: number) => new Date(time).toISOString();

/** Null where nothing was recorded. */
function toComparison(buckets: CallBucket[]): CallFigures | null {
  return buckets.length === 0 ? null : sumAll(buckets).figures();
}

/** Figures of a door, and what of it was not recorded. */
export async function readSurface(surface: Surface, range: TrafficRange, now: number): Promise<SurfaceOverview & Losses> {
  const { step, width } = ranges[range];
  const from = startOfRange(range, now);
  const read = (spans: ReturnType<typeof coverSpan>) => repository.findCallsAcrossCustomers({ scope: "all", surface }, spans);
  const hasWeek = range === "24h" || range === "7d";
  const [current, before, week] = await Promise.all([
    read([{ width, from, to: now }]),
    read(coverSpan(from - (now - from), from, now)),
    hasWeek ? read([{ width, from: from - WEEK_MS, to: now - WEEK_MS }]) : [],
  ]);
  const stepOf = ({ start }: CallBucket) => Math.floor(start.getTime() / step) * step;
  const points = sumBy(current, stepOf);
  const lastWeek = sumBy(week, (bucket) => stepOf(bucket) + WEEK_MS);
  const total = sumAll(current);
  const series = stepsOf(from, now, step).map((at) => ({
    at: instant(at),
    ...(points.get(at)?.figures() ?? sumAll([]).figures()),
    calls_last_week: week.length === 0 ? null : (lastWeek.get(at)?.calls ?? 0),
  }));
  return { surface, totals: total.figures(), before: toComparison(before), last_week: toComparison(week), series, lost: total.lost, unlogged: total.unlogged };
}

/** Models by how often they were asked for predictions. */
export async function readModels(from: number, now: number): Promise<ModelTraffic[]> {
  const buckets = await repository.findCallsAcrossCustomers({ scope: "model", surface: "api" }, coverSpan(from, now, now));
  const all = buckets.reduce((sum, { calls }) => sum + calls, 0);
  const byModel = [...sumBy(buckets, ({ model }) => model ?? "")].sort(([, a], [, b]) => b.calls - a.calls);
  const toTraffic = ([model, sum]: [string, CallSum]) => {
    return { model, rows: sum.rows, share: all === 0 ? 0 : sum.calls / all, ...sum.figures() };
  };
  return byModel.slice(0, MAX_MODELS).map(toTraffic);
}

/** Adds up what customers did, most calls first. */
function sumCustomers(buckets: (Omit<CustomerTraffic, "customer_id"> & { customerId: string })[]): CustomerTraffic[] {
  const sums = new Map<string, CustomerTraffic>();
  for (const { customerId, calls, failed, limited } of buckets) {
    const sum = sums.get(customerId) ?? { customer_id: customerId, calls: 0, failed: 0, limited: 0 };
    sums.set(customerId, { ...sum, calls: sum.calls + calls, failed: sum.failed + failed, limited: sum.limited + limited });
  }
  return [...sums.values()].sort((a, b) => b.calls - a.calls);
}

/**
 * Customers by calls. Costs by the buckets of the range, however many customers there are: whoever is not among the first 20 of any bucket
 * is not looked at.
 */
export async function readCustomers(range: TrafficRange, now: number): Promise<CustomerTraffic[]> {
  const width = ranges[range].customerWidth;
  const from = startOf(width, startOfRange(range, now));
  const starts = stepsOf(from, now, widths[width].length);
  const busiest: CustomerBucket[] = [];
  // A few at a time: all at once would take every connection of the process.
  for (let first = 0; first < starts.length; first += AT_ONCE) {
    const some = starts.slice(first, first + AT_ONCE);
    const found = await Promise.all(some.map((start) => repository.findBusiestAcrossCustomers({ width, from: start }, BUSIEST)));
    busiest.push(...found.flat());
  }
  const candidates = sumCustomers(busiest).slice(0, CANDIDATES).map(({ customer_id }) => customer_id);
  if (candidates.length === 0) return [];
  return sumCustomers(await repository.findCustomerCallsAcrossCustomers(candidates, [{ width, from, to: now }])).slice(0, MAX_CUSTOMERS);
}

/** What belongs together among calls without a result. */
export function nameError({ surface, code, route, status }: ErrorBucket): string {
  return JSON.stringify([surface, code, route, status]);
}

/** Steps of a dialogue with the console's own pages, which ask for the password and go on: refusals, and nothing that went wrong. */
const dialogue: ReadonlySet<string> = new Set(["confirmation_needed", "console_session_needed"]);

/** Calls without a result by reason and place, most calls first; without the steps of a dialogue. */
export function groupBuckets(buckets: ErrorBucket[]): (ErrorGroup & { name: string })[] {
  const groups = new Map<string, ErrorGroup & { name: string }>();
  for (const bucket of buckets) {
    const { surface, code, route, status, calls, start } = bucket;
    if (dialogue.has(code)) continue;
    const name = nameError(bucket);
    const [first, last] = [(bucket.firstAt ?? start).toISOString(), bucket.lastAt.toISOString()];
    const known = groups.get(name) ?? { name, surface, code, route, status, calls: 0, first_at: first, last_at: last };
    const first_at = known.first_at < first ? known.first_at : first;
    const last_at = known.last_at > last ? known.last_at : last;
    groups.set(name, { ...known, calls: known.calls + calls, first_at, last_at });
  }
  return [...groups.values()].sort((a, b) => b.calls - a.calls);
}

/** Processes that reported in the last day, those seen last first. */
export function describeProcesses(records: ProcessRecord[], now: number): ProcessReport[] {
  const silentAfter = env().serverless ? ASLEEP_MS : SILENT_MS;
  return records.map((record) => ({
    id: record._id,
    host: record.host,
    pid: record.pid,
    surfaces: record.surfaces,
    version: record.version,
    node: record.node,
    started_at: record.startedAt.toISOString(),
    last_seen_at: record.lastSeenAt.toISOString(),
    alive: now - record.lastSeenAt.getTime() < silentAfter,
    rss_bytes: record.rss,
    heap_bytes: record.heap,
    loop_delay_ms: record.loopDelay,
    calls: record.calls,
    can_predict: record.canPredict,
  }));
}

/** When somebody was last heard who serves the API, if all of those are silent; null where one runs, or none ever reported. */
function findEndOfApi(processes: ProcessReport[]): string | null {
  const serving = processes.filter(({ surfaces }) => surfaces.includes("api"));
  if (env().serverless || serving.some(({ alive }) => alive)) return null;
  return serving.map(({ last_seen_at }) => last_seen_at).sort().at(-1) ?? null;
}

/** Judged by what happened in the last minutes, and where nobody asked by what the processes say of themselves. */
export async function judgePredicting(processes: ProcessReport[], now: number): Promise<CanPredict> {
  const recent = coverSpan(now - RECENT_MS, now, now);
  const { calls, failed } = sumAll(await repository.findCallsAcrossCustomers({ scope: "model", surface: "api" }, recent));
  const ready = processes.filter(({ alive, can_predict }) => alive && can_predict !== null);
  const checked_at = ready.map(({ last_seen_at }) => last_seen_at).sort().at(-1) ?? null;
  if (calls >= TELLING_CALLS && failed * 2 >= calls) {
    return { state: "no", why: `${failed} of ${calls} predictions failed in the last 5 minutes.`, checked_at };
  }
  const ended = findEndOfApi(processes);
  if (ended !== null) {
    const seconds = Math.round((now - Date.parse(ended)) / 1000);
    return { state: "no", why: `No process of the API runs: the last one was heard of ${seconds} s ago.`, checked_at: ended };
  }
  if (ready.length > 0 && ready.every(({ can_predict }) => can_predict === false)) {
    return { state: "no", why: "No process of the API can read the files of published models.", checked_at };
  }
  if (calls > failed) {
    return { state: "yes", why: `${calls - failed} of ${calls} predictions did not fail in the last 5 minutes.`, checked_at };
  }
  if (ready.length > 0) return { state: "yes", why: "The API runs and can read the files of published models.", checked_at };
  return { state: "unknown", why: "Nobody asked in the last 5 minutes, and no process of the API has reported.", checked_at };
}
