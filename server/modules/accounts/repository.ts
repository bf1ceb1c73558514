import "server-only";
import { database, isDuplicateKey } from "@/server/core/db";
import { type AccountRecord, bindAccounts, type AttemptRecord, type Identity, type LinkRecord } from "@/server/modules/accounts/collection";

export type { AccountRecord, Identity, LinkRecord };

let indexed: Promise<unknown> | undefined;

/** The collections with their indexes: that no two accounts share an address rests on one, so the first call waits for them. */
async function collections() {
  const bound = bindAccounts(await database());
  indexed ??= Promise.all(Object.values(bound).map((collection) => collection.createIndexes()));
  const current = indexed;
  try {
    await current;
  } catch (error) {
    if (indexed === current) indexed = undefined;
    throw error;
  }
  return bound;
}

/** @returns false when the address or an identity belongs to somebody already */
export async function insertAccount(record: AccountRecord): Promise<boolean> {
  const { accounts } = await collections();
  try {
    await accounts.create(record);
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}

/** The account, also one whose deletion has begun. */
export async function findAccount(customerId: string): Promise<AccountRecord | null> {
  const { accounts } = await collections();
  return accounts.findOne({ _id: customerId }).lean<AccountRecord>();
}

export async function findAccountByEmail(emailKey: string): Promise<AccountRecord | null> {
  const { accounts } = await collections();
  return accounts.findOne({ emailKey }).lean<AccountRecord>();
}

export async function findAccountByIdentity({ provider, subject }: Identity): Promise<AccountRecord | null> {
  const { accounts } = await collections();
  return accounts.findOne({ identities: { $elemMatch: { provider, subject } } }).lean<AccountRecord>();
}

/** @returns the account with the identity; null when it is gone, or the identity belongs to somebody, maybe to this account itself */
export async function addIdentity(customerId: string, identity: Identity): Promise<AccountRecord | null> {
  const { accounts } = await collections();
  try {
    const change = { $push: { identities: identity } };
    const free = { _id: customerId, deletingAt: null, identities: { $not: { $elemMatch: { ...identity } } } };
    return await accounts.findOneAndUpdate(free, change, { returnDocument: "after" }).lean<AccountRecord>();
  } catch (error) {
    if (isDuplicateKey(error)) return null;
    throw error;
  }
}

export async function updateName(customerId: string, name: string): Promise<AccountRecord | null> {
  const { accounts } = await collections();
  const change = { $set: { name } };
  return accounts.findOneAndUpdate({ _id: customerId, deletingAt: null }, change, { returnDocument: "after" }).lean<AccountRecord>();
}

export async function touchSignIn(customerId: string, now: Date): Promise<void> {
  const { accounts } = await collections();
  await accounts.updateOne({ _id: customerId }, { $set: { lastSignInAt: now } });
}

/**
 * Sets a new password and ends all sessions in one write.
 * @param before the hash that was checked; another one in the meantime changes nothing. Left out for a mailed link
 * @returns whether it was set
 */
export async function replacePassword(customerId: string, passwordHash: string, before?: string | null): Promise<boolean> {
  const { accounts } = await collections();
  const unchanged = before === undefined ? {} : { passwordHash: before };
  const change = { $set: { passwordHash }, $inc: { sessionVersion: 1 } };
  const result = await accounts.updateOne({ _id: customerId, deletingAt: null, ...unchanged }, change);
  return result.matchedCount === 1;
}

/** All sessions of the account are over. */
export async function raiseSessionVersion(customerId: string): Promise<void> {
  const { accounts } = await collections();
  await accounts.updateOne({ _id: customerId }, { $inc: { sessionVersion: 1 } });
}

/** From here on nothing opens the account any more. */
export async function markDeleting(customerId: string, now: Date): Promise<void> {
  const { accounts } = await collections();
  await accounts.updateOne({ _id: customerId, deletingAt: null }, { $set: { deletingAt: now }, $inc: { sessionVersion: 1 } });
}

/** Accounts whose deletion began before then and did not end. */
export async function findDeletingAcrossCustomers(before: Date, limit: number): Promise<AccountRecord[]> {
  const { accounts } = await collections();
  return accounts.find({ deletingAt: { $type: "date", $lt: before } }).limit(limit).lean<AccountRecord[]>();
}

/** The last step of a deletion. */
export async function removeAccount(customerId: string): Promise<void> {
  const { accounts } = await collections();
  await accounts.deleteOne({ _id: customerId, deletingAt: { $type: "date" } });
}

export async function insertLink(record: LinkRecord): Promise<void> {
  const { links } = await collections();
  await links.create(record);
}

/** Who asked for the mails of one purpose that an address was written since then, one entry a mail. */
export async function findAskers(emailKey: string, purpose: LinkRecord["purpose"], since: Date): Promise<string[]> {
  const { links } = await collections();
  const sent = links.find({ emailKey, purpose, createdAt: { $gte: since } }, { _id: 0, askedBy: 1 });
  return (await sent.lean<Pick<LinkRecord, "askedBy">[]>()).map(({ askedBy }) => askedBy);
}

/** Counts one more try of a link while fewer than `most` were made. @returns the link, or null when it does not work any more */
export async function tryLink(id: string, purpose: LinkRecord["purpose"], most: number, now: Date): Promise<LinkRecord | null> {
  const { links } = await collections();
  const working = { _id: id, purpose, expiresAt: { $gt: now }, tries: { $lt: most } };
  return links.findOneAndUpdate(working, { $inc: { tries: 1 } }, { returnDocument: "after" }).lean<LinkRecord>();
}

/** A link that still works, without using it. */
export async function findLink(id: string, purpose: LinkRecord["purpose"], now: Date): Promise<LinkRecord | null> {
  const { links } = await collections();
  return links.findOne({ _id: id, purpose, expiresAt: { $gt: now } }).lean<LinkRecord>();
}

/** A link that still works, and does not from here on: of two who use it at once, one gets it. */
export async function takeLink(id: string, purpose: LinkRecord["purpose"], now: Date): Promise<LinkRecord | null> {
  const { links } = await collections();
  return links.findOneAndDelete({ _id: id, purpose, expiresAt: { $gt: now } }).lean<LinkRecord>();
}

/** Ends an address's links; of one purpose alone, or those that were made before a moment. */
export async function removeLinks(emailKey: string, { purpose, before }: { purpose?: LinkRecord["purpose"]; before?: Date }): Promise<void> {
  const { links } = await collections();
  await links.deleteMany({ emailKey, ...(purpose && { purpose }), ...(before && { createdAt: { $lte: before } }) });
}

/** Counts one more attempt while fewer than `most` were made. @returns the attempt's number, or null when there is no room for it */
export async function countAttempt(id: string, account: string, most: number, now: Date, expiresAt: Date): Promise<number | null> {
  const { attempts } = await collections();
  const first = { $set: { count: 1, expiresAt, account } };
  const renewed = await attempts.updateOne({ _id: id, expiresAt: { $lte: now } }, first);
  if (renewed.matchedCount === 1) return 1;
  try {
    const open = { _id: id, count: { $lt: most } };
    const onInsert = { $setOnInsert: { expiresAt, account } };
    const after = await attempts
      .findOneAndUpdate(open, { $inc: { count: 1 }, ...onInsert }, { upsert: true, returnDocument: "after" })
      .lean<AttemptRecord>();
    return after?.count ?? null;
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
  }
  const after = await attempts
    .findOneAndUpdate({ _id: id, count: { $lt: most } }, { $inc: { count: 1 } }, { returnDocument: "after" })
    .lean<AttemptRecord>();
  return after?.count ?? null;
}

/** When the attempts of this id begin anew; null when there are none. */
export async function findAttemptsEnd(id: string): Promise<Date | null> {
  const { attempts } = await collections();
  return (await attempts.findOne({ _id: id }).lean<AttemptRecord>())?.expiresAt ?? null;
}

/** Moves the moment at which the attempts begin anew. */
export async function lockAttempts(id: string, until: Date): Promise<void> {
  const { attempts } = await collections();
  await attempts.updateOne({ _id: id }, { $set: { expiresAt: until } });
}

export async function removeAttempts(id: string): Promise<void> {
  const { attempts } = await collections();
  await attempts.deleteOne({ _id: id });
}

/** Clears an account's attempts from all addresses. */
export async function removeAccountAttempts(account: string): Promise<void> {
  const { attempts } = await collections();
  await attempts.deleteMany({ account });
}

/** Notes that a session is over before its time. */
export async function insertEndedSession(id: string, expiresAt: Date): Promise<void> {
  const { endedSessions } = await collections();
  await endedSessions.updateOne({ _id: id }, { $set: { expiresAt } }, { upsert: true });
}

export async function isSessionEnded(id: string): Promise<boolean> {
  const { endedSessions } = await collections();
  return (await endedSessions.exists({ _id: id })) !== null;
}
