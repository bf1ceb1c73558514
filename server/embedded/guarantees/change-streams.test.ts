import type { mongo } from "mongoose";
import { afterEach, describe, expect, it } from "vitest";
import { ensureEmbedded } from "../ensure";
import { stopEmbedded } from "../stop";
import { useRunningServer } from "./running-server";
import { failureOf } from "./support";

interface Thing {
  _id: number;
  [field: string]: unknown;
}

type Watchable = { watch: (pipeline?: mongo.Document[], options?: mongo.ChangeStreamOptions) => mongo.ChangeStream<Thing> };

const server = useRunningServer();
const open: mongo.ChangeStream<Thing>[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((stream) => stream.close()));
});

/** Opens a stream and waits until the server has it: a change made from now on is in it. */
async function watch(of: Watchable, options: mongo.ChangeStreamOptions = {}, pipeline: mongo.Document[] = []) {
  const stream = of.watch(pipeline, { maxAwaitTimeMS: 20, ...options });
  open.push(stream);
  expect(await stream.tryNext()).toBeNull();
  return stream;
}

async function take(stream: mongo.ChangeStream<Thing>, count: number): Promise<mongo.Document[]> {
  const events: mongo.Document[] = [];
  for (let i = 0; i < count; i += 1) events.push(await stream.next());
  return events;
}

function things(name: string): mongo.Collection<Thing> {
  return server.client.db("streams").collection<Thing>(name);
}

