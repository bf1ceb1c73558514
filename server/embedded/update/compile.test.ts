import { Binary, Decimal128, Double, Int32, Long, ObjectId, Timestamp } from "bson";
import { describe, expect, it } from "vitest";
import { deserializeTyped, serializeDocument, type Document } from "../bson";
import { applyUpdate, compileUpdate, type ApplyOptions, type UpdateOptions } from "./compile";
import { buildUpsert, upsertSeed } from "./upsert";

const int = (value: number) => new Int32(value);
const double = (value: number) => new Double(value);
const long = (value: number | string) => Long.fromString(String(value));

type Case = [name: string, before: Document, update: unknown, after: Document, options?: UpdateOptions & ApplyOptions];

const CASES: Case[] = [
  ["$set on a nested path", {}, { $set: { "a.b": int(1) } }, { a: { b: int(1) } }],
  ["$set beyond an array's end", { a: [int(1)] }, { $set: { "a.2": int(3) } }, { a: [int(1), null, int(3)] }],
  ["$set of new fields in the order of their names", {}, { $set: { b: int(1), a: int(2) } }, { a: int(2), b: int(1) }],
  ["$unset of a field and of an element", { a: 1, b: [1, 2] }, { $unset: { a: "", "b.0": "" } }, { b: [null, 2] }],
  ["$inc of int with int", { a: int(1) }, { $inc: { a: int(2) } }, { a: int(3) }],
  ["$inc of a missing field", {}, { $inc: { a: long(2) } }, { a: long(2) }],
  ["$inc that leaves int32", { a: int(2147483647) }, { $inc: { a: int(1) } }, { a: long(2147483648) }],
  ["$inc of int with double", { a: int(1) }, { $inc: { a: double(0.5) } }, { a: double(1.5) }],
  ["$inc that stays a double", { a: double(1) }, { $inc: { a: int(1) } }, { a: double(2) }],
  ["$inc of a long beyond 2^53", { a: long("9007199254740993") }, { $inc: { a: int(1) } }, { a: long("9007199254740994") }],
  ["$inc of a decimal", { a: Decimal128.fromString("0.1") }, { $inc: { a: int(1) } }, { a: Decimal128.fromString("1.1") }],
  ["$mul of a missing field", {}, { $mul: { a: long(5) } }, { a: long(0) }],
  ["$mul", { a: int(6) }, { $mul: { a: int(7) } }, { a: int(42) }],
  [
    "$min and $max across types",
    { a: int(5), b: int(5) },
    { $min: { a: double(4.5) }, $max: { b: "x" } },
    { a: double(4.5), b: "x" },
  ],
  ["$rename", { a: 1, c: 2 }, { $rename: { a: "b.x" } }, { c: 2, b: { x: 1 } }],
  ["$push", { a: [1] }, { $push: { a: 2 } }, { a: [1, 2] }],
  ["$push to nothing", {}, { $push: { a: 1 } }, { a: [1] }],
  [
    "$push of several, sorted and cut",
    { a: [int(5)] },
    { $push: { a: { $each: [int(1), int(9)], $sort: -1, $slice: 2 } } },
    { a: [int(9), int(5)] },
  ],
  ["$push at a position from the end", { a: [1, 2, 3] }, { $push: { a: { $each: [9], $position: -1 } } }, { a: [1, 2, 9, 3] }],
  [
    "$push sorted by a field",
    { a: [{ x: 2 }] },
    { $push: { a: { $each: [{ x: 1 }], $sort: { x: 1 } } } },
    { a: [{ x: 1 }, { x: 2 }] },
  ],
  ["$push keeping the last", { a: [1, 2] }, { $push: { a: { $each: [3], $slice: -2 } } }, { a: [2, 3] }],
  ["$addToSet by value", { a: [int(1)] }, { $addToSet: { a: { $each: [double(1), int(2)] } } }, { a: [int(1), int(2)] }],
  ["$pop at both ends", { a: [1, 2, 3], b: [1, 2, 3] }, { $pop: { a: 1, b: -1 } }, { a: [1, 2], b: [2, 3] }],
  ["$pull of a value", { a: [1, 2, 1] }, { $pull: { a: 1 } }, { a: [2] }],
  ["$pull by operators", { a: [1, 5, 9] }, { $pull: { a: { $gte: 5 } } }, { a: [1] }],
  ["$pull by a filter on documents", { a: [{ x: 1, y: 1 }, { x: 2 }] }, { $pull: { a: { x: 1 } } }, { a: [{ x: 2 }] }],
  ["$pullAll", { a: [1, 2, 3] }, { $pullAll: { a: [1, 3] } }, { a: [2] }],
  ["$bit", { a: int(13) }, { $bit: { a: { and: int(10) } } }, { a: int(8) }],
  ["$setOnInsert only on insert", { a: 1 }, { $setOnInsert: { b: 1 } }, { a: 1 }],
  ["$setOnInsert on insert", {}, { $setOnInsert: { b: 1 } }, { b: 1 }, { isUpsertInsert: true }],
  ["the positional operator", { a: [1, 2] }, { $set: { "a.$": 9 } }, { a: [1, 9] }, { matchedArrayIndex: 1 }],
  ["$[]", { a: [{ x: int(1) }, { x: int(2) }] }, { $inc: { "a.$[].x": int(1) } }, { a: [{ x: int(2) }, { x: int(3) }] }],
  [
    "$[name]",
    { a: [{ x: 1 }, { x: 5 }] },
    { $set: { "a.$[e].x": 0 } },
    { a: [{ x: 1 }, { x: 0 }] },
    { arrayFilters: [{ "e.x": { $gt: 2 } }] },
  ],
  ["a replacement, keeping _id in front", { _id: 1, a: 1 }, { b: 2 }, { _id: 1, b: 2 }],
  ["a pipeline", { _id: 1, a: int(1) }, [{ $set: { b: { $add: ["$a", int(1)] } } }, { $unset: "a" }], { _id: 1, b: int(2) }],
  ["a pipeline that replaces", { _id: 1, a: { x: 1 } }, [{ $replaceWith: "$a" }], { _id: 1, x: 1 }],
];

