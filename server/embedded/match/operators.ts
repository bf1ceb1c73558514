import { Long, MaxKey, MinKey } from "bson";
import { failBadValue, failLocation } from "../errors";
import { encodeKey } from "../key-encoding";
import { isDocument, isNumber, isTruthy, toInteger, toNumber, toRegexParts, toText, TYPE_CODES, typeName } from "../types";
import { compareValues, isNotANumber, typeRank, valuesEqual, type Collation } from "../values";
import { compileRegex } from "./regex";

/** Candidates of `$in` and `$all` up to which trying one by one beats a table. */
export const LIST_LIMIT = 8;

/** Decides about one value, which may be `undefined` (missing). */
export type ValueTest = (value: unknown) => boolean;

/** A test lifted over arrays: true for the value itself or any element of it. */
function liftOverArray(test: ValueTest): ValueTest {
  return (value) => test(value) || (Array.isArray(value) && value.some(test));
}

/** `{field: argument}`: equality, and for a regular expression a match of its pattern. */
export function compileEquality(argument: unknown, collation?: Collation): ValueTest {
  if (argument === null || argument === undefined) return liftOverArray(isNullish);
  const regex = toRegexParts(argument);
  if (!regex) return compileExact(argument, collation);
  const matches = compileRegex(regex.pattern, regex.options);
  return liftOverArray((value) => {
    const text = toText(value);
    return text === undefined ? toRegexParts(value) !== undefined && valuesEqual(value, argument) : matches(text);
  });
}

export function isNullish(value: unknown): boolean {
  return value === null || value === undefined;
}

function compileExact(argument: unknown, collation?: Collation): ValueTest {
  if (isNullish(argument)) return liftOverArray(isNullish);
  if (typeof argument === "string" && !collation) return liftOverArray((value) => value === argument || toText(value) === argument);
  return liftOverArray((value) => value !== undefined && valuesEqual(value, argument, collation));
}

function compileRelation(argument: unknown, orEqual: boolean, holds: (order: number) => boolean, collation?: Collation): ValueTest {
  if (isNullish(argument)) return orEqual ? liftOverArray(isNullish) : () => false;
  if (toRegexParts(argument)) failBadValue("Can't have RegEx as arg to predicate over field");
  if (argument instanceof MinKey || argument instanceof MaxKey) {
    return liftOverArray((value) => holds(compareValues(value, argument)));
  }
  if (isNotANumber(argument)) return orEqual ? liftOverArray(isNotANumber) : () => false;
  const rank = typeRank(argument);
  return liftOverArray(
    (value) => typeRank(value) === rank && !isNotANumber(value) && holds(compareValues(value, argument, collation)),
  );
}

function requireArray(operator: string, argument: unknown): unknown[] {
  return Array.isArray(argument) ? argument : failBadValue(`${operator} needs an array`);
}

/** Whether a document is a set of operators such as `{$gt: 1}` rather than a value to be equal to. */
export function isOperatorDocument(value: unknown): boolean {
  if (!isDocument(value)) return false;
  const first = Object.keys(value)[0];
  return first !== undefined && first.startsWith("$") && first !== "$ref" && first !== "$id" && first !== "$db";
}

function compileIn(operator: string, argument: unknown, collation?: Collation): ValueTest {
  const candidates = requireArray(operator, argument);
  if (candidates.some(isOperatorDocument)) failBadValue(`cannot nest $ under ${operator}`);
  if (candidates.length > LIST_LIMIT && !candidates.some((candidate) => isNullish(candidate) || toRegexParts(candidate))) {
    const toKey = (value: unknown) => encodeKey(value, false, collation).toString("latin1");
    const keys = new Set(candidates.map(toKey));
    return liftOverArray((value) => value !== undefined && keys.has(toKey(value)));
  }
  const tests = candidates.map((candidate) => compileEquality(candidate, collation));
  return (value) => tests.some((test) => test(value));
}

/** `$type`: names, numbers, "number", or an array of them. Throws 2 for an unknown one. */
function compileType(argument: unknown): ValueTest {
  const wanted = new Set((Array.isArray(argument) ? argument : [argument]).flatMap(toTypeCodes));
  return liftOverArray((value) => value !== undefined && wanted.has(TYPE_CODES.get(typeName(value)) ?? 0));
}

