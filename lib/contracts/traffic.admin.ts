/**
 * What the console reads about calls: the overview, the log of requests, errors in groups, two arms side by side.
 * Every figure but the list of requests comes from counts that are kept per bucket of time. Milliseconds are the server's own
 * time, without the network; percentiles are within 10 % of the true ones, of calls that were not refused.
 */
import { z } from "zod";
import { modelSlug, versionNumber } from "@/lib/contracts/catalog";

/** Which door was called: the customers' API (REST, tRPC, sign-in, export), or the console's own. */
export const surface = z.enum(["api", "console"]);
export const trafficRange = z.enum(["1h", "24h", "7d", "30d"]);
/** How the caller named itself. A visitor has no account. */
export const cameBy = z.enum(["key", "session", "visitor"]);
export const trafficArm = z.enum(["live", "candidate", "pinned"]);

/** Answered are calls minus refused minus failed. */
export const callCounts = z.object({
  calls: z.int(),
  answered: z.int(),
  /** 4xx, with those that a limit refused. */
  refused: z.int(),
  /** 429: a part of `refused`. */
  limited: z.int(),
  /** 5xx. */
  failed: z.int(),
});
/** In milliseconds; null where no call was answered. */
export const latencyFigures = z.object({ p50_ms: z.number().nullable(), p95_ms: z.number().nullable(), p99_ms: z.number().nullable() });
export const callFigures = callCounts.extend(latencyFigures.shape);

export const seriesPoint = callFigures.extend({
  /** Where the point's span begins; it is `step_seconds` long. */
  at: z.iso.datetime(),
  /** Calls in the same span a week before; null where nothing was recorded in that week's range, and for 1 h and 30 days. */
  calls_last_week: z.int().nullable(),
});
export const surfaceOverview = z.object({
  surface,
  totals: callFigures,
  /** The span of the same length just before; null where nothing was recorded in it. */
  before: callFigures.nullable(),
  /** The same span a week before; null where nothing was recorded in it, and for 1 h and 30 days. */
  last_week: callFigures.nullable(),
  /** 56 to 120 points, oldest first, without gaps; the last one is still going on. */
  series: z.array(seriesPoint),
});
/** Calls that asked a model for predictions; `share` is of all such calls, 0 to 1. */
export const modelTraffic = callFigures.extend({ model: z.string(), rows: z.int(), share: z.number() });
export const customerTraffic = z.object({ customer_id: z.string(), calls: z.int(), failed: z.int(), limited: z.int() });
export const errorGroup = z.object({
  surface,
  code: z.string(),
  route: z.string(),
  status: z.int(),
  calls: z.int(),
  /** Of those that are counted here: the span of time may cut off earlier ones. */
  first_at: z.iso.datetime(),
  last_at: z.iso.datetime(),
});
export const processReport = z.object({
  id: z.string(),
  /** Tells machines apart without naming them. */
  host: z.string(),
  pid: z.int(),
  surfaces: z.array(surface),
  /** Of the build it runs. */
  version: z.string(),
  node: z.string(),
  started_at: z.iso.datetime(),
  last_seen_at: z.iso.datetime(),
  /** Seen in the last 30 seconds. */
  alive: z.boolean(),
  rss_bytes: z.int(),
  heap_bytes: z.int(),
  /** How late the process was at its work, 99th percentile since the report before. */
  loop_delay_ms: z.number(),
  /** Calls since it started. */
  calls: z.int(),
  /** Whether a published model's file could be read when it was last looked at; null: this process does not predict. */
  can_predict: z.boolean().nullable(),
});
export const canPredict = z.object({
  state: z.enum(["yes", "no", "unknown"]),
  /** One sentence. */
  why: z.string(),
  checked_at: z.iso.datetime().nullable(),
});

