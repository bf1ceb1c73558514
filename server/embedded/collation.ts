import { fail, refuse } from "./errors";
import { isDocument, toNumber } from "./types";

/** How strings compare. Absent means by code point. */
export interface Collation {
  /** Letters decide whatever their case, then accents: strength 2. */
  caseInsensitive: boolean;
  /** Where only case differs, lower comes before upper: strength 3. */
  caseBreaksTies?: boolean;
}

const DEFAULTS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["caseLevel", false],
  ["caseFirst", "off"],
  ["numericOrdering", false],
  ["alternate", "non-ignorable"],
  ["backwards", false],
]);
const FREE_FIELDS = new Set(["locale", "strength", "maxVariable", "normalization", "version"]);

// Languages that sort as Unicode's root collation does; others have letters of their own places.
const ROOT_LOCALES = /^(en|de|fr(?!_CA)|it|nl|pt)(_[A-Za-z]+)*$/;
const DEFAULT_STRENGTH = 3;

/**
 * Reads a command's `collation`. Known are "simple" and, for languages that sort as Unicode's root collation, strengths 2
 * and 3. The rest is refused with 238 rather than compared wrongly.
 */
export function parseCollation(spec: unknown): Collation | undefined {
  if (spec === undefined || spec === null) return undefined;
  if (!isDocument(spec)) fail(14, "TypeMismatch", "BSON field 'collation' is the wrong type, expected type 'object'");
  if (Object.keys(spec).length === 0) return undefined;
  const { locale, strength = DEFAULT_STRENGTH } = spec;
  if (typeof locale !== "string") fail(40414, "Location40414", "BSON field 'collation.locale' is missing but a required field");
  for (const [name, value] of Object.entries(spec)) {
    if (FREE_FIELDS.has(name)) continue;
    if (!DEFAULTS.has(name)) fail(40415, "Location40415", `BSON field 'collation.${name}' is an unknown field.`);
    if (value !== DEFAULTS.get(name)) refuse(`Collation option '${name}'`);
  }
  if (locale === "simple") return undefined;
  if (!ROOT_LOCALES.test(locale)) refuse(`Collation for locale '${locale}'`);
  const level = toNumber(strength);
  if (level !== 2 && level !== 3) refuse(`Collation of strength ${level}`);
  return level === 2 ? { caseInsensitive: true } : { caseInsensitive: true, caseBreaksTies: true };
}

/** Whether an index with one collation gives the order a query with the other asks for. */
export function isSameCollation(a: Collation | undefined, b: Collation | undefined): boolean {
  return a?.caseInsensitive === b?.caseInsensitive && a?.caseBreaksTies === b?.caseBreaksTies;
}

const FIRST_WEIGHT = 0x10;
const PRINTABLE = /^[ -~]*$/;
const ACCENTED = /[\p{M}ß]/u;
const MARKS = /\p{M}/gu;
const IGNORED = /(?![\t-\r])\p{Cc}/u;

// ASCII in the order of Unicode's collation, where "_" and "-" come first and "$" just before the digits.
const WEIGHTS: ReadonlyMap<string, string> = (() => {
  const characters = Array.from({ length: 0x7f }, (_, code) => String.fromCharCode(code)).filter(
    (character) => !/[A-Z]/.test(character),
  );
  const sorted = characters
    .filter((character) => !IGNORED.test(character))
    .sort(new Intl.Collator("en", { sensitivity: "base" }).compare);
  return new Map(sorted.map((character, rank) => [character, String.fromCharCode(FIRST_WEIGHT + rank)]));
})();

// The common combining marks in their order, acute before grave.
const MARK_WEIGHTS: ReadonlyMap<string, string> = (() => {
  const { compare } = new Intl.Collator("en", { sensitivity: "accent" });
  const marks = Array.from({ length: 0x70 }, (_, index) => String.fromCharCode(0x300 + index));
  const sorted = marks.toSorted((a, b) => compare(`e${a}`, `e${b}`));
  return new Map(sorted.map((mark, rank) => [mark, String.fromCharCode(0x300 + rank)]));
})();

/**
 * The text that stands for a string under a collation: two strings compare as these do by code point. Letters come first;
 * accents and case follow behind a separator where there are any.
 */
export function foldText(text: string, collation?: Collation): string {
  if (!collation?.caseInsensitive) return text;
  const whole = PRINTABLE.test(text) ? text : text.normalize("NFD").replace(/(?![\t-\r])\p{Cc}/gu, "");
  const lower = whole.toLowerCase();
  const accents = ACCENTED.test(lower) ? `\u0000${lower.replace(MARKS, (mark) => MARK_WEIGHTS.get(mark) ?? mark)}` : "";
  const letters = accents ? lower.replaceAll("ß", "ss").replace(MARKS, "") : lower;
  return weigh(letters) + accents + (collation.caseBreaksTies ? caseLevel(whole) : "");
}

function weigh(letters: string): string {
  let out = "";
  for (const letter of letters) out += WEIGHTS.get(letter) ?? letter;
  return out;
}

function caseLevel(text: string): string {
  if (text === text.toLowerCase()) return "";
  return `\u0000\u0000${Array.from(text, (letter) => (letter === letter.toLowerCase() ? "1" : "2")).join("")}`;
}
