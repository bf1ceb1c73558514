import "server-only";
import { randomFillSync } from "node:crypto";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/** Two digits, by their value: half as many steps for an id. */
const PAIRS = [...ALPHABET].flatMap((first) => [...ALPHABET].map((second) => first + second));
const TIME_DIGITS = 10;
const RANDOM_BYTES = 10;
const RANDOM_DIGITS = 16;
/** 40 bits, eight digits. */
const BITS_BYTES = 5;

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

/** Randomness for some ids: to ask the system for each of them takes longer than everything else about an id. */
const drawn = Buffer.allocUnsafe(RANDOM_BYTES * 256);
let used = drawn.length;

function encodeTime(milliseconds: number): string {
  if (Number.isNaN(milliseconds)) throw new RangeError("There is no such moment.");
  let text = "";
  for (let rest = Math.max(0, milliseconds); text.length < TIME_DIGITS; rest = Math.floor(rest / PAIRS.length)) {
    text = (PAIRS[rest % PAIRS.length] ?? "") + text;
  }
  return text;
}

/** Ids are made many in a millisecond. */
let lastTime = { at: -1, text: "" };

function timeDigits(milliseconds: number): string {
  if (lastTime.at !== milliseconds) lastTime = { at: milliseconds, text: encodeTime(milliseconds) };
  return lastTime.text;
}

/** 40 random bits as 8 digits. @param at where they begin among those that were drawn */
function encodeBits(at: number): string {
  const bits = drawn.readUIntBE(at, BITS_BYTES);
  const low = bits % 0x100000;
  const high = (bits - low) / 0x100000;
  return `${PAIRS[high >> 10]}${PAIRS[high & 1023]}${PAIRS[low >> 10]}${PAIRS[low & 1023]}`;
}

/** The digits of all that was drawn: to cut some out of a text takes less than to put them together each time. */
let digits = "";

function randomDigits(): string {
  if (used === drawn.length) {
    randomFillSync(drawn);
    used = 0;
    digits = Array.from({ length: drawn.length / BITS_BYTES }, (_, index) => encodeBits(index * BITS_BYTES)).join("");
  }
  const at = used;
  used += RANDOM_BYTES;
  return digits.slice((at / RANDOM_BYTES) * RANDOM_DIGITS, (at / RANDOM_BYTES + 1) * RANDOM_DIGITS);
}

/**
 * A new id: prefix, 48 bits of time in milliseconds, 80 random bits, in Crockford's base 32 (the layout of a ULID),
 * so that ids sort by when they were made.
 * @param at the moment it stands for, where that is not now
 */
export function createId(kind: keyof typeof prefixes, at = new Date()): string {
  return `${prefixes[kind]}_${timeDigits(at.getTime())}${randomDigits()}`;
}

/** Where ids of a moment begin: those of this moment and later ones sort behind it, earlier ones in front. */
export function startOfIds(kind: keyof typeof prefixes, at: Date): string {
  return `${prefixes[kind]}_${encodeTime(at.getTime())}`;
}

/** The moment an id stands for; null for what is no id. */
export function timeOfId(id: string): Date | null {
  const text = /^[a-z]+_([0-9A-HJKMNP-TV-Z]{10})/.exec(id)?.[1];
  if (text === undefined) return null;
  return new Date([...text].reduce((time, character) => time * 32 + ALPHABET.indexOf(character), 0));
}
