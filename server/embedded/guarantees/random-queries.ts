import { Binary, BSONRegExp, Decimal128, Double, Int32, Long, MaxKey, MinKey, ObjectId } from "bson";
import type { Document } from "../bson";
import type { Random } from "./random-values";

/** A value from a small stock of all types, so that filters often meet a document. */
export function makeScalar(random: Random): unknown {
  return random.pick<() => unknown>([
    () => null,
    () => new Int32(random.below(7) - 3),
    () => new Int32(random.below(7) - 3),
    () => new Double(random.below(14) / 2 - 3),
    () => new Double(random.pick([Number.NaN, -0, Infinity, 9007199254740992])),
    () => Long.fromString(random.pick(["1", "2", "9007199254740992", "9007199254740993"])),
    () => Decimal128.fromString(random.pick(["1", "1.5", "-2.0", "NaN", "9007199254740993"])),
    () => makeText(random),
    () => makeText(random),
    () => makeLongText(random),
    () => makeLongText(random),
    () => random.oneIn(2),
    () => new Date(random.below(4) * 1000 - 2000),
    () => new ObjectId(String(random.below(3)).padStart(24, "0")),
    () => new Binary(Buffer.from(random.pick(["", "a", "ab"])), random.pick([0, 4])),
    () => ({ x: new Int32(random.below(3)) }),
    () => ({}),
    () => new BSONRegExp(random.pick(["a", "^a"])),
    () => random.pick([new MinKey(), new MaxKey()]),
  ])();
}

export function makeText(random: Random): string {
  return random.pick(["", "a", "A", "ab", "Ab", "aB", "abc", "b", "B", "ba", "á", "Á", "a\0b", "\u{1f600}", "\ufffd", "a.b"]);
}

/** Some of these are cut in an index, which then says nothing about their order. */
function makeLongText(random: Random): string {
  return "x".repeat(random.pick([690, 698, 700, 701])) + random.pick(["", "y", "z"]);
}

function makeNumber(random: Random): unknown {
  return random.pick<unknown>([new Int32(random.below(9) - 4), new Double(random.below(18) / 2 - 4), Long.fromNumber(random.below(5))]);
}

function makeArray(random: Random, make: (random: Random) => unknown): unknown[] {
  return random.list(random.below(4), () => (random.oneIn(12) ? random.list(random.below(3), () => make(random)) : make(random)));
}

function makePart(random: Random, hasArrays = true): Document {
  const part: Document = {};
  if (!random.oneIn(5)) part.x = hasArrays && random.oneIn(8) ? makeArray(random, makeScalar) : makeScalar(random);
  if (random.oneIn(2)) part.y = makeNumber(random);
  return part;
}

/**
 * Mostly scalars in `a`, numbers in `b`, documents or arrays of them in `c`, texts in `d`, texts or arrays of them in `e`.
 * Without arrays an index on any of them gives an order.
 */
export function makeDocument(random: Random, id: number, hasArrays = true): Document {
  const document: Document = { _id: new Int32(id) };
  if (!random.oneIn(7)) document.a = hasArrays && random.oneIn(6) ? makeArray(random, makeScalar) : makeScalar(random);
  if (!random.oneIn(7)) document.b = makeNumber(random);
  if (!random.oneIn(3)) document.c = hasArrays && random.oneIn(3) ? makeArray(random, () => makePart(random)) : makePart(random, hasArrays);
  if (!random.oneIn(7)) document.d = makeText(random);
  if (random.oneIn(2)) document.e = hasArrays ? makeArray(random, makeText) : makeText(random);
  return document;
}

/** Paths filters, sorts and indexes speak of. */
export const PATHS = ["a", "b", "c.x", "c.y", "d", "e", "_id", "c", "a.0", "c.0.x", "e.1", "missing"];

function makeValueFor(random: Random, path: string): unknown {
  if (random.oneIn(5)) return makeScalar(random);
  if (path === "b" || path === "c.y") return makeNumber(random);
  if (path === "d" || path.startsWith("e")) return makeText(random);
  if (path === "_id") return new Int32(random.below(80));
  return path === "c" ? makePart(random) : makeScalar(random);
}

/** Comparisons refuse a regular expression as their argument. */
function makeComparable(random: Random, path: string): unknown {
  if (random.oneIn(15)) return random.list(random.below(3), () => makeValueFor(random, path));
  const value = makeValueFor(random, path);
  return value instanceof BSONRegExp ? value.pattern : value;
}

function makeRange(random: Random, path: string): Document {
  const range: Document = {};
  if (!random.oneIn(3)) range[random.pick(["$gt", "$gte"])] = makeComparable(random, path);
  if (Object.keys(range).length === 0 || random.oneIn(2)) range[random.pick(["$lt", "$lte"])] = makeComparable(random, path);
  return range;
}

function makeRegex(random: Random): unknown {
  const pattern = random.pick(["^a", "^A", "^ab", "a", "b$", "^", "^a\\.b", "^(a|b)", "^[ab]"]);
  const options = random.pick(["", "", "i"]);
  return random.oneIn(2) ? new BSONRegExp(pattern, options) : { $regex: pattern, $options: options };
}

function makeElementMatch(random: Random, path: string): Document {
  if (path === "c") return { $elemMatch: makeFilter(random, ["x", "y"], 1) };
  return { $elemMatch: random.oneIn(2) ? makeRange(random, path) : { $in: random.list(2, () => makeValueFor(random, path)) } };
}

