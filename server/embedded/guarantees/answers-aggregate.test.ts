import mongoose from "mongoose";
import { beforeAll, describe, expect, it } from "vitest";
import { useRunningServer } from "./running-server";
import { failureOf } from "./support";

/** What stages answer, types included; many of the examples are those of MongoDB's manual. */
const { EJSON, Long } = mongoose.mongo.BSON;
type Document = mongoose.mongo.BSON.Document;

const server = useRunningServer();
const db = () => server.client.db("aggregate");
const show = (value: unknown) => EJSON.stringify(value, { relaxed: false });

async function run(collection: string, pipeline: Document[]): Promise<Document[]> {
  return db().collection(collection).aggregate(pipeline, { promoteValues: false }).toArray();
}

/** Runs stages over these documents, without a collection. */
async function over(documents: Document[], ...stages: Document[]): Promise<Document[]> {
  return db().aggregate([{ $documents: documents }, ...stages], { promoteValues: false }).toArray();
}

async function codeFrom(work: Promise<unknown>): Promise<number> {
  return Number((await failureOf(work)).code);
}

const open = (name: string) => db().collection<{ _id: unknown; [field: string]: unknown }>(name);

describe("$lookup", () => {
  beforeAll(async () => {
    await open("orders").insertMany([
      { _id: 1, item: "almonds", price: 12, ordered: 2 },
      { _id: 2, item: "pecans", price: 20, ordered: 1 },
      { _id: 3, item: "cookies", price: 10, ordered: 60 },
    ]);
    await open("warehouses").insertMany([
      { _id: 1, stock_item: "almonds", warehouse: "A", instock: 120 },
      { _id: 2, stock_item: "pecans", warehouse: "A", instock: 80 },
      { _id: 3, stock_item: "almonds", warehouse: "B", instock: 60 },
      { _id: 4, stock_item: "cookies", warehouse: "B", instock: 40 },
      { _id: 5, stock_item: "cookies", warehouse: "A", instock: 80 },
    ]);
  });

  const hasEnough = { $gte: ["$instock", "$$wanted"] };
  const shown = [{ $sort: { _id: 1 } }, { $project: { stock_item: 0, _id: 0 } }];
  const stock = [
    [{ warehouse: "A", instock: 120 }, { warehouse: "B", instock: 60 }],
    [{ warehouse: "A", instock: 80 }],
    [{ warehouse: "A", instock: 80 }],
  ];

  it.each<[form: string, spec: Document]>([
    [
      "variables and a pipeline",
      {
        let: { name: "$item", wanted: "$ordered" },
        pipeline: [{ $match: { $expr: { $and: [{ $eq: ["$stock_item", "$$name"] }, hasEnough] } } }, ...shown],
      },
    ],
    [
      "equal fields and a pipeline",
      {
        localField: "item",
        foreignField: "stock_item",
        let: { wanted: "$ordered" },
        pipeline: [{ $match: { $expr: hasEnough } }, ...shown],
      },
    ],
  ])("joins by %s", async (_form, spec) => {
    const found = await run("orders", [{ $sort: { _id: 1 } }, { $lookup: { from: "warehouses", as: "stock", ...spec } }]);
    expect(show(found.map((order) => order.stock as unknown))).toBe(show(stock));
  });

  it("joins what is missing with what is missing or null, arrays by their elements, and a nested array field", async () => {
    const one = Long.fromNumber(1);
    const left = [{ _id: 1 }, { _id: 2, k: null }, { _id: 3, k: ["x", "y"] }, { _id: 4, k: [] }, { _id: 5, k: 1 }];
    const right = [{ _id: "a" }, { _id: "b", f: null }, { _id: "c", f: ["x", "z"] }, { _id: "d", f: "y" }, { _id: "e", f: one }];
    await open("left").insertMany(left);
    await open("right").insertMany(right);
    const found = await run("left", [{ $lookup: { from: "right", localField: "k", foreignField: "f", as: "in.r" } }]);
    const ids = found.map((document) => (document.in.r as Document[]).map(({ _id }) => String(_id)).sort());
    expect(ids).toEqual([["a", "b"], ["a", "b"], ["c", "d"], [], ["e"]]);
  });

  it("gives every document the same when nothing joins them, nothing for a collection that is not there, and may be nested", async () => {
    const counted = [{ $match: { instock: { $gt: 70 } } }, { $count: "n" }];
    const all = await run("orders", [{ $lookup: { from: "warehouses", pipeline: counted, as: "w" } }, { $project: { w: 1 } }]);
    expect(show(all.map(({ w }) => w as unknown))).toBe(show([[{ n: 3 }], [{ n: 3 }], [{ n: 3 }]]));
    const none = await run("orders", [{ $lookup: { from: "nobody", localField: "item", foreignField: "x", as: "w" } }]);
    expect(none.map(({ w }) => w as unknown)).toEqual([[], [], []]);
    const inner = { $lookup: { from: "warehouses", localField: "item", foreignField: "stock_item", as: "w" } };
    const outer = { $lookup: { from: "orders", pipeline: [{ $match: { _id: 2 } }, inner], as: "o" } };
    const nested = await run("warehouses", [{ $match: { _id: 2 } }, outer]);
    expect(nested[0]?.o[0].w[0].warehouse).toBe("A");
  });
});

