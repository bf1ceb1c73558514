import "server-only";
import type { QueryFilter } from "mongoose";
import { isDuplicateKey, openIndexed } from "@/server/core/db";
import { type AuditRecord, bindAudit, type HeadRecord, type IntentRecord, type StretchRecord } from "@/server/modules/audit/collection";

export type { AuditRecord, IntentRecord };

/** What began and is not an entry yet: one act, or many that will be one entry. */
export type OpenStretch = IntentRecord & { stretch: StretchRecord };

const collections = openIndexed(bindAudit);

export async function insertIntent(record: IntentRecord): Promise<void> {
  const { intents } = await collections();
  await intents.create(record);
}

/** Single acts that began before then and whose end nobody told, oldest first. */
export async function findIntents(before: Date, limit: number): Promise<IntentRecord[]> {
  const { intents } = await collections();
  return intents.find({ at: { $lt: before }, stretch: null }).sort({ at: 1 }).limit(limit).lean<IntentRecord[]>();
}

/** Of whom, or of what, stretches are looked for. */
export interface StretchFilter {
  operatorId: string | undefined;
  targets: AuditRecord["target"][];
}

/** Stretches that go on, oldest first: all of them, or those of an operator and those of some targets. */
export async function findStretches(filter?: StretchFilter): Promise<OpenStretch[]> {
  const { intents } = await collections();
  const whose = filter && {
    $or: [
      ...(filter.operatorId === undefined ? [] : [{ "operator.id": filter.operatorId }]),
      ...filter.targets.map(({ kind, id }) => ({ "target.kind": kind, "target.id": id })),
    ],
  };
  return intents.find({ stretch: { $ne: null }, ...whose }).sort({ at: 1 }).lean<OpenStretch[]>();
}

/** Begins one more act of a stretch that began and was continued since. @returns null when there is none */
export async function joinStretch(key: string, since: { began: Date; continued: Date }, now: Date): Promise<OpenStretch | null> {
  const { intents } = await collections();
  const open = { "stretch.key": key, at: { $gt: since.began }, "stretch.lastAt": { $gt: since.continued } };
  const begun = { $inc: { "stretch.begun": 1 }, $set: { "stretch.lastAt": now } };
  return intents.findOneAndUpdate(open, begun, { returnDocument: "after" }).lean<OpenStretch>();
}

/** Notes an act of a stretch that was done. @returns false when the stretch was ended meanwhile */
export async function noteInStretch(id: string, facts: { before: string; after: string }, now: Date): Promise<boolean> {
  const { intents } = await collections();
  const last = { "stretch.after": facts.after, "stretch.lastAt": now };
  const one = { $inc: { "stretch.done": 1 } };
  const first = await intents.updateOne({ _id: id, "stretch.done": 0 }, { ...one, $set: { ...last, "stretch.before": facts.before } });
  if (first.matchedCount === 1) return true;
  return (await intents.updateOne({ _id: id, "stretch.done": { $gt: 0 } }, { ...one, $set: last })).matchedCount === 1;
}

/** Takes back that an act of a stretch began: it was refused. A stretch of which nothing is left goes. */
export async function leaveStretch(id: string): Promise<void> {
  const { intents } = await collections();
  await intents.updateOne({ _id: id }, { $inc: { "stretch.begun": -1 } });
  await intents.deleteOne({ _id: id, "stretch.begun": 0 });
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

/** An intent as it is taken away: of a stretch only while no act of it was begun or done since it was read. */
export interface IntentState {
  id: string;
  stretch?: Pick<StretchRecord, "begun" | "done">;
}

const inState = ({ id, stretch }: IntentState) => ({
  _id: id,
  ...(stretch && { "stretch.begun": stretch.begun, "stretch.done": stretch.done }),
});

/**
 * Appends an entry behind the known end of the chain and takes its intent away, all or nothing.
 * @param end where the chain ended when the entry was linked
 * @returns `taken` when the chain ends elsewhere by now; `ended` when the intent is gone, or in another state
 */
export async function appendEntry(record: AuditRecord, end: Omit<HeadRecord, "_id">, intent: IntentState | null): Promise<"done" | "taken" | "ended"> {
  const { entries, intents, heads } = await collections();
  let outcome: "done" | "ended" = "done";
  try {
    await entries.db.transaction(async (session) => {
      outcome = "done";
      if (intent !== null && (await intents.deleteOne(inState(intent), { session })).deletedCount === 0) {
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
