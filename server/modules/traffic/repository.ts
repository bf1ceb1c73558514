import "server-only";
import type { QueryFilter } from "mongoose";
import { DUPLICATE_KEY, openIndexed } from "@/server/core/db";
import type { BucketAddition, BucketKind } from "@/server/modules/traffic/additions";
import {
  type AnswerBucket,
  type Arm,
  bindTraffic,
  type CallBucket,
  type CustomerBucket,
  type ErrorBucket,
  type LogBlock,
  type ProcessRecord,
  type Surface,
  type TrafficCollections,
} from "@/server/modules/traffic/collection";
import type { Span } from "@/server/modules/traffic/spans";

/** How often a write is tried again that met another one of the same bucket while both of them made it. */
const MAX_ATTEMPTS = 5;

const bindIndexed = openIndexed(bindTraffic);

/** The database could not be reached: nothing was read or written. */
export class Unreached extends Error {}

/**
 * The collections, with their indexes: one bucket is one document only where the unique index is there first.
 * @throws {Unreached}
 */
async function collections(): Promise<TrafficCollections> {
  try {
    return await bindIndexed();
  } catch (cause) {
    throw new Unreached("The database could not be reached.", { cause });
  }
}

interface WriteFailure {
  code?: unknown;
  index?: unknown;
}

/** Which writes of a batch failed, all of them because a unique index has that value already. @throws everything else */
function duplicatesOf(error: unknown): number[] {
  if (!(error instanceof Error && "writeErrors" in error)) throw error;
  const failures: WriteFailure[] = Array.isArray(error.writeErrors) ? error.writeErrors : [];
  // Without a failed write it was the connection that failed, and nobody knows what was written.
  if (failures.length === 0 || failures.some(({ code }) => code !== DUPLICATE_KEY)) throw error;
  return failures.flatMap(({ index }) => (typeof index === "number" ? [index] : []));
}

/** Stores blocks of the log. Those that are there already stay as they are, so that a write may be repeated. */
export async function insertBlocks(blocks: LogBlock[]): Promise<void> {
  const { log } = await collections();
  try {
    // By the driver's own collection: to check types again that the compiler has checked takes longer than to store them.
    await log.db.collection<LogBlock>(log.collection.name).insertMany(blocks, { ordered: false });
  } catch (error) {
    duplicatesOf(error);
  }
}

/** Adds to buckets of one kind in one write for all of them, and makes those that are not there. */
export async function addToBuckets(kind: BucketKind, additions: BucketAddition[]): Promise<void> {
  const { collection } = (await collections())[kind];
  let left = additions;
  for (let attempt = 1; left.length > 0; attempt++) {
    const writes = left.map(({ bucket, add, made, earliest, latest }) => {
      const bounds = { ...(Object.keys(earliest).length > 0 && { $min: earliest }), ...(Object.keys(latest).length > 0 && { $max: latest }) };
      const update = { $inc: add, $setOnInsert: made, ...bounds };
      return { updateOne: { filter: bucket, update, upsert: true } };
    });
    try {
      await collection.bulkWrite(writes, { ordered: false });
      return;
    } catch (error) {
      if (attempt >= MAX_ATTEMPTS) throw error;
      const failed = new Set(duplicatesOf(error));
      left = left.filter((_, index) => failed.has(index));
    }
  }
}

export async function putProcess({ _id, ...report }: ProcessRecord): Promise<void> {
  const { processes } = await collections();
  await processes.updateOne({ _id }, { $set: report }, { upsert: true });
}

export async function removeProcess(id: string): Promise<void> {
  const { processes } = await collections();
  await processes.deleteOne({ _id: id });
}

/** The log stops saying whose the calls were, and nothing is counted for the customer any more. */
export async function forgetCustomerCalls(customerId: string): Promise<void> {
  const { log, customers } = await collections();
  await log.updateMany({ customerId }, { $set: { customerId: null, keyId: null } });
  await customers.deleteMany({ customerId });
}

export async function findProcessesAcrossCustomers(): Promise<ProcessRecord[]> {
  return (await collections()).processes.find().sort({ lastSeenAt: -1 }).limit(200).lean<ProcessRecord[]>();
}

const inSpan = ({ width, from, to }: Span) => ({ width, start: { $gte: new Date(from), $lt: new Date(to) } });