describe("stages", () => {
  const years = [{ y: 1839 }, { y: 1840 }, { y: 1849 }, { y: 1850 }, { y: 1880 }, { y: "x" }, {}];

  it("$bucket takes the lower bound in, the upper out, and the rest as its default", async () => {
    const output = { n: { $sum: 1 }, all: { $push: "$y" } };
    const $bucket = { groupBy: "$y", boundaries: [1840, 1850, 1860, 1880], default: "other", output };
    expect(show(await over(years, { $bucket }))).toBe(
      show([
        { _id: 1840, n: 2, all: [1840, 1849] },
        { _id: 1850, n: 1, all: [1850] },
        { _id: "other", n: 4, all: [1839, 1880, "x"] },
      ]),
    );
    expect(await codeFrom(over(years, { $bucket: { groupBy: "$y", boundaries: [1840, 1850] } }))).toBe(40066);
  });

  it("$facet runs every pipeline over the same documents", async () => {
    const $facet = {
      count: [{ $match: { y: { $type: "int" } } }, { $count: "n" }],
      top: [{ $sort: { y: -1 } }, { $limit: 2 }],
      none: [{ $match: { y: 5 } }, { $count: "n" }],
      tags: [{ $unwind: "$y" }, { $sortByCount: { $type: "$y" } }],
    };
    const tags = [{ _id: "int", count: 5 }, { _id: "string", count: 1 }];
    const expected = { count: [{ n: 5 }], top: [{ y: "x" }, { y: 1880 }], none: [], tags };
    expect(show(await over(years, { $facet }))).toBe(show([expected]));
  });

  it("$unionWith adds a collection, filtered, after what was there", async () => {
    await open("more").insertMany([{ _id: 1, y: 1 }, { _id: 2, y: 2 }]);
    const pipeline = [{ $match: { y: { $gt: 1 } } }, { $set: { from: "more" } }];
    const found = await over([{ y: 9 }], { $unionWith: { coll: "more", pipeline } }, { $unionWith: "nobody" }, { $unset: "_id" });
    expect(show(found)).toBe(show([{ y: 9 }, { y: 2, from: "more" }]));
  });

  it("$project keeps the order of the document for what it includes and of itself for what it computes", async () => {
    const document = { a: 1, b: { c: 2, d: 3 }, e: [{ f: 1, g: 2 }, { g: 3 }, 5] };
    const project = async ($project: Document) => show((await over([document], { $project }))[0]);
    expect(await project({ b: 1, x: "$a", a: 1 })).toBe(show({ a: 1, b: { c: 2, d: 3 }, x: 1 }));
    expect(await project({ "b.d": 1, "e.f": 1 })).toBe(show({ b: { d: 3 }, e: [{ f: 1 }, {}] }));
    expect(await project({ "e.g": 0, b: 0 })).toBe(show({ a: 1, e: [{ f: 1 }, {}, 5] }));
    const computed = { x: ["$a", "$nobody"], y: { $ifNull: ["$nobody", "none"] }, z: "$nobody" };
    expect(await project(computed)).toBe(show({ x: [1, null], y: "none" }));
    expect(await project({ b: { c: 1, x: { $add: ["$a", 1] } } })).toBe(show({ b: { c: 2, x: 2 } }));
    expect(await project({ a: "$$REMOVE", b: { $cond: [true, "$$REMOVE", 1] }, x: { $literal: "$a" } })).toBe(show({ x: "$a" }));
    expect(await project({ x: "$e.g" })).toBe(show({ x: [2, 3] }));
  });

  it.each<[$project: Document, code: number]>([
    [{ a: 1, b: 0 }, 31254],
    [{ a: 0, b: 1 }, 31253],
    [{ a: 0, b: { $add: [1, 1] } }, 31252],
    [{ a: 1, "a.b": 1 }, 31249],
    [{ "a.b": 1, a: 1 }, 31250],
    [{}, 51272],
    [{ $a: 1 }, 16410],
  ])("to project %j is refused with %i", async ($project, code) => {
    expect(await codeFrom(over([{}], { $project }))).toBe(code);
  });
});

