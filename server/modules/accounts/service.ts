import "server-only";
import type { z } from "zod";
import type { Account, changePasswordInput, updateAccountInput } from "@/lib/contracts/account";
import { limitsOf } from "@/lib/plans";
import { DomainError } from "@/server/core/errors";
import { assertGoodPassword, hashPassword } from "@/server/core/passwords";
import * as repository from "@/server/modules/accounts/repository";
import { confirmPassword } from "@/server/modules/accounts/sign-in";

const gone = () => new DomainError("not_found", "There is no such account.");

/** An account as its owner sees it. */
export function toAccount(record: repository.AccountRecord): Account {
  const { rowsPerMinute, rowsPerMonth, rowsPerCall, retentionDays } = limitsOf(record.plan, record.limits);
  return {
    object: "account",
    id: record._id,
    email: record.email,
    name: record.name,
    plan: record.plan,
    limits: { rows_per_minute: rowsPerMinute, rows_per_month: rowsPerMonth, rows_per_call: rowsPerCall, retention_days: retentionDays },
    has_password: record.passwordHash !== null,
    identities: [...new Set(record.identities.map(({ provider }) => provider))],
    created_at: record.createdAt.toISOString(),
    last_sign_in_at: record.lastSignInAt?.toISOString() ?? null,
  };
}

/** @throws {DomainError} `not_found`, when it is gone since the caller was identified */
export async function getAccount(customerId: string): Promise<Account> {
  const record = await repository.findAccount(customerId);
  if (!record || record.deletingAt) throw gone();
  return toAccount(record);
}

/** @throws {DomainError} `not_found` */
export async function updateAccount(customerId: string, { name }: z.output<typeof updateAccountInput>): Promise<Account> {
  const record = await repository.updateName(customerId, name);
  if (!record) throw gone();
  return toAccount(record);
}

/**
 * Ends all sessions, also the one that asks.
 * @throws {DomainError} `invalid_input` for a wrong current password or a common new one; `sign_in_locked` after too many wrong ones
 */
export async function changePassword(customerId: string, input: z.output<typeof changePasswordInput>): Promise<{ done: true }> {
  const record = await repository.findAccount(customerId);
  if (!record || record.deletingAt) throw gone();
  const wrong = (detail: string) => new DomainError("invalid_input", "The password was not changed.", { errors: [{ pointer: "#/current", detail }] });
  if (record.passwordHash !== null && input.current === undefined) throw wrong("is missing");
  if (record.passwordHash !== null && !(await confirmPassword(record, input.current ?? ""))) throw wrong("is wrong");
  await assertGoodPassword(input.password, record);
  if (!(await repository.replacePassword(customerId, await hashPassword(input.password), record.passwordHash))) throw wrong("is wrong");
  await repository.removeLinks(record.emailKey, { purpose: "reset" });
  return { done: true };
}

/** Ends all sessions, also the one that asks. */
export async function signOutEverywhere(customerId: string): Promise<{ done: true }> {
  await repository.raiseSessionVersion(customerId);
  return { done: true };
}
