import mongoose, { Schema, type Connection, type IndexDefinition, type IndexOptions } from "mongoose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { useRunningServer } from "./running-server";
import { failureOf } from "./support";

const server = useRunningServer();
let connection: Connection;

beforeAll(async () => {
  connection = await mongoose.createConnection(server.uri, { dbName: "indexes", autoIndex: false }).asPromise();
});

afterAll(() => connection.close());

/** Makes the indexes of a model, replacing the model (not the collection) of an earlier call. */
async function syncIndexes(name: string, indexes: [IndexDefinition, IndexOptions?][]): Promise<string[]> {
  const schema = new Schema({ a: String, b: Number, at: Date }, { collection: name });
  for (const [key, options] of indexes) schema.index(key, options);
  return connection.model(name, schema, name, { overwriteModels: true }).syncIndexes();
}

async function listIndexes(name: string): Promise<string[]> {
  return (await connection.collection(name).listIndexes().toArray()).map((index) => String(index.name)).sort();
}

describe("syncIndexes", () => {
  it("adds what the schema has, drops what it no longer has, and changes nothing the second time", async () => {
    expect(await syncIndexes("synced", [[{ a: 1 }, { unique: true }], [{ a: 1, b: -1 }]])).toEqual([]);
    expect(await listIndexes("synced")).toEqual(["_id_", "a_1", "a_1_b_-1"]);
    const same = await syncIndexes("synced", [[{ a: 1 }, { unique: true }], [{ a: 1, b: -1 }]]);
    expect(same).toEqual([]);
    expect(await syncIndexes("synced", [[{ b: 1 }], [{ a: 1 }, { unique: true }]])).toEqual(["a_1_b_-1"]);
    expect(await listIndexes("synced")).toEqual(["_id_", "a_1", "b_1"]);
  });

  it("rebuilds an index whose options changed", async () => {
    await syncIndexes("changed", [[{ a: 1 }]]);
    expect(await syncIndexes("changed", [[{ a: 1 }, { unique: true }]])).toEqual(["a_1"]);
    await connection.collection("changed").insertOne({ a: "x" });
    expect((await failureOf(connection.collection("changed").insertOne({ a: "x" }))).code).toBe(11000);
    expect(await syncIndexes("changed", [[{ a: 1 }, { unique: true, sparse: true }]])).toEqual(["a_1"]);
    expect(await syncIndexes("changed", [[{ at: 1 }, { expireAfterSeconds: 60 }]])).toEqual(["a_1"]);
    expect(await syncIndexes("changed", [[{ at: 1 }, { expireAfterSeconds: 60 }]])).toEqual([]);
  });

  it("says what it would do", async () => {
    await syncIndexes("planned", [[{ a: 1 }]]);
    const schema = new Schema({ a: String, b: Number }, { collection: "planned" }).index({ b: 1 });
    const Planned = connection.model("planned", schema, "planned", { overwriteModels: true });
    expect(await Planned.diffIndexes()).toEqual({ toDrop: ["a_1"], toCreate: [{ b: 1 }] });
  });
});

