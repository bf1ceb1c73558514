import "server-only";
import type { ApiKey } from "@/lib/contracts/keys";
import { DomainError } from "@/server/core/errors";
import type { Changed } from "@/server/core/operator.admin";
import { countKeysAcrossCustomers, findOwnerAcrossCustomers, findOwnersByHintAcrossCustomers } from "@/server/modules/keys/repository";
import { describeSecret, hasKeyForm, KEY_PREFIX } from "@/server/modules/keys/secret";
import { listKeys, revokeKey } from "@/server/modules/keys/service";

const OWNERS = 50;

export interface KeyCount {
  /** Keys that work now. */
  keys: number;
  lastUsedAt: Date | null;
}

/** How many keys customers have, by customer id; who has none is left out. */
export async function countKeys(customerIds: string[]): Promise<Map<string, KeyCount>> {
  const found = await countKeysAcrossCustomers(customerIds, new Date());
  return new Map(found.map(({ _id, keys, lastUsedAt }) => [_id, { keys, lastUsedAt }]));
}

/** `vt_live_7Kq2…Gy0A` as it is stored, from however much of it was typed; null for what is no part of it. A whole key is one, too. */
function readHint(text: string): string | null {
  if (hasKeyForm(text)) return describeSecret(text);
  const written = text.replace("...", "…");
  if (/^[0-9A-Za-z]{4}…[0-9A-Za-z]{0,4}$/.test(written)) return KEY_PREFIX + written;
  return /^vt_live_(?:[0-9A-Za-z]{1,4}|[0-9A-Za-z]{4}…[0-9A-Za-z]{0,4})$/.test(written) ? written : null;
}

/**
 * Whose key is meant by an id, or by what its owner sees of it.
 * @returns customer ids; null when the text names no key at all
 */
export async function findKeyOwners(text: string): Promise<string[] | null> {
  if (/^key_[0-9A-Z]{26}$/i.test(text)) {
    const owner = await findOwnerAcrossCustomers(`key_${text.slice(4).toUpperCase()}`);
    return owner === null ? [] : [owner];
  }
  const hint = readHint(text);
  return hint === null ? null : findOwnersByHintAcrossCustomers(hint, OWNERS);
}

const factsOf = ({ id, hint, status, last_used_at, calls_24h }: ApiKey) => ({ key: id, hint, status, last_used_at, calls_24h });

/** One key of a customer. @throws {DomainError} `not_found` */
export async function getKey(customerId: string, id: string): Promise<ApiKey> {
  const found = (await listKeys(customerId)).find((key) => key.id === id);
  if (!found) throw new DomainError("not_found", "There is no such key.");
  return found;
}

/**
 * Ends a customer's key for good, in every process within seconds.
 * @throws {DomainError} `not_found`; `invalid_input` for one that was revoked
 */
export async function revokeCustomerKey(customerId: string, id: string): Promise<Changed<ApiKey>> {
  const before = await getKey(customerId, id);
  if (before.status === "revoked") throw new DomainError("invalid_input", "This key was revoked already.");
  const after = await revokeKey(customerId, id);
  return { before: factsOf(before), after: factsOf(after), result: after };
}
