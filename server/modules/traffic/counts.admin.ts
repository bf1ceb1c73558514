import "server-only";
import type { ErrorGroups, RequestCounts, RequestFilters, Surface, TrafficRange } from "@/lib/contracts/traffic.admin";
import type { CallBucket } from "@/server/modules/traffic/collection";
import { ranges, startOfRange, stepsOf } from "@/server/modules/traffic/figures.admin";
import { groupBuckets, nameError } from "@/server/modules/traffic/overview.admin";
import * as repository from "@/server/modules/traffic/repository";
import { type Span, type Width, widths } from "@/server/modules/traffic/spans";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const MAX_STEPS = 120;
const MAX_GROUPS = 200;
const surfaces: Surface[] = ["api", "console"];

/** Steps a span can be cut into, with the widest buckets that fit into them. */
const steps: { step: number; width: Width }[] = [
  { step: MINUTE_MS, width: "1m" },
  { step: 5 * MINUTE_MS, width: "1m" },
  { step: 15 * MINUTE_MS, width: "15m" },
  { step: HOUR_MS, width: "15m" },
  { step: 3 * HOUR_MS, width: "3h" },
  { step: 6 * HOUR_MS, width: "3h" },
  { step: DAY_MS, width: "1d" },
  { step: 4 * DAY_MS, width: "1d" },
];

interface Counted {
  start: Date;
  calls: number;
  failed: number;
}

type Read = (spans: Span[]) => Promise<Counted[]>;

/** What of a bucket's calls had a status. Null where that is not counted. */
const byStatus: Record<string, (bucket: CallBucket) => [calls: number, failed: number]> = {
  "2xx": ({ calls, refused, failed, redirected }) => [calls - refused - failed - redirected, 0],
  "3xx": ({ redirected }) => [redirected, 0],
  "4xx": ({ refused }) => [refused, 0],
  "5xx": ({ failed }) => [failed, failed],
  "429": ({ limited }) => [limited, 0],
};

function readCalls({ surface, model, version, arm, status }: RequestFilters): Read | null {
  const count = status === undefined ? ({ calls, failed }: CallBucket): [number, number] => [calls, failed] : byStatus[status];
  if (!count) return null;
  const ofModel = model === undefined ? "all" : "model";
  const scope = version === undefined && arm === undefined ? ofModel : "arm";
  const versions = version === undefined ? undefined : [version];
  return async (spans) => {
    const asked = surface === undefined ? surfaces : [surface];
    const found = await Promise.all(
      asked.map((each) => repository.findCallsAcrossCustomers({ scope, surface: each, model, versions, arm }, spans)),
    );
    return found.flat().map((bucket) => {
      const [calls, failed] = count(bucket);
      return { start: bucket.start, calls, failed };
    });
  };
}

function readErrors({ surface, code, route, status }: RequestFilters): Read | null {
  if (code === undefined) return null;
  const isAsked = (found: number) => status === undefined || status === String(found) || status === `${Math.floor(found / 100)}xx`;
  return async (spans) => {
    const found = await repository.findErrorsAcrossCustomers({ surface, code, route }, spans);
    const asked = found.filter((each) => isAsked(each.status));
    return asked.map(({ start, calls, status: was }) => ({ start, calls, failed: was >= 500 ? calls : 0 }));
  };
}

function readCustomer({ customer = "", status }: RequestFilters): Read | null {
  if (status !== undefined && status !== "5xx" && status !== "429") return null;
  return async (spans) => {
    const found = await repository.findCustomerCallsAcrossCustomers([customer], spans);
    return found.map(({ start, calls, failed, limited }) => {
      if (status === "429") return { start, calls: limited, failed: 0 };
      return { start, calls: status === "5xx" ? failed : calls, failed };
    });
  };
}

