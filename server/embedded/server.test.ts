import { fork } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import mongoose from "mongoose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureEmbedded } from "./ensure";
import { readLock } from "./lock-file";
import { stopEmbedded } from "./stop";

const { MongoClient, GridFSBucket, MongoServerError } = mongoose.mongo;
type Client = InstanceType<typeof MongoClient>;

let folder: string;
let uri: string;
let client: Client;

beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "embedded-server-"));
  uri = (await ensureEmbedded(folder, { testCommands: true })).uri;
  client = await MongoClient.connect(uri);
});

afterAll(async () => {
  await client.close();
  await stopEmbedded(folder);
  fs.rmSync(folder, { recursive: true });
});

/** What a promise fails with. */
async function failureOf(work: Promise<unknown>): Promise<InstanceType<typeof MongoServerError>> {
  try {
    await work;
  } catch (error) {
    if (error instanceof MongoServerError) return error;
    throw error;
  }
  throw new Error("expected the server to refuse this");
}

describe("the embedded server", () => {
  it("serves mongoose: indexes, upserts, a transaction and files", async () => {
    const connection = await mongoose.createConnection(uri, { dbName: "trip" }).asPromise();
    const schema = new mongoose.Schema({ slug: { type: String, unique: true }, n: Number }, { timestamps: true });
    const Thing = connection.model("Thing", schema);
    await Thing.syncIndexes();
    await Thing.create({ slug: "a", n: 1 });
    const upserted = await Thing.findOneAndUpdate({ slug: "b" }, { $inc: { n: 5 } }, { upsert: true, returnDocument: "after" });
    expect(upserted?.n).toBe(5);
    await connection.transaction(async (session) => {
      await Thing.create([{ slug: "c", n: 2 }], { session });
      await Thing.updateOne({ slug: "a" }, { $inc: { n: 10 } }, { session });
    });
    expect(await Thing.find().sort({ slug: 1 }).distinct("n")).toEqual([2, 5, 11]);
    const files = new GridFSBucket(client.db("trip"));
    const bytes = Buffer.alloc(600_000, 7);
    const upload = files.openUploadStream("model.onnx");
    await new Promise((resolve) => upload.end(bytes, () => resolve(null)));
    const parts: Uint8Array[] = [];
    for await (const part of files.openDownloadStream(upload.id)) parts.push(part as Uint8Array);
    expect(Buffer.concat(parts).equals(bytes)).toBe(true);
    await connection.close();
  });

  it("refuses a second document with the same unique value and says which", async () => {
    const users = client.db("unique").collection("users");
    await users.createIndex({ email: 1 }, { unique: true });
    await users.insertOne({ email: "a@b.c" });
    const error = await failureOf(users.insertOne({ email: "a@b.c" }));
    expect(error.code).toBe(11000);
    expect(error.errorResponse).toMatchObject({ keyPattern: { email: 1 }, keyValue: { email: "a@b.c" } });
  });

  it("forgets an aborted transaction and shows an open one to nobody else", async () => {
    const items = client.db("tx").collection<{ _id: number }>("items");
    const session = client.startSession();
    session.startTransaction();
    await items.insertOne({ _id: 1 }, { session });
    expect(await items.countDocuments({}, { session })).toBe(1);
    expect(await items.countDocuments()).toBe(0);
    await session.abortTransaction();
    await session.endSession();
    expect(await items.countDocuments()).toBe(0);
  });

  it("lets the second writer of a document in a transaction try again", async () => {
    const items = client.db("conflict").collection<{ _id: number; n: number }>("items");
    await items.insertOne({ _id: 1, n: 0 });
    const [first, second] = [client.startSession(), client.startSession()];
    first.startTransaction();
    second.startTransaction();
    await items.updateOne({ _id: 1 }, { $inc: { n: 1 } }, { session: first });
    const error = await failureOf(items.updateOne({ _id: 1 }, { $inc: { n: 1 } }, { session: second }));
    expect(error.code).toBe(112);
    expect(error.hasErrorLabel("TransientTransactionError")).toBe(true);
    const plain = items.updateOne({ _id: 1 }, { $inc: { n: 1 } });
    await first.commitTransaction();
    await plain;
    expect((await items.findOne({ _id: 1 }))?.n).toBe(2);
    await Promise.all([first.endSession(), second.endSession()]);
  });

  it("applies a retryable write once, also when the connection breaks after it", async () => {
    const counters = client.db("retry").collection<{ _id: string; n: number }>("counters");
    await counters.insertOne({ _id: "a", n: 0 });
    await client.db("admin").command({ configureFailPoint: "onPrimaryTransactionalWrite", mode: { times: 1 } });
    const result = await counters.updateOne({ _id: "a" }, { $inc: { n: 1 } });
    expect(result.modifiedCount).toBe(1);
    expect((await counters.findOne({ _id: "a" }))?.n).toBe(1);
  });

  it("answers others while a long query runs", async () => {
    const rows = client.db("busy").collection("rows");
    await rows.insertMany(Array.from({ length: 10_000 }, (_, n) => ({ n, text: `row ${n}` })));
    let isRunning = true;
    const long = rows.find({ text: /no such row$/ }).toArray().finally(() => {
      isRunning = false;
    });
    let pings = 0;
    while (isRunning) {
      await client.db("admin").command({ ping: 1 });
      pings += 1;
    }
    await long;
    expect(pings).toBeGreaterThan(1);
    const error = await failureOf(rows.find({ text: /no such row$/ }, { maxTimeMS: 1 }).toArray());
    expect(error.code).toBe(50);
  });

  it("refuses what it does not do, with MongoDB's code", async () => {
    const db = client.db("refused");
    await db.collection("rows").insertOne({ n: 1 });
    const codes = await Promise.all(
      [
        db.command({ noSuchCommand: 1 }),
        db.command({ find: "rows", noSuchField: 1 }),
        db.collection("rows").aggregate([{ $noSuchStage: {} }]).toArray(),
        db.collection("rows").find({ n: { $noSuchOperator: 1 } }).toArray(),
        db.collection("rows").createIndex({ text: "text" }),
        db.createCollection("ring", { capped: true, size: 1000 }),
      ].map(async (work) => (await failureOf(work)).code),
    );
    expect(codes).toEqual([59, 40415, 40324, 2, 238, 238]);
  });

  it("counts exactly when two processes increment the same document", async () => {
    const script = path.join(folder, "increment.mjs");
    const driver = path.join(process.cwd(), "node_modules", "mongodb", "lib", "index.js");
    fs.writeFileSync(
      script,
      `import mongodb from ${JSON.stringify(driver)};
       const client = await mongodb.MongoClient.connect(process.argv[2]);
       const counters = client.db("two").collection("counters");
       for (let i = 0; i < 100; i += 1) await counters.updateOne({ _id: "a" }, { $inc: { n: 1 } }, { upsert: true });
       await client.close();`,
    );
    const run = () =>
      new Promise<number | null>((resolve) => {
        fork(script, [uri], { execArgv: [] }).on("exit", resolve);
      });
    expect(await Promise.all([run(), run()])).toEqual([0, 0]);
    expect(await client.db("two").collection<{ _id: string }>("counters").findOne({ _id: "a" })).toMatchObject({ n: 200 });
  });

  it("closes a connection that sends garbage and goes on serving the others", async () => {
    const address = readLock(folder)?.address ?? "";
    for (const frame of makeGarbage()) await sendAndWaitForClose(address, frame);
    expect(await client.db("admin").command({ ping: 1 })).toMatchObject({ ok: 1 });
  });
});

