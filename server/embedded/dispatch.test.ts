import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { Binary, Int32, Long } from "bson";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { deserializeTyped, serializeDocument, type Document } from "./bson";
import { Cursors } from "./cursors";
import { Dispatcher } from "./dispatch";
import { Engine } from "./engine";
import { sweepExpired } from "./maintenance";
import { CursorReply } from "./reply";
import { Sessions } from "./sessions";

let folder: string;
let engine: Engine;
let dispatcher: Dispatcher;

function openServer(): void {
  engine = new Engine(folder);
  const report = (name: string, error: unknown): never => {
    throw new Error(`${name} failed`, { cause: error });
  };
  const server = {
    engine,
    sessions: new Sessions(engine),
    cursors: new Cursors(),
    address: "here.sock",
    startedAt: Date.now(),
    connectionCount: () => 1,
    requestStop: () => undefined,
  };
  dispatcher = new Dispatcher(server, null, report);
}

/** Sends a command as it would arrive and gives the reply with plain numbers; documents of a cursor as `batch`. */
async function send(command: Document): Promise<Document> {
  const arrived = deserializeTyped(serializeDocument({ ...command, $db: "test" }));
  const outcome = await dispatcher.run(arrived, { id: 1, appName: null });
  if ("drop" in outcome) throw new Error("dropped");
  const { reply } = outcome;
  if (!(reply instanceof CursorReply)) return reply;
  return { ...reply.fields, batch: reply.batch.map((bytes) => deserializeTyped(bytes)) };
}

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "embedded-dispatch-"));
  openServer();
});

afterEach(async () => {
  await engine.close();
  fs.rmSync(folder, { recursive: true });
});

const lsid = { id: new Binary(Buffer.alloc(16, 5), Binary.SUBTYPE_UUID) };

