import "server-only";
import { randomBytes } from "node:crypto";
import { database, isDuplicateKey } from "@/server/core/db";
import { type Cost, type Counted, currentWindow, endOf, type LimitStore, WINDOW_SECONDS } from "@/server/core/limit-stores/store";
import { takeTogether } from "@/server/core/limit-stores/together";

/** One document for each subject and window, so that one write takes from all policies or from none. */
interface Counter {
  _id: string;
  expires_at?: Date;
  salt?: string;
  used?: Record<string, number>;
}

type Counters = Awaited<ReturnType<typeof counters>>;

async function counters() {
  const connection = await database();
  if (!connection.db) throw new Error("The connection has no database.");
  return connection.db.collection<Counter>("limits");
}

let indexed: Promise<unknown> | undefined;

/** Lets old windows go by themselves. Made once a process and not waited for: counting does not need it. */
function ensureExpiry(collection: Counters): void {
  indexed ??= collection.createIndex({ expires_at: 1 }, { expireAfterSeconds: 0 }).catch(() => {
    indexed = undefined;
  });
}

function readUsed(costs: Cost[], counter: Counter | null): number[] {
  return costs.map(({ policy }) => counter?.used?.[policy] ?? 0);
}

async function look(subject: string, costs: Cost[]): Promise<Counted> {
  const window = currentWindow();
  const counter = await (await counters()).findOne({ _id: `${subject}:${window}` });
  return { taken: false, used: readUsed(costs, counter), resetAt: endOf(window) };
}

/**
 * Counts all costs in one write that only matches while every one of them fits. A full window therefore ends as an attempt to
 * insert a second document under the same name; so does a race for the first call of a window.
 */
async function tryTake(subject: string, costs: Cost[]): Promise<Counted> {
  const collection = await counters();
  ensureExpiry(collection);
  const window = currentWindow();
  const resetAt = endOf(window);
  const room = Object.fromEntries(costs.map(({ policy, cost, quota }) => [`used.${policy}`, { $not: { $gt: quota - cost } }]));
  const $inc = Object.fromEntries(costs.map(({ policy, cost }) => [`used.${policy}`, cost]));
  const $setOnInsert = { expires_at: new Date((resetAt + WINDOW_SECONDS) * 1000) };
  const filter = { _id: `${subject}:${window}`, ...room };
  try {
    const after = await collection.findOneAndUpdate(filter, { $inc, $setOnInsert }, { upsert: true, returnDocument: "after" });
    return { taken: true, used: readUsed(costs, after), resetAt };
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
  }
  return look(subject, costs);
}

async function giveBack(subject: string, costs: Cost[], resetAt: number): Promise<void> {
  const decrements = Object.fromEntries(costs.map(({ policy, cost }) => [`used.${policy}`, -cost]));
  const window = resetAt / WINDOW_SECONDS - 1;
  await (await counters()).updateOne({ _id: `${subject}:${window}` }, { $inc: decrements });
}

async function read(subject: string, policy: string, quota: number): Promise<number> {
  const { used } = await look(subject, [{ policy, quota, cost: 0 }]);
  return used[0] ?? 0;
}

/** `;` is the character after `:`, so that this is the range of everything that begins with the subject. */
async function forget(subject: string): Promise<void> {
  await (await counters()).deleteMany({ _id: { $gte: `${subject}:`, $lt: `${subject};` } });
}

/** Counts in the database everything else lies in: right for one machine, and for several without a Redis. */
export const databaseStore: LimitStore = { take: takeTogether({ tryTake, look }, (subject: string) => subject), giveBack, read, forget };

/** A secret that all processes share, made by the first of them. */
export async function readSalt(): Promise<string> {
  const collection = await counters();
  const update = { $setOnInsert: { salt: randomBytes(16).toString("hex") } };
  // To read is less than to write, and all processes but the first one only read.
  const known = await collection.findOne({ _id: "salt" });
  const kept = known ?? (await collection.findOneAndUpdate({ _id: "salt" }, update, { upsert: true, returnDocument: "after" }));
  if (kept?.salt === undefined) throw new Error("The salt is not there.");
  return kept.salt;
}
