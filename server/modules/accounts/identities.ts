import "server-only";
import { emailAddress, personName } from "@/lib/contracts/account";
import { DomainError, toDomainError } from "@/server/core/errors";
import { createId } from "@/server/core/ids";
import { keyOfEmail } from "@/server/modules/accounts/email-key";
import * as repository from "@/server/modules/accounts/repository";
import type { SignedIn } from "@/server/modules/accounts/sign-in";
import { noteRefusedSignIn, noteSignIn } from "@/server/modules/accounts/sign-in-history";
import { assertNotSuspended } from "@/server/modules/accounts/suspension";

/** What a provider says of a person. */
export interface Vouched extends repository.Identity {
  /** Null when it does not say that the address is the person's: an address alone proves nothing. */
  verifiedEmail: string | null;
  name: string | null;
}

/** The account of an address somebody vouches for: an existing one gets the identity, otherwise one is made. */
async function findOrMake({ provider, subject, verifiedEmail, name }: Vouched): Promise<repository.AccountRecord | null> {
  const parsed = emailAddress.safeParse(verifiedEmail);
  if (!parsed.success) throw new DomainError("forbidden", "The provider does not say that your email address is confirmed.");
  const identity = { provider, subject };
  const emailKey = keyOfEmail(parsed.data);
  const existing = await repository.findAccountByEmail(emailKey);
  if (existing) return repository.addIdentity(existing._id, identity);
  const given = personName.safeParse(name?.trim().slice(0, 80));
  const record: repository.AccountRecord = {
    _id: createId("customer"),
    email: parsed.data,
    emailKey,
    name: given.success ? given.data : (parsed.data.split("@")[0] ?? "").slice(0, 80),
    passwordHash: null,
    identities: [identity],
    plan: "free",
    sessionVersion: 1,
    suspendedAt: null,
    deletingAt: null,
    createdAt: new Date(),
    lastSignInAt: null,
  };
  return (await repository.insertAccount(record)) ? record : null;
}

async function attemptSignIn(vouched: Vouched, network: string): Promise<SignedIn> {
  const { provider, subject } = vouched;
  const known = await repository.findAccountByIdentity({ provider, subject });
  // Of two first sign-ins at once one makes the account, and the other one finds it.
  const account = known ?? (await findOrMake(vouched)) ?? (await repository.findAccountByIdentity({ provider, subject }));
  if (!account || account.deletingAt) throw new DomainError("sign_in_refused", "That sign-in was not taken. Try again.");
  if (account.suspendedAt) noteRefusedSignIn(account, { how: provider, outcome: "suspended", network });
  assertNotSuspended(account);
  return noteSignIn(account, { how: provider, network });
}

/**
 * Whom a provider's identity belongs to. The first sign-in makes the account, or adds the identity to the one with that address.
 * @param network a name for the network address, the same in every process
 * @throws {DomainError} `forbidden`, for an address that is not confirmed or a suspended account; `sign_in_refused`; `database_unavailable`
 */
export async function signInWithIdentity(vouched: Vouched, network: string): Promise<SignedIn> {
  try {
    return await attemptSignIn(vouched, network);
  } catch (error) {
    throw toDomainError(error);
  }
}
