import mongoose from "mongoose";
import { describe, expect, it } from "vitest";
import { useRunningServer } from "./running-server";
import { refusalOf } from "./support";

const { Double } = mongoose.mongo.BSON;
const LENGTH = 150_000;

const server = useRunningServer();
const db = () => server.client.db("arrays");

interface Row {
  _id: number;
  list: unknown[];
}

const numbers = (from: number, length = LENGTH) => Array.from({ length }, (_, n) => from + n);

/** A collection with one document. */
async function makeRow(name: string, list: unknown[]) {
  const rows = db().collection<Row>(name);
  await rows.insertOne({ _id: 1, list });
  return rows;
}

describe("an array with very many elements", () => {
  it("is indexed, before and after it is stored", { timeout: 60_000 }, async () => {
    await db().collection("indexed").createIndex({ list: 1 });
    const indexed = await makeRow("indexed", numbers(0));
    expect(await indexed.countDocuments({ list: LENGTH - 1 })).toBe(1);
    await indexed.dropIndex("list_1");
    await indexed.createIndex({ list: 1 });
    expect(await indexed.countDocuments({ list: LENGTH - 1 })).toBe(1);
  });

  it("is refused when too many combinations of its elements would be indexed", async () => {
    const rows = db().collection("combinations");
    await rows.createIndex({ "list.a": 1, "list.b": 1, "list.c": 1 });
    const makeList = (length: number) => numbers(0, length).map((n) => ({ a: n, b: n, c: n }));
    expect(await refusalOf(db(), { insert: "combinations", documents: [{ list: makeList(1000) }] })).toMatchObject({ code: 238 });
    await rows.insertOne({ list: makeList(40) });
    expect(await rows.countDocuments({ "list.a": 39, "list.c": 0 })).toBe(1);
  });

  it("is pushed at once, to the end and into the middle", async () => {
    const rows = await makeRow("pushed", [-1, -2]);
    await rows.updateOne({}, { $push: { list: { $each: numbers(0) } } });
    await rows.updateOne({}, { $push: { list: { $each: [7, 8], $position: 1 } } });
    const [row] = await rows.find({}).toArray();
    expect([row?.list.length, row?.list.slice(0, 5), row?.list.at(-1)]).toEqual([LENGTH + 4, [-1, 7, 8, -2, 0], LENGTH - 1]);
  });

  it("is added to and taken from as a set without going through it for every element", { timeout: 20_000 }, async () => {
    const rows = await makeRow("sets", numbers(0));
    const half = numbers(LENGTH / 2).map((number) => new Double(number));
    await rows.updateOne({}, { $addToSet: { list: { $each: [...half, LENGTH, "x", "x"] } } });
    const [row] = await rows.find({}).toArray();
    expect([row?.list.length, row?.list.at(-1)]).toEqual([1.5 * LENGTH + 1, "x"]);
    await rows.updateOne({}, { $pullAll: { list: half } });
    expect((await rows.find({}).toArray())[0]?.list).toEqual([...numbers(0, LENGTH / 2), "x"]);
  });

  it("is asked for many values at once", { timeout: 20_000 }, async () => {
    const rows = await makeRow("asked", [...numbers(0), [1, 2], null]);
    const wanted = numbers(0, 50_000).map((number) => new Double(LENGTH - 1 - number));
    expect(await rows.countDocuments({ list: { $all: wanted } })).toBe(1);
    expect(await rows.countDocuments({ list: { $all: [...wanted, [1, 2], null] } })).toBe(1);
    for (const other of [-1, [1, 3], "x"]) expect(await rows.countDocuments({ list: { $all: [...wanted, other] } })).toBe(0);
    expect(await rows.countDocuments({ list: { $not: { $all: [...wanted, -1] } } })).toBe(1);
    await rows.insertOne({ _id: 2, list: [numbers(0, 20), { n: numbers(0, 5) }, { n: numbers(5, 15) }] });
    expect(await rows.countDocuments({ "list.n": { $all: numbers(0, 20) } })).toBe(1);
    expect(await rows.countDocuments({ list: { $elemMatch: { $all: numbers(0, 20) } } })).toBe(1);
    expect(await rows.countDocuments({ list: { $elemMatch: { $all: numbers(0, 21) } } })).toBe(0);
  });

  it("is not made again for every element of another: memory is not without end", { timeout: 20_000 }, async () => {
    await makeRow("copies", numbers(0));
    for (const copy of [{ $reverseArray: "$list" }, { $concat: [{ $toString: "$$this" }, "x".repeat(1000)] }]) {
      const pipeline = [{ $project: { size: { $size: { $map: { input: "$list", in: copy } } } } }];
      expect((await refusalOf(db(), { aggregate: "copies", pipeline, cursor: {} })).code).toBe(50);
    }
  });

  it("is not gone through for every element of another until everybody has given up", { timeout: 20_000 }, async () => {
    await makeRow("products", numbers(0));
    const common = { $filter: { input: "$list", cond: { $in: [{ $add: ["$$this", LENGTH] }, "$list"] } } };
    const pipeline = [{ $project: { common: { $size: common } } }];
    expect((await refusalOf(db(), { aggregate: "products", pipeline, cursor: {} })).code).toBe(50);
    expect(await db().command({ ping: 1 })).toMatchObject({ ok: 1 });
  });
});
