import "server-only";
import type { z } from "zod";
import type { ApiKey, createKeyInput, NewKey, RotationGrace, updateKeyInput } from "@/lib/contracts/keys";
import { DomainError } from "@/server/core/errors";
import { createId } from "@/server/core/ids";
import { assertLimits } from "@/server/core/limits";
import { log } from "@/server/core/log";
import { sharePromiseCache } from "@/server/core/promise-cache";
import type { KeyRecord } from "@/server/modules/keys/collection";
import {
  changeKey,
  deleteKeys,
  endKey,
  findKey,
  findKeyByHash,
  findKeys,
  insertKey,
  type KeyChange,
  rotateRecord,
  touchKey,
} from "@/server/modules/keys/repository";
import { createSecret, describeSecret, hashSecret, hasKeyForm } from "@/server/modules/keys/secret";
import { takeSlot } from "@/server/modules/keys/slots";
import { countKeyCalls } from "@/server/modules/usage/service";

export interface ResolvedKey {
  keyId: string;
  customerId: string;
  /** null: every model. */
  models: string[] | null;
}

/** How long a process may go on taking a key that was revoked, disabled or rotated elsewhere, in milliseconds. */
export const KEY_TTL_MS = 3_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const TOUCH_EVERY_MS = 60_000;
const graceMs: Record<Exclude<RotationGrace, "now">, number> = { "1h": HOUR_MS, "24h": DAY_MS };

/** Keys by their hash, also those that do not exist (null): the oldest goes when there are too many. */
const known = sharePromiseCache<KeyRecord | null>("keys", 10_000, KEY_TTL_MS);

/** The same words for a key that never was, that is somebody else's, and that was revoked. */
function notFound(): DomainError {
  return new DomainError("not_found", "There is no such key.");
}

/** Notes when a key was last used; no call waits for it, and none fails because of it. */
function noteUse(record: KeyRecord): void {
  const now = new Date();
  const before = new Date(now.getTime() - TOUCH_EVERY_MS);
  if (record.lastUsedAt && record.lastUsedAt >= before) return;
  // Calls that share this look-up do not try again.
  record.lastUsedAt = now;
  touchKey(record.customerId, record._id, now, before).catch((error: unknown) => {
    log("warn", "key_use_not_noted", { cause: error instanceof Error ? error.message : "unknown" });
  });
}

/**
 * Whose key this is. Checked in the order: form and checksum, exists, revoked, enabled, expired.
 * @throws {DomainError} `key_invalid`, `key_revoked`, `forbidden` (switched off), `key_expired`
 */
export async function resolveKey(secret: string): Promise<ResolvedKey> {
  const invalid = () => new DomainError("key_invalid", "This key is not known.");
  if (!hasKeyForm(secret)) throw invalid();
  const hash = hashSecret(secret);
  const record = await known.read(hash, () => findKeyByHash(hash));
  if (!record) throw invalid();
  if (record.revokedAt) throw new DomainError("key_revoked", "This key was revoked.");
  if (record.disabledAt) throw new DomainError("forbidden", "This key is switched off: switch it on, or use another one.");
  if (isOver(record)) throw new DomainError("key_expired", "This key has expired.");
  noteUse(record);
  return { keyId: record._id, customerId: record.customerId, models: record.models };
}

function isOver({ expiresAt }: KeyRecord): boolean {
  return expiresAt !== null && expiresAt.getTime() <= Date.now();
}

/** In the order in which {@link resolveKey} refuses. */
function statusOf(record: KeyRecord): ApiKey["status"] {
  if (record.revokedAt) return "revoked";
  if (record.disabledAt) return "disabled";
  if (isOver(record)) return "expired";
  return record.rotatedTo === null ? "active" : "ending";
}

type KeyCalls = Awaited<ReturnType<typeof countKeyCalls>>;

function toApiKey(record: KeyRecord, counts: KeyCalls): ApiKey {
  const { _id: id, name, hint, models, expiresAt, createdAt, lastUsedAt } = record;
  const { calls = 0, limited = 0 } = counts.get(id) ?? {};
  return {
    object: "api_key",
    id,
    name,
    hint,
    models,
    status: statusOf(record),
    expires_at: expiresAt?.toISOString() ?? null,
    created_at: createdAt.toISOString(),
    last_used_at: lastUsedAt?.toISOString() ?? null,
    calls_24h: calls,
    refused_24h: limited,
  };
}

/** Every key that may still be used and the latest that ended, newest first. */
export async function listKeys(customerId: string): Promise<ApiKey[]> {
  const [records, counts] = await Promise.all([findKeys(customerId), countKeyCalls(customerId)]);
  return records.map((record) => toApiKey(record, counts));
}

