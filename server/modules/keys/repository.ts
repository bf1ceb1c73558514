import "server-only";
import type { ClientSession, Connection, Model } from "mongoose";
import { database, isDuplicateKey } from "@/server/core/db";
import { bindKeys, type KeyRecord } from "@/server/modules/keys/collection";

/** Ended keys that a list still names; those that count are all in it. */
const LISTED_ENDED = 50;

const prepared = new WeakMap<Connection, Promise<unknown>>();

async function collection(): Promise<Model<KeyRecord>> {
  return bindKeys(await database());
}

/** The collection with its indexes, which writers rely on: a place holds one key because an index says so. */
async function preparedCollection(): Promise<Model<KeyRecord>> {
  const connection = await database();
  const keys = bindKeys(connection);
  const work = prepared.get(connection) ?? keys.createIndexes();
  prepared.set(connection, work);
  try {
    await work;
  } catch (error) {
    prepared.delete(connection);
    throw error;
  }
  return keys;
}

/** The one look-up that has no owner: it is how the owner is found. */
export async function findKeyByHash(hash: string): Promise<KeyRecord | null> {
  return (await collection()).findOne({ hash }).lean<KeyRecord>();
}

export async function findKey(customerId: string, id: string): Promise<KeyRecord | null> {
  return (await collection()).findOne({ _id: id, customerId }).lean<KeyRecord>();
}

/** All keys that hold a place and the latest of those that ended, newest first. */
export async function findKeys(customerId: string): Promise<KeyRecord[]> {
  const keys = await collection();
  const [held, ended] = await Promise.all([
    keys.find({ customerId, slot: { $exists: true } }).lean<KeyRecord[]>(),
    keys.find({ customerId, slot: { $exists: false } }).sort({ _id: -1 }).limit(LISTED_ENDED).lean<KeyRecord[]>(),
  ]);
  return [...held, ...ended].sort((one, other) => (one._id < other._id ? 1 : -1));
}

/** The places that are taken. */
export async function findSlots(customerId: string): Promise<number[]> {
  const held = (await collection()).find({ customerId, slot: { $exists: true } }, { _id: 0, slot: 1 });
  return (await held.lean<Pick<KeyRecord, "slot">[]>()).flatMap(({ slot }) => slot ?? []);
}

/** Takes the places of keys that are over. */
export async function freeExpiredSlots(customerId: string, now: Date): Promise<void> {
  const keys = await collection();
  const over = { customerId, slot: { $exists: true }, expiresAt: { $ne: null, $lte: now } };
  await keys.updateMany(over, { $unset: { slot: 1 } });
}

/** @returns false when the place has a key already */
export async function insertKey(record: KeyRecord): Promise<boolean> {
  try {
    await (await preparedCollection()).insertMany([record]);
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}

export type KeyChange = Partial<Pick<KeyRecord, "name" | "disabledAt">>;

/** @returns the key as it is now; null when there is none, or it was revoked */
export async function changeKey(customerId: string, id: string, change: KeyChange): Promise<KeyRecord | null> {
  const keys = await collection();
  return keys.findOneAndUpdate({ _id: id, customerId, revokedAt: null }, { $set: change }, { returnDocument: "after" }).lean<KeyRecord>();
}

/** Ends a key and gives its place back in one write. @returns null when there is none, or it was revoked before */
export async function endKey(customerId: string, id: string, now: Date): Promise<KeyRecord | null> {
  const keys = await collection();
  const end = { $set: { revokedAt: now }, $unset: { slot: 1 } };
  return keys.findOneAndUpdate({ _id: id, customerId, revokedAt: null }, end, { returnDocument: "after" }).lean<KeyRecord>();
}

export interface Rotation {
  id: string;
  /** When the old key ends; null: now, which gives its place back. */
  until: Date | null;
  successor: KeyRecord;
}

export type RotationOutcome = "done" | "slot_taken" | "gone";

/** Thrown inside the transaction, so that nothing of it stays. */
class KeyGone extends Error {}

async function replaceKey(keys: Model<KeyRecord>, customerId: string, rotation: Rotation, session: ClientSession): Promise<void> {
  const { id, until, successor } = rotation;
  const end =
    until === null
      ? { $set: { rotatedTo: successor._id, revokedAt: successor.createdAt }, $unset: { slot: 1 } }
      : { $set: { rotatedTo: successor._id, expiresAt: until } };
  const old = await keys.updateOne({ _id: id, customerId, revokedAt: null, rotatedTo: null }, end, { session });
  if (old.matchedCount === 0) throw new KeyGone("The key was revoked or rotated.");
  await keys.insertMany([successor], { session });
}

/** Ends the old key and stores its successor, both or neither: a crash leaves the customer with a key that works. */
export async function rotateRecord(customerId: string, rotation: Rotation): Promise<RotationOutcome> {
  const keys = await preparedCollection();
  try {
    await keys.db.transaction((session) => replaceKey(keys, customerId, rotation, session));
    return "done";
  } catch (error) {
    if (error instanceof KeyGone) return "gone";
    if (isDuplicateKey(error)) return "slot_taken";
    throw error;
  }
}

/** Notes a use, unless one was noted after `before`: whoever of all processes comes first writes. */
export async function touchKey(customerId: string, id: string, now: Date, before: Date): Promise<void> {
  const keys = await collection();
  const stale = { $or: [{ lastUsedAt: null }, { lastUsedAt: { $lt: before } }] };
  await keys.updateOne({ _id: id, customerId, ...stale }, { $set: { lastUsedAt: now } });
}

/** @returns the hashes of the keys that are gone */
export async function deleteKeys(customerId: string): Promise<string[]> {
  const keys = await collection();
  const found = await keys.find({ customerId }, { _id: 0, hash: 1 }).lean<Pick<KeyRecord, "hash">[]>();
  await keys.deleteMany({ customerId });
  return found.map(({ hash }) => hash);
}

/** Whose key this is. */
export async function findOwnerAcrossCustomers(id: string): Promise<string | null> {
  const keys = await preparedCollection();
  return (await keys.findOne({ _id: id }, { customerId: 1 }).lean<Pick<KeyRecord, "customerId">>())?.customerId ?? null;
}

/** Whose keys have a hint that begins like this. */
export async function findOwnersByHintAcrossCustomers(hint: string, limit: number): Promise<string[]> {
  const keys = await preparedCollection();
  const found = keys.find({ hint: { $gte: hint, $lt: `${hint}\uffff` } }, { customerId: 1 }).limit(limit);
  return [...new Set((await found.lean<Pick<KeyRecord, "customerId">[]>()).map(({ customerId }) => customerId))];
}

interface KeySums {
  /** The customer's id. */
  _id: string;
  keys: number;
  lastUsedAt: Date | null;
}

/** How many keys of each customer work, and when one of them was last used. */
export async function countKeysAcrossCustomers(customerIds: string[], now: Date): Promise<KeySums[]> {
  const keys = await preparedCollection();
  const isOver = { $and: [{ $ne: ["$expiresAt", null] }, { $lte: ["$expiresAt", now] }] };
  const works = { $and: [{ $eq: ["$disabledAt", null] }, { $not: [isOver] }] };
  return keys.aggregate<KeySums>([
    { $match: { customerId: { $in: customerIds }, slot: { $exists: true } } },
    { $group: { _id: "$customerId", keys: { $sum: { $cond: [works, 1, 0] } }, lastUsedAt: { $max: "$lastUsedAt" } } },
  ]);
}
