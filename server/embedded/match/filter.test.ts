import { BSONRegExp, Decimal128, Double, Int32, Long, MinKey, ObjectId } from "bson";
import { describe, expect, it } from "vitest";
import type { Document } from "../bson";
import { compileFilter } from "./filter";
import { findMatchedIndex } from "./positional";

function matches(filter: Document, document: Document): boolean {
  return compileFilter(filter)(document);
}

const oid = new ObjectId();

const HITS: [name: string, filter: Document, document: Document][] = [
  ["equal numbers of different types", { a: new Int32(1) }, { a: Long.fromNumber(1) }],
  ["a decimal equal to a double", { a: Decimal128.fromString("1.50") }, { a: new Double(1.5) }],
  ["null for a missing field", { a: null }, {}],
  ["null inside an array", { a: null }, { a: [1, null] }],
  ["null through an array of documents", { "a.b": null }, { a: [{ b: 1 }, {}] }],
  ["an element of an array", { a: 2 }, { a: [1, 2] }],
  ["a whole array", { a: [1, 2] }, { a: [1, 2] }],
  ["an array inside an array", { a: [1] }, { a: [[1], 2] }],
  ["a field of documents in an array", { "a.b": 2 }, { a: [{ b: 1 }, { b: 2 }] }],
  ["an array position", { "a.1": 2 }, { a: [1, 2] }],
  ["a position and then a field", { "a.0.b": 1 }, { a: [{ b: 1 }] }],
  ["a numeric field name in documents of an array", { "a.0": 1 }, { a: [{ "0": 1 }] }],
  ["a sub-document field by field", { a: { x: 1, y: 2 } }, { a: { x: new Double(1), y: 2 } }],
  ["an id", { _id: oid }, { _id: new ObjectId(oid.id) }],
  ["$gt", { a: { $gt: 1 } }, { a: 2 }],
  ["$gt of dates", { a: { $gt: new Date(1) } }, { a: new Date(2) }],
  ["two bounds met by different elements", { a: { $gt: 5, $lt: 3 } }, { a: [1, 9] }],
  ["$gte null for a missing field", { a: { $gte: null } }, {}],
  ["$gt MinKey for any type", { a: { $gt: new MinKey() } }, { a: "x" }],
  ["$ne of a missing field", { a: { $ne: 1 } }, {}],
  ["$nin", { a: { $nin: [1, 2] } }, { a: 3 }],
  ["$in with a pattern", { a: { $in: [new BSONRegExp("^x", "")] } }, { a: "xy" }],
  ["$in with null", { a: { $in: [null] } }, {}],
  ["$in with many strings", { a: { $in: [..."abcdefghij"] } }, { a: "c" }],
  [
    "$in with many numbers of another type",
    { a: { $in: Array.from({ length: 20 }, (_, i) => new Int32(i)) } },
    { a: [new Double(7)] },
  ],
  ["$exists false", { a: { $exists: false } }, { b: 1 }],
  ["$exists true for null", { a: { $exists: true } }, { a: null }],
  ["$type by name of an element", { a: { $type: "string" } }, { a: [1, "x"] }],
  ["$type number", { a: { $type: "number" } }, { a: Long.fromNumber(1) }],
  ["$size", { a: { $size: 2 } }, { a: [1, 2] }],
  ["$all", { a: { $all: [1, 2] } }, { a: [2, 1, 0] }],
  ["$all with $elemMatch", { a: { $all: [{ $elemMatch: { x: 1 } }] } }, { a: [{ x: 1 }] }],
  ["$elemMatch on documents", { a: { $elemMatch: { x: 1, y: 2 } } }, { a: [{ x: 1, y: 2 }] }],
  ["$elemMatch on values", { a: { $elemMatch: { $gt: 1, $lt: 3 } } }, { a: [0, 2] }],
  ["$mod", { a: { $mod: [4, 1] } }, { a: 5 }],
  ["$not", { a: { $not: { $gt: 1 } } }, { a: "x" }],
  ["$not with a pattern", { a: { $not: new BSONRegExp("^x", "") } }, { a: "y" }],
  ["$regex with options", { a: { $regex: "^AB", $options: "i" } }, { a: "abc" }],
  ["$or", { $or: [{ a: 1 }, { b: 1 }] }, { b: 1 }],
  ["$nor", { $nor: [{ a: 1 }, { b: 1 }] }, { c: 1 }],
  ["$expr between fields", { $expr: { $gt: ["$a", "$b"] } }, { a: 2, b: 1 }],
  ["NaN", { a: new Double(Number.NaN) }, { a: new Double(Number.NaN) }],
  ["a field named like a prototype's", { "constructor.name": 1 }, { constructor: { name: 1 } }],
  ["a stored pattern by $eq", { a: { $eq: new BSONRegExp("x", "") } }, { a: new BSONRegExp("x", "") }],
];