export const overviewInput = z.strictObject({ range: trafficRange });
export const trafficOverview = z.object({
  range: trafficRange,
  /** Inclusive; on a boundary of `step_seconds`, so that all figures and series add up. */
  from: z.iso.datetime(),
  /** Exclusive: the moment of reading. */
  to: z.iso.datetime(),
  step_seconds: z.int(),
  /** `api` first. */
  surfaces: z.array(surfaceOverview),
  /** Most calls first, at most 20. */
  models: z.array(modelTraffic),
  /** Most calls first, at most 10. In buckets of 15 minutes (1 h), 3 hours (24 h) and days: may reach back a little before `from`. */
  customers: z.array(customerTraffic),
  /** Most calls first, at most 20; as in {@link errorGroups} without the console's own questions for a password. */
  errors: z.array(errorGroup),
  processes: z.array(processReport),
  customers_can_predict: canPredict,
  /** Calls that are missing in the figures because the database could not be reached for long; and those that are missing in the log. */
  not_recorded: z.int(),
  not_logged: z.int(),
});

/** `5xx` stands for all of its class. */
export const statusFilter = z.string().regex(/^(?:[2-5]xx|[2-5]\d\d)$/, "is 2xx to 5xx or a status");
/** What a list of requests can be narrowed to; everything given must hold. */
export const requestFilters = z.strictObject({
  surface: surface.optional(),
  model: modelSlug.optional(),
  version: versionNumber.optional(),
  arm: trafficArm.optional(),
  customer: z.string().min(1).max(60).optional(),
  key: z.string().min(1).max(60).optional(),
  status: statusFilter.optional(),
  code: z.string().regex(/^[a-z_]{1,60}$/).optional(),
  /** As an entry tells it, for example `/api/v1/models/{model}/predictions` or `trpc predict.run`. */
  route: z.string().min(1).max(120).optional(),
  slower_than_ms: z.number().min(0).max(600_000).optional(),
  came_by: cameBy.optional(),
  request_id: z.string().min(1).max(64).optional(),
  /** Inclusive. */
  from: z.iso.datetime({ offset: true }).optional(),
  /** Exclusive. */
  to: z.iso.datetime({ offset: true }).optional(),
});
export const listRequestsInput = z.strictObject({
  filters: requestFilters.default({}),
  /** `next_cursor` of the page before. */
  cursor: z.string().max(60).optional(),
  limit: z.int().min(1).max(200).default(50),
});

/** One call. What was sent, what was answered, keys and addresses are not in it. */
export const requestEntry = z.object({
  /** `ent_…`, of this entry alone; sorts by time. */
  id: z.string(),
  /** The caller may have chosen it, and several calls of one batch share it. */
  request_id: z.string(),
  at: z.iso.datetime(),
  surface,
  /** The pattern of the address, or `trpc` and the procedure. */
  route: z.string(),
  method: z.string(),
  status: z.int(),
  /** Why there was no result; null where there was one. */
  code: z.string().nullable(),
  milliseconds: z.number(),
  /** Model, version and arm are null for calls that asked no model that there is. */
  model: z.string().nullable(),
  version: z.int().nullable(),
  arm: trafficArm.nullable(),
  /** Rows that were sent, also where they were refused. */
  rows: z.int().nullable(),
  /** Null for visitors, for callers that were not known, and for customers that were deleted. */
  customer_id: z.string().nullable(),
  key_id: z.string().nullable(),
  /** Null for a caller that was refused before it was known, and on the console without a session. */
  came_by: cameBy.nullable(),
});
export const requestPage = z.object({
  /** Newest first. */
  items: z.array(requestEntry),
  /** For the next page, also where this one has not as many entries as were asked for. Null: there are no more. */
  next_cursor: z.string().nullable(),
  /** Set where the search stopped early because few entries fit: so far back all were found. Going on with `next_cursor` searches further. */
  searched_back_to: z.iso.datetime().nullable(),
});
export const getRequestInput = z.strictObject({ id: z.string().min(1).max(60) });

