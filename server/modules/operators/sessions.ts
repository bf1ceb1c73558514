import "server-only";
import { createHash, randomBytes } from "node:crypto";
import { decode, encode } from "next-auth/jwt";
import { z } from "zod";
import { env } from "@/server/core/env";
import type { Operator } from "@/server/core/operator.admin";
import { readConsoleSecret } from "@/server/core/secrets";
import * as repository from "@/server/modules/operators/repository";

/** Counted from the last call. */
export const IDLE_MS = 30 * 60 * 1000;
/** Counted from the sign-in, however much is done. */
export const LONGEST_MS = 8 * 60 * 60 * 1000;
/** How long a password that was typed again is good for. */
export const CONFIRMED_MS = 10 * 60 * 1000;
const TOUCH_EVERY_MS = 60_000;
const PENDING_SECONDS = 5 * 60;
const SALT = "vitrine console session";
const PENDING_SALT = "vitrine console second step";

const claims = z.object({ sid: z.string(), typ: z.literal("operator") });
const pendingClaims = z.object({ sub: z.string(), typ: z.literal("second-step") });

/** A session of the console that is good at this moment. */
export interface OperatorSession {
  /** The name under which the session is stored. */
  id: string;
  operator: Operator;
  mustChangePassword: boolean;
  startedAt: Date;
  endsAt: Date;
  /** Whether the password was typed again not long ago. */
  confirmed: boolean;
}

/** Disjoint from every name that customers' sessions have; `__Secure-` where it travels encrypted. */
export function consoleCookieName(name: "session" | "pending" | "csrf" | "callback"): string {
  return `${env().auth.secureCookies ? "__Secure-" : ""}console.${name}`;
}

function nameSession(sid: string): string {
  return createHash("sha256").update(sid).digest("base64url");
}

/** Begins a session. @returns what stands in its cookie */
export async function beginSession(operatorId: string): Promise<string> {
  const sid = randomBytes(32).toString("base64url");
  const now = new Date();
  const expiresAt = new Date(now.getTime() + LONGEST_MS);
  await repository.insertSession({ _id: nameSession(sid), operatorId, createdAt: now, lastSeenAt: now, confirmedAt: null, expiresAt });
  return encode({ token: { sid, typ: "operator" }, secret: await readConsoleSecret(), salt: SALT, maxAge: LONGEST_MS / 1000 });
}

async function openToken(token: string): Promise<string | null> {
  const payload = await decode({ token, secret: await readConsoleSecret(), salt: SALT }).catch(() => null);
  const parsed = claims.safeParse(payload);
  return parsed.success ? nameSession(parsed.data.sid) : null;
}

/**
 * The session of a cookie, or null when it is broken, idle for 30 minutes, older than 8 hours, ended, or its operator is none any more.
 * Session and operator are read each time: what ends a session ends it at once, everywhere.
 * @param idle the call was made by a page on its own, without its reader: it does not keep the session from ending
 */
export async function resolveOperatorSession(token: string, idle = false): Promise<OperatorSession | null> {
  const id = await openToken(token);
  const session = id === null ? null : await repository.findSession(id);
  if (!session) return null;
  const now = Date.now();
  if (session.expiresAt.getTime() <= now || session.lastSeenAt.getTime() + IDLE_MS <= now) return null;
  const record = await repository.findOperator(session.operatorId);
  if (!record || record.disabledAt) return null;
  if (!idle && session.lastSeenAt.getTime() + TOUCH_EVERY_MS < now) await repository.touchSession(session._id, { lastSeenAt: new Date(now) });
  return {
    id: session._id,
    operator: { id: record._id, email: record.email, name: record.name, role: record.role },
    mustChangePassword: record.mustChangePassword,
    startedAt: session.createdAt,
    endsAt: session.expiresAt,
    confirmed: session.confirmedAt !== null && session.confirmedAt.getTime() + CONFIRMED_MS > now,
  };
}

/** Ends the session of a cookie; what is none is nothing to end. */
export async function endOperatorSession(token: string): Promise<void> {
  const id = await openToken(token);
  if (id !== null) await repository.removeSession(id);
}

/** Seals who typed the right password and still owes a code, for five minutes. */
export async function sealPending(operatorId: string): Promise<string> {
  const token = { sub: operatorId, typ: "second-step" };
  return encode({ token, secret: await readConsoleSecret(), salt: PENDING_SALT, maxAge: PENDING_SECONDS });
}

/** Who owes a code, or null when the first step is too old or was not made. */
export async function openPending(token: string): Promise<string | null> {
  const payload = await decode({ token, secret: await readConsoleSecret(), salt: PENDING_SALT }).catch(() => null);
  const parsed = pendingClaims.safeParse(payload);
  return parsed.success ? parsed.data.sub : null;
}
