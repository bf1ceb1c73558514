import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
  UUID,
} from "bson";
import type { Document } from "./bson";

/** Names as `$type` answers them. */
export type TypeName =
  | "missing"
  | "minKey"
  | "null"
  | "int"
  | "long"
  | "double"
  | "decimal"
  | "string"
  | "symbol"
  | "object"
  | "array"
  | "binData"
  | "objectId"
  | "bool"
  | "date"
  | "timestamp"
  | "regex"
  | "javascript"
  | "maxKey";

// Looked up by prototype, never by `_bsontype`: that is a field name any client may store.
const NAMES = new Map<unknown, TypeName>([
  [Object.prototype, "object"],
  [Array.prototype, "array"],
  [Int32.prototype, "int"],
  [Double.prototype, "double"],
  [Long.prototype, "long"],
  [Decimal128.prototype, "decimal"],
  [ObjectId.prototype, "objectId"],
  [Date.prototype, "date"],
  [Binary.prototype, "binData"],
  [UUID.prototype, "binData"],
  [Uint8Array.prototype, "binData"],
  [Buffer.prototype, "binData"],
  [Timestamp.prototype, "timestamp"],
  [BSONRegExp.prototype, "regex"],
  [RegExp.prototype, "regex"],
  [BSONSymbol.prototype, "symbol"],
  [Code.prototype, "javascript"],
  [MinKey.prototype, "minKey"],
  [MaxKey.prototype, "maxKey"],
]);

/** BSON type numbers, as `$type` and `$bsonSize`-like operators use them. */
export const TYPE_CODES: ReadonlyMap<string, number> = new Map([
  ["double", 1],
  ["string", 2],
  ["object", 3],
  ["array", 4],
  ["binData", 5],
  ["undefined", 6],
  ["objectId", 7],
  ["bool", 8],
  ["date", 9],
  ["null", 10],
  ["regex", 11],
  ["dbPointer", 12],
  ["javascript", 13],
  ["symbol", 14],
  ["javascriptWithScope", 15],
  ["int", 16],
  ["timestamp", 17],
  ["long", 18],
  ["decimal", 19],
  ["minKey", -1],
  ["maxKey", 127],
]);

/** The BSON type of a value. Plain JavaScript numbers count as what the driver would send: int or double. */
export function typeName(value: unknown): TypeName {
  switch (typeof value) {
    case "undefined":
      return "missing";
    case "string":
      return "string";
    case "boolean":
      return "bool";
    case "bigint":
      return "long";
    case "number":
      return Number.isInteger(value) && value === (value | 0) && !Object.is(value, -0) ? "int" : "double";
    default:
      return value === null ? "null" : (NAMES.get(Object.getPrototypeOf(value)) ?? "object");
  }
}

/** A sub-document: neither an array nor a scalar of BSON's. */
export function isDocument(value: unknown): value is Document {
  return typeof value === "object" && value !== null && typeName(value) === "object";
}

/** Whether the value is of one of the four numeric types. */
export function isNumber(value: unknown): boolean {
  if (typeof value === "number" || typeof value === "bigint") return true;
  return value instanceof Int32 || value instanceof Double || value instanceof Long || value instanceof Decimal128;
}

/** The nearest JavaScript number, NaN when the value is not numeric. */
export function toNumber(value: unknown): number {
  if (typeof value === "number") return value;
  if (value instanceof Int32 || value instanceof Double) return value.value;
  if (value instanceof Long) return value.toNumber();
  if (value instanceof Decimal128) return Number(value.toString());
  return typeof value === "bigint" ? Number(value) : Number.NaN;
}

/** A whole JavaScript number, or `undefined` when the value is not an integral number. */
export function toInteger(value: unknown): number | undefined {
  const number = toNumber(value);
  return Number.isInteger(number) ? number : undefined;
}

/** The text of a string or symbol, `undefined` for anything else. */
export function toText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return value instanceof BSONSymbol ? value.value : undefined;
}

/** What expressions and commands take for "true": everything but false, null, missing and zero. */
export function isTruthy(value: unknown): boolean {
  if (value === undefined || value === null || value === false) return false;
  return !isNumber(value) || toNumber(value) !== 0;
}

/** Bytes and subtype of a binary value. */
export function toBinary(value: unknown): { bytes: Uint8Array; subtype: number } | undefined {
  if (value instanceof Binary) return { bytes: value.buffer.subarray(0, value.position), subtype: value.sub_type };
  return value instanceof Uint8Array ? { bytes: value, subtype: 0 } : undefined;
}

/** Pattern and options of a regular expression value. */
export function toRegexParts(value: unknown): { pattern: string; options: string } | undefined {
  if (value instanceof BSONRegExp) return { pattern: value.pattern, options: value.options };
  if (value instanceof RegExp) return { pattern: value.source, options: value.flags.replace(/[gyu]/g, "") };
  return undefined;
}
