import "server-only";
import { randomBytes } from "node:crypto";
import { database, isDuplicateKey } from "@/server/core/db";
import { env } from "@/server/core/env";

interface StoredSecret {
  _id: string;
  value: string;
}

type SecretName = "sessions" | "console";

const kept = new Map<SecretName, Promise<string>>();

/** One secret for all processes on this database: the first one that asks makes it. */
async function readStored(name: SecretName): Promise<string> {
  const connection = await database();
  if (!connection.db) throw new Error("The connection has no database.");
  const secrets = connection.db.collection<StoredSecret>("secrets");
  const fresh = { $setOnInsert: { value: randomBytes(48).toString("base64url") } };
  try {
    const stored = await secrets.findOneAndUpdate({ _id: name }, fresh, { upsert: true, returnDocument: "after" });
    if (stored) return stored.value;
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
  }
  const other = await secrets.findOne({ _id: name });
  if (!other) throw new Error("The secret was not kept.");
  return other.value;
}

/** A failed attempt is forgotten, so that the next call tries again. */
async function readKept(name: SecretName): Promise<string> {
  const current = kept.get(name) ?? readStored(name);
  kept.set(name, current);
  try {
    return await current;
  } catch (error) {
    if (kept.get(name) === current) kept.delete(name);
    throw error;
  }
}

/**
 * What customers' sessions are sealed with: as configured, else a random one that the database keeps.
 * @throws {Error} the driver's, when it is needed and cannot be read
 */
export async function readSessionSecret(): Promise<string> {
  return env().auth.secret ?? readKept("sessions");
}

/** What the console's sessions are sealed with, never the customers' one. @throws {Error} as {@link readSessionSecret} */
export async function readConsoleSecret(): Promise<string> {
  return env().console.secret ?? readKept("console");
}
