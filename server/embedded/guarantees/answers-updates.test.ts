import mongoose from "mongoose";
import { describe, expect, it } from "vitest";
import { useRunningServer } from "./running-server";

/** What updates make of a document; several of the examples are those of MongoDB's manual. */
const { EJSON, Int32, Long } = mongoose.mongo.BSON;
type Document = mongoose.mongo.BSON.Document;

const server = useRunningServer();
const open = (name: string) => server.client.db("answers").collection<Document>(name, { promoteValues: false });

/** As text that shows each value's type. */
const show = (value: unknown) => EJSON.stringify(value, { relaxed: false });

describe("updates", () => {
  type UpdateCase = [what: string, before: Document, update: Document, after: Document];
  const quizzes = [
    { wk: 1, score: 10 },
    { wk: 2, score: 8 },
    { wk: 3, score: 5 },
    { wk: 4, score: 6 },
  ];
  const more = [
    { wk: 5, score: 8 },
    { wk: 6, score: 7 },
    { wk: 7, score: 6 },
  ];

  it.each<UpdateCase>([
    [
      "add, then sort, then cut",
      { a: quizzes },
      { $push: { a: { $each: more, $sort: { score: -1 }, $slice: 3 } } },
      { a: [quizzes[0], quizzes[1], more[0]] },
    ],
    [
      "add at a place, then cut from the end",
      { a: [1, 2, 3] },
      { $push: { a: { $each: [8, 9], $position: 1, $slice: -4 } } },
      { a: [8, 9, 2, 3] },
    ],
    ["add beyond the end", { a: [1] }, { $push: { a: { $each: [2], $position: 9 } } }, { a: [1, 2] }],
    ["cut without adding", { a: [3, 1, 2] }, { $push: { a: { $each: [], $sort: 1, $slice: 2 } } }, { a: [1, 2] }],
    ["cut to nothing", { a: [1] }, { $push: { a: { $each: [2], $slice: 0 } } }, { a: [] }],
    ["add an array as one element", { a: [1] }, { $push: { a: [2, 3] } }, { a: [1, [2, 3]] }],
    [
      "add to a set by value, field order counting",
      { a: [{ x: 1, y: 2 }] },
      { $addToSet: { a: { y: 2, x: 1 } } },
      { a: [{ x: 1, y: 2 }, { y: 2, x: 1 }] },
    ],
    [
      "take out by conditions on one element",
      { a: [{ i: "A", s: 5 }, { i: "B", s: 8 }] },
      { $pull: { a: { s: 8, i: "B" } } },
      { a: [{ i: "A", s: 5 }] },
    ],
    ["take out by $in", { a: ["x", "y", "z", "x"] }, { $pull: { a: { $in: ["x", "z"] } } }, { a: ["y"] }],
    [
      "take out by $elemMatch",
      { a: [{ r: [{ q: 1, v: 4 }, { q: 2, v: 6 }] }, { r: [{ q: 1, v: 8 }, { q: 2, v: 8 }] }] },
      { $pull: { a: { r: { $elemMatch: { q: 2, v: { $gte: 8 } } } } } },
      { a: [{ r: [{ q: 1, v: 4 }, { q: 2, v: 6 }] }] },
    ],
    [
      "set in every element at every level",
      { a: [{ b: [1, 2] }, { b: [3] }] },
      { $set: { "a.$[].b.$[]": 0 } },
      { a: [{ b: [0, 0] }, { b: [0] }] },
    ],
    ["keep the smaller, null being smaller than any number", { a: 5, b: null }, { $min: { a: 3, b: 1 } }, { a: 3, b: null }],
    ["make no new field for an unset that hits nothing", { a: 1 }, { $unset: { "b.c": 1, d: 1 } }, { a: 1 }],
    ["rename over a field that is there", { a: 1, b: 2, c: 3 }, { $rename: { a: "c" } }, { b: 2, c: 1 }],
  ])("%s", async (what, before, update, after) => {
    await open("updates").insertOne({ _id: what, ...before } as Document);
    await open("updates").updateOne({ _id: what } as Document, update);
    expect(show(await open("updates").findOne({ _id: what } as Document))).toBe(show({ _id: what, ...after }));
  });

  it("count as a change when only the type changes, and not when nothing does", async () => {
    await open("changes").insertOne({ a: new Int32(1) });
    const modified = async (update: Document) => Number((await open("changes").updateOne({}, update)).modifiedCount);
    expect(await modified({ $set: { a: new Int32(1) } })).toBe(0);
    expect(await modified({ $inc: { a: 0 } })).toBe(0);
    expect(await modified({ $set: { a: Long.fromNumber(1) } })).toBe(1);
    expect(await modified([{ $set: { a: "$a" } }])).toBe(0);
  });

  it.each<[filter: Document, update: Document | Document[], made: Document]>([
    [{ _id: 1, a: 1, b: { $gt: 2 }, "c.d": 3 }, { $set: { e: 5 } }, { _id: 1, a: 1, c: { d: 3 }, e: 5 }],
    [{ _id: 2, a: null, $or: [{ b: 1 }] }, { $set: { e: 5 } }, { _id: 2, a: null, b: 1, e: 5 }],
    [{ _id: 3, a: { x: 1 } }, { $setOnInsert: { b: 2 } }, { _id: 3, a: { x: 1 }, b: 2 }],
    [{ a: 7 }, { $set: { _id: 4 } }, { _id: 4, a: 7 }],
    [{ _id: 5, a: 1 }, { b: 2 }, { _id: 5, b: 2 }],
    [{ _id: 6, a: 1 }, [{ $set: { b: { $add: ["$a", 1] } } }], { _id: 6, a: 1, b: 2 }],
    [{ _id: 8, n: { $eq: 5 } }, { $inc: { n: 1 } }, { _id: 8, n: 6 }],
  ])("that insert for %j with %j make %j", async (filter, update, made) => {
    const isReplacement = !Array.isArray(update) && !Object.keys(update)[0]?.startsWith("$");
    const options = { upsert: true };
    const result = isReplacement
      ? await open("upserts").replaceOne(filter, update as Document, options)
      : await open("upserts").updateOne(filter, update, options);
    expect(Number(result.upsertedId)).toBe(made._id);
    expect(show(await open("upserts").findOne({ _id: made._id }))).toBe(show(made));
  });
});

describe("$merge", () => {
  it("has the incoming document and what `let` makes of it as variables", async () => {
    const [incoming, before]: Document[][] = [
      [{ _id: 1, v: "a" }, { _id: 2, v: "b" }, { _id: 3 }],
      [{ _id: 1, n: 10 }, { _id: 2, n: 20 }, { _id: 3, n: 30, q: "old" }],
    ];
    await open("incoming").insertMany(incoming as (Document & { _id: never })[]);
    await open("merged").insertMany(before as (Document & { _id: never })[]);
    const whenMatched = [{ $set: { q: "$$q", both: { $concat: ["$$prefix", "$$new.v"] }, n: { $add: ["$n", 1] } } }];
    const merge = { into: "merged", let: { q: { $toUpper: "$v" }, prefix: "was ", new: "$$ROOT" }, whenMatched };
    await open("incoming").aggregate([{ $merge: merge }] as Document[]).toArray();
    const merged = await open("merged").find({}, { promoteValues: true }).sort({ _id: 1 }).toArray();
    expect(merged).toEqual([
      { _id: 1, n: 11, q: "A", both: "was a" },
      { _id: 2, n: 21, q: "B", both: "was b" },
      { _id: 3, n: 31, q: "", both: null },
    ]);
  });
});
