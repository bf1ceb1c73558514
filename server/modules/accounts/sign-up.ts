import "server-only";
import { createHash, randomBytes } from "node:crypto";
import type { z } from "zod";
import type { signUpInput } from "@/lib/contracts/account";
import { env } from "@/server/core/env";
import { DomainError } from "@/server/core/errors";
import { createId } from "@/server/core/ids";
import { assertLimits } from "@/server/core/limits";
import { assertMailConfigured, sendMail } from "@/server/core/mail";
import type { Context } from "@/server/core/trpc";
import { finishDeletion } from "@/server/modules/accounts/deletion";
import { keyOfEmail } from "@/server/modules/accounts/email-key";
import { confirmMail, existsMail, resetMail, unknownMail } from "@/server/modules/accounts/mails";
import { assertGoodPassword, checkPassword, hashPassword } from "@/server/core/passwords";
import * as repository from "@/server/modules/accounts/repository";
import { clearAttempts } from "@/server/modules/accounts/sign-in";

const HOUR_MS = 60 * 60 * 1000;
const LIFETIME_MS = { sign_up: 24 * HOUR_MS, reset: HOUR_MS, told: HOUR_MS };
/**
 * More mails of one purpose to one address in an hour would be a way to bother somebody; each asker has a part of them, so that one
 * cannot use up what its owner needs.
 */
export const MAILS_PER_HOUR = 20;
export const MAILS_PER_ASKER = 5;
/** Wrong passwords that a link of a sign-up takes. */
export const MOST_TRIES = 5;

const linkInvalid = () => new DomainError("link_invalid", "This link was used already or is too old.");

/** What is stored of a link: the database alone opens nobody's account. */
function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}

/** Where links in mails begin: never what a `Host` header says where mail really leaves, see env.ts. */
function originOfLinks(ctx: Pick<Context, "origin">): string {
  return env().publicUrl ?? ctx.origin;
}

/** The account of an address. One whose deletion has begun is none any more, and what is left of it must not meet what comes now. */
async function findKnown(email: string): Promise<repository.AccountRecord | null> {
  const found = await repository.findAccountByEmail(keyOfEmail(email));
  if (!found?.deletingAt) return found;
  await finishDeletion(found);
  return null;
}

type LinkContent = Pick<repository.LinkRecord, "purpose" | "customerId" | "signUp">;

/** Stores a link to be mailed, one write whatever it is for. @returns its token, or null when the address got enough mail for now */
async function makeLink(ctx: Context, email: string, content: LinkContent): Promise<string | null> {
  const emailKey = keyOfEmail(email);
  const now = Date.now();
  const askedBy = hashToken(ctx.caller.id);
  const askers = await repository.findAskers(emailKey, content.purpose, new Date(now - HOUR_MS));
  if (askers.length >= MAILS_PER_HOUR || askers.filter((asker) => asker === askedBy).length >= MAILS_PER_ASKER) return null;
  const token = randomBytes(32).toString("base64url");
  const expiresAt = new Date(now + LIFETIME_MS[content.purpose]);
  await repository.insertLink({ _id: hashToken(token), email, emailKey, tries: 0, askedBy, createdAt: new Date(now), expiresAt, ...content });
  return token;
}

/**
 * Mails a link that makes the account. Says and takes the same for an address that has one (its owner is told by mail).
 * @throws {DomainError} `invalid_input` for a common password; `rate_limited`; `mail_unavailable`; `database_unavailable`
 */
export async function requestSignUp(ctx: Context, { email, name, password }: z.output<typeof signUpInput>): Promise<{ sent: true }> {
  assertMailConfigured();
  await assertGoodPassword(password, { email, name });
  await assertLimits(ctx.caller.id, [{ policy: "mail", cost: 1 }]);
  const passwordHash = await hashPassword(password);
  const known = await findKnown(email);
  const token = await makeLink(ctx, email, known ? { purpose: "told" } : { purpose: "sign_up", signUp: { name, passwordHash } });
  const origin = originOfLinks(ctx);
  if (token !== null) await sendMail(known ? existsMail(origin, known.email) : confirmMail(origin, email, token));
  return { sent: true };
}

/**
 * Makes the account of a mailed link, once; it does not sign in. The password of that sign-up is asked for: whoever opens the mailbox
 * must also be who signed up, or a stranger's password would open the owner's account.
 * @throws {DomainError} `link_invalid`; `invalid_input` for another password, of which the link takes a few
 */
export async function confirmSignUp(token: string, password: string): Promise<{ email: string }> {
  const id = hashToken(token);
  const tried = await repository.tryLink(id, "sign_up", MOST_TRIES, new Date());
  if (!tried?.signUp) throw linkInvalid();
  if (!(await checkPassword(tried.signUp.passwordHash, password))) {
    const errors = [{ pointer: "#/password", detail: "is not the one you signed up with" }];
    throw new DomainError("invalid_input", "That is not the password this link was mailed for.", { errors });
  }
  const link = await repository.takeLink(id, "sign_up", new Date());
  if (!link?.signUp) throw linkInvalid();
  const { email, emailKey, signUp } = link;
  const rest = { identities: [], plan: "free", sessionVersion: 1, suspendedAt: null, deletingAt: null, lastSignInAt: null } as const;
  const record = { ...rest, identities: [], _id: createId("customer"), email, emailKey, ...signUp, createdAt: new Date() };
  if (!(await repository.insertAccount(record))) throw linkInvalid();
  await repository.removeLinks(emailKey, { purpose: "sign_up" });
  return { email };
}

/**
 * Mails a link to set a new password. Says and takes the same for an address without an account.
 * @throws {DomainError} `rate_limited`; `mail_unavailable`; `database_unavailable`
 */
export async function requestReset(ctx: Context, email: string): Promise<{ sent: true }> {
  assertMailConfigured();
  await assertLimits(ctx.caller.id, [{ policy: "mail", cost: 1 }]);
  const known = await findKnown(email);
  const token = await makeLink(ctx, email, known ? { purpose: "reset", customerId: known._id } : { purpose: "told" });
  const origin = originOfLinks(ctx);
  if (token !== null) await sendMail(known ? resetMail(origin, known.email, token) : unknownMail(origin, email));
  return { sent: true };
}

/** Sets a new password and ends all sessions. @throws {DomainError} `link_invalid`; `invalid_input` for a common password */
export async function resetPassword(token: string, password: string): Promise<{ done: true }> {
  const id = hashToken(token);
  const link = await repository.findLink(id, "reset", new Date());
  const account = link?.customerId === undefined ? null : await repository.findAccount(link.customerId);
  if (!account || account.deletingAt) throw linkInvalid();
  await assertGoodPassword(password, account);
  const passwordHash = await hashPassword(password);
  if (!(await repository.takeLink(id, "reset", new Date()))) throw linkInvalid();
  if (!(await repository.replacePassword(account._id, passwordHash))) throw linkInvalid();
  await repository.removeLinks(account.emailKey, { purpose: "reset" });
  await clearAttempts(account.emailKey);
  return { done: true };
}
