import mongoose, { Schema, type Connection } from "mongoose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { useRunningServer } from "./running-server";
import { failureOf } from "./support";

const server = useRunningServer();
const { MongoBulkWriteError, MongoClientBulkWriteError } = mongoose.mongo;
let connection: Connection;

beforeAll(async () => {
  connection = await mongoose.createConnection(server.uri, { dbName: "batches" }).asPromise();
});

afterAll(() => connection.close());

interface Row {
  _id: number;
  n: number;
}

/** An empty collection, and its model, of this name. */
function makeRows(name: string) {
  return connection.model<Row>(name, new Schema<Row>({ _id: Number, n: Number }, { versionKey: false, autoCreate: false }), name);
}

/** What a batch with errors in it fails with. */
async function bulkFailureOf(work: Promise<unknown>) {
  const error: unknown = await work.catch((thrown: unknown) => thrown);
  if (!(error instanceof MongoBulkWriteError)) throw error;
  const errors = Array.isArray(error.writeErrors) ? error.writeErrors : [error.writeErrors];
  return { result: error.result, errors: errors.map(({ index, code }) => [index, code]) };
}

describe("bulkWrite", () => {
  it("does every kind of write and counts them", async () => {
    const Rows = makeRows("kinds");
    const result = await Rows.bulkWrite([
      { insertOne: { document: { _id: 1, n: 1 } } },
      { insertOne: { document: { _id: 2, n: 1 } } },
      { updateOne: { filter: { _id: 1 }, update: { $inc: { n: 1 } } } },
      { updateMany: { filter: {}, update: { $inc: { n: 10 } } } },
      { updateOne: { filter: { _id: 3 }, update: { $set: { n: 5 } }, upsert: true } },
      { replaceOne: { filter: { _id: 2 }, replacement: { n: 7 } } },
      { deleteOne: { filter: { _id: 1 } } },
      { deleteMany: { filter: { n: { $gt: 100 } } } },
    ]);
    expect(result).toMatchObject({
      insertedCount: 2,
      matchedCount: 4,
      modifiedCount: 4,
      upsertedCount: 1,
      upsertedIds: { 4: 3 },
      deletedCount: 1,
    });
    expect(await Rows.find().sort({ _id: 1 }).lean()).toEqual([
      { _id: 2, n: 7 },
      { _id: 3, n: 5 },
    ]);
  });

  const mixed = [
    { insertOne: { document: { _id: 1, n: 0 } } },
    { insertOne: { document: { _id: 1, n: 9 } } },
    { updateOne: { filter: { _id: 1 }, update: { $set: { n: 5 } } } },
    { insertOne: { document: { _id: 1, n: 9 } } },
    { insertOne: { document: { _id: 2, n: 2 } } },
  ];

  it("that is ordered keeps what came before the first error and nothing after it", async () => {
    const rows = makeRows("ordered").collection;
    const { result, errors } = await bulkFailureOf(rows.bulkWrite(mixed as never));
    expect(errors).toEqual([[1, 11000]]);
    expect(result.insertedCount).toBe(1);
    expect(await rows.find().toArray()).toEqual([{ _id: 1, n: 0 }]);
  });

  it("that is unordered does all it can and names each error", async () => {
    const rows = makeRows("unordered").collection;
    const { result, errors } = await bulkFailureOf(rows.bulkWrite(mixed as never, { ordered: false }));
    expect(errors).toEqual([
      [1, 11000],
      [3, 11000],
    ]);
    expect(result).toMatchObject({ insertedCount: 2, modifiedCount: 1 });
    expect(await rows.find().sort({ _id: 1 }).toArray()).toEqual([
      { _id: 1, n: 5 },
      { _id: 2, n: 2 },
    ]);
  });

  it("of one statement that is refused changes nothing of the others' documents", async () => {
    const rows = makeRows("refused").collection;
    await rows.insertMany([{ _id: 1 as never, n: 1 }, { _id: 2 as never, n: "text" }, { _id: 3 as never, n: 3 }]);
    const { result, errors } = await bulkFailureOf(
      rows.bulkWrite(
        [
          { updateOne: { filter: { _id: 1 as never }, update: { $inc: { n: 1 } } } },
          { updateOne: { filter: { _id: 2 as never }, update: { $inc: { n: 1 } } } },
          { updateOne: { filter: { _id: 3 as never }, update: { $inc: { n: 1 } } } },
        ],
        { ordered: false },
      ),
    );
    expect(errors).toEqual([[1, 14]]);
    expect(result.modifiedCount).toBe(2);
    expect((await rows.find().toArray()).map(({ n }) => n as unknown)).toEqual([2, "text", 4]);
  });

  it("of the client writes to several collections and names what failed where", async () => {
    const models = [
      { name: "insertOne" as const, namespace: "batches.first", document: { _id: 1 as never } },
      { name: "insertOne" as const, namespace: "batches.second", document: { _id: 1 as never } },
      { name: "insertOne" as const, namespace: "batches.first", document: { _id: 1 as never } },
      { name: "updateOne" as const, namespace: "batches.second", filter: { _id: 1 as never }, update: { $set: { a: 1 } } },
    ];
    const work = server.client.bulkWrite(models, { ordered: false, verboseResults: true });
    const error: unknown = await work.catch((thrown: unknown) => thrown);
    if (!(error instanceof MongoClientBulkWriteError)) throw error;
    expect([...error.writeErrors].map(([index, { code }]) => [index, code])).toEqual([[2, 11000]]);
    expect(error.partialResult).toMatchObject({ insertedCount: 2, modifiedCount: 1 });
    expect(await server.client.db("batches").collection("second").findOne()).toEqual({ _id: 1, a: 1 });
  });

  it("takes more than fits one message", async () => {
    const Rows = makeRows("many");
    const filler = "x".repeat(1_000_000);
    const documents = Array.from({ length: 50 }, (_, _id) => ({ _id: _id as never, filler }));
    expect((await Rows.collection.insertMany(documents)).insertedCount).toBe(50);
    expect(await Rows.distinct("_id")).toHaveLength(50);
    expect((await Rows.deleteMany({ _id: { $gte: 10 } })).deletedCount).toBe(40);
  });
});