function toTypeCodes(type: unknown): number[] {
  if (type === "number") return [1, 16, 18, 19];
  if (typeof type === "string") return [TYPE_CODES.get(type) ?? failBadValue(`Unknown type name alias: ${type}`)];
  const code = toInteger(type);
  if (code === undefined || ![...TYPE_CODES.values()].includes(code)) failBadValue(`Invalid numerical type code: ${String(type)}`);
  return [code];
}

function compileSize(argument: unknown): ValueTest {
  const size = toInteger(argument);
  if (size === undefined) failBadValue("Failed to parse $size. Expected an integer");
  if (size < 0) failBadValue("Failed to parse $size. Expected a non-negative number");
  return (value) => Array.isArray(value) && value.length === size;
}

function compileModulo(argument: unknown): ValueTest {
  if (!Array.isArray(argument)) failBadValue("malformed mod, needs to be an array");
  if (argument.length !== 2) failBadValue(`malformed mod, ${argument.length < 2 ? "not enough" : "too many"} elements`);
  const [divisor, remainder] = argument.map(toWhole);
  if (divisor === undefined) failBadValue("malformed mod, divisor not a number");
  if (remainder === undefined) failBadValue("malformed mod, remainder not a number");
  if (divisor === 0n) failBadValue("divisor cannot be 0");
  return liftOverArray((value) => {
    const whole = toWhole(value);
    return whole !== undefined && whole % divisor === remainder;
  });
}

/** A number without its fraction, exact for int64; `undefined` for what is none or not finite. */
function toWhole(value: unknown): bigint | undefined {
  if (value instanceof Long) return value.toBigInt();
  const number = isNumber(value) ? Math.trunc(toNumber(value)) : Number.NaN;
  return Number.isFinite(number) ? BigInt(number) : undefined;
}

/** `$regex` with its `$options`. */
export function compileRegexOperator(argument: unknown, options: unknown): ValueTest {
  const parts = typeof argument === "string" ? { pattern: argument, options: "" } : toRegexParts(argument);
  if (!parts) failBadValue("$regex has to be a string");
  if (options !== undefined && typeof options !== "string") failBadValue("$options has to be a string");
  if (options !== undefined && parts.options !== "") failLocation(51075, "options set in both $regex and $options");
  const matches = compileRegex(parts.pattern, options ?? parts.options);
  return liftOverArray((value) => {
    const text = toText(value);
    return text !== undefined && matches(text);
  });
}

type Compile = (argument: unknown, collation?: Collation) => ValueTest;

/** Operators that look at one value. See {@link isNegated} for those that answer the opposite. */
export const VALUE_OPERATORS: ReadonlyMap<string, Compile> = new Map<string, Compile>([
  ["$eq", compileExact],
  [
    "$ne",
    (argument, collation) =>
      toRegexParts(argument) ? failBadValue("Can't have regex as arg to $ne.") : compileExact(argument, collation),
  ],
  ["$gt", (argument, collation) => compileRelation(argument, false, (order) => order > 0, collation)],
  ["$gte", (argument, collation) => compileRelation(argument, true, (order) => order >= 0, collation)],
  ["$lt", (argument, collation) => compileRelation(argument, false, (order) => order < 0, collation)],
  ["$lte", (argument, collation) => compileRelation(argument, true, (order) => order <= 0, collation)],
  ["$in", (argument, collation) => compileIn("$in", argument, collation)],
  ["$nin", (argument, collation) => compileIn("$nin", argument, collation)],
  ["$type", compileType],
  ["$size", compileSize],
  ["$mod", compileModulo],
  ["$exists", () => (value) => value !== undefined],
]);

/** Whether the operator holds when no value the path reaches passes its test. */
export function isNegated(operator: string, argument: unknown): boolean {
  return operator === "$ne" || operator === "$nin" || (operator === "$exists" && !isTruthy(argument));
}

/** What MongoDB knows and this server does not. */
export const REFUSED_OPERATORS: ReadonlySet<string> = new Set([
  "$bitsAllSet",
  "$bitsAllClear",
  "$bitsAnySet",
  "$bitsAnyClear",
  "$near",
  "$nearSphere",
  "$geoWithin",
  "$geoIntersects",
  "$within",
  "$maxDistance",
  "$minDistance",
]);
