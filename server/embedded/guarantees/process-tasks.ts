import type { Client } from "./running-server";

/** What the processes of processes.test.ts can be asked to do. Each answers with plain JSON. */
export const PROCESS_TASKS = { increment, claim, transfer };

export type TaskName = keyof typeof PROCESS_TASKS;

interface Numbered {
  _id: number;
  n: number;
}

const AT_ONCE = 10;

/** Adds one to the same document `count` times, ten at a time. */
async function increment(client: Client, count: number): Promise<number[]> {
  const counters = client.db("processes").collection<Numbered>("counters");
  let left = count;
  const run = async () => {
    for (; left > 0; ) {
      left -= 1;
      await counters.updateOne({ _id: 1 }, { $inc: { n: 1 } }, { upsert: true });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, run));
  return [];
}

/** Tries to be the only one with each of `count` values, and answers with those it got. */
async function claim(client: Client, count: number): Promise<number[]> {
  const claims = client.db("processes").collection<{ value: number; owner: number }>("claims");
  const won: number[] = [];
  for (let value = 0; value < count; value += 1) {
    try {
      await claims.insertOne({ value, owner: process.pid });
      won.push(value);
    } catch (error) {
      const isTaken = error instanceof Error && "code" in error && error.code === 11000;
      if (!isTaken) throw error;
    }
  }
  return won;
}

const ACCOUNTS = 4;

/** Moves amounts between a few accounts, `count` times, each time reading both before writing both. */
async function transfer(client: Client, count: number): Promise<number[]> {
  const accounts = client.db("processes").collection<Numbered>("accounts");
  for (let position = 0; position < count; position += 1) {
    const [from, to] = [position % ACCOUNTS, (position + 1 + (position % 3)) % ACCOUNTS];
    await client.withSession((session) =>
      session.withTransaction(async () => {
        const [source, target] = [await accounts.findOne({ _id: from }, { session }), await accounts.findOne({ _id: to }, { session })];
        await accounts.updateOne({ _id: from }, { $set: { n: (source?.n ?? 0) - 1 } }, { session });
        await accounts.updateOne({ _id: to }, { $set: { n: (target?.n ?? 0) + 1 } }, { session });
        await accounts.updateOne({ _id: -1 }, { $inc: { n: 1 } }, { session });
      }),
    );
  }
  return [];
}