export const tailInput = z.strictObject({
  filters: requestFilters.default({}),
  /** `until` of the answer before, or the moment the list was read. */
  since: z.iso.datetime(),
});
export const requestTail = z.object({
  /** Newest first, at most 500. Some may have been there before (entries of other processes arrive late): go by `id`. */
  items: z.array(requestEntry),
  /** What to pass as `since` next time. */
  until: z.iso.datetime(),
  /** Not all that came since then is here: more than fit, or than could be looked at. */
  skipped: z.boolean(),
});

export const countRequestsInput = z.strictObject({ filters: requestFilters.default({}) });
/** The little histogram above the list. */
export const requestCounts = z.object({
  /** What was counted, in whole buckets: a little more than what was asked for. */
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  step_seconds: z.int(),
  calls: z.int(),
  failed: z.int(),
  /** Oldest first, without gaps, at most 120. */
  buckets: z.array(z.object({ at: z.iso.datetime(), calls: z.int(), failed: z.int() })),
});
/** Null where the counts are not kept by these filters (key, route without code, latency, request id, …). */
export const requestCountsAnswer = requestCounts.nullable();

export const groupErrorsInput = z.strictObject({ range: trafficRange, surface: surface.optional() });
/** Most calls first, at most 200, without the console's own questions for a password or a session; `series` has as many numbers as steps, oldest first. */
export const errorGroups = z.object({
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  step_seconds: z.int(),
  groups: z.array(errorGroup.extend({ series: z.array(z.int()) })),
});

/** How the answers of one output were spread. */
export const answerSpread = z.object({
  output: z.string(),
  /** Rows that were answered. */
  rows: z.int(),
  /** Of class outputs, in the order of the version's schema. */
  classes: z.array(z.object({ label: z.string(), count: z.int() })).nullable(),
  /**
   * Of numbers, and of class outputs with a positive class its probability. `edges` has one more than `counts`; what lies outside is in
   * the first or last.
   */
  histogram: z.object({ edges: z.array(z.number()), counts: z.array(z.int()) }).nullable(),
  /** Of what the histogram shows. */
  mean: z.number().nullable(),
});
export const armTraffic = callFigures.extend({
  version: z.int(),
  arm: trafficArm,
  /** Rows that were answered. */
  rows: z.int(),
  outputs: z.array(answerSpread),
});
export const compareArmsInput = z.strictObject({
  model: modelSlug,
  versions: z.array(versionNumber).min(1).max(10),
  from: z.iso.datetime({ offset: true }),
  /** Now when left out. */
  to: z.iso.datetime({ offset: true }).optional(),
});
/** By version, then `live`, `candidate`, `pinned`; arms without a call are left out. `from` is rounded down, to the minute if possible. */
export const armComparison = z.object({ from: z.iso.datetime(), to: z.iso.datetime(), arms: z.array(armTraffic) });

export type Surface = z.infer<typeof surface>;
export type TrafficRange = z.infer<typeof trafficRange>;
export type CallFigures = z.infer<typeof callFigures>;
export type SeriesPoint = z.infer<typeof seriesPoint>;
export type SurfaceOverview = z.infer<typeof surfaceOverview>;
export type ModelTraffic = z.infer<typeof modelTraffic>;
export type CustomerTraffic = z.infer<typeof customerTraffic>;
export type ErrorGroup = z.infer<typeof errorGroup>;
export type ProcessReport = z.infer<typeof processReport>;
export type CanPredict = z.infer<typeof canPredict>;
export type TrafficOverview = z.infer<typeof trafficOverview>;
export type RequestFilters = z.infer<typeof requestFilters>;
export type RequestEntry = z.infer<typeof requestEntry>;
export type RequestPage = z.infer<typeof requestPage>;
export type RequestTail = z.infer<typeof requestTail>;
export type RequestCounts = z.infer<typeof requestCounts>;
export type ErrorGroups = z.infer<typeof errorGroups>;
export type AnswerSpread = z.infer<typeof answerSpread>;
export type ArmTraffic = z.infer<typeof armTraffic>;
export type ArmComparison = z.infer<typeof armComparison>;
