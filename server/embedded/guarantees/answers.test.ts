import mongoose from "mongoose";
import { beforeAll, describe, expect, it } from "vitest";
import { useRunningServer } from "./running-server";
import { failureOf } from "./support";

/** Answers that a database made after MongoDB's manual, but not quite, gets wrong without saying so. */
const { BSONRegExp, Binary, Decimal128, Double, EJSON, Int32, Long, MaxKey, MinKey, ObjectId, Timestamp } = mongoose.mongo.BSON;
type Document = mongoose.mongo.BSON.Document;

const server = useRunningServer();
const open = (name: string) => server.client.db("answers").collection<Document>(name, { promoteValues: false });

/** As text that shows each value's type. */
const show = (value: unknown) => EJSON.stringify(value, { relaxed: false });

/** Fills a collection with documents numbered from 1. */
async function fill(name: string, documents: Document[]) {
  await open(name).insertMany(documents.map((document, index): Document => ({ _id: new Int32(index + 1), ...document })));
}

type QueryCase = [filter: Document, ids: number[]];

/** Each query, with and without an index on the field it asks for. */
function itFinds(name: string, field: string, documents: Document[], cases: QueryCase[]): void {
  describe(`queries over ${name}`, () => {
    beforeAll(async () => {
      await fill(name, documents);
      await fill(`${name}-indexed`, documents);
      await open(`${name}-indexed`).createIndex({ [field]: 1 });
    });

    it.each(cases.map(([filter, ids]) => ({ text: show(filter), filter, ids })))("$text finds $ids", async ({ filter, ids }) => {
      for (const collection of [name, `${name}-indexed`]) {
        const found = await open(collection).find(filter).sort({ _id: 1 }).toArray();
        expect([collection, found.map(({ _id }) => Number(_id))]).toEqual([collection, ids]);
      }
    });
  });
}

itFinds(
  "null and missing",
  "a",
  [{ a: null }, {}, { a: 1 }, { a: [] }, { a: [null] }, { a: [1, null] }, { a: { b: null } }, { a: {} }, { a: [{ b: 1 }, {}] }],
  [
    [{ a: null }, [1, 2, 5, 6]],
    [{ a: { $ne: null } }, [3, 4, 7, 8, 9]],
    [{ a: { $in: [null, 1] } }, [1, 2, 3, 5, 6]],
    [{ a: { $nin: [null] } }, [3, 4, 7, 8, 9]],
    [{ a: { $gte: null } }, [1, 2, 5, 6]],
    [{ a: { $gt: null } }, []],
    [{ a: { $exists: false } }, [2]],
    [{ a: { $exists: true } }, [1, 3, 4, 5, 6, 7, 8, 9]],
    [{ a: { $not: { $exists: true } } }, [2]],
    [{ a: { $type: "null" } }, [1, 5, 6]],
    [{ "a.b": null }, [1, 2, 3, 7, 8, 9]],
    [{ "a.b": { $exists: false } }, [1, 2, 3, 4, 5, 6, 8]],
    [{ "a.b": { $ne: null } }, [4, 5, 6]],
    [{ $expr: { $eq: ["$a", null] } }, [1]],
    [{ $expr: { $lte: ["$a", null] } }, [1, 2]],
    [{ $expr: { $gt: ["$a", null] } }, [3, 4, 5, 6, 7, 8, 9]],
  ],
);