/** Joins what several spans gave; they are read at the same time, each in one stretch of the index. */
async function readSpans<Found>(spans: Span[], read: (span: Span) => Promise<Found[]>): Promise<Found[]> {
  return (await Promise.all(spans.map(read))).flat();
}

export interface CallQuery {
  scope: CallBucket["scope"];
  surface: Surface;
  model?: string | undefined;
  versions?: number[] | undefined;
  arm?: Arm | undefined;
}

export async function findCallsAcrossCustomers({ scope, surface, model, versions, arm }: CallQuery, spans: Span[]): Promise<CallBucket[]> {
  const { calls } = await collections();
  const names = {
    ...(model !== undefined && { model }),
    ...(versions !== undefined && { version: { $in: versions } }),
    ...(arm !== undefined && { arm }),
  };
  const shown = { _id: 0, expiresAt: 0 };
  return readSpans(spans, (span) => calls.find({ scope, surface, ...inSpan(span), ...names }, shown).lean<CallBucket[]>());
}

export interface ErrorQuery {
  surface?: Surface | undefined;
  code?: string | undefined;
  route?: string | undefined;
}

export async function findErrorsAcrossCustomers({ surface, code, route }: ErrorQuery, spans: Span[]): Promise<ErrorBucket[]> {
  const { errors } = await collections();
  const names = { ...(surface !== undefined && { surface }), ...(code !== undefined && { code }), ...(route !== undefined && { route }) };
  return readSpans(spans, (span) => errors.find({ ...inSpan(span), ...names }, { _id: 0, expiresAt: 0 }).lean<ErrorBucket[]>());
}

export async function findAnswersAcrossCustomers(model: string, versions: number[], spans: Span[]): Promise<AnswerBucket[]> {
  const { answers } = await collections();
  const query = { model, version: { $in: versions } };
  return readSpans(spans, (span) => answers.find({ ...query, ...inSpan(span) }, { _id: 0, expiresAt: 0 }).lean<AnswerBucket[]>());
}

export async function findCustomerCallsAcrossCustomers(customerIds: string[], spans: Span[]): Promise<CustomerBucket[]> {
  const { customers } = await collections();
  const query = { customerId: { $in: customerIds } };
  return readSpans(spans, (span) => customers.find({ ...query, ...inSpan(span) }, { _id: 0, expiresAt: 0 }).lean<CustomerBucket[]>());
}

/** Of each single bucket of time those customers who called most. */
export async function findBusiestAcrossCustomers(span: Omit<Span, "to">, limit: number): Promise<CustomerBucket[]> {
  const { customers } = await collections();
  const bucket = { width: span.width, start: new Date(span.from) };
  return customers.find(bucket, { _id: 0, expiresAt: 0 }).sort({ calls: -1 }).limit(limit).lean<CustomerBucket[]>();
}

/** Conditions on blocks of the log, and the index by which those that meet `fixed` come in the order of time. */
export interface BlockQuery {
  hint: string;
  /** What every block found by the index meets. */
  fixed: Record<string, string | number | boolean>;
  /** What else it must meet; it is looked at for that. */
  rest: QueryFilter<LogBlock>;
  /** Ids: before this one, and not before this one. */
  before: string;
  from: string;
}

const idsOf = ({ before, from }: Pick<BlockQuery, "before" | "from">) => ({ _id: { $gte: from, $lt: before } });

/** The newest blocks that meet the query. */
export async function findBlocksAcrossCustomers({ hint, fixed, rest, ...bounds }: BlockQuery, limit: number): Promise<LogBlock[]> {
  const { log } = await collections();
  const found = log.find({ ...fixed, ...rest, ...idsOf(bounds) }).sort({ _id: -1 }).limit(limit);
  return found.hint(hint).lean<LogBlock[]>();
}

/** The id of the block so many places back by the query's index; null where there are not so many. */
export async function findIdBackAcrossCustomers({ hint, fixed, ...bounds }: BlockQuery, places: number): Promise<string | null> {
  const { log } = await collections();
  const [found] = await log
    .find({ ...fixed, ...idsOf(bounds) }, { _id: 1 })
    .sort({ _id: -1 })
    .skip(places - 1)
    .limit(1)
    .hint(hint)
    .lean<{ _id: string }[]>();
  return found?._id ?? null;
}
