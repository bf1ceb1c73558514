import "server-only";
import type { BucketWidth, UsageCount, UsageSeries, UsageSeriesInput, UsageSummary } from "@/lib/contracts/usage";
import { DomainError } from "@/server/core/errors";
import { assertLimits, forgetSubject, readLimit } from "@/server/core/limits";
import { log } from "@/server/core/log";
import type { Caller, CustomerCaller } from "@/server/core/trpc";
import { count } from "@/server/modules/usage/bucket-writer";
import { type BucketSum, deleteUsage, findMonthRows, type SumBy, sumBuckets } from "@/server/modules/usage/repository";
import { DAY_MS, lastDay, monthOf, type Span, startOf, widths } from "@/server/modules/usage/spans";
import { forgetMonthAhead, nothingToGive, takeCustomerRows, type TakenRows } from "@/server/modules/usage/taken-rows";

const MAX_BUCKETS = 1_500;
/** From which part of the month's quota on the page says so. */
const NEAR = 0.8;

/**
 * Takes a call's rows from everything that limits its caller (a visitor: calls and rows a minute by address; a customer: rows a
 * minute and rows a month), or from nothing. A customer's refused call is counted as `limited`.
 * @throws {DomainError} `invalid_input` for more rows than one call of the plan may carry; `rate_limited`; `quota_exhausted`
 */
export async function takeRows(caller: Caller, model: string, rows: number): Promise<TakenRows> {
  if (caller.kind === "customer") return takeCustomerRows(caller, model, rows);
  const headers = await assertLimits(caller.id, [
    { policy: "visitor_calls", cost: 1 },
    { policy: "visitor_rows", cost: rows },
  ]);
  return { headers, giveBack: nothingToGive };
}

/**
 * Adds an answered call to the buckets of its minute, hour and day. Never throws: what was answered stays answered, and the month
 * was counted before it ran.
 */
export async function recordCall(caller: CustomerCaller, model: string, rows: number): Promise<void> {
  try {
    await count(caller, model, { calls: 1, rows, limited: 0 });
  } catch (error) {
    log("warn", "usage_not_counted", { cause: error instanceof Error ? error.name : "unknown" });
  }
}

function noticeOf(used: number, limit: number): UsageSummary["notice"] {
  if (limit === 0 || used < limit * NEAR) return null;
  return used < limit ? "near" : "reached";
}

/** Where the caller stands in minute and month, and what the plan allows. */
export async function readSummary(caller: CustomerCaller): Promise<UsageSummary> {
  const { customerId, limits, plan } = caller;
  const now = Date.now();
  const month = monthOf(now);
  const midnight = startOf("1d", now);
  const today: Span = { width: "1d", from: new Date(midnight), to: new Date(midnight + DAY_MS) };
  const [minute, monthRows, [sum]] = await Promise.all([
    readLimit(caller.id, "customer_rows", limits.rowsPerMinute),
    findMonthRows(customerId, month),
    sumBuckets(customerId, [today], {}),
  ]);
  return {
    plan,
    minute: { used: minute.used, limit: limits.rowsPerMinute, resets_at: new Date(minute.resetAt * 1000).toISOString() },
    month: { used: monthRows, limit: limits.rowsPerMonth, resets_at: new Date(month.end).toISOString() },
    today: sum?.rows ?? 0,
    rows_per_call: limits.rowsPerCall,
    retention_days: limits.retentionDays,
    notice: noticeOf(monthRows, limits.rowsPerMonth),
  };
}

function toCount(sum: BucketSum, by: SumBy): UsageCount {
  const { calls, rows, limited } = sum;
  return { ...(by.model && { model: sum.model ?? "" }), ...(by.keyId && { api_key_id: sum.keyId }), calls, rows, limited };
}

/** Sums in the order of time as buckets. */
function toSeries(width: BucketWidth, sums: BucketSum[], by: SumBy): UsageSeries {
  const data = new Map<number, UsageSeries["data"][number]>();
  for (const sum of sums) {
    const start = sum.start?.getTime() ?? 0;
    const end_time = new Date(start + widths[width].length).toISOString();
    const bucket = data.get(start) ?? { start_time: new Date(start).toISOString(), end_time, results: [] };
    bucket.results.push(toCount(sum, by));
    data.set(start, bucket);
  }
  return { object: "usage", bucket_width: width, data: [...data.values()] };
}

/** @throws {DomainError} `invalid_input` */
function toSpan(input: UsageSeriesInput): Span {
  const width = input.bucket_width;
  const to = input.end_time === undefined ? Date.now() : Date.parse(input.end_time);
  const from = startOf(width, Date.parse(input.start_time));
  const refuse = (pointer: string, detail: string) =>
    new DomainError("invalid_input", "The span of time is not valid.", { errors: [{ pointer, detail }] });
  if (to <= Date.parse(input.start_time)) {
    throw input.end_time === undefined ? refuse("#/start_time", "must be in the past") : refuse("#/end_time", "must be after the start");
  }
  if (Math.ceil((to - from) / widths[width].length) > MAX_BUCKETS) {
    throw refuse("#/start_time", `must be at most ${MAX_BUCKETS} buckets before the end: take a later start or wider buckets`);
  }
  return { width, from: new Date(from), to: new Date(to) };
}

/**
 * The caller's counts per bucket; a key that is limited to models sees theirs alone.
 * @throws {DomainError} `invalid_input` for a span of more than 1,500 buckets, or one that ends before it begins
 */
export async function readSeries(caller: CustomerCaller, input: UsageSeriesInput): Promise<UsageSeries> {
  const models = caller.via.kind === "key" ? caller.via.models : null;
  const by = { start: true, model: input.group_by.includes("model"), keyId: input.group_by.includes("api_key_id") };
  const sums = await sumBuckets(caller.customerId, [toSpan(input)], by, models);
  return toSeries(input.bucket_width, sums, by);
}

/**
 * What each of a customer's keys did in the last 24 hours, by key id: exact to the minute.
 */
export async function countKeyCalls(customerId: string): Promise<Map<string, Pick<UsageCount, "calls" | "limited">>> {
  const sums = await sumBuckets(customerId, lastDay(Date.now()), { keyId: true });
  return new Map(sums.flatMap(({ keyId, calls, limited }) => (keyId === null ? [] : [[keyId, { calls, limited }]])));
}

/** All daily counts of one customer, by model and key, for the export. */
export async function readAllUsage(customerId: string): Promise<UsageSeries> {
  const by = { start: true, model: true, keyId: true };
  const ever: Span = { width: "1d", from: new Date(0), to: new Date(Date.now() + DAY_MS) };
  return toSeries("1d", await sumBuckets(customerId, [ever], by), by);
}

/** Removes everything of one customer. May be repeated after a crash. */
export async function forgetCustomer(customerId: string): Promise<void> {
  forgetMonthAhead(customerId);
  await deleteUsage(customerId);
  await forgetSubject(`customer:${customerId}`);
}
