import type { mongo } from "mongoose";
import { describe, expect, it } from "vitest";
import { Engine } from "../engine";
import { ensureEmbedded } from "../ensure";
import { endOfPrefix } from "../keys";
import { readLock } from "../lock-file";
import { stopEmbedded } from "../stop";
import { useRunningServer } from "./running-server";
import { findIndexFaults } from "./stored-indexes";
import { failureOf } from "./support";

interface Row {
  _id: number;
  n: number;
  word?: string;
}

const ROWS = 12_000;
const LANES = 4;
const server = useRunningServer();

async function fill(name: string): Promise<mongo.Collection<Row>> {
  const rows = server.client.db("structure").collection<Row>(name);
  await rows.insertMany(Array.from({ length: ROWS }, (_, _id) => ({ _id, n: _id % 100, word: `word ${_id}` })));
  return rows;
}

/** What the store holds besides its catalogue's collections and indexes, and where those two disagree. */
async function findFaultsOfStore(): Promise<string[]> {
  await stopEmbedded(server.folder);
  const engine = new Engine(server.folder);
  try {
    const count = (prefixes: Buffer[]) => prefixes.reduce((sum, prefix) => sum + engine.store.count(prefix, endOfPrefix(prefix)), 0);
    const collections = engine.catalog.all();
    const known = count(collections.flatMap(({ documentPrefix, indexes }) => [documentPrefix, ...indexes.map(({ prefix }) => prefix)]));
    const all = count([Buffer.from("d"), Buffer.from("i")]);
    return [...findIndexFaults(engine), ...(all === known ? [] : [`${all - known} keys belong to nothing`])];
  } finally {
    await engine.close();
    await ensureEmbedded(server.folder, { testCommands: true });
  }
}

describe("an index that is being built", () => {
  it("has what is written meanwhile, and others are served meanwhile", async () => {
    const rows = await fill("meanwhile");
    const state = { isBuilt: false };
    const both = { key: { n: 1, word: 1 }, name: "both" };
    const built = rows.createIndexes([both, { key: { word: 1 }, name: "unique", unique: true }]).then(() => {
      state.isBuilt = true;
    });
    let writes = 0;
    // Four lanes share a wait for the disk, which would be most of the time on a quick machine with a slow one.
    const write = async (lane: number) => {
      for (let i = lane; !state.isBuilt; i += LANES) {
        await rows.insertOne({ _id: ROWS + i, n: i % 7, word: `new ${i}` });
        await rows.updateOne({ _id: ROWS - 1 - i }, { $set: { n: -i, word: `changed ${i}` } });
        await rows.deleteOne({ _id: i * 3 });
        writes += 1;
      }
    };
    await Promise.all(Array.from({ length: LANES }, (_, lane) => write(lane)));
    await built;
    expect(writes).toBeGreaterThan(3);
    for (const hint of ["both", "unique", "_id_"]) {
      const found = await rows.countDocuments({ n: { $gte: -100_000 }, word: { $gt: "" } }, { hint });
      expect(found, hint).toBe(await rows.estimatedDocumentCount());
    }
    expect(await findFaultsOfStore()).toEqual([]);
  });

  it("is gone without a trace when two documents cannot both be in it", async () => {
    const rows = await fill("twice");
    await rows.updateOne({ _id: ROWS - 1 }, { $set: { word: "word 0" } });
    const refused = await failureOf(rows.createIndex({ word: 1 }, { unique: true }));
    expect([refused.code, refused.errorResponse.keyValue]).toEqual([11000, { word: "word 0" }]);
    expect((await rows.indexes()).map(({ name }) => name)).toEqual(["_id_"]);
    await rows.insertOne({ _id: -1, n: 0, word: "word 0" });
    await rows.deleteMany({ word: "word 0" });
    expect(await rows.createIndex({ word: 1 }, { unique: true })).toBe("word_1");
    expect(await findFaultsOfStore()).toEqual([]);
  });

  it("is built once when two ask for it at the same time", async () => {
    const rows = await fill("together");
    expect(await Promise.all([rows.createIndex({ n: 1 }), rows.createIndex({ n: 1 })])).toEqual(["n_1", "n_1"]);
    expect(await rows.indexes()).toHaveLength(2);
  });

  it("is not used by a transaction that began before it was complete", async () => {
    const rows = await fill("snapshot");
    await server.client.withSession(async (session) => {
      session.startTransaction();
      await rows.findOne({ _id: 1 }, { session });
      await rows.createIndex({ n: 1 });
      expect(await rows.find({ n: 5 }, { session }).toArray()).toHaveLength(ROWS / 100);
      await session.abortTransaction();
    });
  });

  it("leaves nothing behind when the server is killed, and can be built after that", async () => {
    const rows = await fill("killed");
    const pid = readLock(server.folder)?.pid ?? 0;
    const lost = rows.createIndex({ word: 1 }).catch(() => "lost");
    await rows.findOne({ _id: 1 });
    process.kill(pid, "SIGKILL");
    expect(await lost).toBe("lost");
    await ensureEmbedded(server.folder, { testCommands: true });
    expect((await rows.indexes()).map(({ name }) => name)).toEqual(["_id_"]);
    expect(await rows.countDocuments({ n: { $gte: 0 } })).toBe(ROWS);
    expect(await rows.createIndex({ word: 1 })).toBe("word_1");
    expect(await findFaultsOfStore()).toEqual([]);
  });
});

describe("a collection that is dropped", () => {
  it("is gone at once, and one of the same name begins empty", async () => {
    const rows = await fill("dropped");
    await rows.drop();
    expect(await rows.findOne()).toBeNull();
    await rows.insertOne({ _id: 1, n: 1 });
    expect(await rows.find().toArray()).toEqual([{ _id: 1, n: 1 }]);
    await expect.poll(findFaultsOfStore, { timeout: 10_000 }).toEqual([]);
    expect(await rows.countDocuments()).toBe(1);
  });

  it("ends who still reads it with an error, rather than with part of the documents", async () => {
    const rows = await fill("read");
    const cursor = rows.find({}, { batchSize: 10 });
    await cursor.next();
    await rows.drop();
    expect((await failureOf(cursor.toArray())).code).toBe(175);
  });

  it("makes a transaction begin again in the middle of a batch", async () => {
    const rows = server.client.db("structure").collection<Row>("interrupted");
    await rows.insertOne({ _id: -1, n: 1 });
    let attempts = 0;
    await server.client.withSession((session) =>
      session.withTransaction(async () => {
        attempts += 1;
        const written = rows.insertMany(Array.from({ length: 4000 }, (_, _id) => ({ _id, n: 1 })), { session });
        if (attempts === 1) await Promise.allSettled([written, rows.createIndex({ n: 1 })]);
        await written;
      }),
    );
    expect(attempts).toBeLessThan(3);
    expect(await rows.countDocuments({ n: 1 }, { hint: "n_1" })).toBe(4001);
  });

  it("makes a transaction that wrote to it begin again", async () => {
    const rows = server.client.db("structure").collection<Row>("restarted");
    await rows.insertOne({ _id: 1, n: 1 });
    let attempts = 0;
    await server.client.withSession((session) =>
      session.withTransaction(async () => {
        attempts += 1;
        await rows.insertOne({ _id: 2, n: 2 }, { session });
        if (attempts === 1) await rows.drop();
        await rows.insertOne({ _id: 3, n: 3 }, { session });
      }),
    );
    expect(attempts).toBe(2);
    expect((await rows.find().toArray()).map(({ _id }) => _id)).toEqual([2, 3]);
  });
});
