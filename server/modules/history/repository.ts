import "server-only";
import type { Connection, Model, QueryFilter } from "mongoose";
import { database } from "@/server/core/db";
import { bindPredictions, type PredictionRecord } from "@/server/modules/history/collection";

/** What one write removes at most: others' writes come in between. */
const REMOVED_AT_ONCE = 500;

const prepared = new WeakSet<Connection>();

/** The collection; its indexes are made once a process, and nobody waits for them: they make reading fast, not right. */
async function collection(): Promise<Model<PredictionRecord>> {
  const connection = await database();
  const predictions = bindPredictions(connection);
  if (!prepared.has(connection)) {
    prepared.add(connection);
    predictions.createIndexes().catch(() => prepared.delete(connection));
  }
  return predictions;
}

interface RefusedWrite {
  index?: unknown;
}

/** Which documents of a write were refused, each for a reason of its own. @throws everything else, such as a lost connection */
function refusedOf(error: unknown): Set<number> {
  if (!(error instanceof Error && "writeErrors" in error && Array.isArray(error.writeErrors))) throw error;
  const refused: RefusedWrite[] = error.writeErrors;
  // Without a refused document it was the connection that failed, and nobody knows what was written.
  if (refused.length === 0) throw error;
  return new Set(refused.flatMap(({ index }) => (typeof index === "number" ? [index] : [])));
}

/**
 * Stores them in one write, whosever they are. By the driver's own collection: to check types again that the compiler has checked takes
 * longer than to store them.
 * @returns the places of those that were refused (an id that is there already); all others are durable
 * @throws {Error} the driver's, where nobody knows what was written
 */
export async function insertPredictions(records: PredictionRecord[]): Promise<Set<number>> {
  const { db, collection: named } = await collection();
  try {
    await db.collection<PredictionRecord>(named.name).insertMany(records, { ordered: false });
    return new Set();
  } catch (error) {
    return refusedOf(error);
  }
}

export interface PredictionFilter {
  /** Ids before this one. */
  before?: string | undefined;
  /** Ids not before this one. */
  from?: string | undefined;
  /** Another bound as `before`. */
  until?: string | undefined;
  /** null: of every model. */
  models: string[] | null;
  requestId?: string | undefined;
}

function toQuery(customerId: string, { before, from, until, models, requestId }: PredictionFilter): QueryFilter<PredictionRecord> {
  const bounds = [
    ...[before, until].flatMap((end) => (end === undefined ? [] : [{ _id: { $lt: end } }])),
    ...(from === undefined ? [] : [{ _id: { $gte: from } }]),
  ];
  return {
    customerId,
    ...(models && { model: models.length === 1 ? models[0] : { $in: models } }),
    ...(requestId !== undefined && { requestId }),
    ...(bounds.length > 0 && { $and: bounds }),
  };
}

/** One customer's predictions, newest first. */
export async function findPredictions(customerId: string, filter: PredictionFilter, limit: number): Promise<PredictionRecord[]> {
  const predictions = await collection();
  return predictions.find(toQuery(customerId, filter)).sort({ _id: -1 }).limit(limit).lean<PredictionRecord[]>();
}

/** @param models what it must be of; null: any model */
export async function findPrediction(customerId: string, id: string, models: string[] | null): Promise<PredictionRecord | null> {
  const predictions = await collection();
  return predictions.findOne({ _id: id, customerId, ...(models && { model: { $in: models } }) }).lean<PredictionRecord>();
}

/** @returns how many there were */
export async function removePredictions(customerId: string, ids: string[]): Promise<number> {
  return (await (await collection()).deleteMany({ _id: { $in: ids }, customerId })).deletedCount;
}

/** Removes everything of one customer, some hundreds at a time. */
export async function removeAllPredictions(customerId: string): Promise<void> {
  const predictions = await collection();
  for (;;) {
    const some = await predictions.find({ customerId }, { _id: 1 }).limit(REMOVED_AT_ONCE).lean<Pick<PredictionRecord, "_id">[]>();
    if (some.length === 0) return;
    await predictions.deleteMany({ _id: { $in: some.map(({ _id }) => _id) }, customerId });
  }
}
