import mongoose from "mongoose";
import { beforeAll, describe, expect, it } from "vitest";
import { readLock } from "../lock-file";
import { makeBody, makeOpMsg, readAnswer, sendBytes } from "./raw-wire";
import { useRunningServer } from "./running-server";
import { failureOf, refusalOf } from "./support";

const { Long, setInternalBufferSize, UUID } = mongoose.mongo.BSON;
type Document = mongoose.mongo.BSON.Document;

const server = useRunningServer();
const db = () => server.client.db("limits");
const rows = () => db().collection<{ _id: number }>("rows");

beforeAll(async () => {
  await rows().insertMany(Array.from({ length: 200 }, (_, _id) => ({ _id })));
});

/** A document with so many levels below its top. */
function nest(levels: number): Document {
  let inner: Document = { end: 1 };
  for (let level = 1; level < levels; level += 1) inner = { in: inner };
  return inner;
}

describe("a document", () => {
  it("over 16 MB is not stored, neither whole nor by an update that makes it so large", async () => {
    const half = "x".repeat(9 * 1024 * 1024);
    // The driver's own buffer is too small for what a driver of another language may send.
    setInternalBufferSize(20 * 1024 * 1024);
    const large = { _id: 1, a: half, b: half };
    expect(await refusalOf(db(), { insert: "large", documents: [large] })).toMatchObject({ code: 10334 });
    await db().collection<{ _id: number; a?: string }>("large").insertOne({ _id: 1, a: half });
    const grow = { update: "large", updates: [{ q: { _id: 1 }, u: [{ $set: { b: "$a" } }] }] };
    expect(await refusalOf(db(), grow)).toMatchObject({ code: 10334 });
    expect(Object.keys((await db().collection("large").findOne()) ?? {})).toEqual(["_id", "a"]);
  });

  it("over 16 MB is not an answer either, and nobody's connection is closed over it", async () => {
    await db().collection("answers").insertMany(Array.from({ length: 18 }, (_, n) => ({ s: "x".repeat(1_000_000) + n })));
    expect((await refusalOf(db(), { distinct: "answers", key: "s" })).code).toBe(17217);
    const pushing = [{ $group: { _id: null, all: { $push: "$s" } } }];
    expect((await refusalOf(db(), { aggregate: "answers", pipeline: pushing, cursor: {} })).code).toBe(10334);
    expect(await db().collection("answers").countDocuments()).toBe(18);
  });

  it("of 100 levels is stored, one of more than 180 is not", async () => {
    const deep = db().collection("deep");
    await deep.insertOne(nest(100));
    expect(await refusalOf(db(), { insert: "deep", documents: [nest(190)] })).toMatchObject({ code: 15 });
    const deepen = { update: "deep", updates: [{ q: {}, u: { $set: { [`${"in.".repeat(99)}end`]: nest(90) } } }] };
    expect(await refusalOf(db(), deepen)).toMatchObject({ code: 15 });
    expect(await deep.countDocuments()).toBe(1);
  });

  const negated = Array.from({ length: 400 }).reduce<Document>((inner) => ({ $not: [inner] }), { $not: [true] });

  it.each<[where: string, command: Document]>([
    ["a filter", { find: "rows", filter: Array.from({ length: 400 }).reduce<Document>((inner) => ({ $and: [inner] }), { n: 1 }) }],
    ["an expression", { find: "rows", filter: { $expr: negated } }],
    ["a command that is nested 3,000 levels", { find: "rows", filter: { a: nest(3000) } }],
  ])("too deep in %s is refused like one that is to be stored", async (_where, command) => {
    expect(await refusalOf(db(), command)).toMatchObject({ code: 15 });
  });
});

