import { Int32 } from "bson";
import { fail, failLocation } from "../errors";
import { compileSearch } from "../match/regex";
import { isNumber, toNumber, toRegexParts, toText, typeName } from "../types";
import { compareText } from "../values";
import { isNullish, named, positional, unary, variadic } from "./arguments";
import { formatScalar } from "./format";
import type { Operator, OperatorTable } from "./scope";

/** Characters a result may have: no document could hold more. */
const TEXT_LIMIT = 16 * 1024 * 1024;

function requireText(value: unknown, code: number, name: string): string {
  return toText(value) ?? failLocation(code, `${name} requires a string argument, found: ${typeName(value)}`);
}

/** Strings, numbers and dates as text; null and missing as "". */
function coerceText(value: unknown, name: string): string {
  if (isNullish(value)) return "";
  return formatScalar(value) ?? failLocation(16007, `can't convert from BSON type ${typeName(value)} to String in ${name}`);
}

function concat(args: unknown[]): unknown {
  if (args.some(isNullish)) return null;
  const parts = args.map((value) => toText(value) ?? failLocation(16702, `$concat only supports strings, not ${typeName(value)}`));
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  if (length > TEXT_LIMIT) fail(146, "ExceededMemoryLimit", "$concat would make a string larger than a document may be");
  return parts.join("");
}

function requirePosition(value: unknown, name: string, code: number): number {
  if (!isNumber(value)) failLocation(code, `${name}: expected a number, found: ${typeName(value)}`);
  return Math.trunc(toNumber(value));
}

function substringBytes(args: unknown[], name: string): string {
  const bytes = Buffer.from(coerceText(args[0], name), "utf8");
  const start = requirePosition(args[1], name, 16034);
  const length = requirePosition(args[2], name, 16035);
  if (start < 0) failLocation(50752, `${name}: starting index must be non-negative (got: ${start})`);
  const end = length < 0 ? bytes.length : Math.min(bytes.length, start + length);
  const isInside = (at: number) => at < bytes.length && ((bytes[at] ?? 0) & 0xc0) === 0x80;
  if (isInside(start)) failLocation(28656, `${name}: Invalid range, starting index is a UTF-8 continuation byte.`);
  if (isInside(end)) failLocation(28657, `${name}: Invalid range, ending index is in the middle of a UTF-8 character.`);
  return bytes.subarray(start, end).toString("utf8");
}

function substringPoints(args: unknown[], name: string): string {
  const start = requirePosition(args[1], name, 34450);
  const length = requirePosition(args[2], name, 34452);
  if (start < 0) failLocation(34455, `${name}: starting index must be non-negative`);
  if (length < 0) failLocation(34454, `${name}: length must be a nonnegative integer.`);
  return [...coerceText(args[0], name)].slice(start, start + length).join("");
}

function split(value: unknown, separator: unknown): unknown {
  if (isNullish(value) || isNullish(separator)) return null;
  const text = requireText(value, 40085, "$split");
  const at = requireText(separator, 40086, "$split");
  return at === "" ? failLocation(40087, "$split requires a non-empty separator") : text.split(at);
}

const WHITESPACE = "\0 \t\n\v\f\r\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a";

function trim(atStart: boolean, atEnd: boolean): Operator {
  return named(["input"], ["chars"], ({ input, chars }, name) => {
    if (isNullish(input) || chars === null) return null;
    const points = [...requireText(input, 50699, name)];
    const drop = new Set(chars === undefined ? WHITESPACE : requireText(chars, 50700, name));
    let [start, end] = [0, points.length];
    while (atStart && start < end && drop.has(points[start] ?? "")) start += 1;
    while (atEnd && end > start && drop.has(points[end - 1] ?? "")) end -= 1;
    return points.slice(start, end).join("");
  });
}

/** Position of a substring counted in `unit`s, -1 when there is none. */
function indexOf(unit: (text: string) => ArrayLike<unknown>): Operator {
  return positional(2, 4, ([value, wanted, from, to], _scope, name) => {
    if (isNullish(value)) return null;
    const text = requireText(value, 40091, name);
    const part = requireText(wanted, 40092, name);
    const start = from === undefined ? 0 : requirePosition(from, name, 40096);
    if (start < 0) failLocation(40097, `${name} requires a nonnegative start index`);
    const end = to === undefined ? unit(text).length : requirePosition(to, name, 40096);
    for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) {
      const index = unit(text.slice(0, at)).length;
      if (index >= start && index + unit(part).length <= end) return new Int32(index);
    }
    return new Int32(-1);
  });
}

