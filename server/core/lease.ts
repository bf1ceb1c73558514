import "server-only";
import { randomUUID } from "node:crypto";
import { database, isDuplicateKey } from "@/server/core/db";

interface StoredLease {
  /** The name of the work. */
  _id: string;
  holder: string;
  /** Whoever holds it may be taken for dead from then on. */
  until: Date;
  finishedAt: Date;
}

export interface LeaseTerms {
  /** How long the work may take at most; a process that died in it is replaced after that, in milliseconds. */
  holdMs: number;
  /** Not again so soon after its last end, by whichever process, in milliseconds. */
  everyMs: number;
}

const NEVER = new Date(0);

async function leases() {
  const connection = await database();
  if (!connection.db) throw new Error("The connection has no database.");
  return connection.db.collection<StoredLease>("leases");
}

/** @returns whether this process now holds the lease */
async function take(name: string, holder: string, { holdMs, everyMs }: LeaseTerms): Promise<boolean> {
  const now = Date.now();
  const free = { _id: name, until: { $lte: new Date(now) }, finishedAt: { $lte: new Date(now - everyMs) } };
  const change = { $set: { holder, until: new Date(now + holdMs) }, $setOnInsert: { finishedAt: NEVER } };
  try {
    await (await leases()).updateOne(free, change, { upsert: true });
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}

/**
 * Has work done by one process at a time, however many share the database. Work that outlives its lease may meet another one's: what
 * must not happen twice needs a lock of its own beside this.
 * @returns what the work gives, or null when another process is at it or it is not due yet
 * @throws whatever the work throws; it is due again at once then
 */
export async function runAlone<Result>(name: string, terms: LeaseTerms, work: () => Promise<Result>): Promise<{ result: Result } | null> {
  const holder = randomUUID();
  if (!(await take(name, holder, terms))) return null;
  const end = async (finished: Partial<StoredLease>) =>
    (await leases()).updateOne({ _id: name, holder }, { $set: { until: NEVER, ...finished } });
  try {
    const result = await work();
    await end({ finishedAt: new Date() });
    return { result };
  } catch (error) {
    // It ends by itself where the database is what failed.
    await end({}).catch(() => undefined);
    throw error;
  }
}