/** What a filter may demand of one field: half the time something that an index can answer. */
function makeCondition(random: Random, path: string): unknown {
  const value = () => makeValueFor(random, path);
  const indexable: (() => unknown)[] = [
    value,
    () => makeRange(random, path),
    () => ({ $eq: value() }),
    () => ({ $in: random.list(random.pick([0, 1, 2, 3, 12]), value) }),
    () => ({ $in: random.list(2, value), ...makeRange(random, path) }),
    () => ({ $exists: true, ...makeRange(random, path) }),
  ];
  const others: (() => unknown)[] = [
    () => null,
    () => makeArray(random, value),
    () => ({ $nin: random.list(random.below(3), value) }),
    () => ({ $ne: makeComparable(random, path) }),
    () => ({ $exists: random.oneIn(2) }),
    () => ({ $not: makeRange(random, path) }),
    () => ({ $type: random.pick(["string", "number", "null", "array", "object", "int"]) }),
    () => ({ $all: random.list(1 + random.below(2), value) }),
    () => ({ $size: new Int32(random.below(3)) }),
    () => ({ $mod: [2, random.below(2)] }),
    () => makeRegex(random),
    () => makeElementMatch(random, path),
  ];
  return random.pick(random.oneIn(2) ? indexable : others)();
}

/** A filter on the first fields of an index. */
export function makeFilterForIndex(random: Random, { key }: Document): Document {
  const filter: Document = {};
  for (const path of Object.keys(key as Document)) {
    filter[path] = makeCondition(random, path);
    if (random.oneIn(3)) break;
  }
  return filter;
}

/** A filter on one to three of the paths, with `$and`, `$or` and `$nor` down to `depth`. */
export function makeFilter(random: Random, paths: readonly string[] = PATHS, depth = 2): Document {
  const filter: Document = {};
  for (let count = random.pick([0, 1, 1, 2, 2, 3]); count > 0; count -= 1) {
    const path = random.pick(paths);
    filter[path] = makeCondition(random, path);
  }
  if (depth > 0 && random.oneIn(4)) {
    const clauses = random.list(1 + random.below(3), () => makeFilter(random, paths, depth - 1));
    filter[random.pick(["$and", "$and", "$or", "$or", "$nor"])] = clauses;
  }
  return filter;
}

/** A sort by up to three paths, often those of an index in its order or the opposite one; a total one ends in `_id`. */
export function makeSort(random: Random, indexes: readonly Document[]): { sort: Document; isTotal: boolean } {
  const sort: Document = {};
  if (indexes.length > 0 && random.oneIn(2)) {
    const { key } = random.pick(indexes);
    const direction = random.pick([1, -1]);
    for (const [path, step] of Object.entries(key as Record<string, number>).slice(random.below(2))) sort[path] = step * direction;
  }
  if (Object.keys(sort).length === 0 || random.oneIn(4)) sort[random.pick(PATHS)] = random.pick([1, -1]);
  if (!("_id" in sort) && random.oneIn(2)) sort._id = random.pick([1, -1]);
  return { sort, isTotal: "_id" in sort };
}

export function makeProjection(random: Random): Document {
  return random.pick<() => Document>([
    () => ({ a: 1 }),
    () => ({ a: 1, _id: 0 }),
    () => ({ _id: 1 }),
    () => ({ "c.x": 1, b: 1 }),
    () => ({ b: 1, a: 1, _id: 0 }),
    () => ({ a: 0, "c.y": 0 }),
    () => ({ e: { $slice: 1 } }),
    () => ({ e: { $elemMatch: { $gte: makeText(random) } } }),
    () => ({ c: { $elemMatch: { x: makeComparable(random, "c.x") } } }),
  ])();
}

const PARTIAL_FILTERS: (() => Document)[] = [
  () => ({ b: { $gt: new Int32(0) } }),
  () => ({ a: { $exists: true } }),
  () => ({ d: "a" }),
  () => ({ b: { $lte: new Int32(2) }, d: { $exists: true } }),
  () => ({ e: { $in: ["a", "b"] } }),
  () => ({ $and: [{ "c.y": { $gte: new Int32(0) } }] }),
  () => ({ a: { $type: "string" } }),
];

/** The collation letters meet without their case in. */
export const NO_CASE: Document = { locale: "en", strength: 2 };
const COLLATIONS: (Document | undefined)[] = [undefined, undefined, undefined, NO_CASE, { locale: "en", strength: 3 }];

export function makeCollation(random: Random): Document | undefined {
  return random.pick(COLLATIONS);
}

/** An index over one to three paths, with every option by chance. */
export function makeIndex(random: Random, position: number, mayBeUnique: boolean): Document {
  const key: Document = {};
  for (let count = random.pick([1, 1, 2, 2, 3]); count > 0; count -= 1) key[random.pick(PATHS)] = random.pick([1, 1, -1]);
  const index: Document = { key, name: `index_${position}` };
  if (mayBeUnique && random.oneIn(8)) index.unique = true;
  if (random.oneIn(8)) index.sparse = true;
  else if (random.oneIn(6)) index.partialFilterExpression = random.pick(PARTIAL_FILTERS)();
  const collation = makeCollation(random);
  if (collation) index.collation = collation;
  return index;
}
