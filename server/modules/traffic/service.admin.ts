import "server-only";
import type {
  ArmComparison,
  CallFigures,
  ErrorGroups,
  ProcessReport,
  RequestCounts,
  RequestEntry,
  RequestFilters,
  RequestPage,
  RequestTail,
  Surface,
  TrafficOverview,
  TrafficRange,
} from "@/lib/contracts/traffic.admin";
import { readArms } from "@/server/modules/traffic/arms.admin";
import { countPerBucket, readErrorGroups } from "@/server/modules/traffic/counts.admin";
import { ranges, startOfRange, sumAll } from "@/server/modules/traffic/figures.admin";
import { readEntry, searchLog } from "@/server/modules/traffic/log.admin";
import {
  describeProcesses,
  groupBuckets,
  judgePredicting,
  readCustomers,
  readModels,
  readSurface,
} from "@/server/modules/traffic/overview.admin";
import {
  findCallsAcrossCustomers,
  findErrorsAcrossCustomers,
  findProcessesAcrossCustomers,
} from "@/server/modules/traffic/repository";
import { coverSpan, startOf } from "@/server/modules/traffic/spans";
import { readTail } from "@/server/modules/traffic/tail.admin";
import { readSlidingWindows } from "@/server/modules/traffic/windows.admin";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const MAX_ERRORS = 20;

/** Everything of a range at once: costs by the buckets of the range, however many calls there were. */
export async function readOverview({ range }: { range: TrafficRange }): Promise<TrafficOverview> {
  const now = Date.now();
  const { step } = ranges[range];
  const from = startOfRange(range, now);
  const [api, console, models, customers, errors, records] = await Promise.all([
    readSurface("api", range, now),
    readSurface("console", range, now),
    readModels(from, now),
    readCustomers(range, now),
    findErrorsAcrossCustomers({}, coverSpan(from, now, now)),
    findProcessesAcrossCustomers(),
  ]);
  const processes = describeProcesses(records, now);
  return {
    range,
    from: new Date(from).toISOString(),
    to: new Date(now).toISOString(),
    step_seconds: step / 1000,
    surfaces: [api, console].map(({ lost: _lost, unlogged: _unlogged, ...surface }) => surface),
    models,
    customers,
    errors: groupBuckets(errors).slice(0, MAX_ERRORS).map(({ name: _name, ...group }) => group),
    processes,
    customers_can_predict: await judgePredicting(processes, now),
    not_recorded: api.lost + console.lost,
    not_logged: api.unlogged + console.unlogged,
  };
}

/**
 * A page of the log, newest first. However few entries meet the filters, it comes soon: `searched_back_to` then says how far the search
 * came, and `next_cursor` goes on from there.
 */
export async function listRequests(input: { filters?: RequestFilters; cursor?: string | undefined; limit?: number }): Promise<RequestPage> {
  return searchLog(input.filters ?? {}, input.cursor, input.limit ?? 50);
}

/** One call, by the id of its entry. @throws {DomainError} `not_found` */
export async function getRequest(id: string): Promise<RequestEntry> {
  return readEntry(id);
}

/** The histogram above the list, of the last 24 hours where the filters name no time; null where no counts are kept by these filters. */
export async function countRequestsPerBucket(filters: RequestFilters): Promise<RequestCounts | null> {
  return countPerBucket(filters, Date.now());
}

/** What came in since a moment, for a list that is watched. */
export async function tailRequests(input: { filters?: RequestFilters; since: string }): Promise<RequestTail> {
  return readTail(input.filters ?? {}, Date.parse(input.since));
}

/** Calls without a result by reason and place, most calls first. */
export async function groupErrors(input: { range: TrafficRange; surface?: Surface | undefined }): Promise<ErrorGroups> {
  return readErrorGroups(input.range, input.surface, Date.now());
}

/** Versions of a model side by side, by the role they were asked in. @param span `to` is exclusive, now when left out */
export async function compareArms(slug: string, versions: number[], span: { from: Date; to?: Date | undefined }): Promise<ArmComparison> {
  const now = Date.now();
  return readArms(slug, versions, span.from.getTime(), span.to?.getTime() ?? now, now);
}

/**
 * The last whole minutes and the one that is going on, for rules.
 * @param input `minutes` 1 to 1,440; with `model` only calls that asked it for predictions
 */
export async function readWindow(input: { surface: Surface; model?: string | undefined; minutes: number }): Promise<CallFigures> {
  const now = Date.now();
  const { surface, model, minutes } = input;
  const spans = coverSpan(startOf("1m", now) - minutes * MINUTE_MS, now, now);
  return sumAll(await findCallsAcrossCustomers({ scope: model === undefined ? "all" : "model", surface, model }, spans)).figures();
}

/** What {@link readWindow} would have said at the end of each minute of the last 24 hours, oldest first. */
export async function readWindowsOfDay(input: { surface: Surface; model?: string | undefined; minutes: number }): Promise<CallFigures[]> {
  const now = Date.now();
  const { surface, model, minutes } = input;
  const query = { scope: model === undefined ? ("all" as const) : ("model" as const), surface, model };
  const windows = await readSlidingWindows(query, minutes, { from: now - DAY_MS, to: now });
  return windows.map(({ figures }) => figures);
}

/** What each process says of itself, those seen last first. */
export async function listProcesses(): Promise<ProcessReport[]> {
  return describeProcesses(await findProcessesAcrossCustomers(), Date.now());
}
