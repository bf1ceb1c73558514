import "server-only";
import type { z } from "zod";
import type { addOperatorInput, changeOperatorInput, Me, OneTimePassword, OperatorRow, TwoFactorSetup } from "@/lib/contracts/operators.admin";
import { env } from "@/server/core/env";
import { DomainError } from "@/server/core/errors";
import { createId } from "@/server/core/ids";
import type { Changed, Facts } from "@/server/core/operator.admin";
import { assertGoodPassword } from "@/server/core/passwords";
import { createHandedPassword, endOfPassword, isPasswordOver, keepOwnPassword } from "@/server/modules/operators/handed-password";
import * as repository from "@/server/modules/operators/repository";
import { IDLE_MS, type OperatorSession } from "@/server/modules/operators/sessions";
import { isOwnPassword, keyOfEmail, takeOwnCode } from "@/server/modules/operators/sign-in";
import {
  createRecoveryCodes,
  createTwoFactorSecret,
  describeTwoFactor,
  findStep,
  hashRecoveryCode,
  openSecret,
  sealSecret,
} from "@/server/modules/operators/two-factor";

/** Whom a fresh installation belongs to until somebody takes it over. */
const FIRST_EMAIL = "owner@vitrine.local";

const gone = () => new DomainError("not_found", "There is no such operator.");
const occupied = () => new DomainError("conflict", "There is an authenticator already: remove it first.");
const fault = (sentence: string, pointer: string, detail: string) => new DomainError("invalid_input", sentence, { errors: [{ pointer, detail }] });

type FirstFacts = "email" | "name" | "role" | "passwordHash" | "mustChangePassword" | "passwordExpiresAt";

function draftOperator(facts: Pick<repository.OperatorRecord, FirstFacts>): repository.OperatorRecord {
  const none = { twoFactor: null, pendingSecret: null, disabledAt: null, lastSignInAt: null };
  return { _id: createId("operator"), emailKey: keyOfEmail(facts.email), ...facts, ...none, createdAt: new Date(), revision: 0 };
}

function statusOf(record: repository.OperatorRecord): OperatorRow["status"] {
  if (record.disabledAt) return "disabled";
  if (isPasswordOver(record)) return "expired";
  return record.mustChangePassword ? "invited" : "active";
}

function toRow(record: repository.OperatorRecord, sessions = 0): OperatorRow {
  return {
    id: record._id,
    email: record.email,
    name: record.name,
    role: record.role,
    status: statusOf(record),
    password_expires_at: endOfPassword(record)?.toISOString() ?? null,
    two_factor: record.twoFactor !== null,
    created_at: record.createdAt.toISOString(),
    last_sign_in_at: record.lastSignInAt?.toISOString() ?? null,
    sessions,
  };
}

/** What the audit keeps of an operator. */
function factsOf(record: repository.OperatorRecord): Facts {
  const { email, name, role } = record;
  return { email, name, role, status: statusOf(record), two_factor: record.twoFactor !== null };
}

async function readOperator(id: string): Promise<repository.OperatorRecord> {
  const record = await repository.findOperator(id);
  if (!record) throw gone();
  return record;
}

/** Makes the configured first operator where nobody is one yet; a function on Vercel has no start of its own, so the sign-in asks too. */
export async function ensureConfiguredOperator(): Promise<void> {
  const { first } = env().console;
  if (!first || (await repository.hasOperators())) return;
  const kept = await keepOwnPassword(first.password);
  await repository.insertOperator(draftOperator({ email: first.email, name: "Owner", role: "owner", ...kept }));
}

/** The way in that a start tells. */
interface FirstWayIn {
  email: string;
  password: string;
  /** ISO 8601. */
  expires_at: string | null;
}

const tell = (record: repository.OperatorRecord, password: string): FirstWayIn => {
  return { email: record.email, password, expires_at: endOfPassword(record)?.toISOString() ?? null };
};

/**
 * Makes the first operator where there is none: the configured one, else one with a password that has to be changed first and is told to whoever
 * starts the service. Until somebody has changed that password, every start tells a new one, also when the last one is over.
 * @returns what to tell, or null when nothing has to be told
 */
export async function ensureFirstOperator(): Promise<FirstWayIn | null> {
  await ensureConfiguredOperator();
  if (await repository.hasOperators()) return renewFirstPassword();
  const { password, kept } = await createHandedPassword();
  const record = draftOperator({ email: FIRST_EMAIL, name: "Owner", role: "owner", ...kept });
  return (await repository.insertOperator(record)) ? tell(record, password) : null;
}

