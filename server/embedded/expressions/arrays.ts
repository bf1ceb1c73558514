import { Int32 } from "bson";
import { getField, setField, type Document } from "../bson";
import { failBadValue, failLocation, fail } from "../errors";
import { compileSort, sortDocuments } from "../sort";
import { isDocument, isNumber, isTruthy, toInteger, toNumber, typeName } from "../types";
import { compareValues, valuesEqual } from "../values";
import { isNullish, named, positional, requireArray, requireNamed, unary, unaryOrNull } from "./arguments";
import { spendWork, type Operator, type OperatorTable, type Scope } from "./scope";

/** Numbers `$range` may produce, well below the memory limit. */
const RANGE_LIMIT = 1_000_000;

function elementAt(value: unknown, index: unknown, name: string): unknown {
  if (isNullish(value) || isNullish(index)) return null;
  const items = requireArray(value, 28689, `${name}'s first argument must be an array`);
  const at = toInteger(index);
  if (at === undefined)
    failLocation(28691, `${name}'s second argument must be representable as a 32-bit integer: ${String(index)}`);
  return items.at(at);
}

function edge(index: 0 | -1): Operator {
  return unaryOrNull((value, name) => requireArray(value, 28689, `${name}'s argument must be an array`).at(index));
}

function edges(pick: (items: unknown[], count: number, scope: Scope) => unknown[]): Operator {
  return named(["input", "n"], [], ({ input, n }, name, scope) => {
    const count = toInteger(n);
    if (count === undefined || count < 1) failLocation(5787908, `'n' must be greater than 0, found ${String(n)}`);
    return pick(requireArray(input, 5788200, `${name}: input must be an array`), count, scope);
  });
}

function extremes(sign: number): Operator {
  return edges((items, count, { collation }) =>
    items
      .filter((item) => !isNullish(item))
      .sort((a, b) => sign * compareValues(a, b, collation))
      .slice(0, count),
  );
}

function concatArrays(args: unknown[], scope: Scope): unknown {
  if (args.some(isNullish)) return null;
  const lists = args.map((value) => requireArray(value, 28664, "$concatArrays only supports arrays"));
  spendWork(
    scope,
    lists.reduce((sum, list) => sum + list.length, 0),
  );
  return lists.flat();
}

function slice(args: unknown[]): unknown {
  const [value, first, second] = args;
  if (args.some(isNullish)) return null;
  const items = requireArray(value, 28724, "First argument to $slice must be an array");
  const [start, count] = [toInteger(first), toInteger(second)];
  if (start === undefined) failLocation(28725, "Second argument to $slice must be numeric");
  if (args.length === 2) return start < 0 ? items.slice(start) : items.slice(0, start);
  if (count === undefined || count <= 0) failLocation(28729, "Third argument to $slice must be positive");
  const from = start < 0 ? Math.max(0, items.length + start) : start;
  return items.slice(from, from + count);
}

function range(args: unknown[], scope: Scope): unknown {
  const [start, end, step = 1] = args.map(
    (value) => toInteger(value) ?? failLocation(34444, "$range requires numbers that can be represented as 32-bit integers"),
  );
  if (step === 0) failLocation(34449, "$range requires a non-zero step value");
  const count = Math.max(0, Math.ceil(((end ?? 0) - (start ?? 0)) / step));
  if (count > RANGE_LIMIT) fail(146, "ExceededMemoryLimit", "$range would use too much memory");
  spendWork(scope, count);
  return Array.from({ length: count }, (_, i) => new Int32((start ?? 0) + i * step));
}

const zip = named(["inputs"], ["useLongestLength", "defaults"], ({ inputs, useLongestLength, defaults }) => {
  const lists = requireArray(inputs, 34461, "inputs must be an array of expressions");
  if (lists.some(isNullish)) return null;
  const arrays = lists.map((list) => requireArray(list, 34468, "$zip found a non-array expression in input"));
  const longest = isTruthy(useLongestLength);
  if (!longest && !isNullish(defaults)) failLocation(34466, "cannot specify defaults unless useLongestLength is true");
  const lengths = arrays.map((array) => array.length);
  const length = lengths.length === 0 ? 0 : longest ? Math.max(...lengths) : Math.min(...lengths);
  const fill = Array.isArray(defaults) ? defaults : [];
  return Array.from({ length }, (_, i) => arrays.map((array, which) => (i < array.length ? array[i] : (fill[which] ?? null))));
});

