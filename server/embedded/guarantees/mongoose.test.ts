import mongoose, { Schema, type Connection } from "mongoose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { useRunningServer } from "./running-server";

const server = useRunningServer();
let connection: Connection;

beforeAll(async () => {
  connection = await mongoose.createConnection(server.uri, { dbName: "models" }).asPromise();
});

afterAll(() => connection.close());

interface Row {
  name: string;
  n: number;
  tags: string[];
  lines: { sku: string; n: number }[];
}

const rowSchema = new Schema<Row>({
  name: { type: String, required: true },
  n: { type: Number, default: 0, min: 0 },
  tags: [String],
  lines: [new Schema({ sku: String, n: Number }, { _id: false })],
});

interface Thing {
  big: bigint;
  bytes: Buffer;
  price: mongoose.Types.Decimal128;
  id: mongoose.Types.UUID;
  any: unknown;
  at: Date;
  byName: Map<string, number>;
  list: mongoose.Types.DocumentArray<{ label: string }>;
}

/** A model with a collection of its own. */
function makeRows(name: string) {
  return connection.model(name, rowSchema);
}

describe("documents of a model", () => {
  it("come back as they were saved, with defaults and an id", async () => {
    const Rows = makeRows("Saved");
    const { _id } = await Rows.create({ name: "a", tags: ["x"], lines: [{ sku: "s", n: 1 }] });
    const found = await Rows.findById(_id).orFail();
    expect(found.toObject()).toMatchObject({ _id, name: "a", n: 0, tags: ["x"], lines: [{ sku: "s", n: 1 }] });
  });

  it("keep the types of their schema, and are changed in place inside maps and arrays", async () => {
    const { Decimal128, Mixed, UUID } = Schema.Types;
    const schema = new Schema<Thing>({
      big: BigInt,
      bytes: Buffer,
      price: Decimal128,
      id: UUID,
      any: Mixed,
      at: Date,
      byName: { type: Map, of: Number },
      list: [new Schema({ label: String })],
    });
    const Things = connection.model<Thing>("Thing", schema);
    const at = new Date("1969-12-31T23:59:59.999Z");
    const id = "0ec0c8a1-9b3f-4d9e-8c1c-0a7bb9c3f7d1";
    const made = await Things.create({
      big: 9007199254740993n,
      bytes: Buffer.from([0, 255]),
      price: "10.50",
      id,
      any: { deep: [1, { x: null }] },
      at,
      byName: { a: 1 },
      list: [{ label: "x" }, { label: "y" }],
    });
    const found = await Things.findOne().where("price").gt(10.4).where("byName.a", 1).where("id", id).orFail();
    expect([found.big, found.price.toString(), String(found.id), found.at]).toEqual([9007199254740993n, "10.50", id, at]);
    expect(found.bytes.equals(Buffer.from([0, 255]))).toBe(true);
    expect(found.any).toEqual({ deep: [1, { x: null }] });
    found.byName.set("b", 2);
    found.list.pull(found.list[0]?._id);
    found.list.push({ label: "z" });
    await found.save();
    const stored = await Things.findById(made._id).lean().orFail();
    expect(stored.byName).toEqual({ a: 1, b: 2 });
    expect(stored.list.map(({ label }) => label)).toEqual(["y", "z"]);
  });

  it("are plain objects when asked for lean", async () => {
    const Rows = makeRows("Lean");
    await Rows.create({ name: "a" });
    const found = await Rows.findOne({ name: "a" }).lean().orFail();
    expect(found).not.toBeInstanceOf(Rows);
    expect(Object.keys(found)).toEqual(["_id", "name", "n", "tags", "lines", "__v"]);
  });

  it("carry the time of their making and of their last change", async () => {
    const Notes = connection.model("Note", new Schema({ text: String }, { timestamps: true }));
    const made = await Notes.create({ text: "a" });
    const before = await Notes.findById(made._id).orFail();
    expect(before.createdAt).toEqual(before.updatedAt);
    await Notes.updateOne({ _id: made._id }, { text: "b" }, { timestamps: false });
    expect((await Notes.findById(made._id).orFail()).updatedAt).toEqual(before.updatedAt);
    await Notes.collection.updateOne({ _id: made._id }, { $set: { updatedAt: new Date(0) } });
    await Notes.updateOne({ _id: made._id }, { text: "c" });
    const after = await Notes.findById(made._id).orFail();
    expect(after.createdAt).toEqual(before.createdAt);
    expect(after.updatedAt.getTime()).toBeGreaterThanOrEqual(before.updatedAt.getTime());
  });

  it("are refused by the model's own validators before anything is sent", async () => {
    const Rows = makeRows("Checked");
    await expect(Rows.create({ n: 1 })).rejects.toThrow(/name.*required/i);
    await expect(Rows.create({ name: "a", n: -1 })).rejects.toBeInstanceOf(mongoose.Error.ValidationError);
    await expect(Rows.updateOne({}, { n: -1 }, { runValidators: true })).rejects.toBeInstanceOf(mongoose.Error.ValidationError);
    expect(await Rows.countDocuments()).toBe(0);
  });

  it("of several kinds share a collection and are read as their kind", async () => {
    const Events = connection.model("Event", new Schema({ at: Number }, { discriminatorKey: "kind" }));
    const Clicks = Events.discriminator("Click", new Schema({ target: String }));
    const Scrolls = Events.discriminator("Scroll", new Schema({ by: Number }));
    await Clicks.create({ at: 1, target: "a" });
    await Scrolls.create({ at: 2, by: 3 });
    const all = await Events.find().sort({ at: 1 });
    expect(all[0]).toBeInstanceOf(Clicks);
    expect(all[1]).toBeInstanceOf(Scrolls);
    expect(await Clicks.countDocuments()).toBe(1);
    expect((await Scrolls.findOne().orFail()).by).toBe(3);
    expect(await Scrolls.updateMany({}, { $inc: { by: 1 } })).toMatchObject({ matchedCount: 1, modifiedCount: 1 });
  });

  it("that somebody else changed meanwhile are not overwritten", async () => {
    const schema = new Schema({ n: Number }, { optimisticConcurrency: true });
    const Counters = connection.model("Counter", schema);
    const { _id } = await Counters.create({ n: 0 });
    const [mine, theirs] = [await Counters.findById(_id).orFail(), await Counters.findById(_id).orFail()];
    theirs.n = 1;
    await theirs.save();
    mine.n = 2;
    await expect(mine.save()).rejects.toBeInstanceOf(mongoose.Error.VersionError);
    expect(await Counters.findById(_id).lean()).toMatchObject({ n: 1, __v: 1 });
  });
});