async function renewFirstPassword(): Promise<FirstWayIn | null> {
  const [only, ...others] = await repository.findOperators();
  if (!only || others.length > 0 || only.emailKey !== FIRST_EMAIL || !only.mustChangePassword) return null;
  const { password, kept } = await createHandedPassword();
  await repository.changeOperator(only._id, kept);
  return tell({ ...only, ...kept }, password);
}

/** Whose address this is, or null. */
export async function findOperatorId(email: string): Promise<string | null> {
  return (await repository.findOperatorByEmail(keyOfEmail(email)))?._id ?? null;
}

/** Notes a finished sign-in. */
export async function noteSignIn(operatorId: string): Promise<repository.OperatorRecord> {
  return (await repository.changeOperator(operatorId, { lastSignInAt: new Date() })) ?? (await readOperator(operatorId));
}

/** Whoever is signed in. */
export async function readMe(session: OperatorSession): Promise<Me> {
  const record = await readOperator(session.operator.id);
  return {
    id: record._id,
    email: record.email,
    name: record.name,
    role: record.role,
    two_factor: record.twoFactor !== null,
    recovery_codes_left: record.twoFactor?.recovery.length ?? 0,
    must_change_password: record.mustChangePassword,
    session: { started_at: session.startedAt.toISOString(), ends_at: session.endsAt.toISOString(), idle_minutes: IDLE_MS / 60_000 },
  };
}

/** Changes the name that the audit and the others know somebody by. */
export async function renameSelf(session: OperatorSession, name: string): Promise<Changed<{ done: true }>> {
  const before = await repository.changeOperator(session.operator.id, { name });
  if (!before) throw gone();
  return { before: { name: before.name }, after: { name }, result: { done: true } };
}

/**
 * Notes that the password was typed again in this session.
 * @throws {DomainError} `invalid_input` with the pointer `#/password`; `sign_in_locked`
 */
export async function confirmPassword(session: OperatorSession, password: string): Promise<Changed<{ done: true }>> {
  const record = await readOperator(session.operator.id);
  if (!(await isOwnPassword(record, password, session.id))) throw fault("The password is wrong.", "#/password", "is wrong");
  await repository.touchSession(session.id, { confirmedAt: new Date() });
  return { before: null, after: null, result: { done: true } };
}

/**
 * Ends every other session of the operator.
 * @throws {DomainError} `invalid_input` for a wrong current password or a bad new one; `sign_in_locked`
 */
export async function changeOwnPassword(session: OperatorSession, input: { current: string; password: string }): Promise<Changed<{ done: true }>> {
  const record = await readOperator(session.operator.id);
  if (!(await isOwnPassword(record, input.current, session.id))) throw fault("The password was not changed.", "#/current", "is wrong");
  if (input.current === input.password) throw fault("The password was not changed.", "#/password", "is the one you have");
  await assertGoodPassword(input.password, record);
  await repository.changeOperator(record._id, await keepOwnPassword(input.password));
  await repository.removeSessionsOf(record._id, session.id);
  return { before: { status: statusOf(record) }, after: { status: "active" }, result: { done: true } };
}

/**
 * Begins to set an authenticator up; sign-in does not ask for it before a first code came back.
 * @throws {DomainError} `conflict` while there is one: it ends with a code of its own, so that nobody puts another one in its place
 */
export async function beginTwoFactor(session: OperatorSession): Promise<TwoFactorSetup> {
  const secret = createTwoFactorSecret();
  const { email, twoFactor } = await readOperator(session.operator.id);
  if (twoFactor) throw occupied();
  await repository.changeOperator(session.operator.id, { pendingSecret: await sealSecret(secret) });
  return describeTwoFactor(secret, email);
}

/**
 * From now on sign-in asks for a code.
 * @returns the recovery codes, which are told once
 * @throws {DomainError} `code_refused`; `conflict` while there is an authenticator
 */
export async function finishTwoFactor(session: OperatorSession, code: string): Promise<Changed<{ codes: string[] }>> {
  const record = await readOperator(session.operator.id);
  if (record.twoFactor) throw occupied();
  const secret = record.pendingSecret === null ? null : await openSecret(record.pendingSecret);
  const step = secret === null ? null : findStep(secret, code, Date.now());
  if (secret === null || step === null) throw new DomainError("code_refused", "That code does not belong to the secret above.");
  const codes = createRecoveryCodes();
  const twoFactor = { sealed: await sealSecret(secret), lastStep: step, recovery: codes.map(hashRecoveryCode) };
  await repository.changeOperator(record._id, { twoFactor, pendingSecret: null });
  return { before: { two_factor: false }, after: { two_factor: true }, result: { codes } };
}