itFinds(
  "arrays",
  "a",
  [{ a: [1, 2, 3] }, { a: 2 }, { a: [[1, 2], 3] }, { a: [] }, { a: [5, 10] }, {}],
  [
    [{ a: 2 }, [1, 2]],
    [{ a: [1, 2] }, [3]],
    [{ a: [2, 1] }, []],
    [{ a: { $ne: 2 } }, [3, 4, 5, 6]],
    [{ a: { $nin: [2, 5] } }, [3, 4, 6]],
    [{ a: { $not: { $gt: 2 } } }, [2, 4, 6]],
    [{ a: { $gt: 2, $lt: 2 } }, [1]],
    [{ a: { $elemMatch: { $gt: 2, $lt: 5 } } }, [1, 3]],
    [{ a: { $not: { $elemMatch: { $gt: 2 } } } }, [2, 4, 6]],
    [{ a: { $elemMatch: { $elemMatch: { $eq: 2 } } } }, [3]],
    [{ a: { $size: 2 } }, [3, 5]],
    [{ a: { $size: 0 } }, [4]],
    [{ a: { $all: [1, 3] } }, [1]],
    [{ a: { $all: [[1, 2]] } }, [3]],
    [{ "a.0": 1 }, [1, 3]],
    [{ "a.1": { $exists: true } }, [1, 3, 5]],
    [{ a: { $type: "array" } }, [1, 3, 4, 5]],
    [{ a: { $mod: [5, 0] } }, [5]],
    [{ a: { $in: [[], 10] } }, [4, 5]],
  ],
);

itFinds(
  "documents in arrays",
  "list.a",
  [
    { list: [{ a: 1, b: 1 }, { a: 2, b: 2 }] },
    { list: [{ a: 1, b: 2 }] },
    { list: { a: 1, b: 2 } },
    { list: [{ a: [1, 5] }, 7] },
    { list: [[{ a: 1, b: 2 }]] },
    { list: [{ a: 3 }] },
  ],
  [
    [{ "list.a": 1 }, [1, 2, 3, 4]],
    [{ "list.a": 1, "list.b": 2 }, [1, 2, 3]],
    [{ list: { $elemMatch: { a: 1, b: 2 } } }, [2]],
    [{ list: { a: 1, b: 2 } }, [2, 3]],
    [{ list: [{ a: 1, b: 2 }] }, [2, 5]],
    [{ list: { b: 2, a: 1 } }, []],
    [{ "list.a": { $ne: 1 } }, [5, 6]],
    [{ "list.a": { $gt: 2 } }, [4, 6]],
    [{ "list.0.a": 2 }, []],
    [{ "list.1.a": 2 }, [1]],
    [{ "list.0.0.a": 1 }, [5]],
    [{ "list.a": { $all: [1, 2] } }, [1]],
    [{ list: { $all: [{ $elemMatch: { a: 1 } }, { $elemMatch: { b: 2 } }] } }, [1, 2]],
  ],
);

const beyond = Long.fromString("9007199254740993");
itFinds(
  "numbers",
  "a",
  [
    { a: new Int32(1) },
    { a: new Double(1) },
    { a: Long.fromNumber(1) },
    { a: Decimal128.fromString("1.0") },
    { a: "1" },
    { a: true },
    { a: new Double(1.5) },
    { a: Decimal128.fromString("1.50") },
    { a: new Double(Number.NaN) },
    { a: Decimal128.fromString("NaN") },
    { a: beyond },
    { a: new Double(2 ** 53) },
    { a: new Double(0.1) },
    { a: Decimal128.fromString("0.1") },
    { a: new Double(-0) },
    { a: new Double(Number.POSITIVE_INFINITY) },
  ],
  [
    [{ a: 1 }, [1, 2, 3, 4]],
    [{ a: Decimal128.fromString("1") }, [1, 2, 3, 4]],
    [{ a: { $in: [new Double(1)] } }, [1, 2, 3, 4]],
    [{ a: 1.5 }, [7, 8]],
    [{ a: new Double(Number.NaN) }, [9, 10]],
    [{ a: { $lte: new Double(Number.NaN) } }, [9, 10]],
    [{ a: { $lt: 1 } }, [13, 14, 15]],
    [{ a: { $gte: 1.5 } }, [7, 8, 11, 12, 16]],
    [{ a: { $gt: new Double(2 ** 53) } }, [11, 16]],
    [{ a: beyond }, [11]],
    [{ a: Decimal128.fromString("9007199254740993") }, [11]],
    [{ a: new Double(0.1) }, [13]],
    [{ a: Decimal128.fromString("0.1") }, [14]],
    [{ a: 0 }, [15]],
    [{ a: { $mod: [2, 1] } }, [1, 2, 3, 4, 7, 8, 11]],
    [{ a: { $type: "number" } }, [1, 2, 3, 4, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]],
    [{ a: { $type: "double" } }, [2, 7, 9, 12, 13, 15, 16]],
    [{ a: { $not: { $lt: 2 } } }, [5, 6, 9, 10, 11, 12, 16]],
  ],
);

