import "server-only";
import { randomFillSync } from "node:crypto";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const TIME_DIGITS = 10;
const RANDOM_DIGITS = 16;
const DRAWN_AT_ONCE = 256;

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

function encodeTime(milliseconds: number): string {
  if (Number.isNaN(milliseconds)) throw new RangeError("There is no such moment.");
  let text = "";
  for (let rest = Math.max(0, milliseconds); text.length < TIME_DIGITS; rest = Math.floor(rest / ALPHABET.length)) {
    text = ALPHABET.charAt(rest % ALPHABET.length) + text;
  }
  return text;
}

/** Ids are made many in a millisecond. */
let lastTime = { at: -1, text: "" };

function timeDigits(milliseconds: number): string {
  if (lastTime.at !== milliseconds) lastTime = { at: milliseconds, text: encodeTime(milliseconds) };
  return lastTime.text;
}

/** Digits for some ids: to ask the system for those of each takes longer than everything else about an id. */
const drawn = Buffer.allocUnsafe(RANDOM_DIGITS * DRAWN_AT_ONCE);
const CODES = Buffer.from(ALPHABET);
let digits = "";
let used = 0;

/** Five random bits each: 256 is a multiple of 32, so every digit is as likely as another. */
function drawDigits(): string {
  randomFillSync(drawn);
  for (let at = 0; at < drawn.length; at++) drawn[at] = CODES[(drawn[at] ?? 0) % CODES.length] ?? 0;
  return drawn.toString("latin1");
}

function randomDigits(): string {
  if (used === digits.length) {
    digits = drawDigits();
    used = 0;
  }
  used += RANDOM_DIGITS;
  return digits.slice(used - RANDOM_DIGITS, used);
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
