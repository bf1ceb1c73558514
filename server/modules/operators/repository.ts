import "server-only";
import type { ClientSession } from "mongoose";
import { isDuplicateKey, openIndexed } from "@/server/core/db";
import {
  bindOperators,
  type OperatorAttemptRecord,
  type OperatorCollections,
  type OperatorRecord,
  type OperatorSessionRecord,
} from "@/server/modules/operators/collection";

export type { OperatorRecord, OperatorSessionRecord };

/** The collections with their indexes: that no two operators share an address rests on one. */
const collections = openIndexed(bindOperators);

/** @returns false when the address belongs to an operator already */
export async function insertOperator(record: OperatorRecord): Promise<boolean> {
  const { operators } = await collections();
  try {
    await operators.create(record);
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}

export async function findOperator(id: string): Promise<OperatorRecord | null> {
  const { operators } = await collections();
  return operators.findOne({ _id: id }).lean<OperatorRecord>();
}

export async function findOperatorByEmail(emailKey: string): Promise<OperatorRecord | null> {
  const { operators } = await collections();
  return operators.findOne({ emailKey }).lean<OperatorRecord>();
}

/** Everybody, in the order in which they came. */
export async function findOperators(): Promise<OperatorRecord[]> {
  const { operators } = await collections();
  return operators.find().sort({ _id: 1 }).lean<OperatorRecord[]>();
}

export async function hasOperators(): Promise<boolean> {
  const { operators } = await collections();
  return (await operators.exists({})) !== null;
}

export type OperatorChange = Partial<Omit<OperatorRecord, "_id" | "createdAt" | "revision">>;

/** @returns the operator as it was before, or null when there is none */
export async function changeOperator(id: string, change: OperatorChange): Promise<OperatorRecord | null> {
  const { operators } = await collections();
  return operators.findOneAndUpdate({ _id: id }, { $set: change }, { returnDocument: "before" }).lean<OperatorRecord>();
}

/** Thrown inside the transaction, so that nothing of it stays. */
class NoOwnerLeft extends Error {}

async function changeAmongOwners(
  { operators }: OperatorCollections,
  which: { _id: string; role?: OperatorRecord["role"] },
  change: OperatorChange,
  session: ClientSession,
): Promise<OperatorRecord | null> {
  const before = await operators.findOneAndUpdate(which, { $set: change }, { returnDocument: "before", session }).lean<OperatorRecord>();
  const left = await operators.updateMany({ role: "owner", disabledAt: null, mustChangePassword: false }, { $inc: { revision: 1 } }, { session });
  if (before && left.matchedCount === 0) throw new NoOwnerLeft("Nobody would own the console.");
  return before;
}

/**
 * As {@link changeOperator}, for changes of role and of being an operator at all: they never leave the console without an owner who
 * has chosen a password, because one that was handed over may end unused.
 * @param role which must still be theirs, where that matters
 * @returns `last` when nothing was changed because no owner would be left
 */
export async function changeStanding(id: string, change: OperatorChange, role?: OperatorRecord["role"]): Promise<OperatorRecord | "last" | null> {
  const bound = await collections();
  let before: OperatorRecord | null = null;
  try {
    await bound.operators.db.transaction(async (session) => {
      before = await changeAmongOwners(bound, { _id: id, ...(role !== undefined && { role }) }, change, session);
    });
    return before;
  } catch (error) {
    if (error instanceof NoOwnerLeft) return "last";
    throw error;
  }
}

/** Takes a code's time step, once. @returns false when this step or a later one was taken before */
export async function takeStep(id: string, step: number): Promise<boolean> {
  const { operators } = await collections();
  const result = await operators.updateOne({ _id: id, "twoFactor.lastStep": { $lt: step } }, { $set: { "twoFactor.lastStep": step } });
  return result.matchedCount === 1;
}

/** Takes a recovery code, once. @returns false when it is not one of those left */
export async function takeRecoveryCode(id: string, hash: string): Promise<boolean> {
  const { operators } = await collections();
  const result = await operators.updateOne({ _id: id, "twoFactor.recovery": hash }, { $pull: { "twoFactor.recovery": hash } });
  return result.modifiedCount === 1;
}

export async function insertSession(record: OperatorSessionRecord): Promise<void> {
  const { sessions } = await collections();
  await sessions.create(record);
}

export async function findSession(id: string): Promise<OperatorSessionRecord | null> {
  const { sessions } = await collections();
  return sessions.findOne({ _id: id }).lean<OperatorSessionRecord>();
}

export async function touchSession(id: string, change: Partial<Pick<OperatorSessionRecord, "lastSeenAt" | "confirmedAt">>): Promise<void> {
  const { sessions } = await collections();
  await sessions.updateOne({ _id: id }, { $set: change });
}

export async function removeSession(id: string): Promise<void> {
  const { sessions } = await collections();
  await sessions.deleteOne({ _id: id });
}

/** Ends every session of an operator, but for one. */
export async function removeSessionsOf(operatorId: string, except: string | null = null): Promise<void> {
  const { sessions } = await collections();
  await sessions.deleteMany({ operatorId, ...(except !== null && { _id: { $ne: except } }) });
}

/** Ends every session of everybody, but for one. */
export async function removeAllSessions(except: string): Promise<void> {
  const { sessions } = await collections();
  await sessions.deleteMany({ _id: { $ne: except } });
}

/** How many sessions each operator has that were used since then, by operator id. */
export async function countSessions(since: Date): Promise<Map<string, number>> {
  const { sessions } = await collections();
  const used = sessions.find({ lastSeenAt: { $gt: since }, expiresAt: { $gt: new Date() } }, { _id: 0, operatorId: 1 });
  const counts = new Map<string, number>();
  for (const { operatorId } of await used.lean<Pick<OperatorSessionRecord, "operatorId">[]>()) {
    counts.set(operatorId, (counts.get(operatorId) ?? 0) + 1);
  }
  return counts;
}

/** How many attempts are left after this one; or, where there was no room for it, when there is again. */
export type Attempt = { left: number } | { until: Date };

/** Counts one more attempt while fewer than `most` were made in a window that begins with the first one. */
export async function takeAttempt(id: string, most: number, now: Date, windowMs: number): Promise<Attempt> {
  const { attempts } = await collections();
  const fresh = { count: 1, expiresAt: new Date(now.getTime() + windowMs) };
  const renewed = await attempts.updateOne({ _id: id, expiresAt: { $lte: now } }, { $set: fresh });
  if (renewed.matchedCount === 1) return { left: most - 1 };
  const take = async (upsert: boolean) => {
    const change = { $inc: { count: 1 }, ...(upsert && { $setOnInsert: { expiresAt: fresh.expiresAt } }) };
    return attempts.findOneAndUpdate({ _id: id, count: { $lt: most } }, change, { upsert, returnDocument: "after" }).lean<OperatorAttemptRecord>();
  };
  // Either full, or somebody made the window at the same moment.
  const taken = (await take(true).catch((error: unknown) => (isDuplicateKey(error) ? null : Promise.reject(error)))) ?? (await take(false));
  if (taken) return { left: most - taken.count };
  return { until: (await attempts.findOne({ _id: id }).lean<OperatorAttemptRecord>())?.expiresAt ?? now };
}

/** Notes something about an operator and a network that is true until then. */
export async function markKnown(id: string, expiresAt: Date): Promise<void> {
  const { attempts } = await collections();
  await attempts.updateOne({ _id: id }, { $set: { expiresAt }, $setOnInsert: { count: 1 } }, { upsert: true });
}

export async function isKnown(id: string, now: Date): Promise<boolean> {
  const { attempts } = await collections();
  return (await attempts.exists({ _id: id, expiresAt: { $gt: now } })) !== null;
}

export async function removeAttempts(ids: string[]): Promise<void> {
  const { attempts } = await collections();
  await attempts.deleteMany({ _id: { $in: ids } });
}