describe("an operation", () => {
  const slow = { $reduce: { input: { $range: [0, 100_000] }, initialValue: 0, in: { $add: ["$$value", "$$this"] } } };

  it.each<[what: string, command: Document]>([
    ["find", { find: "rows", filter: { $expr: { $lt: [slow, 0] } } }],
    ["aggregate", { aggregate: "rows", pipeline: [{ $set: { x: slow } }, { $match: { x: 0 } }], cursor: {} }],
    ["update", { update: "rows", updates: [{ q: { $expr: { $lt: [slow, 0] } }, u: { $set: { x: 1 } }, multi: true }] }],
  ])("that takes longer than it may ends in time: %s", async (_what, command) => {
    const started = performance.now();
    expect(await refusalOf(db(), { ...command, maxTimeMS: 20 })).toMatchObject({ code: 50 });
    expect(performance.now() - started).toBeLessThan(2000);
  });

  const megabyte = { $reduce: { input: { $range: [0, 20] }, initialValue: "x", in: { $concat: ["$$value", "$$value"] } } };

  it.each<[what: string, stages: Document[]]>([
    ["sort", [{ $set: { x: megabyte } }, { $sort: { x: 1, _id: -1 } }]],
    ["group", [{ $set: { x: megabyte } }, { $group: { _id: null, all: { $push: "$x" } } }]],
    ["one array", [{ $set: { x: { $range: [0, 2_000_000_000] } } }]],
  ])("that needs more than 100 MB is ended: %s", async (_what, pipeline) => {
    const { code, message } = await refusalOf(db(), { aggregate: "rows", pipeline, cursor: {}, allowDiskUse: false });
    expect([code, message]).toEqual([146, expect.any(String)]);
  });

  it("that would make more than 64 indexes is refused", async () => {
    const indexes = Array.from({ length: 64 }, (_, n) => ({ key: { [`f${n}`]: 1 }, name: `f${n}` }));
    expect(await refusalOf(db(), { createIndexes: "many", indexes })).toMatchObject({ code: 67 });
    expect(await db().listCollections({ name: "many" }).toArray()).toEqual([]);
  });

  it("of more than 100,000 writes is refused as a whole", async () => {
    const deletes = Array.from({ length: 100_001 }, () => ({ q: { _id: -1 }, limit: 1 }));
    expect(await refusalOf(db(), { delete: "rows", deletes })).toMatchObject({ code: 16 });
  });
});

describe("a transaction", () => {
  it("that never began, was ended, or is older than the session's last is refused", async () => {
    const lsid = { id: new UUID() };
    const run = async (command: Document, number: number, $db = "limits") => {
      const body = makeBody({ ...command, lsid, txnNumber: Long.fromNumber(number), autocommit: false, $db });
      return readAnswer(await sendBytes(readLock(server.folder)?.address ?? "", [makeOpMsg([body])]));
    };
    const insert = { insert: "rows", documents: [{}] };
    const unknown = { ok: 0, code: 251, errorLabels: ["TransientTransactionError"] };
    expect(await run(insert, 1)).toMatchObject(unknown);
    expect(await run({ commitTransaction: 1 }, 1, "admin")).toMatchObject(unknown);
    expect(await run({ abortTransaction: 1 }, 1, "admin")).toMatchObject(unknown);
    expect(await run({ ...insert, startTransaction: true }, 2)).toMatchObject({ ok: 1, n: 1 });
    expect(await run({ abortTransaction: 1 }, 2, "admin")).toMatchObject({ ok: 1 });
    expect(await run(insert, 2)).toMatchObject(unknown);
    expect(await run({ commitTransaction: 1 }, 2, "admin")).toMatchObject(unknown);
    expect(await run({ ...insert, startTransaction: true }, 1)).toMatchObject({ ok: 0, code: 225 });
    expect(await rows().countDocuments()).toBe(200);
  });

  it("refuses commands that cannot be part of one, and is then over", async () => {
    const dropIndexes = { dropIndexes: "rows", index: "*" };
    const commands = [{ count: "rows" }, dropIndexes, { drop: "rows" }, { listCollections: 1 }, { collMod: "rows" }];
    for (const command of commands) {
      const session = server.client.startSession();
      session.startTransaction();
      await rows().insertOne({ _id: 1000 }, { session });
      expect(await refusalOf(db(), command, { session })).toMatchObject({ code: 263 });
      expect((await failureOf(rows().insertOne({ _id: 1001 }, { session }))).code).toBe(251);
      await session.abortTransaction();
      await session.endSession();
    }
    expect(await rows().countDocuments()).toBe(200);
  });

  it("lets the second writer of a document try again, and a plain write wait", async () => {
    const [first, second] = [server.client.startSession(), server.client.startSession()];
    first.startTransaction();
    second.startTransaction();
    const increment = (options = {}) => rows().updateOne({ _id: 1 }, { $inc: { n: 1 } }, options);
    await increment({ session: first });
    const error = await failureOf(increment({ session: second }));
    expect([error.code, error.hasErrorLabel("TransientTransactionError")]).toEqual([112, true]);
    const plain = increment();
    await first.commitTransaction();
    await plain;
    expect(await rows().findOne({ _id: 1 })).toEqual({ _id: 1, n: 2 });
    await Promise.all([first.endSession(), second.endSession()]);
  });

  it("of more than 16 MB of changes is refused and leaves nothing", async () => {
    const session = server.client.startSession();
    session.startTransaction();
    const filler = "x".repeat(6 * 1024 * 1024);
    const fill = async () => {
      for (let n = 0; n < 4; n += 1) await db().collection("filled").insertOne({ filler }, { session });
    };
    expect((await failureOf(fill())).code).toBe(257);
    await session.abortTransaction();
    await session.endSession();
    expect(await db().collection("filled").countDocuments()).toBe(0);
  });
});