describe("Dispatcher", () => {
  it("applies a retryable write once, also when it is repeated after a restart", async () => {
    await send({ insert: "counters", documents: [{ _id: 1, n: 0 }] });
    const write = { update: "counters", updates: [{ q: { _id: 1 }, u: { $inc: { n: 1 } } }], lsid, txnNumber: Long.fromNumber(1) };
    const first = await send(write);
    expect(await send(write)).toEqual(first);
    await engine.close();
    openServer();
    expect(await send(write)).toEqual(first);
    expect((await send({ find: "counters" })).batch).toEqual([{ _id: new Int32(1), n: new Int32(1) }]);
    expect(await send({ ...write, txnNumber: Long.fromNumber(0) })).toMatchObject({ ok: 0, code: 225 });
  });

  it("refuses a numbered write of many documents, and takes it without a number", async () => {
    await send({ insert: "many", documents: [{ _id: 1 }, { _id: 2 }] });
    const update = { update: "many", updates: [{ q: {}, u: { $set: { n: 1 } }, multi: true }] };
    const bulk = { bulkWrite: 1, ops: [{ update: 0, filter: {}, updateMods: { $set: { n: 1 } }, multi: true }], nsInfo: [{ ns: "test.many" }] };
    const deletion = { delete: "many", deletes: [{ q: {}, limit: 0 }] };
    for (const [number, command] of [update, deletion].entries()) {
      const refused = await send({ ...command, lsid, txnNumber: Long.fromNumber(number + 1) });
      expect(refused).toMatchObject({ n: 0, ok: 1, writeErrors: [{ index: 0, code: 72 }] });
    }
    expect(await send({ ...bulk, lsid, txnNumber: Long.fromNumber(9) })).toMatchObject({ nErrors: 1, batch: [{ code: new Int32(72) }] });
    expect((await send({ find: "many" })).batch).toEqual([{ _id: new Int32(1) }, { _id: new Int32(2) }]);
    expect(await send(update)).toMatchObject({ nModified: 2 });
    expect(await send(bulk)).toMatchObject({ nErrors: 0, nMatched: 2 });
    expect(await send(deletion)).toMatchObject({ n: 2 });
  });

  it("knows a repeated or late write also when another, or a transaction, came between", async () => {
    const write = (txnNumber: number) => ({
      update: "late",
      updates: [{ q: { _id: 1 }, u: { $inc: { n: 1 } }, upsert: true }],
      lsid,
      txnNumber: Long.fromNumber(txnNumber),
    });
    await send(write(1));
    expect(await send(write(3))).toMatchObject({ nModified: 1 });
    expect(await send(write(3))).toMatchObject({ nModified: 1 });
    expect(await send(write(2))).toMatchObject({ ok: 0, code: 225 });
    const begun = { lsid, txnNumber: Long.fromNumber(6), autocommit: false };
    await send({ insert: "late", documents: [{ _id: 2 }], ...begun, startTransaction: true });
    expect(await send({ commitTransaction: 1, ...begun })).toMatchObject({ ok: 1 });
    expect(await send(write(5))).toMatchObject({ ok: 0, code: 225 });
    expect(await send(write(7))).toMatchObject({ nModified: 1 });
    expect((await send({ find: "late", filter: { _id: 1 } })).batch).toEqual([{ _id: new Int32(1), n: new Int32(3) }]);
  });

  it("answers a long batch that is repeated, also after a restart, as it did at first", async () => {
    await send({ insert: "batch", documents: Array.from({ length: 50 }, (_, i) => ({ _id: i * 60 })) });
    const documents = Array.from({ length: 3000 }, (_, _id) => ({ _id }));
    const write = { insert: "batch", documents, ordered: false, lsid, txnNumber: Long.fromNumber(20) };
    const first = await send(write);
    expect([first.n, first.writeErrors]).toEqual([2950, expect.objectContaining({ length: 50 })]);
    const sent = serializeDocument(first);
    expect(serializeDocument(await send(write)).equals(sent)).toBe(true);
    await engine.close();
    openServer();
    expect(serializeDocument(await send(write)).equals(sent)).toBe(true);
    expect(await send({ ...write, documents: [{ _id: -1 }], txnNumber: Long.fromNumber(21) })).toMatchObject({ n: 1 });
    const { count } = engine.catalog.get("test.batch") ?? { count: 0 };
    expect([count, engine.store.count(Buffer.from("s"), Buffer.from("t"))]).toEqual([3001, 1]);
  });

  it("answers a repeated findAndModify with the document of the first attempt", async () => {
    await send({ insert: "counters", documents: [{ _id: 1, n: 0 }] });
    const write = { findAndModify: "counters", query: {}, update: { $inc: { n: 1 } }, new: true, lsid, txnNumber: Long.fromNumber(7) };
    await send(write);
    expect((await send(write)).value).toEqual({ _id: new Int32(1), n: new Int32(1) });
  });

  it("knows after a restart that a transaction was committed, and does not begin it again", async () => {
    const transaction = { lsid, txnNumber: Long.fromNumber(3), autocommit: false };
    await send({ insert: "rows", documents: [{ _id: 1 }], startTransaction: true, ...transaction });
    expect(await send({ commitTransaction: 1, ...transaction })).toEqual({ ok: 1 });
    await engine.close();
    openServer();
    expect(await send({ commitTransaction: 1, ...transaction })).toEqual({ ok: 1 });
    expect(await send({ insert: "rows", documents: [{ _id: 2 }], ...transaction })).toMatchObject({ code: 251 });
    expect(await send({ commitTransaction: 1, ...transaction, txnNumber: Long.fromNumber(4) })).toMatchObject({ code: 251 });
    expect((await send({ find: "rows" })).batch).toEqual([{ _id: new Int32(1) }]);
  });

  it("expires documents by their TTL index, and only those of a partial one", async () => {
    const key = { at: 1 };
    await send({ createIndexes: "a", indexes: [{ key, name: "ttl", expireAfterSeconds: 60 }] });
    const partialFilterExpression = { done: true };
    await send({ createIndexes: "b", indexes: [{ key, name: "ttl", expireAfterSeconds: 60, partialFilterExpression }] });
    const old = new Date(Date.now() - 120_000);
    const documents = [{ _id: 1, at: old, done: true }, { _id: 2, at: new Date(), done: true }, { _id: 3, at: old }, { _id: 4, at: "old" }];
    for (const name of ["a", "b"]) await send({ insert: name, documents });
    await sweepExpired(engine);
    const ids = async (name: string) => ((await send({ find: name })).batch as Document[]).map(({ _id }) => Number(_id));
    expect(await ids("a")).toEqual([2, 4]);
    expect(await ids("b")).toEqual([2, 3, 4]);
  });

  it("treats keys that every object inherits as ordinary keys", async () => {
    await send({ insert: "odd", documents: [JSON.parse('{"_id":1,"__proto__":{"x":1},"constructor":2}') as Document] });
    const found = await send({ find: "odd", filter: { constructor: 2, "__proto__.x": 1 } });
    expect((found.batch as Document[]).length).toBe(1);
    expect((await send({ find: "odd", filter: { toString: { $exists: true } } })).batch).toEqual([]);
  });

  it("says in explain which index it used and what it looked at", async () => {
    await send({ createIndexes: "rows", indexes: [{ key: { n: 1 }, name: "by_n" }] });
    await send({ insert: "rows", documents: Array.from({ length: 50 }, (_, n) => ({ n })) });
    const indexed = await send({ explain: { find: "rows", filter: { n: { $gte: 48 } } } });
    expect(indexed).toMatchObject({
      queryPlanner: { winningPlan: { stage: "FETCH", inputStage: { stage: "IXSCAN", indexName: "by_n" } } },
      executionStats: { nReturned: 2, totalDocsExamined: 2 },
    });
    const either = await send({ explain: { find: "rows", filter: { $or: [{ n: 1 }, { _id: 1 }] } } });
    expect(either).toMatchObject({
      queryPlanner: { winningPlan: { inputStage: { stage: "OR", inputStages: [{ indexName: "by_n" }, { indexName: "_id_" }] } } },
      executionStats: { nReturned: 1, totalDocsExamined: 1 },
    });
    const scan = await send({ explain: { find: "rows", filter: { other: 1 } } });
    expect(scan).toMatchObject({ queryPlanner: { winningPlan: { stage: "COLLSCAN" } }, executionStats: { totalDocsExamined: 50 } });
  });

  it("uses a partial or case-insensitive index only where it holds every match", async () => {
    const collation = { locale: "en", strength: 2 };
    await send({ create: "names", collation });
    const partialFilterExpression = { name: { $gt: "B" } };
    await send({ createIndexes: "names", indexes: [{ key: { name: 1 }, name: "some", partialFilterExpression }] });
    await send({ insert: "names", documents: ["a", "A", "c", "C"].map((name, _id) => ({ _id, name })) });
    const ids = async (command: Document) => {
      const { batch } = await send({ find: "names", ...command });
      return (batch as Document[]).map(({ _id }) => Number(_id));
    };
    expect(await ids({ filter: { name: "a" } })).toEqual([0, 1]);
    expect(await ids({ filter: { name: "C" } })).toEqual([2, 3]);
    expect(await ids({ filter: { name: "C" }, collation: { locale: "simple" } })).toEqual([3]);
  });
});
