import "server-only";
import type { QueryFilter, UpdateQuery } from "mongoose";
import { isDuplicateKey, openIndexed } from "@/server/core/db";
import {
  type AlertMailRecord,
  type AlertRecord,
  bindAlerts,
  type Metric,
  type RuleFacts,
  type RuleRecord,
} from "@/server/modules/alerts/collection";

export type { AlertMailRecord, AlertRecord, Metric, RuleFacts, RuleRecord };

/** The collections with their indexes: that a rule has one active alert rests on one. */
const collections = openIndexed(bindAlerts);

/** Stores the rules that come along, once in the life of a database. @returns whether it was done now */
export async function insertFirstRules(records: RuleRecord[]): Promise<boolean> {
  const { rules, starts } = await collections();
  if (await starts.exists({ _id: "first-rules" })) return false;
  try {
    await rules.db.transaction(async (session) => {
      await starts.insertMany([{ _id: "first-rules", at: new Date() }], { session });
      await rules.insertMany(records, { session });
    });
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}

/** In the order in which they were made. */
export async function findRules(): Promise<RuleRecord[]> {
  return (await collections()).rules.find().sort({ _id: 1 }).lean<RuleRecord[]>();
}

export async function findRule(id: string): Promise<RuleRecord | null> {
  return (await collections()).rules.findById(id).lean<RuleRecord>();
}

export async function insertRule(record: RuleRecord): Promise<void> {
  await (await collections()).rules.create(record);
}

export type RuleChange = Partial<Omit<RuleRecord, "_id" | "createdBy" | "createdAt" | "revision">>;

/**
 * @param revision the one that the change was made from; null: whatever there is
 * @returns the rule as it was before, or null when there is none of that revision
 */
export async function changeRule(id: string, change: RuleChange, revision: number | null): Promise<RuleRecord | null> {
  const { rules } = await collections();
  const query = { _id: id, ...(revision !== null && { revision }) };
  return rules.findOneAndUpdate(query, { $set: change, $inc: { revision: 1 } }, { returnDocument: "before" }).lean<RuleRecord>();
}

/** @returns the rule as it was, or null when there was none */
export async function removeRule(id: string): Promise<RuleRecord | null> {
  return (await collections()).rules.findOneAndDelete({ _id: id }).lean<RuleRecord>();
}

/** Those that are active, oldest first. */
export async function findOpenAlerts(): Promise<AlertRecord[]> {
  return (await collections()).alerts.find({ open: true }).sort({ _id: 1 }).lean<AlertRecord[]>();
}

export async function findAlert(id: string): Promise<AlertRecord | null> {
  return (await collections()).alerts.findById(id).lean<AlertRecord>();
}

export interface AlertFilter {
  ruleId?: string | undefined;
  /** Only those with a smaller id. */
  before?: string | undefined;
}

/** Newest first. */
export async function findAlerts(filter: AlertFilter, limit: number): Promise<AlertRecord[]> {
  const query: QueryFilter<AlertRecord> = {
    ...(filter.ruleId !== undefined && { ruleId: filter.ruleId }),
    ...(filter.before !== undefined && { _id: { $lt: filter.before } }),
  };
  return (await collections()).alerts.find(query).sort({ _id: -1 }).limit(limit).lean<AlertRecord[]>();
}

/**
 * Opens an alert together with the mails that tell of it, both or neither.
 * @returns false when the rule has an active one already
 */
export async function insertAlert(record: AlertRecord, letters: AlertMailRecord[]): Promise<boolean> {
  const { alerts, mails } = await collections();
  try {
    await alerts.db.transaction(async (session) => {
      await alerts.insertMany([record], { session });
      if (letters.length > 0) await mails.insertMany(letters, { session });
    });
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}

export type AlertChange = Partial<Omit<AlertRecord, "_id" | "ruleId" | "open">>;

/** Changes an active alert that nobody has looked at since. @returns whether it was still as given */
export async function touchAlert({ _id, lastSeenAt }: AlertRecord, change: AlertChange): Promise<boolean> {
  const { alerts } = await collections();
  return (await alerts.updateOne({ _id, open: true, lastSeenAt }, { $set: change })).matchedCount === 1;
}

/** Closes an active alert, with the mails that tell of it. @returns whether it was active and as given */
export async function closeAlert({ _id, lastSeenAt }: AlertRecord, change: AlertChange, letters: AlertMailRecord[]): Promise<boolean> {
  const { alerts, mails } = await collections();
  const update: UpdateQuery<AlertRecord> = { $set: change, $unset: { open: 1 } };
  let closed = false;
  await alerts.db.transaction(async (session) => {
    closed = (await alerts.updateOne({ _id, open: true, lastSeenAt }, update, { session })).matchedCount === 1;
    if (closed && letters.length > 0) await mails.insertMany(letters, { session });
  });
  return closed;
}

/** Closes whatever is active of a rule, without telling anybody. */
export async function closeAlertsOf(ruleId: string, change: AlertChange): Promise<void> {
  const { alerts } = await collections();
  await alerts.updateMany({ ruleId, open: true }, { $set: change, $unset: { open: 1 } });
}

/** @returns the alert as it is now, or null when there is none, or somebody else was there before */
export async function acknowledgeAlert(id: string, acknowledged: AlertRecord["acknowledged"]): Promise<AlertRecord | null> {
  const { alerts } = await collections();
  const query = { _id: id, acknowledged: null };
  return alerts.findOneAndUpdate(query, { $set: { acknowledged } }, { returnDocument: "after" }).lean<AlertRecord>();
}

/** What was to be told about alerts. */
export async function findMailsOf(alertIds: string[]): Promise<AlertMailRecord[]> {
  return (await collections()).mails.find({ alertId: { $in: alertIds } }).lean<AlertMailRecord[]>();
}

/** Mails that wait and are not too old to be of use, those due first. */
export async function findDueMails(now: Date, since: Date, limit: number): Promise<AlertMailRecord[]> {
  const { mails } = await collections();
  const query = { sentAt: null, dueAt: { $lte: now }, createdAt: { $gte: since } };
  return mails.find(query).sort({ dueAt: 1 }).limit(limit).lean<AlertMailRecord[]>();
}

/** Takes a mail for sending, until a moment. @returns false when somebody else has it */
export async function takeMail({ _id, dueAt }: AlertMailRecord, until: Date): Promise<boolean> {
  const { mails } = await collections();
  const taken = await mails.updateOne({ _id, sentAt: null, dueAt }, { $set: { dueAt: until }, $inc: { attempts: 1 } });
  return taken.matchedCount === 1;
}

export async function changeMail(id: string, change: Partial<Pick<AlertMailRecord, "sentAt" | "dueAt">>): Promise<void> {
  await (await collections()).mails.updateOne({ _id: id }, { $set: change });
}