describe("insertMany", () => {
  it("keeps the valid ones when asked to go on after errors", async () => {
    const Rows = makeRows("partly");
    const documents = [{ _id: 1 }, { _id: 1 }, { _id: 2 }] as Row[];
    const { errors } = await bulkFailureOf(Rows.insertMany(documents, { ordered: false }));
    expect(errors).toEqual([[1, 11000]]);
    expect(await Rows.distinct("_id")).toEqual([1, 2]);
  });
});

describe("a validator of a collection", () => {
  const validator = { n: { $type: "int", $gte: 0 } };

  it("refuses inserts, updates, upserts and replacements against it, and says why", async () => {
    const db = server.client.db("batches");
    const rows = await db.createCollection<{ _id: number; n?: number }>("validated", { validator });
    await rows.insertOne({ _id: 1, n: 1 });
    const attempts = [
      () => rows.insertOne({ _id: 2 }),
      () => rows.insertOne({ _id: 2, n: "x" as never }),
      () => rows.updateOne({ _id: 1 }, { $set: { n: -1 } }),
      () => rows.updateOne({ _id: 1 }, { $unset: { n: true } }),
      () => rows.updateOne({ _id: 2 }, { $set: { n: -1 } }, { upsert: true }),
      () => rows.replaceOne({ _id: 1 }, { n: 1.5 }),
      () => rows.findOneAndUpdate({ _id: 1 }, { $inc: { n: -5 } }),
      () => rows.aggregate([{ $project: { n: "text" } }, { $merge: { into: "validated" } }]).toArray(),
    ];
    for (const attempt of attempts) {
      const { code, message } = await failureOf(attempt());
      expect([code, message]).toEqual([121, expect.stringContaining("Document failed validation")]);
    }
    expect((await failureOf(rows.insertOne({ _id: 2 }))).errInfo).toMatchObject({ failingDocumentId: 2 });
    expect(await rows.find().toArray()).toEqual([{ _id: 1, n: 1 }]);
    await rows.insertOne({ _id: 3 }, { bypassDocumentValidation: true });
    expect(await rows.countDocuments()).toBe(2);
  });

  it("can be set later, only warn, or spare documents that were wrong before", async () => {
    const db = server.client.db("batches");
    const rows = await db.createCollection<{ _id: number; n?: number; x?: number }>("relaxed");
    await rows.insertOne({ _id: 1, n: -5 });
    await db.command({ collMod: "relaxed", validator, validationLevel: "moderate" });
    expect((await rows.updateOne({ _id: 1 }, { $set: { x: 1 } })).modifiedCount).toBe(1);
    expect((await failureOf(rows.insertOne({ _id: 2, n: -1 }))).code).toBe(121);
    await db.command({ collMod: "relaxed", validator, validationAction: "warn" });
    await rows.insertOne({ _id: 2, n: -1 });
    await db.command({ collMod: "relaxed", validator: {}, validationAction: "error", validationLevel: "strict" });
    await rows.insertOne({ _id: 3, n: -1 });
    expect(await rows.countDocuments()).toBe(3);
  });
});