/** Which counts answer these filters. Null where none do. */
function chooseCounts(filters: RequestFilters): { read: Read; finest: Width } | null {
  const given = Object.entries(filters).flatMap(([name, value]) => (value === undefined || name === "from" || name === "to" ? [] : [name]));
  const only = (...names: string[]) => given.every((name) => names.includes(name));
  const read = (): Read | null => {
    if (only("surface", "model", "version", "arm", "status")) return readCalls(filters);
    if (only("surface", "code", "route", "status")) return readErrors(filters);
    // Customers are counted at the customers' door alone.
    return only("customer", "status", "surface") && filters.surface !== "console" ? readCustomer(filters) : null;
  };
  const chosen = read();
  return chosen && { read: chosen, finest: filters.customer === undefined ? "1m" : "15m" };
}

/** The finest step that cuts a span into 120 at most, by buckets that are still there. */
function chooseStep(from: number, to: number, now: number, finest: Width): { step: number; width: Width } | null {
  return (
    steps.find(({ step, width }) => {
      const isCounted = widths[width].length >= widths[finest].length && from >= now - widths[width].kept;
      // Counted, never listed: a span may be one of thousands of years.
      return isCounted && Math.ceil((to - Math.floor(from / step) * step) / step) <= MAX_STEPS;
    }) ?? null
  );
}

function countPerStep(found: Counted[], from: number, to: number, step: number): RequestCounts {
  const buckets = new Map(stepsOf(from, to, step).map((at) => [at, { at: new Date(at).toISOString(), calls: 0, failed: 0 }]));
  for (const { start, calls, failed } of found) {
    const bucket = buckets.get(Math.floor(start.getTime() / step) * step);
    if (!bucket) continue;
    bucket.calls += calls;
    bucket.failed += failed;
  }
  const all = [...buckets.values()];
  const sum = (name: "calls" | "failed") => all.reduce((total, bucket) => total + bucket[name], 0);
  const [first, end] = [new Date(from).toISOString(), new Date(to).toISOString()];
  return { from: first, to: end, step_seconds: step / 1000, calls: sum("calls"), failed: sum("failed"), buckets: all };
}

/**
 * How many calls meet the filters, per step of their span (the last day, where none is given), from the counts that are kept.
 * @returns null where no counts are kept by these filters, or not for so long
 */
export async function countPerBucket(filters: RequestFilters, now: number): Promise<RequestCounts | null> {
  const to = Math.min(now, filters.to === undefined ? now : Date.parse(filters.to));
  const wanted = filters.from === undefined ? to - DAY_MS : Date.parse(filters.from);
  const counts = chooseCounts(filters);
  const chosen = counts && chooseStep(wanted, to, now, counts.finest);
  if (!counts || !chosen || to <= wanted) return null;
  const { step, width } = chosen;
  const { length } = widths[width];
  // Whole buckets: both ends that are told are those of what was counted.
  const [from, end] = [Math.floor(wanted / step) * step, Math.min(now, Math.ceil(to / length) * length)];
  return countPerStep(await counts.read([{ width, from, to: end }]), from, end, step);
}

/** Calls without a result in a range, by reason and place, each with how it went over time. */
export async function readErrorGroups(range: TrafficRange, surface: Surface | undefined, now: number): Promise<ErrorGroups> {
  const { step, width } = ranges[range];
  const from = startOfRange(range, now);
  const buckets = await repository.findErrorsAcrossCustomers({ surface }, [{ width, from, to: now }]);
  const starts = stepsOf(from, now, step);
  const series = new Map<string, number[]>();
  for (const bucket of buckets) {
    const name = nameError(bucket);
    const counts = series.get(name) ?? starts.map(() => 0);
    const place = Math.floor((bucket.start.getTime() - from) / step);
    counts[place] = (counts[place] ?? 0) + bucket.calls;
    series.set(name, counts);
  }
  const groups = groupBuckets(buckets).slice(0, MAX_GROUPS).map(({ name, ...group }) => ({ ...group, series: series.get(name) ?? [] }));
  return { from: new Date(from).toISOString(), to: new Date(now).toISOString(), step_seconds: step / 1000, groups };
}
