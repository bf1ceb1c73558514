import "server-only";
import { setTimeout as sleep } from "node:timers/promises";
import type { z } from "zod";
import type { deleteAccountInput } from "@/lib/contracts/account";
import { DomainError } from "@/server/core/errors";
import { forgetCaller } from "@/server/core/idempotency";
import { forgetSubject } from "@/server/core/limits";
import { log } from "@/server/core/log";
import { forgetMails } from "@/server/core/mail";
import { ACCOUNT_TTL_MS, forgetKnownAccount } from "@/server/modules/accounts/caller";
import { keyOfEmail } from "@/server/modules/accounts/email-key";
import * as repository from "@/server/modules/accounts/repository";
import { clearAttempts, confirmPassword } from "@/server/modules/accounts/sign-in";
import * as history from "@/server/modules/history/service";
import * as keys from "@/server/modules/keys/service";
import * as traffic from "@/server/modules/traffic/service";
import * as usage from "@/server/modules/usage/service";

/** So many deletions that were broken off are finished at once. */
const AT_ONCE = 20;
/** Another process takes keys for {@link ACCOUNT_TTL_MS} more, and what it then runs is still written down. */
const LAST_CALLS_MS = ACCOUNT_TTL_MS + 1_000;
/** A deletion that did not come to its end in this time was broken off. */
const BROKEN_OFF_MS = 5 * LAST_CALLS_MS;

/** Removes all there is, the account last, so that what was broken off is found and done again. */
export async function finishDeletion({ _id: customerId, emailKey, deletingAt }: repository.AccountRecord): Promise<void> {
  // What came later belongs to whoever signs up with that address again.
  const before = deletingAt ?? new Date();
  await keys.forgetCustomer(customerId);
  await history.forgetCustomer(customerId);
  await usage.forgetCustomer(customerId);
  await traffic.forgetCustomer(customerId);
  await forgetCaller(`customer:${customerId}`);
  await forgetSubject(`customer:${customerId}`);
  await forgetMails(emailKey, before);
  await repository.removeLinks(emailKey, { before });
  await clearAttempts(emailKey);
  await repository.removeRecords(customerId);
  await repository.removeAccount(customerId);
}

/** Finishes the deletions that a process did not live to finish. @param now milliseconds since 1970 */
export async function finishDeletions(now = Date.now()): Promise<void> {
  const before = new Date(now - BROKEN_OFF_MS);
  for (const account of await repository.findDeletingAcrossCustomers(before, AT_ONCE)) await finishDeletion(account);
}

/** As {@link finishDeletions}, while something else goes on: its failure is nobody's but the log's, and the next one tries again. */
export function finishDeletionsBeside(): void {
  finishDeletions().catch((error: unknown) => log("error", "deletions_not_finished", { cause: error instanceof Error ? error.name : "unknown" }));
}

function wrong(pointer: string, detail: string): DomainError {
  return new DomainError("invalid_input", "The account was not deleted.", { errors: [{ pointer, detail }] });
}

/**
 * Removes the account with all that is the customer's: sessions and keys die at once, and when calls that were on their way have
 * come to their end, nothing is left.
 * @param wait for those calls
 * @throws {DomainError} `invalid_input` for another address or password; `sign_in_locked` after too many of them
 */
export async function deleteAccount(
  customerId: string,
  { email, password }: z.output<typeof deleteAccountInput>,
  wait: (ms: number) => Promise<unknown> = sleep,
): Promise<{ done: true }> {
  const account = await repository.findAccount(customerId);
  if (!account) throw new DomainError("not_found", "There is no such account.");
  if (keyOfEmail(email) !== account.emailKey) throw wrong("#/email", "is not the address of this account");
  if (account.passwordHash !== null && password === undefined) throw wrong("#/password", "is missing");
  if (account.passwordHash !== null && !(await confirmPassword(account, password ?? ""))) {
    throw wrong("#/password", "is wrong");
  }
  const deletingAt = new Date();
  await repository.markDeleting(customerId, deletingAt);
  forgetKnownAccount(customerId);
  await wait(LAST_CALLS_MS);
  await finishDeletion({ ...account, deletingAt });
  finishDeletionsBeside();
  return { done: true };
}