/** @throws {DomainError} `code_refused`; `sign_in_locked`: codes are counted here too, or a session could guess them */
export async function endTwoFactor(session: OperatorSession, code: string): Promise<Changed<{ done: true }>> {
  const record = await readOperator(session.operator.id);
  await takeOwnCode(record, code, session.id);
  await repository.changeOperator(record._id, { twoFactor: null, pendingSecret: null });
  return { before: { two_factor: true }, after: { two_factor: false }, result: { done: true } };
}

/** Everybody of the team, in the order in which they came. */
export async function listOperators(): Promise<OperatorRow[]> {
  const [records, sessions] = await Promise.all([repository.findOperators(), repository.countSessions(new Date(Date.now() - IDLE_MS))]);
  return records.map((record) => toRow(record, sessions.get(record._id) ?? 0));
}

/** @throws {DomainError} `invalid_input`, for an address that is an operator's already */
export async function addOperator(input: z.output<typeof addOperatorInput>): Promise<Changed<OneTimePassword>> {
  const { password, kept } = await createHandedPassword();
  const record = draftOperator({ ...input, ...kept });
  if (!(await repository.insertOperator(record))) throw fault("Nobody was added.", "#/email", "belongs to an operator already");
  return { before: null, after: factsOf(record), result: { operator: toRow(record), password } };
}

async function tellOtherRole(id: string, seen: repository.OperatorRecord["role"] | undefined): Promise<DomainError> {
  const now = await repository.findOperator(id);
  if (!now || seen === undefined) return gone();
  return new DomainError("conflict", `Somebody else has made ${now.name} ${now.role} meanwhile. Nothing was changed.`);
}

/**
 * Changes a name, a role, or whether somebody is an operator; a change of standing ends their sessions.
 * @param input `seen_role` is the role that the change was begun from, where that matters
 * @throws {DomainError} `not_found`; `invalid_input`, for the last owner; `conflict`, when somebody else has changed the role since
 */
export async function changeOperator(input: z.output<typeof changeOperatorInput>): Promise<Changed<OperatorRow>> {
  const { id, name, role, enabled, seen_role } = input;
  const disabledAt = enabled ? null : new Date();
  const change = { ...(name !== undefined && { name }), ...(role !== undefined && { role }), ...(enabled !== undefined && { disabledAt }) };
  const before = await repository.changeStanding(id, change, seen_role);
  if (!before) throw await tellOtherRole(id, seen_role);
  if (before === "last") throw fault("Nothing was changed.", role === undefined ? "#/enabled" : "#/role", "would leave the console without an owner who has chosen a password");
  if (role !== undefined || enabled === false) await repository.removeSessionsOf(id);
  const after = await readOperator(id);
  return { before: factsOf(before), after: factsOf(after), result: toRow(after) };
}

/**
 * A new way in for somebody who lost theirs: a password that has to be changed first, no authenticator, no session.
 * @param by whoever does it: nobody resets themselves, which would take their authenticator away without a code
 * @throws {DomainError} `not_found`; `forbidden`
 */
export async function resetOperator(id: string, by: string): Promise<Changed<OneTimePassword>> {
  if (id === by) throw new DomainError("forbidden", "Somebody else of the team must do this: change your own password under “Your sign-in”.");
  const { password, kept } = await createHandedPassword();
  const before = await repository.changeOperator(id, { ...kept, twoFactor: null, pendingSecret: null });
  if (!before) throw gone();
  await repository.removeSessionsOf(id);
  const after = await readOperator(id);
  return { before: factsOf(before), after: factsOf(after), result: { operator: toRow(after), password } };
}

/** Ends all sessions of an operator. @throws {DomainError} `not_found` */
export async function endSessionsOf(id: string): Promise<Changed<{ done: true }>> {
  await readOperator(id);
  const sessions = (await repository.countSessions(new Date(Date.now() - IDLE_MS))).get(id) ?? 0;
  await repository.removeSessionsOf(id);
  return { before: { sessions }, after: { sessions: 0 }, result: { done: true } };
}

/** How many sessions of the console there are beside one's own. */
export async function countOtherSessions(): Promise<number> {
  const counts = await repository.countSessions(new Date(Date.now() - IDLE_MS));
  return Math.max(0, [...counts.values()].reduce((sum, count) => sum + count, 0) - 1);
}

/** Everybody but the one who does it has to sign in to the console anew. */
export async function endOtherSessions({ id }: OperatorSession): Promise<Changed<{ done: true }>> {
  const sessions = await countOtherSessions();
  await repository.removeAllSessions(id);
  return { before: { other_sessions: sessions }, after: { other_sessions: 0 }, result: { done: true } };
}