function indexOfArray([value, wanted, from, to]: unknown[], { collation }: Scope): unknown {
  if (isNullish(value)) return null;
  const items = requireArray(value, 40090, "$indexOfArray requires an array as a first argument");
  const start = from === undefined ? 0 : toNumber(from);
  const end = to === undefined ? items.length : toNumber(to);
  return new Int32(items.findIndex((item, index) => index >= start && index < end && valuesEqual(item, wanted, collation)));
}

const sortArray: Operator = (argument, compile, name) => {
  const fields = requireNamed(name, argument, ["input", "sortBy"], []);
  const { sortBy } = fields;
  const input = compile(fields.input);
  const direction = toNumber(sortBy);
  if (isNumber(sortBy) && Math.abs(direction) !== 1) failBadValue("$sortArray: The $sort element value must be either 1 or -1");
  if (!isNumber(sortBy)) compileSort(sortBy);
  return (scope) => {
    const { collation } = scope;
    const value = input(scope);
    if (isNullish(value)) return null;
    const items = requireArray(value, 2942504, "The input argument to $sortArray must be an array");
    if (isNumber(sortBy)) return items.toSorted((a, b) => direction * compareValues(a, b, collation));
    return sortDocuments(items, compileSort(sortBy, collation), (item) => (isDocument(item) ? item : {}));
  };
};

function arrayToObject(value: unknown): unknown {
  const out: Document = {};
  for (const entry of requireArray(value, 40386, "$arrayToObject requires an array input")) {
    const [key, item] = readEntry(entry);
    if (typeof key !== "string")
      failLocation(40394, "$arrayToObject requires an array of key-value pairs, where the key must be of type string");
    if (key.includes("\0")) failLocation(4940401, "Key field cannot contain an embedded null byte");
    setField(out, key, item);
  }
  return out;
}

function readEntry(entry: unknown): unknown[] {
  if (Array.isArray(entry) && entry.length === 2) return entry;
  if (isDocument(entry) && "k" in entry && "v" in entry && Object.keys(entry).length === 2) return [entry.k, entry.v];
  return failLocation(40398, `Unrecognised input type format for $arrayToObject: ${typeName(entry)}`);
}

function objectToArray(value: unknown): unknown {
  if (!isDocument(value)) failLocation(40390, `$objectToArray requires a document input, found: ${typeName(value)}`);
  return Object.keys(value).map((k) => ({ k, v: getField(value, k) }));
}

function contains([wanted, list]: unknown[], { collation }: Scope): boolean {
  return requireArray(list, 40081, "$in requires an array as a second argument").some((item) =>
    valuesEqual(item, wanted, collation),
  );
}

/** Arrays in, arrays or elements out. */
export const ARRAY_OPERATORS: OperatorTable = [
  ["$size", unary((value) => new Int32(requireArray(value, 17124, "The argument to $size must be an array").length))],
  ["$isArray", unary((value) => Array.isArray(value))],
  ["$arrayElemAt", positional(2, 2, ([value, index], _scope, name) => elementAt(value, index, name))],
  ["$first", edge(0)],
  ["$last", edge(-1)],
  ["$firstN", edges((items, count) => items.slice(0, count))],
  ["$lastN", edges((items, count) => items.slice(-count))],
  ["$minN", extremes(1)],
  ["$maxN", extremes(-1)],
  ["$concatArrays", positional(0, Number.POSITIVE_INFINITY, concatArrays)],
  ["$slice", positional(2, 3, (args) => slice(args))],
  [
    "$reverseArray",
    unaryOrNull((value) => requireArray(value, 34435, "The argument to $reverseArray must be an array").toReversed()),
  ],
  ["$range", positional(2, 3, range)],
  ["$zip", zip],
  ["$in", positional(2, 2, contains)],
  ["$indexOfArray", positional(2, 4, indexOfArray)],
  ["$sortArray", sortArray],
  ["$arrayToObject", unaryOrNull(arrayToObject)],
  ["$objectToArray", unaryOrNull(objectToArray)],
];
