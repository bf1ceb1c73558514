import "server-only";
import { hash, randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";

/**
 * The form of a key: `vt_live_`, 32 random characters (190 bits), 6 characters that check what stands before them, all of
 * `0-9A-Za-z`. A scanner can tell a real key from text that looks like one without asking anybody.
 */
export const KEY_PREFIX = "vt_live_";
const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const RANDOM_LENGTH = 32;
const CHECK_LENGTH = 6;
const FORM = new RegExp(`^${KEY_PREFIX}[0-9A-Za-z]{${RANDOM_LENGTH + CHECK_LENGTH}}$`);
/** Bytes from here on are thrown away: 256 is no multiple of 62, so taking them would favour the first digits. */
const FAIR_BYTES = 248;
/** Seldom are more of them thrown away. */
const SPARE_BYTES = 8;

/** Characters of {@link DIGITS}, each as likely as the others. */
function drawDigits(length: number): string {
  let text = "";
  while (text.length < length) {
    for (const byte of randomBytes(length + SPARE_BYTES)) {
      if (byte < FAIR_BYTES && text.length < length) text += DIGITS.charAt(byte % DIGITS.length);
    }
  }
  return text;
}

/**
 * CRC-32 (the one of zlib and PNG) over the ASCII bytes of everything before it, `vt_live_` included, as a number in base 62 with
 * the digits `0-9A-Za-z`, the highest first, zeros in front up to 6 characters.
 */
export function checksumOf(text: string): string {
  let digits = "";
  for (let rest = crc32(text); digits.length < CHECK_LENGTH; rest = Math.floor(rest / DIGITS.length)) {
    digits = DIGITS.charAt(rest % DIGITS.length) + digits;
  }
  return digits;
}

/** A new key that nobody has had before. */
export function createSecret(): string {
  const text = KEY_PREFIX + drawDigits(RANDOM_LENGTH);
  return text + checksumOf(text);
}

/** Whether this can be a key at all: prefix, length, alphabet and checksum. Needs no database. */
export function hasKeyForm(text: string): boolean {
  return FORM.test(text) && checksumOf(text.slice(0, -CHECK_LENGTH)) === text.slice(-CHECK_LENGTH);
}

/** What is stored in place of a key. A key is too random to be guessed, so that a slow hash would protect nothing more. */
export function hashSecret(secret: string): string {
  return hash("sha256", secret, "base64url");
}

/** What a key is recognised by once it was shown: its first and last four characters behind the prefix. */
export function describeSecret(secret: string): string {
  return `${secret.slice(0, KEY_PREFIX.length + 4)}…${secret.slice(-4)}`;
}