describe("a change stream", () => {
  it("tells every kind of change in the order in which they were made", async () => {
    const all = things("kinds");
    await all.insertOne({ _id: 0 });
    const stream = await watch(all);
    await all.insertOne({ _id: 1, a: { b: 1, c: 2 }, list: [1], gone: true });
    await all.updateOne({ _id: 1 }, { $set: { "a.b": 2 }, $push: { list: 2 as never }, $unset: { gone: 1 } });
    await all.replaceOne({ _id: 1 }, { a: 5 } as never);
    await all.deleteOne({ _id: 1 });
    const events = await take(stream, 4);
    expect(events.map((event) => event.operationType)).toEqual(["insert", "update", "replace", "delete"]);
    expect(events.map((event) => event.documentKey)).toEqual(Array(4).fill({ _id: 1 }));
    expect(events[0]?.fullDocument).toEqual({ _id: 1, a: { b: 1, c: 2 }, list: [1], gone: true });
    expect(events[1]?.updateDescription).toEqual({
      updatedFields: { "a.b": 2, list: [1, 2] },
      removedFields: ["gone"],
      truncatedArrays: [],
    });
    expect(events[2]?.fullDocument).toEqual({ _id: 1, a: 5 });
    expect(events.every((event) => event.ns.coll === "kinds" && event.ns.db === "streams")).toBe(true);
  });

  it("says nothing of an update that changed nothing, of other collections, and of what its stages leave out", async () => {
    const all = things("quiet");
    await all.insertOne({ _id: 1, a: 1 });
    const stream = await watch(all, {}, [{ $match: { "fullDocument.wanted": true } }, { $project: { "fullDocument._id": 1 } }]);
    await all.updateOne({ _id: 1 }, { $set: { a: 1 } });
    await things("other").insertOne({ _id: 1, wanted: true });
    await all.insertMany([{ _id: 2 }, { _id: 3, wanted: true }]);
    const [event] = await take(stream, 1);
    expect(event?.fullDocument).toEqual({ _id: 3 });
  });

  it("looks the document up where it is asked to", async () => {
    const all = things("lookup");
    await all.insertOne({ _id: 1, a: 1 });
    const stream = await watch(all, { fullDocument: "updateLookup" });
    await all.updateOne({ _id: 1 }, { $set: { a: 2 } });
    expect((await take(stream, 1))[0]?.fullDocument).toEqual({ _id: 1, a: 2 });
  });

  it("tells what a transaction did when it is committed, and nothing of one that was aborted", async () => {
    const all = things("transacted");
    await all.insertOne({ _id: 0 });
    const stream = await watch(all);
    await server.client.withSession(async (session) => {
      session.startTransaction();
      await all.insertOne({ _id: 1 }, { session });
      await session.abortTransaction();
      session.startTransaction();
      await all.insertMany([{ _id: 2 }, { _id: 3 }], { session });
      await all.insertOne({ _id: 4 });
      await session.commitTransaction();
    });
    expect((await take(stream, 3)).map((event) => event.documentKey._id)).toEqual([4, 2, 3]);
  });

  it("watches a whole database, or everything", async () => {
    const database = await watch(server.client.db("streams") as Watchable);
    const everything = await watch(server.client as Watchable);
    await things("one").insertOne({ _id: 1 });
    await server.client.db("elsewhere").collection<Thing>("two").insertOne({ _id: 2 });
    await things("three").insertOne({ _id: 3 });
    expect((await take(database, 2)).map((event) => event.ns.coll)).toEqual(["one", "three"]);
    expect((await take(everything, 3)).map((event) => event.ns.coll)).toEqual(["one", "two", "three"]);
  });

  it("goes on after the event it is given, missing none and repeating none", async () => {
    const all = things("resumed");
    const first = await watch(all);
    await all.insertMany(Array.from({ length: 50 }, (_, _id) => ({ _id })));
    const token = (await take(first, 20)).at(-1)?._id;
    const second = all.watch([], { resumeAfter: token, batchSize: 7 });
    open.push(second);
    expect((await take(second, 30)).map((event) => event.documentKey._id)).toEqual(Array.from({ length: 30 }, (_, i) => i + 20));
  });

  it("ends when its collection is dropped", async () => {
    const all = things("ending");
    const stream = await watch(all);
    await all.insertOne({ _id: 1 });
    await all.drop();
    expect((await take(stream, 3)).map((event) => event.operationType)).toEqual(["insert", "drop", "invalidate"]);
    expect(stream.closed || (await stream.tryNext().catch(() => null)) === null).toBe(true);
  });

  it("goes on after its end only where it is told to start anew", async () => {
    const all = things("begun anew");
    const first = await watch(all);
    await all.insertOne({ _id: 1 });
    await all.drop();
    const [, drop, invalidate] = await take(first, 3);
    await all.insertOne({ _id: 2 });
    expect(drop?._id).not.toEqual(invalidate?._id);
    expect((await failureOf(all.watch([], { resumeAfter: invalidate?._id }).next())).code).toBe(260);
    const anew = all.watch([], { startAfter: invalidate?._id });
    open.push(anew);
    expect((await take(anew, 1))[0]?.documentKey).toEqual({ _id: 2 });
    const ending = all.watch([], { resumeAfter: drop?._id });
    open.push(ending);
    expect(await take(ending, 1)).toMatchObject([{ operationType: "invalidate", _id: invalidate?._id }]);
  });

  it("goes on from its beginning, whatever ended before it", async () => {
    const all = things("ended before");
    const other = await watch(all);
    await all.insertOne({ _id: 1 });
    await all.drop();
    await take(other, 3);
    const { resumeToken } = await watch(all);
    const resumed = all.watch([], { resumeAfter: resumeToken });
    open.push(resumed);
    const event = resumed.next();
    await all.insertOne({ _id: 2 });
    expect(await event).toMatchObject({ operationType: "insert", documentKey: { _id: 2 } });
  });

  it("refuses to go on from what it does not know any more, rather than leave something out", async () => {
    const all = things("forgotten");
    const stream = await watch(all);
    const token = stream.resumeToken;
    await stream.close();
    await stopEmbedded(server.folder);
    await ensureEmbedded(server.folder, { testCommands: true });
    const lost = await failureOf(all.watch([], { resumeAfter: token }).next());
    expect(lost.code).toBe(286);
    expect(lost.hasErrorLabel("NonResumableChangeStreamError")).toBe(true);
  });

  it.each([
    [{ $changeStream: { fullDocument: "required" } }, 238],
    [{ $changeStream: { showExpandedEvents: true } }, 238],
    [{ $changeStream: { fullDocument: "sometimes" } }, 2],
    [{ $changeStream: { sideways: 1 } }, 40415],
    [{ $changeStream: { resumeAfter: { _data: "made up" } } }, 260],
    [{ $changeStream: { startAfter: {} } }, 260],
  ])("refuses %j with %i", async (stage, code) => {
    const command = { aggregate: "kinds", pipeline: [stage], cursor: {} };
    expect((await failureOf(server.client.db("streams").command(command))).code).toBe(code);
  });

  it("takes only stages that leave an event an event", async () => {
    const command = { aggregate: "kinds", pipeline: [{ $changeStream: {} }, { $group: { _id: null } }], cursor: {} };
    expect((await failureOf(server.client.db("streams").command(command))).code).toBe(20);
  });
});
