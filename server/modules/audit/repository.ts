import "server-only";
import type { QueryFilter } from "mongoose";
import { isDuplicateKey, openIndexed } from "@/server/core/db";
import { type AuditRecord, bindAudit, type HeadRecord, type IntentRecord } from "@/server/modules/audit/collection";

export type { AuditRecord, IntentRecord };

const collections = openIndexed(bindAudit);

export async function insertIntent(record: IntentRecord): Promise<void> {
  const { intents } = await collections();
  await intents.create(record);
}

/** Acts that began before then and whose end nobody told, oldest first. */
export async function findIntents(before: Date, limit: number): Promise<IntentRecord[]> {
  const { intents } = await collections();
  return intents.find({ at: { $lt: before } }).sort({ at: 1 }).limit(limit).lean<IntentRecord[]>();
}

/** Where the chain ended when it was last written to; null when it never was. */
export async function findKnownHead(): Promise<HeadRecord | null> {
  const { heads } = await collections();
  return heads.findOne({ _id: "head" }).lean<HeadRecord>();
}

/** Numbers of the chain: an entry that somebody put in under anything else is none of it. */
const NUMBERED = { $gte: 1 };

/** Entries whose number no walk along the chain comes to. */
export async function countStrays(): Promise<number> {
  const { entries } = await collections();
  return entries.countDocuments({ $nor: [{ _id: NUMBERED }] });
}

/** The newest entry, or null in an empty chain. */
export async function findHead(): Promise<AuditRecord | null> {
  const { entries } = await collections();
  return entries.findOne({ _id: NUMBERED }).sort({ _id: -1 }).lean<AuditRecord>();
}

/**
 * Appends an entry behind the known end of the chain and takes its intent away, all or nothing.
 * @param end where the chain ended when the entry was linked
 * @returns `taken` when the chain ends elsewhere by now; `ended` when somebody else has ended the intent
 */
export async function appendEntry(record: AuditRecord, end: Omit<HeadRecord, "_id">, intentId: string | null): Promise<"done" | "taken" | "ended"> {
  const { entries, intents, heads } = await collections();
  let outcome: "done" | "ended" = "done";
  try {
    await entries.db.transaction(async (session) => {
      outcome = "done";
      if (intentId !== null && (await intents.deleteOne({ _id: intentId }, { session })).deletedCount === 0) {
        outcome = "ended";
        return;
      }
      // Where the chain ends elsewhere this would make a second end, which its id forbids.
      const moved = { $set: { number: record._id, hash: record.hash } };
      await heads.updateOne({ _id: "head", number: end.number, hash: end.hash }, moved, { session, upsert: true });
      await entries.insertMany([record], { session });
    });
    return outcome;
  } catch (error) {
    if (isDuplicateKey(error)) return "taken";
    throw error;
  }
}

export interface AuditFilter {
  /** Only entries with a smaller number. */
  before?: number | undefined;
  action?: string | undefined;
  operatorId?: string | undefined;
  targetId?: string | undefined;
  from?: Date | undefined;
  to?: Date | undefined;
}

/** Newest first. */
export async function findEntries(filter: AuditFilter, limit: number): Promise<AuditRecord[]> {
  const { entries } = await collections();
  const query: QueryFilter<AuditRecord> = {
    _id: { ...NUMBERED, ...(filter.before !== undefined && { $lt: filter.before }) },
    ...(filter.action !== undefined && { action: filter.action }),
    ...(filter.operatorId !== undefined && { "operator.id": filter.operatorId }),
    ...(filter.targetId !== undefined && { "target.id": filter.targetId }),
    ...((filter.from || filter.to) && { at: { ...(filter.from && { $gte: filter.from }), ...(filter.to && { $lt: filter.to }) } }),
  };
  return entries.find(query).sort({ _id: -1 }).limit(limit).lean<AuditRecord[]>();
}

/** All entries behind a number in the order of the chain, a part at a time. */
export async function findEntriesAfter(number: number, limit: number): Promise<AuditRecord[]> {
  const { entries } = await collections();
  return entries.find({ _id: { $gt: number } }).sort({ _id: 1 }).limit(limit).lean<AuditRecord[]>();
}

export async function findEntry(number: number): Promise<AuditRecord | null> {
  const { entries } = await collections();
  return entries.findOne({ _id: number }).lean<AuditRecord>();
}

/** Every kind of act there is an entry of. */
export async function findActions(): Promise<string[]> {
  const { entries } = await collections();
  return entries.distinct("action");
}