/** What only differs between a first key and the successor of another one. */
type Settings = Pick<KeyRecord, "name" | "models" | "expiresAt">;

function draftKey(customerId: string, settings: Settings): { secret: string; record: KeyRecord } {
  const secret = createSecret();
  const none = { disabledAt: null, revokedAt: null, rotatedTo: null, lastUsedAt: null };
  const named = { _id: createId("key"), customerId, hash: hashSecret(secret), hint: describeSecret(secret) };
  return { secret, record: { ...named, ...settings, ...none, createdAt: new Date() } };
}

/** Making keys is limited, whether they are new or take the place of others. */
async function countCreation(customerId: string): Promise<void> {
  await assertLimits(`customer:${customerId}`, [{ policy: "key_creation", cost: 1 }]);
}

/** @throws {DomainError} `too_many_keys`; `rate_limited`; `database_unavailable` when the limits cannot be counted */
export async function createKey(customerId: string, input: z.output<typeof createKeyInput>): Promise<NewKey> {
  await countCreation(customerId);
  const { name, expires_in_days: days } = input;
  const models = input.models && [...new Set(input.models)];
  const { secret, record } = draftKey(customerId, { name, models, expiresAt: days === null ? null : new Date(Date.now() + days * DAY_MS) });
  await takeSlot(customerId, async (slot) => ((await insertKey({ ...record, slot })) ? "done" : "slot_taken"));
  return { ...toApiKey(record, new Map()), secret };
}

/** Renames it, or switches it off and on. @throws {DomainError} `not_found`, also for a key that was revoked */
export async function updateKey(customerId: string, input: z.output<typeof updateKeyInput>): Promise<ApiKey> {
  const { id, name, enabled } = input;
  const disabledAt = enabled ? null : new Date();
  const change: KeyChange = { ...(name !== undefined && { name }), ...(enabled !== undefined && { disabledAt }) };
  const record = await changeKey(customerId, id, change);
  if (!record) throw notFound();
  known.forget(record.hash);
  return toApiKey(record, await countKeyCalls(customerId));
}

/** The same span of life again, so that a key made for 90 days has 90 days after each rotation. */
function renewExpiry({ createdAt, expiresAt }: KeyRecord): Date | null {
  return expiresAt && new Date(Date.now() + expiresAt.getTime() - createdAt.getTime());
}

/** When the old secret ends: after the grace, but never later than it would have. null: now. */
function endOfGrace({ expiresAt }: KeyRecord, grace: RotationGrace): Date | null {
  if (grace === "now") return null;
  const end = Date.now() + graceMs[grace];
  return new Date(Math.min(end, expiresAt?.getTime() ?? end));
}

/**
 * A new secret with the same name and models; the old key is taken until the grace is over, never past its own end.
 * @throws {DomainError} `not_found`; `invalid_input` for a key that was rotated before; `too_many_keys`; as {@link createKey}
 */
export async function rotateKey(customerId: string, id: string, grace: RotationGrace): Promise<NewKey> {
  const old = await findKey(customerId, id);
  if (!old || old.revokedAt) throw notFound();
  await countCreation(customerId);
  const { name, models } = old;
  const { secret, record } = draftKey(customerId, { name, models, expiresAt: renewExpiry(old) });
  const until = endOfGrace(old, grace);
  const write = async (slot: number) => rotateRecord(customerId, { id, until, successor: { ...record, slot } });
  const outcome = old.rotatedTo === null ? await takeSlot(customerId, write, grace === "now" ? old.slot : undefined) : "gone";
  if (outcome === "gone") {
    const errors = [{ pointer: "#/id", detail: "Was rotated already: rotate the key that took its place." }];
    throw new DomainError("invalid_input", "This key was rotated or revoked already.", { errors });
  }
  known.forget(old.hash);
  return { ...toApiKey(record, new Map()), secret };
}

/** Ends a key for good; revoking it again changes nothing. @throws {DomainError} `not_found` */
export async function revokeKey(customerId: string, id: string): Promise<ApiKey> {
  const record = (await endKey(customerId, id, new Date())) ?? (await findKey(customerId, id));
  if (!record) throw notFound();
  known.forget(record.hash);
  return toApiKey(record, await countKeyCalls(customerId));
}

/** Removes everything of one customer. May be repeated after a crash. */
export async function forgetCustomer(customerId: string): Promise<void> {
  for (const hash of await deleteKeys(customerId)) known.forget(hash);
}
