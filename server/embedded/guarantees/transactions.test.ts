import mongoose, { Schema, type Connection } from "mongoose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { useRunningServer } from "./running-server";
import { failureOf } from "./support";

const server = useRunningServer();
let connection: Connection;

beforeAll(async () => {
  connection = await mongoose.createConnection(server.uri, { dbName: "transactions" }).asPromise();
});

afterAll(() => connection.close());

interface Account {
  _id: string;
  sum: number;
}

/** A model with a collection of its own, holding `a` with 100 and `b` with 0. */
async function makeAccounts(name: string) {
  const Accounts = connection.model<Account>(name, new Schema<Account>({ _id: String, sum: Number }, { versionKey: false }));
  await Accounts.create([
    { _id: "a", sum: 100 },
    { _id: "b", sum: 0 },
  ]);
  const read = async () => Object.fromEntries((await Accounts.find().lean()).map(({ _id, sum }) => [_id, sum]));
  return { Accounts, read };
}

describe("a transaction", () => {
  it("is kept as a whole when it is committed", async () => {
    const { Accounts, read } = await makeAccounts("Committed");
    const others = connection.collection<{ _id: number }>("committed-log");
    await connection.transaction(async (session) => {
      await Accounts.updateOne({ _id: "a" }, { $inc: { sum: -30 } }, { session });
      await Accounts.updateOne({ _id: "b" }, { $inc: { sum: 30 } }, { session });
      await others.insertOne({ _id: 1 }, { session });
      expect(await read()).toEqual({ a: 100, b: 0 });
      expect((await Accounts.findById("a").session(session).lean().orFail()).sum).toBe(70);
      const total = Accounts.aggregate([{ $group: { _id: null, sum: { $sum: "$sum" } } }]);
      expect(await total.session(session)).toEqual([{ _id: null, sum: 100 }]);
      expect(await others.countDocuments()).toBe(0);
    });
    expect(await read()).toEqual({ a: 70, b: 30 });
    expect(await others.countDocuments()).toBe(1);
  });

  it("is forgotten as a whole when its work throws, and says what was thrown", async () => {
    const { Accounts, read } = await makeAccounts("Aborted");
    const work = connection.transaction(async (session) => {
      await Accounts.updateOne({ _id: "a" }, { $inc: { sum: -30 } }, { session });
      await Accounts.create([{ _id: "c", sum: 1 }], { session });
      await Accounts.deleteOne({ _id: "b" }, { session });
      throw new Error("changed my mind");
    });
    await expect(work).rejects.toThrow("changed my mind");
    expect(await read()).toEqual({ a: 100, b: 0 });
  });

  it("is forgotten as a whole when one of its writes is refused", async () => {
    const { Accounts, read } = await makeAccounts("Refused");
    const work = connection.transaction(async (session) => {
      await Accounts.updateOne({ _id: "a" }, { $inc: { sum: -30 } }, { session });
      await Accounts.collection.insertOne({ _id: "b" as never, sum: 5 }, { session });
    });
    expect((await failureOf(work)).code).toBe(11000);
    expect(await read()).toEqual({ a: 100, b: 0 });
  });

  it("reads as of its beginning, whatever others write meanwhile", async () => {
    const { Accounts, read } = await makeAccounts("Snapshot");
    await connection.transaction(async (session) => {
      expect((await Accounts.findById("a").session(session).lean().orFail()).sum).toBe(100);
      await Accounts.updateOne({ _id: "a" }, { sum: 1 });
      await Accounts.create({ _id: "c", sum: 5 });
      expect((await Accounts.findById("a").session(session).lean().orFail()).sum).toBe(100);
      expect(await Accounts.find().session(session).lean()).toHaveLength(2);
    });
    expect(await read()).toEqual({ a: 1, b: 0, c: 5 });
  });

  it("that meets another one's write is tried again by the driver, so that both count", async () => {
    const { Accounts, read } = await makeAccounts("Conflicting");
    let attempts = 0;
    let release: () => void = () => undefined;
    const bothHaveRead = new Promise<void>((resolve) => (release = resolve));
    const withdraw = (by: number) =>
      connection.transaction(async (session) => {
        attempts += 1;
        const account = await Accounts.findById("a").session(session).orFail();
        if (attempts === 2) release();
        await bothHaveRead;
        account.sum -= by;
        await account.save({ session });
      });
    await Promise.all([withdraw(10), withdraw(5)]);
    expect(await read()).toEqual({ a: 85, b: 0 });
    expect(attempts).toBeGreaterThan(2);
  });

  it("gives documents of mongoose their state back when it is aborted", async () => {
    const { Accounts } = await makeAccounts("Restored");
    const account = await Accounts.findById("a").orFail();
    const work = connection.transaction(async (session) => {
      account.sum = 5;
      await account.save({ session });
      throw new Error("no");
    });
    await expect(work).rejects.toThrow("no");
    expect(account.isModified("sum")).toBe(true);
    await account.save();
    expect((await Accounts.findById("a").lean().orFail()).sum).toBe(5);
  });

  it("makes collections and indexes that are gone when it is aborted", async () => {
    const session = await connection.startSession();
    session.startTransaction();
    await connection.createCollection("made-inside", { session });
    await connection.collection("made-inside").createIndex({ a: 1 }, { unique: true, session });
    await connection.collection("made-inside").insertOne({ a: 1 }, { session });
    await session.abortTransaction();
    expect((await connection.listCollections()).map(({ name }) => name)).not.toContain("made-inside");
    session.startTransaction();
    await connection.collection("made-inside").insertOne({ a: 1 }, { session });
    await session.commitTransaction();
    await session.endSession();
    expect(await connection.collection("made-inside").countDocuments()).toBe(1);
  });

  it.each([
    ["dropped", (rows: mongoose.mongo.Collection) => rows.drop()],
    ["renamed", (rows: mongoose.mongo.Collection) => rows.rename("elsewhere", { dropTarget: true })],
    ["replaced", (rows: mongoose.mongo.Collection) => rows.aggregate([{ $match: { n: 1 } }, { $out: rows.collectionName }]).toArray()],
  ])("begins again rather than take a collection that was %s meanwhile for an empty one", async (what, change) => {
    const rows = server.client.db("transactions").collection<{ n: number }>(`gone ${what}`);
    await rows.insertMany([{ n: 1 }, { n: 2 }]);
    await server.client.withSession(async (session) => {
      session.startTransaction();
      await server.client.db("transactions").collection("others").findOne({}, { session });
      await change(rows as unknown as mongoose.mongo.Collection);
      const refused = await failureOf(rows.find({}, { session }).toArray());
      expect([refused.code, refused.hasErrorLabel("TransientTransactionError")]).toEqual([246, true]);
    });
  });

  it("has its cursors for itself, and reads from no other", async () => {
    const db = server.client.db("transactions");
    await db.collection("cursors").insertMany([{ n: 1 }, { n: 2 }, { n: 3 }]);
    const find = (session?: mongoose.mongo.ClientSession) =>
      db.command({ find: "cursors", batchSize: 1 }, { session, promoteLongs: false }).then(({ cursor }) => cursor.id);
    const more = (getMore: unknown, session?: mongoose.mongo.ClientSession) =>
      db.command({ getMore, collection: "cursors" }, { session });
    await server.client.withSession(async (session) => {
      const plain = await find();
      session.startTransaction();
      const own = await find(session);
      expect((await failureOf(more(own))).code).toBe(50740);
      expect((await more(own, session)).cursor.nextBatch).toHaveLength(2);
      expect((await failureOf(more(plain, session))).code).toBe(50739);
      await session.abortTransaction();
      expect((await more(plain)).cursor.nextBatch).toHaveLength(2);
      session.startTransaction();
      const another = await find(session);
      await server.client.withSession(async (other) => {
        other.startTransaction();
        await find(other);
        expect((await failureOf(more(another, other))).code).toBe(50741);
      });
    });
  });

  it("goes on when a change of its collection is refused", async () => {
    const db = server.client.db("transactions");
    const rows = db.collection<{ _id: number }>("refused change");
    await rows.insertOne({ _id: 1 });
    await server.client.withSession(async (session) => {
      session.startTransaction();
      await rows.insertOne({ _id: 2 }, { session });
      expect((await failureOf(db.command({ collMod: "refused change", validator: { $noSuch: 1 } }))).code).toBe(2);
      const index = { name: "_none_", expireAfterSeconds: 5 };
      expect((await failureOf(db.command({ collMod: "refused change", index }))).code).toBe(27);
      await session.commitTransaction();
    });
    expect(await rows.countDocuments()).toBe(2);
  });

  it("keeps values unique that two transactions add at once", async () => {
    const rows = connection.collection<{ a: string }>("unique-race");
    await rows.createIndex({ a: 1 }, { unique: true });
    const [first, second] = [await connection.startSession(), await connection.startSession()];
    first.startTransaction();
    second.startTransaction();
    await rows.insertOne({ a: "x" }, { session: first });
    const loses = async () => {
      await rows.insertOne({ a: "x" }, { session: second });
      await first.commitTransaction();
      await second.commitTransaction();
    };
    expect([112, 11000]).toContain((await failureOf(loses())).code);
    if (first.inTransaction()) await first.commitTransaction();
    if (second.inTransaction()) await second.abortTransaction();
    await Promise.all([first.endSession(), second.endSession()]);
    expect(await rows.countDocuments()).toBe(1);
  });
});
