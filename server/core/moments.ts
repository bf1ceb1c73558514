import "server-only";
import { database } from "@/server/core/db";
import { sharePromiseCache } from "@/server/core/promise-cache";

/**
 * `customer_sessions`: customers' sessions that began before are over. `model_sessions`: models that were loaded before are loaded anew.
 */
export type MomentName = "customer_sessions" | "model_sessions";

interface StoredMoment {
  _id: MomentName;
  at: Date;
}

/** How long a process may go on without knowing that a moment has moved. */
const MOMENT_TTL_MS = 3_000;
const known = sharePromiseCache<Date | null>("moments", 2, MOMENT_TTL_MS);

async function moments() {
  const connection = await database();
  if (!connection.db) throw new Error("The connection has no database.");
  return connection.db.collection<StoredMoment>("moments");
}

/** A moment that every process follows within three seconds; null when it never came. @throws {Error} the driver's */
export async function readMoment(name: MomentName): Promise<Date | null> {
  return known.read(name, async () => (await (await moments()).findOne({ _id: name }))?.at ?? null);
}

/** What {@link readMoment} gives without waiting; undefined where it has to be read. */
export function findMoment(name: MomentName): Date | null | undefined {
  return known.peek(name);
}

/** Moves a moment to now. @returns the moment */
export async function moveMoment(name: MomentName): Promise<Date> {
  const at = new Date();
  await (await moments()).updateOne({ _id: name }, { $set: { at } }, { upsert: true });
  known.forget(name);
  return at;
}
