import { Decimal128, Long, ObjectId, Timestamp, Code } from "bson";
import type { Document } from "./bson";
import { foldText, type Collation } from "./collation";
import { alignDecimals, toExact } from "./numbers";
import { isDocument, isNumber, toBinary, toNumber, toRegexParts, toText, typeName, type TypeName } from "./types";

export { foldText, isSameCollation, parseCollation, type Collation } from "./collation";
export { isDocument, isNumber, isTruthy, toInteger, toNumber, typeName } from "./types";

// One byte a type, in the order of docs/reference/bson-type-comparison-order. Also the first byte of an index key.
const RANKS: Record<TypeName, number> = {
  minKey: 0x01,
  missing: 0x10,
  null: 0x18,
  int: 0x20,
  long: 0x20,
  double: 0x20,
  decimal: 0x20,
  string: 0x30,
  symbol: 0x30,
  object: 0x40,
  array: 0x50,
  binData: 0x60,
  objectId: 0x70,
  bool: 0x80,
  date: 0x90,
  timestamp: 0x98,
  regex: 0xa0,
  javascript: 0xb0,
  maxKey: 0xfe,
};

/** Sort rank of the value's type. Values of one rank are comparable with each other. */
export function typeRank(value: unknown): number {
  return RANKS[typeName(value)];
}

/** MongoDB's total order over all values: -1, 0 or 1. */
export function compareValues(a: unknown, b: unknown, collation?: Collation): number {
  const rank = typeRank(a);
  const other = typeRank(b);
  if (rank !== other) return rank < other ? -1 : 1;
  switch (rank) {
    case RANKS.int:
      return compareNumbers(a, b);
    case RANKS.string:
      return compareText(foldText(toText(a) ?? "", collation), foldText(toText(b) ?? "", collation));
    case RANKS.object:
      return isDocument(a) && isDocument(b) ? compareDocuments(a, b, collation) : 0;
    case RANKS.array:
      return Array.isArray(a) && Array.isArray(b) ? compareArrays(a, b, collation) : 0;
    default:
      return compareScalars(a, b);
  }
}

/** Whether two values are equal to a query: 1, 1.0 and Long(1) are. */
export function valuesEqual(a: unknown, b: unknown, collation?: Collation): boolean {
  return a === b || compareValues(a, b, collation) === 0;
}

/** Whether two values are the same BSON, type by type. This decides whether an update modified anything. */
export function valuesIdentical(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  const type = typeName(a);
  if (type !== typeName(b)) return false;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => valuesIdentical(item, b[index]));
  }
  if (isDocument(a) && isDocument(b)) return documentsIdentical(a, b);
  if (type === "double") return Object.is(toNumber(a), toNumber(b));
  return type === "decimal" ? String(a) === String(b) : compareValues(a, b) === 0;
}

function documentsIdentical(a: Document, b: Document): boolean {
  const names = Object.keys(a);
  const others = Object.keys(b);
  return names.length === others.length && names.every((name, i) => name === others[i] && valuesIdentical(a[name], b[name]));
}

function compareNumbers(a: unknown, b: unknown): number {
  const x = toNumber(a);
  const y = toNumber(b);
  if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(y)) - Number(Number.isNaN(x));
  if (x !== y) return x < y ? -1 : 1;
  if (!needsExactness(a) && !needsExactness(b)) return 0;
  const left = toExact(a);
  const right = toExact(b);
  // An infinite double and a decimal beyond its range look the same as doubles.
  if (!left || !right) return compareInfinite(x, left !== undefined, right !== undefined);
  const [p, q] = alignDecimals(left, right);
  return p < q ? -1 : Number(p > q);
}

function needsExactness(value: unknown): boolean {
  return typeof value === "bigint" || value instanceof Long || value instanceof Decimal128;
}

function compareInfinite(x: number, leftIsFinite: boolean, rightIsFinite: boolean): number {
  if (leftIsFinite === rightIsFinite) return 0;
  return leftIsFinite === x > 0 ? -1 : 1;
}

/** Order by code point, which is the order of the UTF-8 bytes. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    // Surrogates stand for code points above every other unit.
    const isSurrogate = (x & 0xf800) === 0xd800 || (y & 0xf800) === 0xd800;
    return isSurrogate ? Buffer.compare(Buffer.from(a), Buffer.from(b)) : x < y ? -1 : 1;
  }
  return Math.sign(a.length - b.length);
}

function compareDocuments(a: Document, b: Document, collation?: Collation): number {
  const names = Object.keys(a);
  const others = Object.keys(b);
  for (let i = 0; i < Math.min(names.length, others.length); i += 1) {
    const [name = "", other = ""] = [names[i], others[i]];
    const order =
      Math.sign(typeRank(a[name]) - typeRank(b[other])) || compareText(name, other) || compareValues(a[name], b[other], collation);
    if (order !== 0) return order;
  }
  return Math.sign(names.length - others.length);
}

function compareArrays(a: unknown[], b: unknown[], collation?: Collation): number {
  for (let i = 0; i < Math.min(a.length, b.length); i += 1) {
    const order = compareValues(a[i], b[i], collation);
    if (order !== 0) return order;
  }
  return Math.sign(a.length - b.length);
}

function compareScalars(a: unknown, b: unknown): number {
  if (typeof a === "boolean") return Number(a) - Number(b);
  if (a instanceof Date && b instanceof Date) return compareNumbers(a.getTime(), b.getTime());
  if (a instanceof ObjectId && b instanceof ObjectId) return Buffer.compare(a.id, b.id);
  if (a instanceof Timestamp && b instanceof Timestamp) return a.compare(b);
  if (a instanceof Code && b instanceof Code) return compareText(a.code, b.code);
  const [x, y] = [toRegexParts(a), toRegexParts(b)];
  if (x && y) return compareText(x.pattern, y.pattern) || compareText(x.options, y.options);
  const [p, q] = [toBinary(a), toBinary(b)];
  if (!p || !q) return 0;
  return Math.sign(p.bytes.length - q.bytes.length || p.subtype - q.subtype) || Buffer.compare(p.bytes, q.bytes);
}

/** Whether the value is the number NaN, of any numeric type. */
export function isNotANumber(value: unknown): boolean {
  return isNumber(value) && Number.isNaN(toNumber(value));
}