describe("populate", () => {
  const Types = Schema.Types;

  it("follows references, nested and by a virtual", async () => {
    const personSchema = new Schema({ name: String });
    personSchema.virtual("written", { ref: "Book", localField: "_id", foreignField: "author" });
    const People = connection.model("Person", personSchema);
    const bookSchema = new Schema({ title: String, author: { type: Types.ObjectId, ref: "Person" } });
    const Books = connection.model("Book", bookSchema);
    const shelfSchema = new Schema({ room: String, books: [{ type: Types.ObjectId, ref: "Book" }] });
    const Shelves = connection.model("Shelf", shelfSchema);
    const [ann, bob] = await People.create([{ name: "ann" }, { name: "bob" }]);
    const books = await Books.create([
      { title: "one", author: ann?._id },
      { title: "two", author: bob?._id },
      { title: "three", author: ann?._id },
    ]);
    await Shelves.create({ room: "a", books: books.map(({ _id }) => _id).reverse() });
    const shelf = await Shelves.findOne().populate({ path: "books", populate: "author" }).lean().orFail();
    expect(shelf.books).toMatchObject([
      { title: "three", author: { name: "ann" } },
      { title: "two", author: { name: "bob" } },
      { title: "one", author: { name: "ann" } },
    ]);
    const writer = await People.findOne({ name: "ann" }).populate({ path: "written", options: { sort: { title: 1 } } }).orFail();
    expect(writer.get("written")).toMatchObject([{ title: "one" }, { title: "three" }]);
    const counted = await People.findOne({ name: "ann" }).populate({ path: "written", match: { title: "one" } }).orFail();
    expect(counted.get("written")).toHaveLength(1);
  });

  it("follows a reference whose document says where it leads", async () => {
    const Cats = connection.model("Cat", new Schema({ lives: Number }));
    const Dogs = connection.model("Dog", new Schema({ tricks: Number }));
    const petSchema = new Schema({ pet: { type: Types.ObjectId, refPath: "kind" }, kind: String });
    const Visits = connection.model("Visit", petSchema);
    const [cat, dog] = [await Cats.create({ lives: 9 }), await Dogs.create({ tricks: 3 })];
    await Visits.create([
      { pet: cat._id, kind: "Cat" },
      { pet: dog._id, kind: "Dog" },
    ]);
    expect(await Visits.find().sort({ kind: 1 }).populate("pet").lean()).toMatchObject([{ pet: { lives: 9 } }, { pet: { tricks: 3 } }]);
  });
});

