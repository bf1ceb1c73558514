import "server-only";
import { randomBytes } from "node:crypto";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** One prefix for each kind of thing, so that an id tells what it names. */
const prefixes = {
  prediction: "prd",
  request: "req",
  entry: "ent",
  customer: "cus",
  key: "key",
  mail: "mail",
  operator: "opr",
  upload: "upl",
  draft: "drf",
  audit: "aud",
  signIn: "sgn",
  note: "nte",
  rule: "rul",
  alert: "alt",
  run: "run",
} as const;

function encode(value: bigint, length: number): string {
  let text = "";
  for (let rest = value, left = length; left > 0; left--, rest >>= 5n) text = ALPHABET[Number(rest & 31n)] + text;
  return text;
}

function encodeTime(at: Date): string {
  return encode(BigInt(Math.max(0, at.getTime())), 10);
}

/**
 * A new id: prefix, 48 bits of time in milliseconds, 80 random bits, in Crockford's base 32 (the layout of a ULID),
 * so that ids sort by when they were made.
 * @param at the moment it stands for, where that is not now
 */
export function createId(kind: keyof typeof prefixes, at = new Date()): string {
  return `${prefixes[kind]}_${encodeTime(at)}${encode(BigInt(`0x${randomBytes(10).toString("hex")}`), 16)}`;
}

/** Where ids of a moment begin: those of this moment and later ones sort behind it, earlier ones in front. */
export function startOfIds(kind: keyof typeof prefixes, at: Date): string {
  return `${prefixes[kind]}_${encodeTime(at)}`;
}

/** The moment an id stands for; null for what is no id. */
export function timeOfId(id: string): Date | null {
  const text = /^[a-z]+_([0-9A-HJKMNP-TV-Z]{10})/.exec(id)?.[1];
  if (text === undefined) return null;
  return new Date([...text].reduce((time, character) => time * 32 + ALPHABET.indexOf(character), 0));
}