describe("sorting", () => {
  const ORDER: unknown[] = [
    new MinKey(),
    [],
    null,
    new Double(Number.NaN),
    new Double(Number.NEGATIVE_INFINITY),
    new Int32(-1),
    Decimal128.fromString("0.5"),
    Long.fromNumber(1),
    new Double(1.5),
    beyond,
    "",
    "A",
    "a",
    "\u00e9",
    "\uffff",
    "\u{10000}",
    {},
    { a: 1 },
    { a: 2 },
    { b: 0 },
    { a: "x" },
    [[1]],
    new Binary(Buffer.from([9])),
    new Binary(Buffer.from([1, 2])),
    new ObjectId("000000000000000000000001"),
    false,
    true,
    new Date(-5),
    new Date(5),
    new Timestamp({ t: 1, i: 1 }),
    new BSONRegExp("a"),
    new MaxKey(),
  ];

  it("puts types and values in MongoDB's order, both ways, with and without an index", async () => {
    const documents = ORDER.map((a, place) => ({ a, place })).reverse();
    await open("order").insertMany(documents);
    await open("order-indexed").insertMany(documents);
    await open("order-indexed").createIndex({ a: 1 });
    const expected = ORDER.map((_, place) => place);
    for (const name of ["order", "order-indexed"]) {
      const places = async (direction: 1 | -1) =>
        (await open(name).find().sort({ a: direction }).toArray()).map(({ place }) => Number(place));
      expect([name, await places(1)]).toEqual([name, expected]);
      expect([name, await places(-1)]).toEqual([name, [...expected].reverse()]);
    }
  });

  it("takes an array by its smallest or largest element, also through documents and after a filter", async () => {
    await fill("array-sort", [{ a: [5, 1] }, { a: 3 }, { a: [2, 9] }, { a: [{ b: 7 }, { b: 0 }] }, { a: { b: 4 } }, {}]);
    const ids = async (filter: Document, sort: Record<string, 1 | -1>) =>
      (await open("array-sort").find(filter).sort(sort).toArray()).map(({ _id }) => Number(_id));
    expect(await ids({ _id: { $lt: 4 } }, { a: 1 })).toEqual([1, 3, 2]);
    expect(await ids({ _id: { $lt: 4 } }, { a: -1 })).toEqual([3, 1, 2]);
    expect(await ids({ _id: { $lt: 4 }, a: { $gte: 3 } }, { a: 1 })).toEqual([1, 3, 2]);
    expect(await ids({ _id: { $gt: 3 } }, { "a.b": 1 })).toEqual([6, 4, 5]);
    expect(await ids({ _id: { $gt: 3 } }, { "a.b": -1 })).toEqual([4, 5, 6]);
  });

  it("by several fields of one array compares them element by element", async () => {
    await fill("joint", [{ a: [{ b: 1, c: 9 }, { b: 2, c: 0 }] }, { a: [{ b: 1, c: 5 }] }, { a: { b: 1, c: 7 } }, { a: [] }, {}]);
    const ids = async (sort: Record<string, 1 | -1>) => (await open("joint").find().sort(sort).toArray()).map(({ _id }) => Number(_id));
    expect(await ids({ "a.b": 1, "a.c": 1 })).toEqual([4, 5, 2, 3, 1]);
    expect(await ids({ "a.b": -1, "a.c": -1 })).toEqual([1, 3, 2, 4, 5]);
  });

  it("by two arrays is refused", async () => {
    await open("parallel").insertOne({ a: [1, 2], b: [1, 2] });
    expect(Number((await failureOf(open("parallel").find().sort({ a: 1, b: 1 }).toArray())).code)).toBe(2);
  });
});
