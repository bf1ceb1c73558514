import { Decimal128, Double, ObjectId, Timestamp } from "bson";
import { fail } from "../errors";
import { promoteToDecimal, toExact, toIntegral } from "../numbers";
import { isDocument, isNumber, isTruthy, toNumber, toText, TYPE_CODES, typeName } from "../types";
import { isNullish, requireNamed, unary } from "./arguments";
import { parseDate } from "./date-format";
import { formatScalar } from "./format";
import type { Operator, OperatorTable } from "./scope";

const INTEGER = /^[+-]?\d+$/;
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const SPECIAL = /^[+-]?(nan|inf(inity)?)$/i;

function failConversion(message: string): never {
  return fail(241, "ConversionFailure", message);
}

function failUnsupported(value: unknown, target: string): never {
  return failConversion(`Unsupported conversion from ${typeName(value)} to ${target} in $convert with no onError value`);
}

function failParse(text: string, reason: string): never {
  return failConversion(`Failed to parse number '${text}' in $convert with no onError value: ${reason}`);
}

function toIntegerType(value: unknown, target: "int" | "long"): unknown {
  const integer = integerOf(value, target);
  const isTooWide = target === "int" && (integer > 2147483647n || integer < -2147483648n);
  const result = isTooWide ? undefined : toIntegral(integer, target === "long");
  return result ?? failConversion(`Conversion would overflow target type in $convert with no onError value: ${String(value)}`);
}

function integerOf(value: unknown, target: string): bigint {
  if (typeof value === "boolean") return value ? 1n : 0n;
  if (value instanceof Date && target === "long") return BigInt(value.getTime());
  const text = toText(value);
  if (text !== undefined)
    return INTEGER.test(text) ? BigInt(text.replace("+", "")) : failParse(text, "Did not consume whole string.");
  if (!isNumber(value)) failUnsupported(value, target);
  const exact = toExact(value);
  if (!exact) failConversion(`Attempt to convert ${toNumber(value)} value to integer type in $convert with no onError value`);
  return exact.exponent >= 0 ? exact.digits * 10n ** BigInt(exact.exponent) : exact.digits / 10n ** BigInt(-exact.exponent);
}

function toDouble(value: unknown): Double {
  if (typeof value === "boolean") return new Double(value ? 1 : 0);
  if (value instanceof Date) return new Double(value.getTime());
  const text = toText(value);
  if (text === undefined) return isNumber(value) ? new Double(toNumber(value)) : failUnsupported(value, "double");
  if (DECIMAL.test(text)) return new Double(Number(text));
  return SPECIAL.test(text)
    ? new Double(Number(Decimal128.fromString(text).toString()))
    : failParse(text, "Did not consume whole string.");
}

function toDecimal(value: unknown): Decimal128 {
  if (typeof value === "boolean") return Decimal128.fromString(value ? "1" : "0");
  if (value instanceof Date) return Decimal128.fromString(String(value.getTime()));
  const text = toText(value);
  if (text === undefined) return isNumber(value) ? promoteToDecimal(value) : failUnsupported(value, "decimal");
  return DECIMAL.test(text) || SPECIAL.test(text)
    ? Decimal128.fromString(text)
    : failParse(text, "Failed to parse string to decimal");
}

function toDate(value: unknown): Date {
  if (value instanceof Date) return value;
  if (value instanceof ObjectId) return value.getTimestamp();
  if (value instanceof Timestamp) return new Date(value.getHighBitsUnsigned() * 1000);
  const text = toText(value);
  if (text !== undefined)
    return parseDate(text) ?? failConversion(`Error parsing date string '${text}' in $convert with no onError value`);
  if (!isNumber(value) || typeName(value) === "int") failUnsupported(value, "date");
  const date = new Date(Math.trunc(toNumber(value)));
  return Number.isNaN(date.getTime()) ? failConversion("Date is outside the supported range") : date;
}

function toObjectId(value: unknown): ObjectId {
  if (value instanceof ObjectId) return value;
  const text = toText(value) ?? failUnsupported(value, "objectId");
  if (!/^[0-9a-f]{24}$/i.test(text)) failConversion(`Failed to parse objectId '${text}' in $convert with no onError value`);
  return ObjectId.createFromHexString(text);
}

const CONVERSIONS: ReadonlyMap<string, (value: unknown) => unknown> = new Map<string, (value: unknown) => unknown>([
  ["int", (value) => toIntegerType(value, "int")],
  ["long", (value) => toIntegerType(value, "long")],
  ["double", toDouble],
  ["decimal", toDecimal],
  ["date", toDate],
  ["objectId", toObjectId],
  ["bool", (value) => (isNumber(value) || typeof value === "boolean" ? isTruthy(value) : true)],
  ["string", (value) => formatScalar(value) ?? failUnsupported(value, "string")],
]);

function readTarget(to: unknown): (value: unknown) => unknown {
  const wanted = isDocument(to) ? to.type : to;
  const name = isNumber(wanted) ? [...TYPE_CODES].find(([, code]) => code === toNumber(wanted))?.[0] : wanted;
  if (typeof name !== "string" || !TYPE_CODES.has(name)) return fail(2, "BadValue", `Unknown type name: ${String(wanted)}`);
  return CONVERSIONS.get(name) ?? ((value) => failUnsupported(value, name));
}

const convert: Operator = (argument, compile, name) => {
  const fields = requireNamed(name, argument, ["input", "to"], ["onError", "onNull"]);
  const [input, to, onNull] = [compile(fields.input), compile(fields.to), compile(fields.onNull ?? null)];
  const onError = "onError" in fields ? compile(fields.onError) : undefined;
  return (scope) => {
    const value = input(scope);
    if (isNullish(value)) return onNull(scope);
    const target = to(scope);
    if (isNullish(target)) return null;
    const apply = readTarget(target);
    if (!onError) return apply(value);
    try {
      return apply(value);
    } catch {
      return onError(scope);
    }
  };
};

function shorthand(target: string): Operator {
  const apply = readTarget(target);
  return unary((value) => (isNullish(value) ? null : apply(value)));
}

/** Types and conversions between them. */
export const CONVERSION_OPERATORS: OperatorTable = [
  ["$type", unary((value) => typeName(value))],
  ["$isNumber", unary((value) => isNumber(value))],
  ["$convert", convert],
  ["$toInt", shorthand("int")],
  ["$toLong", shorthand("long")],
  ["$toDouble", shorthand("double")],
  ["$toDecimal", shorthand("decimal")],
  ["$toString", shorthand("string")],
  ["$toBool", shorthand("bool")],
  ["$toDate", shorthand("date")],
  ["$toObjectId", shorthand("objectId")],
];
