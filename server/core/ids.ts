import "server-only";
import { randomBytes } from "node:crypto";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** One prefix for each kind of thing, so that an id tells what it names. */
const prefixes = { prediction: "prd", request: "req" } as const;

function encode(value: bigint, length: number): string {
  let text = "";
  for (let rest = value, left = length; left > 0; left--, rest >>= 5n) text = ALPHABET[Number(rest & 31n)] + text;
  return text;
}

/**
 * A new id: prefix, 48 bits of time in milliseconds, 80 random bits, in Crockford's base 32 (the layout of a ULID),
 * so that ids sort by when they were made.
 */
export function createId(kind: keyof typeof prefixes): string {
  return `${prefixes[kind]}_${encode(BigInt(Date.now()), 10)}${encode(BigInt(`0x${randomBytes(10).toString("hex")}`), 16)}`;
}