describe("updates of a model", () => {
  const lines = [
    { sku: "a", n: 1 },
    { sku: "b", n: 5 },
    { sku: "c", n: 9 },
  ];

  it("reach the matched element, all elements, and those a filter names", async () => {
    const Rows = makeRows("Positional");
    const { _id } = await Rows.create({ name: "x", lines });
    const counts = async () => (await Rows.findById(_id).lean().orFail()).lines.map(({ n }) => n);
    await Rows.updateOne({ _id, "lines.sku": "b" }, { $set: { "lines.$.n": 50 } });
    expect(await counts()).toEqual([1, 50, 9]);
    await Rows.updateOne({ _id }, { $inc: { "lines.$[].n": 1 } });
    expect(await counts()).toEqual([2, 51, 10]);
    await Rows.updateOne({ _id }, { $set: { "lines.$[big].n": 0 } }, { arrayFilters: [{ "big.n": { $gte: 10 } }] });
    expect(await counts()).toEqual([2, 0, 0]);
    await Rows.updateOne({ _id }, { $pull: { lines: { n: 0 } }, $push: { tags: { $each: ["q", "p"], $sort: 1 } } });
    expect(await Rows.findById(_id).lean()).toMatchObject({ tags: ["p", "q"], lines: [{ sku: "a", n: 2 }] });
  });

  it("may be pipelines that compute from the document", async () => {
    const Rows = makeRows("Pipeline");
    await Rows.create({ name: "x", lines });
    await Rows.updateOne({}, [{ $set: { n: { $sum: "$lines.n" } } }, { $unset: "tags" }], { updatePipeline: true });
    const found = await Rows.findOne().lean().orFail();
    expect(found.n).toBe(15);
    expect("tags" in found).toBe(false);
  });

  it("say what they matched, changed and made", async () => {
    const Rows = makeRows("Counts");
    await Rows.create([{ name: "a" }, { name: "b", n: 1 }]);
    expect(await Rows.updateMany({}, { n: 1 })).toMatchObject({ matchedCount: 2, modifiedCount: 1, upsertedCount: 0 });
    const upserted = await Rows.updateOne({ name: "c" }, { $inc: { n: 7 } }, { upsert: true });
    expect(upserted).toMatchObject({ matchedCount: 0, modifiedCount: 0, upsertedCount: 1 });
    expect(await Rows.findById(upserted.upsertedId).lean()).toMatchObject({ name: "c", n: 7, tags: [], __v: 0 });
    expect(await Rows.deleteMany({ n: { $lt: 5 } })).toEqual({ acknowledged: true, deletedCount: 2 });
    expect(await Rows.replaceOne({ name: "c" }, { name: "d" })).toMatchObject({ modifiedCount: 1 });
  });

  it("give the document before or after, in an order, projected, made or removed", async () => {
    const Rows = makeRows("FindAndModify");
    await Rows.create([
      { name: "a", n: 1 },
      { name: "b", n: 2 },
    ]);
    expect((await Rows.findOneAndUpdate({}, { $inc: { n: 10 } }, { sort: { n: -1 } }))?.n).toBe(2);
    const after = await Rows.findOneAndUpdate({}, { $inc: { n: 1 } }, { sort: { n: 1 }, returnDocument: "after", projection: "n" }).lean();
    expect(after).toEqual({ _id: after?._id, n: 2 });
    expect(await Rows.findOneAndUpdate({ name: "none" }, { n: 1 })).toBeNull();
    const upsert = { upsert: true, returnDocument: "after", includeResultMetadata: true } as const;
    const made = await Rows.findOneAndUpdate({ name: "c" }, { n: 3 }, upsert);
    expect(made.lastErrorObject).toMatchObject({ updatedExisting: false, n: 1, upserted: made.value?._id });
    expect((await Rows.findOneAndReplace({ name: "c" }, { name: "d" }, { returnDocument: "after" }))?.name).toBe("d");
    expect((await Rows.findOneAndDelete({ name: "d" }))?.name).toBe("d");
    expect(await Rows.distinct("name")).toEqual(["a", "b"]);
  });
});

