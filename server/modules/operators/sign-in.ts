import "server-only";
import { createHash } from "node:crypto";
import { DomainError } from "@/server/core/errors";
import { assertLimits } from "@/server/core/limits";
import { checkPassword } from "@/server/core/passwords";
import { isPasswordOver } from "@/server/modules/operators/handed-password";
import * as repository from "@/server/modules/operators/repository";
import { findStep, hashRecoveryCode, openSecret } from "@/server/modules/operators/two-factor";

const WINDOW_MS = 15 * 60 * 1000;
/** Wrong tries an operator has from one network address in a window. */
export const MOST_TRIES = 5;
/** Wrong tries an operator has from everywhere together in a window, which is what a botnet runs into. */
export const MOST_TRIES_EVERYWHERE = 50;

/** What two operators cannot share: mail servers of any weight take an address in whatever case. */
export function keyOfEmail(email: string): string {
  return email.trim().toLowerCase();
}

function hash(...parts: string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64url");
}

function locked(until: Date): DomainError {
  const retryAfterSeconds = Math.max(1, Math.ceil((until.getTime() - Date.now()) / 1000));
  const minutes = Math.ceil(retryAfterSeconds / 60);
  const message = `Too many wrong tries: wait ${minutes === 1 ? "a minute" : `${minutes} minutes`}.`;
  return new DomainError("sign_in_locked", message, { retryAfterSeconds });
}

/** How long a network that an operator signed in from is let past the count of tries from everywhere. */
const KNOWN_MS = 30 * 24 * 60 * 60 * 1000;

/** The counters of one operator's tries, from this address and from everywhere, and the mark of a network that is known. Unknown addresses have them too. */
function namesOf(emailKey: string, address: string): { here: string; everywhere: string; known: string } {
  return { here: hash("here", emailKey, address), everywhere: hash("everywhere", emailKey), known: hash("known", emailKey, address) };
}

/** A password or a code that was wrong, and how many more tries there are. */
export class WrongTry extends DomainError {
  readonly left: number;

  constructor(code: "sign_in_refused" | "code_refused", message: string, left: number) {
    super(code, message);
    this.left = left;
  }
}

interface Try {
  /** How many more there are from this network address. */
  left: number;
  /** Forgets all tries, because one was right. */
  clear: () => Promise<void>;
}

/** Takes one of the tries there are before anything is checked, so that guesses at the same time do not slip through. */
async function takeTry(emailKey: string, address: string): Promise<Try> {
  await assertLimits(`address:${address}`, [{ policy: "sign_in", cost: 1 }]);
  const { here, everywhere, known } = namesOf(emailKey, address);
  const now = new Date();
  const mine = await repository.takeAttempt(here, MOST_TRIES, now, WINDOW_MS);
  if ("until" in mine) throw locked(mine.until);
  const clear = async () => {
    await repository.removeAttempts([here, everywhere]);
    await repository.markKnown(known, new Date(Date.now() + KNOWN_MS));
  };
  // Whoever guesses from many networks must not be able to lock an operator out of the own one.
  if (await repository.isKnown(known, now)) return { left: mine.left, clear };
  const all = await repository.takeAttempt(everywhere, MOST_TRIES_EVERYWHERE, now, WINDOW_MS);
  if ("until" in all) throw locked(all.until);
  return { left: Math.min(mine.left, all.left), clear };
}

/** As {@link takeTry}, of somebody who is signed in: counted by session, so that nobody outside can use the tries up. */
async function takeSessionTry(sessionId: string): Promise<Try> {
  const name = hash("session", sessionId);
  const taken = await repository.takeAttempt(name, MOST_TRIES, new Date(), WINDOW_MS);
  if ("until" in taken) throw locked(taken.until);
  return { left: taken.left, clear: () => repository.removeAttempts([name]) };
}

/** Whose password it was, and whether a code is still owed. */
export interface FirstStep {
  operatorId: string;
  owesCode: boolean;
}

/**
 * Whom an address and a password belong to. Known and unknown addresses are treated alike, also in time and in being locked.
 * @param address a name for the network address, the same in every process
 * @throws {WrongTry} `sign_in_refused`
 * @throws {DomainError} `password_expired`, of one that was handed over; `sign_in_locked`; `rate_limited`; `database_unavailable`
 */
export async function checkFirstStep(email: string, password: string, address: string): Promise<FirstStep> {
  const emailKey = keyOfEmail(email);
  const { left, clear } = await takeTry(emailKey, address);
  const found = await repository.findOperatorByEmail(emailKey);
  const fits = await checkPassword(found?.passwordHash ?? null, password);
  if (!found || !fits || found.disabledAt) throw new WrongTry("sign_in_refused", "The email address or the password is wrong.", left);
  // Told to who has the password alone, and not as a right one: the try is not given back.
  if (isPasswordOver(found)) throw new DomainError("password_expired", "This password has expired: ask an owner of the team for a new one.");
  // With a second step the tries are cleared by the code: a known password alone must not buy guesses at it.
  if (!found.twoFactor) await clear();
  return { operatorId: found._id, owesCode: found.twoFactor !== null };
}

/** Whether a code is the authenticator's newest or one of the recovery codes; either works once. */
async function acceptsCode({ _id, twoFactor }: repository.OperatorRecord, code: string): Promise<boolean> {
  if (!twoFactor) return false;
  const digits = code.replaceAll(" ", "");
  if (!/^\d{6}$/.test(digits)) return repository.takeRecoveryCode(_id, hashRecoveryCode(code));
  const step = findStep(await openSecret(twoFactor.sealed), digits, Date.now());
  return step !== null && repository.takeStep(_id, step);
}

async function takeCode(record: repository.OperatorRecord, code: string, { left, clear }: Try): Promise<void> {
  if (!(await acceptsCode(record, code))) throw new WrongTry("code_refused", "That code is wrong, or was used already.", left);
  await clear();
}

/**
 * Takes the code of an operator who is signed in.
 * @throws {WrongTry} `code_refused`
 * @throws {DomainError} `sign_in_locked`
 */
export async function takeOwnCode(record: repository.OperatorRecord, code: string, sessionId: string): Promise<void> {
  await takeCode(record, code, await takeSessionTry(sessionId));
}

/**
 * The second step of a sign-in.
 * @throws {WrongTry} `code_refused`
 * @throws {DomainError} `code_refused` of somebody who is no operator any more; `sign_in_locked`; `rate_limited`
 */
export async function checkSecondStep(operatorId: string, code: string, address: string): Promise<void> {
  const record = await repository.findOperator(operatorId);
  if (!record || record.disabledAt) throw new DomainError("code_refused", "Sign in again.");
  await takeCode(record, code, await takeTry(record.emailKey, address));
}

/**
 * Whether this is the own password of an operator who is signed in.
 * @throws {DomainError} `sign_in_locked`
 */
export async function isOwnPassword(record: repository.OperatorRecord, password: string, sessionId: string): Promise<boolean> {
  const { clear } = await takeSessionTry(sessionId);
  const fits = await checkPassword(record.passwordHash, password);
  if (fits) await clear();
  return fits;
}
