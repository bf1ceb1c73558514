import "server-only";
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { DomainError, toDomainError } from "@/server/core/errors";
import { assertLimits } from "@/server/core/limits";
import { keyOfEmail } from "@/server/modules/accounts/email-key";
import { checkPassword } from "@/server/core/passwords";
import * as repository from "@/server/modules/accounts/repository";
import { noteRefusedSignIn, noteSignIn } from "@/server/modules/accounts/sign-in-history";
import { assertNotSuspended } from "@/server/modules/accounts/suspension";

const WINDOW_MS = 15 * 60 * 1000;
/** So many attempts an account and address have in a window. */
export const MOST_ATTEMPTS = 10;
const FREE_ATTEMPTS = 3;
const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 2_000;

/** What a session is made of. */
export interface SignedIn {
  customerId: string;
  sessionVersion: number;
  /** Which session this is, where it goes on. */
  sessionId?: string;
}

export interface SignInAttempt {
  email: string;
  password: string;
  /** A name for the network address, the same in every process. */
  address: string;
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}

/** How long the answer to the n-th attempt waits: a slip costs nothing, guessing does. */
export function delayOf(attempt: number): number {
  return attempt <= FREE_ATTEMPTS ? 0 : Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (attempt - FREE_ATTEMPTS - 1));
}

function locked(until: Date | null, now: number): DomainError {
  const retryAfterSeconds = Math.max(1, Math.ceil(((until?.getTime() ?? now) - now) / 1000));
  const minutes = Math.ceil(retryAfterSeconds / 60);
  const wait = minutes === 1 ? "a minute" : `${minutes} minutes`;
  return new DomainError("sign_in_locked", `Too many wrong passwords from here: wait ${wait}, or ask for a new password.`, { retryAfterSeconds });
}

/** Takes one of the attempts there are before anything is checked, so that guesses at the same time do not slip through. */
async function reserveAttempt(id: string, account: string): Promise<number> {
  const now = Date.now();
  const number = await repository.countAttempt(id, account, MOST_ATTEMPTS, new Date(now), new Date(now + WINDOW_MS));
  if (number === null) throw locked(await repository.findAttemptsEnd(id), now);
  // The last one locks for a whole window from now on; the right password lifts that again.
  if (number === MOST_ATTEMPTS) await repository.lockAttempts(id, new Date(now + WINDOW_MS));
  return number;
}

async function attemptSignIn({ email, password, address }: SignInAttempt, wait: (ms: number) => Promise<unknown>): Promise<SignedIn> {
  const emailKey = keyOfEmail(email);
  const account = hash(emailKey);
  const id = hash(JSON.stringify([emailKey, address]));
  await assertLimits(`address:${address}`, [{ policy: "sign_in", cost: 1 }]);
  const number = await reserveAttempt(id, account);
  if (delayOf(number) > 0) await wait(delayOf(number));
  const found = await repository.findAccountByEmail(emailKey);
  const fits = await checkPassword(found?.passwordHash ?? null, password);
  if (found && !fits) noteRefusedSignIn(found, { how: "password", outcome: "wrong_password", network: address });
  if (!found || !fits || found.deletingAt) throw new DomainError("sign_in_refused", "The email address or the password is wrong.");
  await repository.removeAttempts({ _id: id });
  if (found.suspendedAt) noteRefusedSignIn(found, { how: "password", outcome: "suspended", network: address });
  assertNotSuspended(found);
  return noteSignIn(found, { how: "password", network: address });
}

/**
 * Whom an email address and a password belong to. Known and unknown addresses are treated alike, also in time and in being locked.
 * @param wait how an answer is delayed
 * @throws {DomainError} `sign_in_refused`; `sign_in_locked`, also for the right password; `rate_limited`, whatever the account;
 * `forbidden` for a suspended account; `database_unavailable`: without the counters nobody may guess
 */
export async function signIn(attempt: SignInAttempt, wait: (ms: number) => Promise<unknown> = sleep): Promise<SignedIn> {
  try {
    return await attemptSignIn(attempt, wait);
  } catch (error) {
    throw toDomainError(error);
  }
}

/**
 * Whether a signed-in customer gave the account's password again. Whoever sits down at somebody's open page may not guess without
 * end either.
 * @throws {DomainError} `sign_in_locked`
 */
export async function confirmPassword(account: repository.AccountRecord, password: string): Promise<boolean> {
  const id = hash(JSON.stringify([account.emailKey, "signed in"]));
  await reserveAttempt(id, hash(account.emailKey));
  const fits = await checkPassword(account.passwordHash, password);
  if (fits) await repository.removeAttempts({ _id: id });
  return fits;
}

/** A new password lifts every lock of the account. */
export async function clearAttempts(emailKey: string): Promise<void> {
  await repository.removeAttempts({ account: hash(emailKey) });
}
