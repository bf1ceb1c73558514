import "server-only";
import { createHash, randomUUID } from "node:crypto";
import { database, isDuplicateKey } from "@/server/core/db";
import { DomainError } from "@/server/core/errors";
import type { HeaderReader } from "@/server/core/exchange";

const KEPT_MS = 24 * 60 * 60 * 1000;
/** After this long a call that never reported back counts as crashed, and its key may be used again. */
export const LEASE_MS = 60_000;
export const MAX_KEY_LENGTH = 255;

/** A finished call: what a replay says again. */
export interface StoredAnswer {
  status: number;
  headers: [string, string][];
  body: string;
}

interface StoredCall {
  _id: string;
  /** Who called, see {@link KeyedCall.callerId}: what goes when the caller goes. */
  owner: string;
  /** SHA-256 of the body: the input itself is not kept here. */
  fingerprint: string;
  /** Which attempt holds the key; only that one may finish or free it. */
  holder: string;
  lease_until: Date;
  expires_at: Date;
  answer?: StoredAnswer;
}

export interface KeyedCall {
  /** Who is calling, see `Caller.id`: the same key of another caller is another key. */
  callerId: string;
  /** Method and path. */
  route: string;
  key: string;
  body: string;
}

async function calls() {
  const connection = await database();
  if (!connection.db) throw new Error("The connection has no database.");
  return connection.db.collection<StoredCall>("idempotent_calls");
}

let indexed: Promise<unknown> | undefined;

function hash(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}

/** @returns the answer to replay, or null when this attempt now holds the key */
async function acquire(id: string, owner: string, fingerprint: string, holder: string): Promise<StoredAnswer | null> {
  const collection = await calls();
  indexed ??= collection.createIndexes([{ key: { expires_at: 1 }, expireAfterSeconds: 0 }, { key: { owner: 1 } }]).catch(() => {
    indexed = undefined;
  });
  const now = Date.now();
  const lease = { fingerprint, holder, lease_until: new Date(now + LEASE_MS), expires_at: new Date(now + KEPT_MS) };
  try {
    await collection.insertOne({ _id: id, owner, ...lease });
    return null;
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
  }
  const earlier = await collection.findOne({ _id: id });
  const inProgress = new DomainError("idempotency_in_progress", "The first call with this key is still running.");
  if (!earlier) throw inProgress;
  const abandoned = earlier.answer ? earlier.expires_at.getTime() <= now : earlier.lease_until.getTime() <= now;
  if (abandoned) {
    const taken = await collection.updateOne({ _id: id, holder: earlier.holder }, { $set: lease, $unset: { answer: "" } });
    if (taken.matchedCount === 1) return null;
    throw inProgress;
  }
  if (earlier.fingerprint !== fingerprint) {
    throw new DomainError("idempotency_mismatch", "This key was used for a call with another body.");
  }
  if (!earlier.answer) throw inProgress;
  return earlier.answer;
}

/**
 * Runs a call at most once for each caller, route and key in 24 hours. Only an answer is kept: a call that was refused or failed
 * frees its key, because nothing was run for it; a call whose process died frees it after {@link LEASE_MS}.
 * @returns the answer, and whether it is the one of an earlier call
 * @throws {DomainError} `idempotency_in_progress`, `idempotency_mismatch`; whatever `run` throws
 */
export async function runOnce(call: KeyedCall, run: () => Promise<StoredAnswer>): Promise<{ answer: StoredAnswer; replayed: boolean }> {
  const id = hash(JSON.stringify([call.callerId, call.route, call.key]));
  const holder = randomUUID();
  const earlier = await acquire(id, call.callerId, hash(call.body), holder);
  if (earlier) return { answer: earlier, replayed: true };
  const collection = await calls();
  try {
    const answer = await run();
    await collection.updateOne({ _id: id, holder }, { $set: { answer } });
    return { answer, replayed: false };
  } catch (error) {
    await collection.deleteOne({ _id: id, holder }).catch(() => undefined);
    throw error;
  }
}

/** Removes the kept answers of one caller. */
export async function forgetCaller(callerId: string): Promise<void> {
  await (await calls()).deleteMany({ owner: callerId });
}

/**
 * The `Idempotency-Key` of a call, or null without one.
 * @throws {DomainError} `malformed_body`, when it is empty or longer than 255 characters
 */
export function readIdempotencyKey(headers: HeaderReader): string | null {
  const key = headers.get("idempotency-key");
  if (key === null) return null;
  if (key.trim() === "" || key.length > MAX_KEY_LENGTH) {
    throw new DomainError("malformed_body", `\`Idempotency-Key\` takes 1 to ${MAX_KEY_LENGTH} characters.`);
  }
  return key;
}
