import "server-only";
import { randomBytes } from "node:crypto";
import { database, isDuplicateKey } from "@/server/core/db";
import { env } from "@/server/core/env";

interface StoredSecret {
  _id: string;
  value: string;
}

let kept: Promise<string> | undefined;

/** One secret for all processes on this database: the first one that asks makes it. */
async function readStored(): Promise<string> {
  const connection = await database();
  if (!connection.db) throw new Error("The connection has no database.");
  const secrets = connection.db.collection<StoredSecret>("secrets");
  const fresh = { $setOnInsert: { value: randomBytes(48).toString("base64url") } };
  try {
    const stored = await secrets.findOneAndUpdate({ _id: "sessions" }, fresh, { upsert: true, returnDocument: "after" });
    if (stored) return stored.value;
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
  }
  const other = await secrets.findOne({ _id: "sessions" });
  if (!other) throw new Error("The secret of sessions was not kept.");
  return other.value;
}

/**
 * What sessions are sealed with: as configured, else a random one that the database keeps.
 * @throws {Error} the driver's, when it is needed and cannot be read
 */
export async function readSessionSecret(): Promise<string> {
  const configured = env().auth.secret;
  if (configured !== null) return configured;
  const current = (kept ??= readStored());
  try {
    return await current;
  } catch (error) {
    if (kept === current) kept = undefined;
    throw error;
  }
}
