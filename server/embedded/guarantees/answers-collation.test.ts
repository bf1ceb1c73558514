import type { mongo } from "mongoose";
import { beforeAll, describe, expect, it } from "vitest";
import { useRunningServer } from "./running-server";

interface Row {
  _id: number;
  s: string;
  l: string[];
}

const collation = { locale: "en", strength: 2 };
const server = useRunningServer();
let rows: mongo.Collection<Row>;

beforeAll(async () => {
  rows = server.client.db("collated").collection<Row>("rows");
  await rows.insertMany([
    { _id: 1, s: "a", l: ["b", "A"] },
    { _id: 2, s: "B", l: ["c"] },
    { _id: 3, s: "A", l: [] },
  ]);
});

/** Runs in a collection that has the collation itself, and in one where the operation brings it. */
async function aggregate(pipeline: mongo.Document[]): Promise<mongo.Document[]> {
  const given = await rows.aggregate(pipeline, { collation }).toArray();
  const own = await server.client.db("collated").createCollection<Row>(`own ${Math.random()}`, { collation });
  await own.insertMany(await rows.find().toArray());
  expect(await own.aggregate(pipeline).toArray()).toEqual(given);
  return given;
}

describe("a collation that is blind to case", () => {
  it.each<[expression: mongo.Document, value: unknown]>([
    [{ $eq: ["$s", "A"] }, true],
    [{ $ne: ["$s", "A"] }, false],
    [{ $gt: ["$s", "B"] }, false],
    [{ $cmp: ["$s", "A"] }, 0],
    [{ $in: ["B", "$l"] }, true],
    [{ $indexOfArray: ["$l", "a"] }, 1],
    [{ $size: { $setUnion: ["$l", ["B"]] } }, 2],
    [{ $setEquals: ["$l", ["a", "B"]] }, true],
    [{ $setDifference: ["$l", ["a"]] }, ["b"]],
    [{ $setIsSubset: [["a"], "$l"] }, true],
    [{ $sortArray: { input: ["b", "A", "a"], sortBy: 1 } }, ["A", "a", "b"]],
    [{ $max: ["a", "B"] }, "B"],
    [{ $minN: { input: ["b", "A"], n: 1 } }, ["A"]],
    [{ $filter: { input: "$l", cond: { $eq: ["$$this", "a"] } } }, ["A"]],
    [{ $let: { vars: { x: "$s" }, in: { $cond: [{ $eq: ["$$x", "A"] }, 1, 2] } } }, 1],
  ])("decides in expressions: %j is %j", async (expression, value) => {
    expect(await aggregate([{ $match: { _id: 1 } }, { $project: { _id: 0, r: expression } }])).toEqual([{ r: value }]);
  });

  it.each<[pipeline: mongo.Document[], result: mongo.Document[]]>([
    [[{ $match: { $expr: { $eq: ["$s", "A"] } } }, { $project: { _id: 1 } }], [{ _id: 1 }, { _id: 3 }]],
    [[{ $group: { _id: null, m: { $max: "$s" }, n: { $min: "$s" } } }], [{ _id: null, m: "B", n: "a" }]],
    [[{ $group: { _id: null, all: { $addToSet: "$s" } } }, { $project: { n: { $size: "$all" } } }], [{ _id: null, n: 2 }]],
    [[{ $bucket: { groupBy: "$s", boundaries: ["A", "B", "C"], output: { n: { $sum: 1 } } } }], [{ _id: "A", n: 2 }, { _id: "B", n: 1 }]],
    [[{ $facet: { a: [{ $match: { s: "A" } }, { $count: "n" }] } }], [{ a: [{ n: 2 }] }]],
  ])("decides in stages: %j", async (pipeline, result) => {
    expect(await aggregate(pipeline)).toEqual(result);
  });

  it("decides in a projection and in the pipeline of a $lookup", async () => {
    const projected = rows.find({ _id: 1 }, { projection: { _id: 0, r: { $eq: ["$s", "A"] } }, collation });
    expect(await projected.toArray()).toEqual([{ r: true }]);
    const join = { from: "rows", let: { x: "$s" }, pipeline: [{ $match: { $expr: { $eq: ["$s", "$$x"] } } }], as: "j" };
    const stages = [{ $match: { _id: 1 } }, { $lookup: join }, { $project: { j: "$j._id" } }];
    const joined = await rows.aggregate(stages, { collation }).toArray();
    expect(joined).toEqual([{ _id: 1, j: [1, 3] }]);
  });

  it.each<[before: unknown, update: mongo.Document | mongo.Document[], after: unknown]>([
    [["a", "B"], { $pull: { a: "A" } }, ["B"]],
    [["a", "B"], { $pull: { a: { $in: ["A"] } } }, ["B"]],
    [[{ x: "a" }], { $pull: { a: { x: "A" } } }, []],
    [["a", "B"], { $pullAll: { a: ["A"] } }, ["B"]],
    [["a"], { $addToSet: { a: "A" } }, ["a"]],
    [["b", "A"], { $push: { a: { $each: ["a"], $sort: 1 } } }, ["A", "a", "b"]],
    ["B", { $min: { a: "a" } }, "a"],
    ["b", { $max: { a: "C" } }, "C"],
    ["b", [{ $set: { a: { $eq: ["$a", "B"] } } }], true],
  ])("decides in updates: %j with %j becomes %j", async (before, update, after) => {
    const updated = server.client.db("collated").collection<{ a: unknown }>("updated");
    await updated.insertOne({ a: before });
    const found = await updated.findOneAndUpdate({}, update, { collation, returnDocument: "after" });
    expect(found?.a).toEqual(after);
    await updated.drop();
  });
});
