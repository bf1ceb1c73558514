import "server-only";
import { vi } from "vitest";
import { useOwnDatabase } from "@/server/api/test-support";
import { database } from "@/server/core/db";
import { HeaderFields } from "@/server/core/exchange";
import { listOutbox } from "@/server/core/mail";
import { createId } from "@/server/core/ids";
import { DomainError } from "@/server/core/errors";
import type { Context } from "@/server/core/trpc";
import { confirmSignUp, requestSignUp } from "@/server/modules/accounts/sign-up";
import { signIn } from "@/server/modules/accounts/sign-in";

export const ORIGIN = "http://vitrine.test";
export const PASSWORD = "correct horse battery";

let made = 0;

/**
 * As `useOwnDatabase`, with an outbox in it, and up and running: what fails closed must not find it starting.
 * @param serverUri as there
 */
export async function useAccounts(name: string, serverUri: string | undefined): Promise<void> {
  vi.stubEnv("VITRINE_OUTBOX", "1");
  await useOwnDatabase(name, serverUri);
  await database();
}

/** A text nobody else in this process has. */
export function newName(kind: string): string {
  made += 1;
  return `${kind}-${made}`;
}

export function newEmail(): string {
  return `${newName("person")}@example.com`;
}

/** A visitor from an address of their own. */
export function newContext(): Context {
  return { caller: { kind: "visitor", id: newName("visitor") }, requestId: createId("request"), origin: ORIGIN, headers: new HeaderFields() };
}

/** The mails to an address, newest first. */
export async function mailsTo(email: string) {
  return (await listOutbox(1_000)).filter(({ to }) => to === email);
}

/** The token of the newest mail to an address. */
export async function newestToken(email: string): Promise<string> {
  const [mail] = await mailsTo(email);
  const token = /token=([A-Za-z0-9_-]{43})\b/.exec(mail?.text ?? "")?.[1];
  if (token === undefined) throw new Error("That mail has no link.");
  return token;
}

/** A new customer, by the way all of them come. */
export async function newCustomer({ email = newEmail(), name = "Ada", password = PASSWORD } = {}) {
  await requestSignUp(newContext(), { email, name, password });
  await confirmSignUp(await newestToken(email), password);
  const { customerId, sessionVersion } = await signIn({ email, password, address: newName("address") });
  return { email, name, password, customerId, sessionVersion };
}

/** The code of a refusal; "none" for what was not refused by a rule. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  const refusal = await refusalOf(work);
  return refusal?.code ?? "none";
}

/** The refusal itself; null for what was not refused by a rule. */
export async function refusalOf(work: Promise<unknown>): Promise<DomainError | null> {
  const thrown = await work.then(
    () => null,
    (error: unknown) => error,
  );
  return thrown instanceof DomainError ? thrown : null;
}
