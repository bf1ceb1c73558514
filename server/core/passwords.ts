import "server-only";
import { randomBytes } from "node:crypto";
import { type Algorithm, hash, verify } from "@node-rs/argon2";
import { DomainError } from "@/server/core/errors";

/** The enum itself is erased by the compiler. */
const ARGON2ID: Algorithm.Argon2id = 2;
/** OWASP's second choice of equal strength for argon2id; some 20 ms of a thread outside the event loop. */
const COST = { algorithm: ARGON2ID, memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** A shorter part of an address is in many good passwords by chance. */
const MIN_LOCAL_PART = 4;

/** Fewer different characters are a pattern, however often they are repeated. */
const MIN_DIFFERENT = 5;

/** One password, however a keyboard composes it (NIST SP 800-63B section 5.1.1.2). */
function normalize(password: string): string {
  return password.normalize("NFKC");
}

export async function hashPassword(password: string): Promise<string> {
  return hash(normalize(password), COST);
}

let nobody: Promise<string> | undefined;

/**
 * Whether the password is the one of the hash; without a hash it is not, after the same work, so that the time does not tell whether
 * there is an account.
 */
export async function checkPassword(passwordHash: string | null, password: string): Promise<boolean> {
  nobody ??= hashPassword(randomBytes(24).toString("base64url"));
  const fits = await verify(passwordHash ?? (await nobody), normalize(password));
  return fits && passwordHash !== null;
}

let common: Promise<Set<string>> | undefined;

/** Loaded when the first password is chosen: most processes never need the list. */
async function readCommon(): Promise<Set<string>> {
  const { dictionary } = await import("@zxcvbn-ts/language-common");
  return new Set(dictionary["passwords-common"].map((password) => password.toLowerCase()));
}

function refuse(detail: string): DomainError {
  return new DomainError("invalid_input", "This password cannot be used.", { errors: [{ pointer: "#/password", detail }] });
}

/**
 * Refuses what is guessed first; what is in a password is otherwise up to its owner.
 * @throws {DomainError} `invalid_input` with the pointer `#/password`
 */
export async function assertGoodPassword(password: string, owner: { email: string; name: string }): Promise<void> {
  const plain = normalize(password).toLowerCase();
  if (/\p{Cc}/u.test(plain)) throw refuse("takes no control characters");
  if (new Set(plain).size < MIN_DIFFERENT) throw refuse("needs more different characters");
  common ??= readCommon();
  if ((await common).has(plain)) throw refuse("is one of the passwords that are guessed first");
  const [localPart = ""] = owner.email.toLowerCase().split("@");
  if (localPart.length >= MIN_LOCAL_PART && plain.includes(localPart)) throw refuse("holds a part of your email address");
  if (plain === owner.name.toLowerCase() || plain === owner.email.toLowerCase()) throw refuse("is your name or your email address");
}
