import "server-only";
import { DomainError } from "@/server/core/errors";
import { sharePromiseCache } from "@/server/core/promise-cache";
import type { CustomerCaller } from "@/server/core/trpc";
import * as repository from "@/server/modules/accounts/repository";
import { callerOf, resolveSession } from "@/server/modules/accounts/session";
import { assertNotSuspended } from "@/server/modules/accounts/suspension";
import { resolveKey } from "@/server/modules/keys/service";

export interface Credentials {
  /** The `Authorization` header. */
  authorization: string | null;
  /** The session cookie. */
  session: string | null;
}

/** How long a process may go on taking the keys of an account that was suspended, deleted or moved to another plan elsewhere. */
export const ACCOUNT_TTL_MS = 3_000;
const MOST_ACCOUNTS = 10_000;
const accounts = sharePromiseCache<repository.AccountRecord | null>("accounts", MOST_ACCOUNTS, ACCOUNT_TTL_MS);

/** What this process knows of an account is not true any more. */
export function forgetKnownAccount(customerId: string): void {
  accounts.forget(customerId);
}

/** @throws {DomainError} `key_invalid` for any other scheme, and for what is not shaped as RFC 6750 section 2.1 has it */
function readBearer(authorization: string): string {
  const secret = /^bearer +(vt_[A-Za-z0-9_]{1,100}) *$/i.exec(authorization)?.[1];
  if (secret === undefined) throw new DomainError("key_invalid", "Send your key as `Authorization: Bearer vt_live_…`.");
  return secret;
}

async function resolveBearer(authorization: string): Promise<CustomerCaller> {
  const { keyId, customerId, models } = await resolveKey(readBearer(authorization));
  const account = await accounts.read(customerId, () => repository.findAccount(customerId));
  if (!account || account.deletingAt) throw new DomainError("key_revoked", "The account of this key was deleted.");
  assertNotSuspended(account);
  return callerOf(account, { kind: "key", keyId, models });
}

/**
 * The one place that says which customer a call belongs to, by key or by session; a key counts where both come along.
 * @returns null for a visitor
 * @throws {DomainError} `key_invalid`, `key_revoked`, `key_expired`, `forbidden`
 */
export async function resolveCustomer({ authorization, session }: Credentials): Promise<CustomerCaller | null> {
  if (authorization !== null) return resolveBearer(authorization);
  return session === null ? null : resolveSession(session);
}
