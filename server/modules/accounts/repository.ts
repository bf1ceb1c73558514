import "server-only";
import { isDuplicateKey, openIndexed } from "@/server/core/db";
import { type AccountSearch, askedParts, chooseRare, partsOf, toConditions, toTextConditions } from "@/server/modules/accounts/account-search";
import {
  type AccountRecord,
  type AttemptRecord,
  bindAccounts,
  type Identity,
  type LinkRecord,
  type NoteRecord,
  type SignInRecord,
} from "@/server/modules/accounts/collection";
import { onTerms, type PlanTerms } from "@/server/modules/accounts/plan-terms";

export type { AccountRecord, Identity, LinkRecord, NoteRecord, SignInRecord };

/** So many accounts are sorted without an index at most, and changed in one write. */
const FEW = 1_000;

/** The collections with their indexes: that no two accounts share an address rests on one. */
const collections = openIndexed(bindAccounts);

/** @returns false when the address or an identity belongs to somebody already */
export async function insertAccount(record: AccountRecord): Promise<boolean> {
  const { accounts } = await collections();
  try {
    await accounts.create({ ...record, nameParts: partsOf(record.name) });
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}

/** The account, also one whose deletion has begun. */
export async function findAccount(customerId: string): Promise<AccountRecord | null> {
  return (await collections()).accounts.findOne({ _id: customerId }).lean<AccountRecord>();
}

export async function findAccountByEmail(emailKey: string): Promise<AccountRecord | null> {
  return (await collections()).accounts.findOne({ emailKey }).lean<AccountRecord>();
}

export async function findAccountByIdentity({ provider, subject }: Identity): Promise<AccountRecord | null> {
  return (await collections()).accounts.findOne({ identities: { $elemMatch: { provider, subject } } }).lean<AccountRecord>();
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
  const change = { $set: { name, nameParts: partsOf(name) } };
  return accounts.findOneAndUpdate({ _id: customerId, deletingAt: null }, change, { returnDocument: "after" }).lean<AccountRecord>();
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
  await (await collections()).accounts.updateOne({ _id: customerId }, { $inc: { sessionVersion: 1 } });
}

/** From here on nothing opens the account any more. */
export async function markDeleting(customerId: string, now: Date): Promise<void> {
  const { accounts } = await collections();
  await accounts.updateOne({ _id: customerId, deletingAt: null }, { $set: { deletingAt: now }, $inc: { sessionVersion: 1 } });
}

/** Accounts whose deletion began before then and did not end. */
export async function findDeletingAcrossCustomers(before: Date, limit: number): Promise<AccountRecord[]> {
  return (await collections()).accounts.find({ deletingAt: { $type: "date", $lt: before } }).limit(limit).lean<AccountRecord[]>();
}

/** The last step of a deletion. */
export async function removeAccount(customerId: string): Promise<void> {
  await (await collections()).accounts.deleteOne({ _id: customerId, deletingAt: { $type: "date" } });
}

export async function insertLink(record: LinkRecord): Promise<void> {
  await (await collections()).links.create(record);
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
  return (await collections()).links.findOne({ _id: id, purpose, expiresAt: { $gt: now } }).lean<LinkRecord>();
}

/** A link that still works, and does not from here on: of two who use it at once, one gets it. */
export async function takeLink(id: string, purpose: LinkRecord["purpose"], now: Date): Promise<LinkRecord | null> {
  return (await collections()).links.findOneAndDelete({ _id: id, purpose, expiresAt: { $gt: now } }).lean<LinkRecord>();
}

/** Ends an address's links; of one purpose alone, or those that were made before a moment. */
export async function removeLinks(emailKey: string, { purpose, before }: { purpose?: LinkRecord["purpose"]; before?: Date }): Promise<void> {
  await (await collections()).links.deleteMany({ emailKey, ...(purpose && { purpose }), ...(before && { createdAt: { $lte: before } }) });
}

/** Counts one more attempt while fewer than `most` were made. @returns the attempt's number, or null when there is no room for it */
export async function countAttempt(id: string, account: string, most: number, now: Date, expiresAt: Date): Promise<number | null> {
  const { attempts } = await collections();
  const first = { $set: { count: 1, expiresAt, account } };
  const renewed = await attempts.updateOne({ _id: id, expiresAt: { $lte: now } }, first);
  if (renewed.matchedCount === 1) return 1;
  const open = { _id: id, count: { $lt: most } };
  const onInsert = { $setOnInsert: { expiresAt, account } };
  const add = async (upsert: boolean) => {
    const change = { $inc: { count: 1 }, ...(upsert && onInsert) };
    return (await attempts.findOneAndUpdate(open, change, { upsert, returnDocument: "after" }).lean<AttemptRecord>())?.count ?? null;
  };
  try {
    return await add(true);
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    return add(false);
  }
}

/** When the attempts of this id begin anew; null when there are none. */
export async function findAttemptsEnd(id: string): Promise<Date | null> {
  const { attempts } = await collections();
  return (await attempts.findOne({ _id: id }).lean<AttemptRecord>())?.expiresAt ?? null;
}

/** Moves the moment at which the attempts begin anew. */
export async function lockAttempts(id: string, until: Date): Promise<void> {
  await (await collections()).attempts.updateOne({ _id: id }, { $set: { expiresAt: until } });
}

/** Clears the attempts of one id, or those of an account from all addresses. */
export async function removeAttempts(which: { _id: string } | { account: string }): Promise<void> {
  const { attempts } = await collections();
  await attempts.deleteMany(which);
}

/** How many accounts somebody signed in to since then. */
export async function countSignedInAcrossCustomers(since: Date): Promise<number> {
  const { accounts } = await collections();
  return accounts.countDocuments({ lastSignInAt: { $gte: since } });
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

/** Keeps a sign-in, and in the account when the last one was that worked. */
export async function insertSignIn(record: SignInRecord): Promise<void> {
  const { accounts, signIns } = await collections();
  await signIns.create(record);
  if (record.outcome === "done") await accounts.updateOne({ _id: record.customerId }, { $set: { lastSignInAt: record.at } });
}

/** Newest first. @param limit 0: all there are */
export async function findSignIns(customerId: string, limit: number): Promise<SignInRecord[]> {
  const { signIns } = await collections();
  return signIns.find({ customerId }).sort({ _id: -1 }).limit(limit).lean<SignInRecord[]>();
}

/** Sessions that began since then under this number and that their owner did not end. */
export async function countSessions(customerId: string, sessionVersion: number, since: Date): Promise<number> {
  const { signIns, endedSessions } = await collections();
  const begun = await signIns.distinct("sessionId", { customerId, sessionVersion, outcome: "done", at: { $gte: since } });
  return begun.length - (await endedSessions.countDocuments({ _id: { $in: begun } }));
}

export async function insertNote(record: NoteRecord): Promise<void> {
  await (await collections()).notes.create(record);
}

export async function findNotes(customerId: string, limit: number): Promise<NoteRecord[]> {
  const { notes } = await collections();
  return notes.find({ customerId }).sort({ _id: -1 }).limit(limit).lean<NoteRecord[]>();
}

/** @returns whether there was one */
export async function removeNote(customerId: string, id: string): Promise<boolean> {
  const { notes } = await collections();
  return (await notes.deleteOne({ _id: id, customerId })).deletedCount === 1;
}

/** Removes sign-ins and notes of one customer. */
export async function removeRecords(customerId: string): Promise<void> {
  const { signIns, notes } = await collections();
  await Promise.all([signIns.deleteMany({ customerId }), notes.deleteMany({ customerId })]);
}

/**
 * What operators change.
 * @param seen the terms that must still hold
 * @returns the account as it was before, in one write; null when there is none, or not in that state
 */
export async function changeAccount(
  customerId: string,
  change: { suspendedAt?: Date | null } & Partial<PlanTerms>,
  seen?: PlanTerms,
): Promise<AccountRecord | null> {
  const { accounts } = await collections();
  const { limits, ...rest } = change;
  const update = { $set: { ...rest, ...(limits && { limits }) }, ...(limits === null && { $unset: { limits: 1 as const } }) };
  const expected = { _id: customerId, deletingAt: null, ...(seen && onTerms(seen)) };
  return accounts.findOneAndUpdate(expected, update, { returnDocument: "before" }).lean<AccountRecord>();
}

/**
 * Newest first. A text that fits few accounts is found by the indexes of addresses and names; one that fits many by walking from the
 * newest account on, which meets enough of them soon.
 */
export async function findAccountsAcrossCustomers(search: AccountSearch, limit: number): Promise<AccountRecord[]> {
  const { accounts } = await collections();
  const conditions = toConditions(search);
  const sorted = accounts.find(conditions).sort({ _id: -1 }).limit(limit);
  if (search.text === undefined) return (search.suspended ? sorted.hint({ suspendedAt: 1 }) : sorted).lean<AccountRecord[]>();
  const parts = askedParts(search.text);
  const walked = await chooseRare(parts, (part, limit) => accounts.countDocuments({ nameParts: part }, { limit }));
  const ways = toTextConditions(search.text, parts, walked);
  const found = await Promise.all(ways.map((way) => accounts.find({ ...conditions, ...way }).limit(FEW + 1).lean<AccountRecord[]>()));
  if (found.some(({ length }) => length > FEW)) return sorted.find({ $or: ways }).hint({ _id: 1 }).lean<AccountRecord[]>();
  const byId = new Map(found.flat().map((record) => [record._id, record]));
  return [...byId.values()].sort((one, other) => (one._id < other._id ? 1 : -1)).slice(0, limit);
}

export async function findByIdsAcrossCustomers(ids: string[]): Promise<AccountRecord[]> {
  const { accounts } = await collections();
  return accounts.find({ _id: { $in: ids } }).lean<AccountRecord[]>();
}

/** Accounts with a month of their own agreement. */
export async function findAgreedMonthsAcrossCustomers(limit: number): Promise<AccountRecord[]> {
  const { accounts } = await collections();
  const agreed = accounts.find({ "limits.rowsPerMonth": { $exists: true } }).hint({ "limits.rowsPerMonth": 1 });
  return agreed.limit(limit).lean<AccountRecord[]>();
}

export async function countAccountsAcrossCustomers(): Promise<number> {
  return (await collections()).accounts.estimatedDocumentCount();
}

/** Gives accounts from before parts of names were kept theirs. */
export async function fillNamePartsAcrossCustomers(): Promise<void> {
  const { accounts } = await collections();
  for (;;) {
    const found = await accounts.find({ nameParts: null }, { name: 1 }).limit(FEW).lean<Pick<AccountRecord, "_id" | "name">[]>();
    if (found.length === 0) return;
    const writes = found.map(({ _id, name }) => ({ updateOne: { filter: { _id, name }, update: { $set: { nameParts: partsOf(name) } } } }));
    await accounts.bulkWrite(writes, { ordered: false });
  }
}