describe("a unique index", () => {
  it("refuses the second document with the same value and says which, whatever the way of writing", async () => {
    await syncIndexes("users", [[{ a: 1 }, { unique: true }]]);
    const users = connection.collection<{ _id: number; a: string; b?: number }>("users");
    await users.insertMany([
      { _id: 1, a: "x" },
      { _id: 2, a: "y" },
    ]);
    const attempts = [
      () => users.insertOne({ _id: 3, a: "x" }),
      () => users.updateOne({ _id: 2 }, { $set: { a: "x" } }),
      () => users.replaceOne({ _id: 2 }, { a: "x" }),
      () => users.findOneAndUpdate({ _id: 2 }, { $set: { a: "x" } }),
      () => users.updateOne({ _id: 4 }, { $set: { a: "x" } }, { upsert: true }),
      () => users.updateMany({}, { $set: { a: "x" } }),
      () => users.bulkWrite([{ insertOne: { document: { _id: 3, a: "x" } } }]),
    ];
    for (const attempt of attempts) {
      const { code, message } = await failureOf(attempt());
      expect(code).toBe(11000);
      expect(message).toContain('E11000 duplicate key error collection: indexes.users index: a_1 dup key: { a: "x" }');
    }
    const { errorResponse } = await failureOf(users.insertOne({ _id: 3, a: "x" }));
    expect(errorResponse).toMatchObject({ keyPattern: { a: 1 }, keyValue: { a: "x" } });
    const byId = await failureOf(users.insertOne({ _id: 1, a: "z" }));
    expect(byId.errorResponse).toMatchObject({ keyPattern: { _id: 1 }, keyValue: { _id: 1 } });
    expect(await users.find().toArray()).toEqual([
      { _id: 1, a: "x" },
      { _id: 2, a: "y" },
    ]);
  });

  it("takes numbers that are equal as the same, and a missing value once", async () => {
    const rows = connection.collection<{ a?: unknown }>("numbers");
    await rows.createIndex({ a: 1 }, { unique: true });
    await rows.insertOne({ a: 1 });
    const { Double, Long, Decimal128 } = mongoose.mongo.BSON;
    for (const a of [new Double(1), Long.fromNumber(1), Decimal128.fromString("1.00")]) {
      expect((await failureOf(rows.insertOne({ a }))).code).toBe(11000);
    }
    await rows.insertOne({});
    expect((await failureOf(rows.insertOne({}))).code).toBe(11000);
    expect((await failureOf(rows.insertOne({ a: null }))).code).toBe(11000);
    await rows.insertOne({ a: [5, 6] });
    expect((await failureOf(rows.insertOne({ a: 6 }))).code).toBe(11000);
    await rows.insertOne({ a: [7, 7] });
  });

  it("over several fields refuses only the same combination", async () => {
    const rows = connection.collection<{ a: number; b: number }>("compound");
    await rows.createIndex({ a: 1, b: -1 }, { unique: true });
    await rows.insertMany([
      { a: 1, b: 1 },
      { a: 1, b: 2 },
      { a: 2, b: 1 },
    ]);
    const { errorResponse } = await failureOf(rows.insertOne({ a: 1, b: 2 }));
    expect(errorResponse).toMatchObject({ keyPattern: { a: 1, b: -1 }, keyValue: { a: 1, b: 2 } });
  });

  it("over several fields of an array's documents goes by each of them, not by what two of them have together", async () => {
    const rows = connection.collection<{ _id: number; list: object[] }>("pairs");
    const insert = (_id: number, list: object[]) => rows.insertOne({ _id, list });
    await insert(1, [{ a: 1, b: 2 }, { a: 3, b: 4 }]);
    await insert(2, [{ a: 1, b: 4 }]);
    await rows.createIndex({ "list.a": 1, "list.b": -1 }, { unique: true });
    await insert(3, [{ a: 3, b: 2 }]);
    expect((await failureOf(insert(4, [{ a: 0, b: 0 }, { a: 3, b: 4 }]))).code).toBe(11000);
    const change = { $push: { list: { a: 1, b: 4 } } };
    expect((await failureOf(rows.updateOne({ _id: 1 }, change))).code).toBe(11000);
    await rows.deleteOne({ _id: 2 });
    await rows.updateOne({ _id: 1 }, change);
    expect((await failureOf(insert(2, [{ a: 1, b: 4 }]))).code).toBe(11000);
    const found = rows.find({ "list.a": 1, "list.b": 2 }, { projection: { _id: 1 } }).hint("list.a_1_list.b_-1");
    expect(await found.toArray()).toEqual([{ _id: 1 }]);
  });

  it("tells an array from the same array as an element", async () => {
    const rows = connection.collection<{ _id: number; list: unknown[] }>("lists");
    await rows.createIndex({ list: 1 }, { unique: true });
    await rows.insertMany([
      { _id: 1, list: [1, 2] },
      { _id: 2, list: [[1, 2]] },
      { _id: 3, list: [] },
    ]);
    for (const list of [[[1, 2]], [2, 3], []]) {
      expect((await failureOf(rows.insertOne({ _id: 4, list }))).code).toBe(11000);
    }
  });

  it("cannot be made over values that are there twice, and is then not there at all", async () => {
    const rows = connection.collection<{ a: number }>("twice");
    await rows.insertMany([{ a: 1 }, { a: 1 }]);
    const { code, errorResponse } = await failureOf(rows.createIndex({ a: 1 }, { unique: true }));
    expect([code, errorResponse.keyPattern, errorResponse.keyValue]).toEqual([11000, { a: 1 }, { a: 1 }]);
    expect(await listIndexes("twice")).toEqual(["_id_"]);
  });

  it("that is sparse leaves documents without the field alone", async () => {
    const rows = connection.collection<{ a?: string | null; b?: number }>("sparse");
    await rows.createIndex({ a: 1 }, { unique: true, sparse: true });
    await rows.insertMany([{ b: 1 }, { b: 2 }, { a: "x" }, { a: null }]);
    expect((await failureOf(rows.insertOne({ a: null }))).code).toBe(11000);
    expect(await rows.countDocuments()).toBe(4);
    expect(await rows.find({ a: null }).sort({ a: 1 }).toArray()).toHaveLength(3);
  });

  it("that is partial holds only for the documents its filter names", async () => {
    const rows = connection.collection<{ a: string; isActive: boolean }>("partial");
    await rows.createIndex({ a: 1 }, { unique: true, partialFilterExpression: { isActive: true } });
    await rows.insertMany([
      { a: "x", isActive: true },
      { a: "x", isActive: false },
      { a: "x", isActive: false },
    ]);
    expect((await failureOf(rows.insertOne({ a: "x", isActive: true }))).code).toBe(11000);
    expect((await failureOf(rows.updateOne({ isActive: false }, { $set: { isActive: true } }))).code).toBe(11000);
    expect(await rows.countDocuments({ a: "x" })).toBe(3);
    await rows.deleteOne({ isActive: true });
    expect((await rows.updateOne({ isActive: false }, { $set: { isActive: true } })).modifiedCount).toBe(1);
  });

  it("with a case-insensitive collation takes Ann and ANN as one, and finds both", async () => {
    const rows = connection.collection<{ email: string }>("folded");
    const collation = { locale: "en", strength: 2 };
    await rows.createIndex({ email: 1 }, { unique: true, collation });
    await rows.insertOne({ email: "Ann@Example.org" });
    expect((await failureOf(rows.insertOne({ email: "ANN@example.ORG" }))).code).toBe(11000);
    await rows.insertOne({ email: "Änn@example.org" });
    expect(await rows.countDocuments({ email: "ann@example.org" }, { collation })).toBe(1);
    expect(await rows.countDocuments({ email: "ann@example.org" })).toBe(0);
  });
});
