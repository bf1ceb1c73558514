import "server-only";
import type { PipelineStage, QueryFilter } from "mongoose";
import { DUPLICATE_KEY, isDuplicateKey, openIndexed } from "@/server/core/db";
import { bindUsage, type BucketRecord, type MonthRecord } from "@/server/modules/usage/collection";
import { endOfMonthCount, type Month, type Span } from "@/server/modules/usage/spans";

/** How often a write is tried again that met another one of the same bucket while both of them made it. */
const MAX_ATTEMPTS = 5;

/** The collections with their indexes: one bucket is one document only where the unique index is there first. */
const collections = openIndexed(bindUsage);

function monthId(customerId: string, month: Month): string {
  return `${customerId}:${month.name}`;
}

export async function findMonthRows(customerId: string, month: Month): Promise<number> {
  const { months } = await collections();
  const found = await months.findOne({ _id: monthId(customerId, month) }, { rows: 1 }).lean<Pick<MonthRecord, "rows">>();
  return found?.rows ?? 0;
}

/**
 * Takes rows from a month's quota in one write that only matches while they fit, so that calls of all processes together never
 * take more. A full month ends as an attempt to insert a second document under the same name; so does a race for the first call
 * of a month, which is then tried again.
 * @returns what the month holds now, and whether the rows are in it
 */
export async function takeMonthRows(
  customerId: string,
  month: Month,
  take: { rows: number; quota: number; expiresAt: Date },
): Promise<{ taken: boolean; used: number }> {
  const { months } = await collections();
  const _id = monthId(customerId, month);
  const room = take.quota - take.rows;
  const update = { $inc: { rows: take.rows }, $set: { lastAt: new Date() }, $setOnInsert: { customerId, expiresAt: take.expiresAt } };
  for (let attempt = 1; room >= 0; attempt++) {
    try {
      // By the driver's own collection, as buckets are.
      const stored = months.db.collection<MonthRecord>(months.collection.name);
      const after = await stored.findOneAndUpdate({ _id, rows: { $lte: room } }, update, { upsert: true, returnDocument: "after" });
      return { taken: true, used: after?.rows ?? take.rows };
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
    const used = await findMonthRows(customerId, month);
    if (used > room || attempt >= MAX_ATTEMPTS) return { taken: false, used };
  }
  return { taken: false, used: await findMonthRows(customerId, month) };
}

export async function giveMonthRowsBack(customerId: string, month: Month, rows: number): Promise<void> {
  const { months } = await collections();
  await months.updateOne({ _id: monthId(customerId, month) }, { $inc: { rows: -rows } });
}

/** What to add to one bucket. */
export type BucketAddition = BucketRecord;

/** Which of the additions were not made because two writers made the same bucket at once. @throws everything else */
function failedAdditions(error: unknown, additions: BucketAddition[]): BucketAddition[] {
  if (!(error instanceof Error && "writeErrors" in error && Array.isArray(error.writeErrors))) throw error;
  const failures: { code?: unknown; index?: unknown }[] = error.writeErrors;
  // Without a failed write it was the connection that failed, and nobody knows what was written.
  if (failures.length === 0 || failures.some(({ code }) => code !== DUPLICATE_KEY)) throw error;
  return failures.flatMap(({ index }) => (typeof index === "number" ? additions.slice(index, index + 1) : []));
}

/** Adds to buckets in one write for all of them, and makes those that are not there. */
export async function addToBuckets(additions: BucketAddition[]): Promise<void> {
  const { buckets } = await collections();
  let left = additions;
  for (let attempt = 1; left.length > 0; attempt++) {
    const writes = left.map(({ calls, rows, limited, expiresAt, ...bucket }) => ({
      updateOne: { filter: bucket, update: { $inc: { calls, rows, limited }, $setOnInsert: { expiresAt } }, upsert: true },
    }));
    try {
      // By the driver's own collection: to check types again that the compiler has checked takes longer than the write.
      await buckets.collection.bulkWrite(writes, { ordered: false });
      return;
    } catch (error) {
      if (attempt >= MAX_ATTEMPTS) throw error;
      left = failedAdditions(error, left);
    }
  }
}

/** Counts that belong together: those of one bucket, model and key, or of all that were not asked apart. */
export interface BucketSum extends Pick<BucketRecord, "calls" | "rows" | "limited"> {
  start: Date | null;
  model: string | null;
  keyId: string | null;
}

export interface SumBy {
  start?: boolean;
  model?: boolean;
  keyId?: boolean;
}

/**
 * Sums of a customer's buckets, in the order of time, model and key.
 * @param spans where several, they must not overlap in time
 * @param models only these, where given
 */
export async function sumBuckets(customerId: string, spans: Span[], by: SumBy, models: string[] | null = null): Promise<BucketSum[]> {
  const { buckets } = await collections();
  const inSpan: QueryFilter<BucketRecord>[] = spans.map(({ width, from, to }) => ({ width, start: { $gte: from, $lt: to } }));
  const names = { start: by.start ? "$start" : null, model: by.model ? "$model" : null, keyId: by.keyId ? "$keyId" : null };
  const stages: PipelineStage[] = [
    { $match: { customerId, ...(models && { model: { $in: models } }), ...(inSpan.length === 1 ? inSpan[0] : { $or: inSpan }) } },
    { $group: { _id: names, calls: { $sum: "$calls" }, rows: { $sum: "$rows" }, limited: { $sum: "$limited" } } },
    { $sort: { "_id.start": 1, "_id.model": 1, "_id.keyId": 1 } },
    { $project: { _id: 0, start: "$_id.start", model: "$_id.model", keyId: "$_id.keyId", calls: 1, rows: 1, limited: 1 } },
  ];
  return buckets.aggregate<BucketSum>(stages);
}

/** Counts of some months of some customers, oldest month first; those without a call are left out. */
export async function findMonthsAcrossCustomers(customerIds: string[], wanted: Month[]): Promise<MonthRecord[]> {
  const { months } = await collections();
  const ids = customerIds.flatMap((customerId) => wanted.map((month) => monthId(customerId, month)));
  return months.find({ _id: { $in: ids } }).sort({ _id: 1 }).lean<MonthRecord[]>();
}

/** Who used at least so many rows of a month, most rows first. */
export async function findHeavyMonthsAcrossCustomers(month: Month, atLeast: number, limit: number): Promise<MonthRecord[]> {
  const { months } = await collections();
  const heavy = months.find({ expiresAt: endOfMonthCount(month), rows: { $gte: atLeast } });
  return heavy.sort({ expiresAt: 1, rows: -1 }).limit(limit).lean<MonthRecord[]>();
}

/** Removes everything of one customer. */
export async function deleteUsage(customerId: string): Promise<void> {
  const { months, buckets } = await collections();
  // `;` is the character after `:`: this is the range of all months of the customer.
  await months.deleteMany({ _id: { $gte: `${customerId}:`, $lt: `${customerId};` } });
  await buckets.deleteMany({ customerId });
}