describe("updates", () => {
  it.each(CASES)("apply %s", (_name, before, update, after, options) => {
    const result = applyUpdate(before, update, options);
    expect(result).toEqual(after);
    expect(Object.keys(result)).toEqual(Object.keys(after));
  });

  it("leave the document they are given as it was", () => {
    const before = { _id: 1, a: { b: [1] } };
    applyUpdate(before, { $push: { "a.b": 2 }, $set: { "a.c": 1 } });
    expect(before).toEqual({ _id: 1, a: { b: [1] } });
  });

  it("keep every BSON type of the fields they do not touch", () => {
    const stored = {
      i: int(1),
      d: double(1),
      l: long(1),
      n: Decimal128.fromString("1.0"),
      o: new ObjectId(),
      b: new Binary(Buffer.from("x"), 4),
      t: new Timestamp({ t: 1, i: 2 }),
      z: null,
      at: new Date(5),
    };
    const before = deserializeTyped(serializeDocument(stored));
    const after = deserializeTyped(serializeDocument(applyUpdate(before, { $set: { zz: int(1) } })));
    expect(after).toEqual({ ...before, zz: int(1) });
  });

  it("store a field called __proto__ or constructor like any other", () => {
    const update = deserializeTyped(
      serializeDocument(JSON.parse('{"$set":{"__proto__":{"polluted":true},"constructor.prototype.polluted":true}}') as Document),
    );
    const result = applyUpdate({}, update);
    expect(Object.keys(result).sort()).toEqual(["__proto__", "constructor"]);
    expect(({} as Document).polluted).toBeUndefined();
  });

  it("know whether they need the matched position", () => {
    expect(compileUpdate({ $set: { "a.$.b": 1 } }).usesPosition).toBe(true);
    expect(compileUpdate({ $set: { "a.$[].b": 1 } }).usesPosition).toBe(false);
  });
});

describe("upserts", () => {
  it("start from the equalities of the filter", () => {
    const filter = { a: 1, "b.c": { $eq: 2 }, d: { $gt: 3 }, $and: [{ e: { $in: [5] } }], $or: [{ f: 6 }, { g: 7 }] };
    expect(upsertSeed(filter)).toEqual({ a: 1, b: { c: 2 }, e: 5 });
  });

  it("combine $inc and $setOnInsert with them", () => {
    const update = compileUpdate({ $inc: { count: int(1) }, $setOnInsert: { at: "now" } });
    expect(buildUpsert({ key: "x" }, update)).toEqual({ key: "x", at: "now", count: int(1) });
  });

  it("take only _id over to a replacement", () => {
    expect(buildUpsert({ _id: 7, a: 1 }, compileUpdate({ b: 2 }))).toEqual({ _id: 7, b: 2 });
    expect(buildUpsert({ a: 1 }, compileUpdate({ b: 2 }))).toEqual({ b: 2 });
  });
});