describe("reading through a model", () => {
  it("counts, lists distinct values, and aggregates", async () => {
    const Rows = makeRows("Read");
    await Rows.create([1, 2, 3, 4].map((n) => ({ name: n % 2 ? "odd" : "even", n, tags: ["t", `t${n}`] })));
    expect(await Rows.countDocuments({ n: { $gt: 1 } })).toBe(3);
    expect(await Rows.countDocuments({}).skip(1).limit(2)).toBe(2);
    expect(await Rows.estimatedDocumentCount()).toBe(4);
    expect(await Rows.distinct("tags", { n: { $lt: 3 } })).toEqual(["t", "t1", "t2"]);
    expect(await Rows.exists({ n: 9 })).toBeNull();
    const groups = await Rows.aggregate([{ $group: { _id: "$name", sum: { $sum: "$n" } } }, { $sort: { _id: 1 } }]);
    expect(groups).toEqual([
      { _id: "even", sum: 6 },
      { _id: "odd", sum: 4 },
    ]);
    expect(await Rows.find({ n: { $gte: 2 } }, "n -_id").sort("-n").skip(1).limit(2).lean()).toEqual([{ n: 3 }, { n: 2 }]);
  });

  it("goes through large results batch by batch, and may stop early", async () => {
    const Rows = makeRows("Cursor");
    await Rows.insertMany(Array.from({ length: 250 }, (_, n) => ({ name: `r${n}`, n })));
    let sum = 0;
    for await (const row of Rows.find().sort({ n: 1 }).batchSize(20).cursor()) sum += row.n;
    expect(sum).toBe((249 * 250) / 2);
    const seen: number[] = [];
    await Rows.find().sort({ n: -1 }).cursor({ batchSize: 7 }).eachAsync((row) => void seen.push(row.n), { parallel: 3 });
    expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 250 }, (_, n) => n));
    for await (const row of Rows.aggregate<Row>([{ $match: {} }]).cursor({ batchSize: 10 })) {
      if (row.n === 15) break;
    }
    const early = Rows.find().batchSize(10).cursor();
    expect((await early.next())?.n).toBe(0);
    await early.close();
    expect(await Rows.countDocuments()).toBe(250);
  });
});
