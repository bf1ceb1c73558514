import "server-only";
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { limitsOf } from "@/lib/plans";
import { env } from "@/server/core/env";
import { readMoment } from "@/server/core/moments";
import { readSessionSecret } from "@/server/core/secrets";
import type { CustomerCaller } from "@/server/core/trpc";
import * as repository from "@/server/modules/accounts/repository";
import type { SignedIn } from "@/server/modules/accounts/sign-in";

export const SESSION_SECONDS = 30 * 24 * 60 * 60;
/** A key of its own out of the secret: what is sealed for somebody else with the same secret does not open here. */
const SALT = "vitrine customer session";

/** `iat` is in seconds. */
const claims = z.object({ sub: z.string(), sv: z.int(), sid: z.string(), typ: z.literal("customer"), iat: z.int() });

/** The session's cookie: `__Host-vitrine.session` where it travels encrypted, `vitrine.session` on plain localhost. */
export function sessionCookieName(): string {
  return `${env().auth.secureCookies ? "__Host-" : ""}vitrine.session`;
}

const loadSealing = () => import("@/server/core/sealing");

/** Seals a session of {@link SESSION_SECONDS}: a new one, or one that goes on under its id. */
export async function sealSession({ customerId, sessionVersion, sessionId = randomUUID() }: SignedIn): Promise<string> {
  const token = { sub: customerId, sv: sessionVersion, sid: sessionId, typ: "customer" };
  const { encode } = await loadSealing();
  return encode({ token, secret: await readSessionSecret(), salt: SALT, maxAge: SESSION_SECONDS });
}

/** What is sealed in a session, or null when it is broken, too old, sealed by somebody else, for another door, or before all were ended. */
export async function openSession(token: string): Promise<Required<SignedIn> | null> {
  const secret = await readSessionSecret();
  const { decode } = await loadSealing();
  const payload = await decode({ token, secret, salt: SALT }).catch(() => null);
  const parsed = claims.safeParse(payload);
  if (!parsed.success) return null;
  const { sub, sv, sid, iat } = parsed.data;
  const ended = await readMoment("customer_sessions");
  if (ended !== null && iat * 1000 < ended.getTime()) return null;
  return { customerId: sub, sessionVersion: sv, sessionId: sid };
}

/** Ends one session: a copy of its cookie opens nothing from here on. What is no session is nothing to end. */
export async function endSession(token: string): Promise<void> {
  const session = await openSession(token);
  if (session) await repository.insertEndedSession(session.sessionId, new Date(Date.now() + SESSION_SECONDS * 1000));
}

type Via = CustomerCaller["via"];

/** The customer of an account, with what the plan and the agreement allow. */
export function callerOf({ _id, plan, limits }: repository.AccountRecord, via: Via): CustomerCaller {
  return { kind: "customer", id: `customer:${_id}`, customerId: _id, plan, limits: limitsOf(plan, limits), via };
}

/** The account of a sealed session that nothing has ended; it may be suspended. */
async function findSignedIn(token: string): Promise<repository.AccountRecord | null> {
  const session = await openSession(token);
  if (!session) return null;
  const [account, isEnded] = await Promise.all([repository.findAccount(session.customerId), repository.isSessionEnded(session.sessionId)]);
  return isEnded || !account || account.deletingAt || account.sessionVersion !== session.sessionVersion ? null : account;
}

/**
 * The customer of a sealed session, or null when it is broken, too old, ended elsewhere, or the account is gone or suspended.
 * The account is read each time, so that a session ends in the moment that something ends it.
 */
export async function resolveSession(token: string): Promise<CustomerCaller | null> {
  const account = await findSignedIn(token);
  return account && !account.suspendedAt ? callerOf(account, { kind: "session" }) : null;
}

/** Whether a session opens nothing because its account is suspended, and for no other reason: whoever has it may be told. */
export async function isSuspendedSession(token: string): Promise<boolean> {
  return (await findSignedIn(token))?.suspendedAt instanceof Date;
}