describe("$out and $merge", () => {
  const target = async (name: string) => show(await db().collection(name).find({}, { promoteValues: false }).sort({ _id: 1 }).toArray());

  it("$out replaces all documents of a collection and keeps its indexes, or changes nothing when it fails", async () => {
    await open("out").insertMany([{ _id: 8, u: 1 }, { _id: 9, u: 2 }]);
    await db().collection("out").createIndex({ u: 1 }, { unique: true });
    await over([{ _id: 1, u: 5 }, { _id: 2, u: 6 }], { $out: { db: "aggregate", coll: "out" } });
    expect(await target("out")).toBe(show([{ _id: 1, u: 5 }, { _id: 2, u: 6 }]));
    expect(await codeFrom(over([{ _id: 1, u: 7 }, { _id: 2, u: 7 }], { $out: { db: "aggregate", coll: "out" } }))).toBe(11000);
    expect(await target("out")).toBe(show([{ _id: 1, u: 5 }, { _id: 2, u: 6 }]));
    expect((await db().collection("out").indexes()).map(({ name }) => name)).toEqual(["_id_", "u_1"]);
  });

  it.each<[whenMatched: unknown, whenNotMatched: string, expected: Document[]]>([
    ["merge", "insert", [{ _id: 1, a: 1, b: 9 }, { _id: 2, b: 8 }]],
    ["replace", "insert", [{ _id: 1, b: 9 }, { _id: 2, b: 8 }]],
    ["keepExisting", "insert", [{ _id: 1, a: 1 }, { _id: 2, b: 8 }]],
    ["merge", "discard", [{ _id: 1, a: 1, b: 9 }]],
    [[{ $set: { sum: { $add: ["$a", "$$new.b"] } } }], "insert", [{ _id: 1, a: 1, sum: 10 }, { _id: 2, b: 8 }]],
  ])("$merge with %j and %s", async (whenMatched, whenNotMatched, expected) => {
    const into = `merge-${JSON.stringify(whenMatched).length}-${whenNotMatched}`;
    await open(into).insertOne({ _id: 1, a: 1 });
    await over([{ _id: 1, b: 9 }, { _id: 2, b: 8 }], { $merge: { into: { db: "aggregate", coll: into }, whenMatched, whenNotMatched } });
    expect(await target(into)).toBe(show(expected));
  });

  it("$merge by other fields needs a unique index, and fails as it is told to", async () => {
    await open("keyed").insertOne({ _id: 1, k: "x", n: 1 });
    const merge = (more: Document) => over([{ k: "x", n: 5 }], { $merge: { into: { db: "aggregate", coll: "keyed" }, on: "k", ...more } });
    expect(await codeFrom(merge({}))).toBe(51183);
    await db().collection("keyed").createIndex({ k: 1 }, { unique: true });
    await merge({});
    expect(await target("keyed")).toBe(show([{ _id: 1, k: "x", n: 5 }]));
    expect(await codeFrom(merge({ whenMatched: "fail" }))).toBe(11000);
    const unmatched = over([{ k: "y" }], { $merge: { into: { db: "aggregate", coll: "keyed" }, on: "k", whenNotMatched: "fail" } });
    expect(await codeFrom(unmatched)).toBe(13113);
    expect(await target("keyed")).toBe(show([{ _id: 1, k: "x", n: 5 }]));
  });
});