/** An OP_MSG with these flags and this body. */
function makeMessage(flags: number, body: Buffer, operation = 2013): Buffer {
  const head = Buffer.alloc(20);
  head.writeInt32LE(20 + body.length, 0);
  head.writeInt32LE(1, 4);
  head.writeInt32LE(operation, 12);
  head.writeUInt32LE(flags, 16);
  return Buffer.concat([head, body]);
}

function makeGarbage(): Buffer[] {
  const ping = Buffer.from("\x0f\0\0\0\x10ping\0\x01\0\0\0\0", "latin1");
  return [
    Buffer.from("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    Buffer.from([0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0]),
    Buffer.from([0, 0, 0, 0, 0, 0, 0, 0]),
    Buffer.from([0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4]),
    makeMessage(0, Buffer.alloc(0)),
    makeMessage(0, Buffer.from([9, 1, 2, 3])),
    makeMessage(0, Buffer.concat([Buffer.from([0]), Buffer.from([0xff, 0xff, 0xff, 0x7f, 0])])),
    makeMessage(0, Buffer.concat([Buffer.from([0]), Buffer.from([5, 0, 0, 0, 7])])),
    makeMessage(0, Buffer.concat([Buffer.from([0]), ping, Buffer.from([0]), ping])),
    makeMessage(0, Buffer.from([1, 0xff, 0xff, 0, 0, 65, 0])),
    makeMessage(0, Buffer.from([1, 6, 0, 0, 0, 65, 66])),
    makeMessage(0x80, Buffer.concat([Buffer.from([0]), ping])),
    makeMessage(0, Buffer.alloc(30, 255), 2004),
    makeMessage(0, Buffer.alloc(8), 2010),
    makeMessage(0, Buffer.concat([Buffer.from([0]), Buffer.from("\x10\0\0\0\x02a\0\xff\xff\xff\x7fxyz\0", "latin1")])),
  ];
}

function sendAndWaitForClose(address: string, frame: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ path: address }, () => socket.write(frame));
    socket.on("data", () => reject(new Error(`answered ${frame.toString("hex")}`)));
    socket.on("close", () => resolve());
    socket.on("error", () => undefined);
  });
}