function replace(all: boolean): Operator {
  return named(["input", "find", "replacement"], [], ({ input, find, replacement }, name) => {
    if (isNullish(input) || isNullish(find) || isNullish(replacement)) return null;
    const [text, part, other] = [input, find, replacement].map((value) => requireText(value, 51746, name));
    // A function keeps "$&" and its like in the replacement what they are.
    const substitute = () => other ?? "";
    if (all) checkGrowth(text ?? "", part ?? "", other ?? "", name);
    return all ? (text ?? "").replaceAll(part ?? "", substitute) : (text ?? "").replace(part ?? "", substitute);
  });
}

function checkGrowth(text: string, part: string, other: string, name: string): void {
  const growth = other.length - part.length;
  if (growth <= 0) return;
  const count = part === "" ? text.length + 1 : text.split(part).length - 1;
  if (text.length + count * growth > TEXT_LIMIT) fail(146, "ExceededMemoryLimit", `${name} would make a string larger than a document may be`);
}

function readRegex(regex: unknown, options: unknown, name: string): (text: string, from: number) => RegExpExecArray | null {
  const parts = toRegexParts(regex) ?? { pattern: requireText(regex, 51105, name), options: "" };
  if (parts.options !== "" && !isNullish(options))
    failLocation(51107, `${name}: found regex option(s) specified in both 'regex' and 'options' fields`);
  return compileSearch(parts.pattern, isNullish(options) ? parts.options : requireText(options, 51106, name));
}

function describeMatch(match: RegExpExecArray): unknown {
  const index = Array.from(match.input.slice(0, match.index)).length;
  return { match: match[0], idx: new Int32(index), captures: match.slice(1).map((capture: string | undefined) => capture ?? null) };
}

function searchOperator(
  finish: (text: string, find: (from: number) => RegExpExecArray | null) => unknown,
  none: unknown,
): Operator {
  return named(["input", "regex"], ["options"], ({ input, regex, options }, name) => {
    if (isNullish(input) || isNullish(regex)) return none;
    const text = requireText(input, 51104, name);
    const search = readRegex(regex, options, name);
    return finish(text, (from) => search(text, from));
  });
}

function findAll(text: string, find: (from: number) => RegExpExecArray | null): unknown[] {
  const out: unknown[] = [];
  for (let match = find(0); match;) {
    out.push(describeMatch(match));
    const next = match.index + Math.max(1, match[0].length);
    match = next > text.length ? null : find(next);
  }
  return out;
}

function firstMatch(_text: string, find: (from: number) => RegExpExecArray | null): unknown {
  const match = find(0);
  return match ? describeMatch(match) : null;
}

const substring = positional(3, 3, (args, _scope, name) => substringBytes(args, name));

/** Text in, text or positions out. */
export const STRING_OPERATORS: OperatorTable = [
  ["$concat", variadic(concat)],
  // MongoDB changes the case of ASCII letters only.
  ["$toUpper", unary((value, name) => coerceText(value, name).replace(/[a-z]+/g, (part) => part.toUpperCase()))],
  ["$toLower", unary((value, name) => coerceText(value, name).replace(/[A-Z]+/g, (part) => part.toLowerCase()))],
  ["$strLenCP", unary((value, name) => new Int32([...requireText(value, 34471, name)].length))],
  ["$strLenBytes", unary((value, name) => new Int32(Buffer.byteLength(requireText(value, 34473, name))))],
  ["$substr", substring],
  ["$substrBytes", substring],
  ["$substrCP", positional(3, 3, (args, _scope, name) => substringPoints(args, name))],
  ["$split", positional(2, 2, ([value, separator]) => split(value, separator))],
  ["$trim", trim(true, true)],
  ["$ltrim", trim(true, false)],
  ["$rtrim", trim(false, true)],
  ["$indexOfCP", indexOf((text) => [...text])],
  ["$indexOfBytes", indexOf((text) => Buffer.from(text, "utf8"))],
  [
    "$strcasecmp",
    positional(
      2,
      2,
      ([a, b], _scope, name) => new Int32(compareText(coerceText(a, name).toUpperCase(), coerceText(b, name).toUpperCase())),
    ),
  ],
  ["$replaceOne", replace(false)],
  ["$replaceAll", replace(true)],
  ["$regexMatch", searchOperator((_text, find) => find(0) !== null, false)],
  ["$regexFind", searchOperator(firstMatch, null)],
  ["$regexFindAll", searchOperator(findAll, [])],
];