const MISSES: [name: string, filter: Document, document: Document][] = [
  ["another type", { a: 1 }, { a: "1" }],
  ["null for nothing reached in an empty array", { "a.b": null }, { a: [] }],
  ["a comparison across types", { a: { $gt: 1 } }, { a: "x" }],
  ["$gt null", { a: { $gt: null } }, { a: null }],
  ["a sub-document in another order", { a: { x: 1, y: 2 } }, { a: { y: 2, x: 1 } }],
  ["$exists false when an element has the field", { "a.b": { $exists: false } }, { a: [{ b: 1 }, {}] }],
  ["$ne with an equal element", { a: { $ne: 1 } }, { a: [1, 2] }],
  ["$elemMatch split over elements", { a: { $elemMatch: { x: 1, y: 2 } } }, { a: [{ x: 1 }, { y: 2 }] }],
  ["an empty $in", { a: { $in: [] } }, { a: 1 }],
  ["an empty $all", { a: { $all: [] } }, { a: [] }],
  ["a pattern by $eq", { a: { $eq: new BSONRegExp("x", "") } }, { a: "x" }],
  ["$size of no array", { a: { $size: 1 } }, { a: 1 }],
  ["a numeric double not whole", { a: { $mod: [2, 0] } }, { a: "2" }],
  ["inherited names", { constructor: { $exists: true } }, {}],
  ["__proto__", { "__proto__.x": { $exists: true } }, {}],
  ["int64 neighbours beyond 2^53", { a: Long.fromString("9007199254740993") }, { a: Long.fromString("9007199254740992") }],
];

describe("filters", () => {
  it.each(HITS)("match %s", (_name, filter, document) => {
    expect(matches(filter, document)).toBe(true);
  });

  it.each(MISSES)("do not match %s", (_name, filter, document) => {
    expect(matches(filter, document)).toBe(false);
  });

  it("see variables of the command's let", () => {
    const filter = compileFilter({ $expr: { $eq: ["$a", "$$x"] } }, { variables: new Map([["x", 1]]) });
    expect([filter({ a: 1 }), filter({ a: 2 })]).toEqual([true, false]);
  });

  it("ignore case under a collation, in arrays and $in as well", () => {
    const options = { collation: { caseInsensitive: true } };
    expect(compileFilter({ a: "x" }, options)({ a: ["X"] })).toBe(true);
    expect(compileFilter({ a: { $in: ["x", "y"] } }, options)({ a: "Y" })).toBe(true);
    expect(compileFilter({ a: "x" })({ a: "X" })).toBe(false);
  });
});

describe("the positional operator", () => {
  it("stands for the first element that satisfies the query", () => {
    expect(findMatchedIndex({ a: [1, 5, 9] }, { a: { $gt: 3 } })).toBe(1);
    expect(findMatchedIndex({ a: [{ b: 1 }, { b: 2 }] }, { x: 1, "a.b": 2 })).toBe(1);
    expect(
      findMatchedIndex(
        {
          a: [
            { b: 1, c: 1 },
            { b: 1, c: 2 },
          ],
        },
        { a: { $elemMatch: { b: 1, c: 2 } } },
      ),
    ).toBe(1);
    expect(findMatchedIndex({ a: 1 }, { a: 1 })).toBeUndefined();
  });
});
