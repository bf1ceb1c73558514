import { randomUUID } from "node:crypto";
import mongoose from "mongoose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureEmbedded } from "../ensure";
import { stopEmbedded } from "../stop";
import { useRunningServer, type Client } from "./running-server";

const { BSON, MongoClient } = mongoose.mongo;
const { Binary, BSONRegExp, BSONSymbol, Code, DBRef, Decimal128, Double, Int32, Long, MaxKey, MinKey, ObjectId, Timestamp, UUID } = BSON;
type Document = mongoose.mongo.BSON.Document;

const server = useRunningServer();
/** Hands out the bytes of documents as the server sent them. */
let raw: Client;

beforeAll(async () => {
  raw = await MongoClient.connect(server.uri, { raw: true });
});

afterAll(() => raw.close());

const VALUES: [name: string, value: unknown][] = [
  ["double", new Double(1.5)],
  ["whole double", new Double(3)],
  ["negative zero", new Double(-0)],
  ["NaN", new Double(Number.NaN)],
  ["infinity", new Double(Number.POSITIVE_INFINITY)],
  ["negative infinity", new Double(Number.NEGATIVE_INFINITY)],
  ["smallest double", new Double(Number.MIN_VALUE)],
  ["largest double", new Double(Number.MAX_VALUE)],
  ["string", "text"],
  ["empty string", ""],
  ["string with NUL, emoji and right-to-left", "a\0b\u{1F600}\u05D0\uFFFF"],
  ["object", { b: new Int32(1), a: { c: "x" } }],
  ["empty object", {}],
  ["array", [new Int32(1), "x", null, [new Double(2)], {}]],
  ["empty array", []],
  ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 128, 255].map((subtype): [string, unknown] => {
    const bytes = subtype === 9 ? [] : Buffer.alloc(16, subtype);
    return [`binary of subtype ${subtype}`, new Binary(Buffer.from(bytes), subtype)];
  }),
  ["empty binary", new Binary(Buffer.alloc(0))],
  ["vector", Binary.fromFloat32Array(new Float32Array([1, -2.5]))],
  ["UUID", new UUID(randomUUID())],
  ["ObjectId", new ObjectId()],
  ["true", true],
  ["false", false],
  ["date", new Date("2024-02-29T12:34:56.789Z")],
  ["date before 1970", new Date(-1)],
  ["first date", new Date(-8.64e15)],
  ["last date", new Date(8.64e15)],
  ["null", null],
  ["regular expression", new BSONRegExp("^a(b|c)$", "imsx")],
  ["regular expression without options", new BSONRegExp("/")],
  ["reference", new DBRef("people", new ObjectId(), "other", { more: new Int32(1) })],
  ["code", new Code("function () { return 1; }")],
  ["code with scope", new Code("x", { x: new Int32(1), y: { z: Long.fromNumber(2) } })],
  ["symbol", new BSONSymbol("sym")],
  ["int32", new Int32(-2147483648)],
  ["timestamp", new Timestamp({ t: 4294967295, i: 7 })],
  ["small int64", Long.fromNumber(1)],
  ["int64 beyond 2^53", Long.fromString("9007199254740993")],
  ["smallest int64", Long.MIN_VALUE],
  ["largest int64", Long.MAX_VALUE],
  ["decimal with trailing zeros", Decimal128.fromString("1.2300")],
  ["decimal of 34 digits", Decimal128.fromString("-1234567890123456789012345678901234E-6000")],
  ["decimal negative zero", Decimal128.fromString("-0E+3")],
  ["decimal NaN", Decimal128.fromString("NaN")],
  ["decimal infinity", Decimal128.fromString("-Infinity")],
  ["MinKey", new MinKey()],
  ["MaxKey", new MaxKey()],
];

/** Every value at the top, inside a document, inside an array, and inside a document of an array. */
const nest = (value: unknown): Document => ({ v: value, in: { deep: { v: value } }, list: [value, { v: value }, [value]] });

const DOCUMENTS = VALUES.map(([name, value]) => ({ _id: name, ...nest(value) }));
const hexOf = (document: Document): string => Buffer.from(BSON.serialize(document)).toString("hex");
const namesAndBytes = (documents: Document[]) => documents.map((document, index) => [VALUES[index]?.[0], hexOf(document)]);

/** Options of the driver that make values keep the type they have in the reply. */
const UNTOUCHED = { promoteValues: false, promoteBuffers: false, promoteLongs: false, bsonRegExp: true };

function openCollection(client: Client, name: string) {
  return client.db("types").collection<{ _id: string }>(name);
}

/** What a cursor of the raw client gives, as the bytes that came. */
async function readBytes(cursor: { toArray(): Promise<unknown[]> }) {
  const found = await cursor.toArray();
  return found.map((bytes, index) => [VALUES[index]?.[0], bytes instanceof Uint8Array ? Buffer.from(bytes).toString("hex") : bytes]);
}

async function insertAll(name: string) {
  await openCollection(server.client, name).insertMany(DOCUMENTS);
  return openCollection(raw, name);
}

describe("every BSON type, nested everywhere, keeps its bytes", () => {
  it("when it is inserted and found", async () => {
    const rows = await insertAll("inserted");
    expect(await readBytes(rows.find())).toEqual(namesAndBytes(DOCUMENTS));
  });

  it("when the server was stopped and started again", async () => {
    const rows = await insertAll("kept");
    await stopEmbedded(server.folder);
    await ensureEmbedded(server.folder, { testCommands: true });
    expect(await readBytes(rows.find())).toEqual(namesAndBytes(DOCUMENTS));
  });

  it("when it is set, and when something else in its document is changed", async () => {
    const rows = openCollection(server.client, "set");
    await rows.bulkWrite(
      DOCUMENTS.map(({ _id, ...fields }) => ({ updateOne: { filter: { _id }, update: { $set: fields }, upsert: true } })),
    );
    await rows.updateMany({}, { $set: { other: 1, "in.more": 1 }, $push: { list: 1 as never } });
    await rows.updateMany({}, { $unset: { other: 1, "in.more": 1 }, $pop: { list: 1 } } as Document);
    const expected = DOCUMENTS.map(({ _id, v, in: deep, list }: Document) => ({ _id, in: deep, list, v }));
    expect(await readBytes(openCollection(raw, "set").find())).toEqual(namesAndBytes(expected));
  });

  it("when it replaces, is pushed, or comes back from findAndModify", async () => {
    const rows = await insertAll("modified");
    const modified = openCollection(server.client, "modified");
    const replies: Document[] = [];
    for (const { _id, v } of DOCUMENTS as Document[]) {
      const reply = await modified.findOneAndUpdate({ _id }, { $push: { list: v as never } }, { returnDocument: "after", ...UNTOUCHED });
      replies.push(reply ?? {});
    }
    const pushed = DOCUMENTS.map((document: Document) => ({ ...document, list: [...(document.list as unknown[]), document.v] }));
    expect(namesAndBytes(replies)).toEqual(namesAndBytes(pushed));
    expect(await readBytes(rows.find())).toEqual(namesAndBytes(pushed));
    await modified.bulkWrite(DOCUMENTS.map((document) => ({ replaceOne: { filter: { _id: document._id }, replacement: document } })));
    expect(await readBytes(rows.find())).toEqual(namesAndBytes(DOCUMENTS));
  });

  it("when it goes through $project, $set, $group, or a projection", async () => {
    const rows = await insertAll("computed");
    const projected = DOCUMENTS.map(({ v, in: deep, list }: Document) => ({ list, x: v, y: [v, deep] }));
    const $project = { _id: 0, x: "$in.deep.v", y: ["$v", "$in"], list: 1 };
    expect(await readBytes(rows.aggregate([{ $project }], { raw: true }))).toEqual(namesAndBytes(projected));
    const set = DOCUMENTS.map((document: Document) => ({ ...document, w: document.v, x: [document.v] }));
    const $set = { w: { $arrayElemAt: ["$list", 0] }, x: { $map: { input: ["$v"], in: "$$this" } } };
    expect(await readBytes(rows.aggregate([{ $set }], { raw: true }))).toEqual(namesAndBytes(set));
    const $group = { _id: { name: "$_id", v: "$v" }, first: { $first: "$in" }, all: { $push: "$list" } };
    const grouped = DOCUMENTS.map(({ _id, v, in: deep, list }: Document) => ({ _id: { name: _id, v }, first: deep, all: [list] }));
    expect(await readBytes(rows.aggregate([{ $group }], { raw: true }))).toEqual(namesAndBytes(grouped));
    const shown = DOCUMENTS.map(({ v, in: deep }: Document) => ({ v, in: deep }));
    expect(await readBytes(rows.find({}, { projection: { v: 1, "in.deep": 1, _id: 0 } }))).toEqual(namesAndBytes(shown));
  });

  it("when it is copied into another collection", async () => {
    const rows = await insertAll("source");
    await openCollection(server.client, "source").aggregate([{ $out: "out" }]).toArray();
    await openCollection(server.client, "source").aggregate([{ $merge: "merged" }]).toArray();
    for (const name of ["out", "merged"]) expect(await readBytes(openCollection(raw, name).find())).toEqual(await readBytes(rows.find()));
  });

  it("and is found by its value, with and without an index", async () => {
    await insertAll("found");
    const rows = openCollection(server.client, "found");
    await rows.createIndex({ v: 1 });
    for (const [name, value] of VALUES) {
      for (const path of ["v", "in.deep.v", "list"]) {
        const ids = (await rows.find({ [path]: { $eq: value } }).toArray()).map(({ _id }) => _id);
        expect([name, path, ids]).toEqual([name, path, expect.arrayContaining([name])]);
      }
    }
  });
});

/** The document in a text of JSON. Maps are what keeps the order of names that are digits. */
function readOrdered(text: string): Map<string, unknown> {
  const parts: Map<string, unknown>[] = [];
  let name = "";
  for (const [token, quoted, number] of text.matchAll(/"((?:[^"\\]|\\.)*)":|(\d+)|\{|\}/g)) {
    if (quoted !== undefined) name = JSON.parse(`"${quoted}"`) as string;
    else if (number !== undefined) parts.at(-1)?.set(name, Number(number));
    else if (token === "}" && parts.length > 1) parts.pop();
    else if (token === "{") {
      const inner = new Map<string, unknown>();
      parts.at(-1)?.set(name, inner);
      parts.push(inner);
    }
  }
  return parts[0] ?? new Map<string, unknown>();
}

const NAMES: [kind: string, text: string][] = [
  ["of prototypes", '{"_id":1,"__proto__":{"__proto__":1,"x":{"__proto__":2}},"constructor":{"prototype":1},"toString":3}'],
  ["that are empty", '{"_id":3,"":1,"in":{"":{"":2}}}'],
  ["in any script", '{"_id":4,"\u00e9":1,"e\u0301":2,"\u{1F600}":{"\u05D0":3},"\uffff":4," ":5}'],
  ["with dots and dollars inside", '{"_id":5,"a.b":1,"in":{"c.d":{"e.f":2},"$g":3},"h$":4,"i.$j":5,".":6}'],
];

describe("field names", () => {
  const expected = NAMES.map(([, text]) => readOrdered(text));
  const rows = () => server.client.db("types").collection("names");
  const read = (name: string) => readBytes(openCollection(raw, name).find());

  it.each(NAMES)("%s keep their spelling and order, whatever is done with their document", async (_kind, text) => {
    const document = readOrdered(text);
    const hex = hexOf(document);
    const find = async () => (await readBytes(openCollection(raw, "names").find({ _id: document.get("_id") as never })))[0]?.[1];
    await rows().insertOne(document as Document);
    expect(await find()).toBe(hex);
    await rows().updateOne({ _id: document.get("_id") as never }, { $set: { other: 1 } });
    await rows().updateOne({ _id: document.get("_id") as never }, { $unset: { other: 1 } });
    expect(await find()).toBe(hex);
  });

  it("are the same in the body of a command, in a pipeline's result and in a copy", async () => {
    await server.client.db("types").command({ insert: "body", documents: expected });
    const hex = expected.map(hexOf);
    expect((await read("body")).map(([, bytes]) => bytes)).toEqual(hex);
    const stages = [{ $match: {} }, { $set: { other: 1 } }, { $unset: "other" }, { $out: "copy" }];
    await openCollection(server.client, "body").aggregate(stages).toArray();
    expect((await read("copy")).map(([, bytes]) => bytes)).toEqual(hex);
  });

  it("that are digits keep their order while nobody changes the document, and `_id` its place after that", async () => {
    const document = readOrdered('{"z":3,"_id":2,"10":1,"9":{"2":1,"1":2},"01":5,"1":7}');
    const find = async () => readBytes(openCollection(raw, "digits").find());
    await server.client.db("types").command({ insert: "digits", documents: [document] });
    const [[, bytes] = []] = await find();
    expect(bytes).toBe(hexOf(readOrdered('{"_id":2,"z":3,"10":1,"9":{"2":1,"1":2},"01":5,"1":7}')));
    await server.client.db("types").collection("digits").updateOne({}, { $set: { z: 4 } });
    const [[, changed] = []] = await find();
    expect(changed).toBe(hexOf(readOrdered('{"_id":2,"1":7,"9":{"1":2,"2":1},"10":1,"z":4,"01":5}')));
  });

  it("that commands have, too, are ordinary names in a document", async () => {
    const lists = { documents: [{ a: 1 }], updates: [{ b: [{ documents: [{ c: 1 }] }] }], deletes: [], ops: [{}] };
    const odd = server.client.db("types").collection<{ _id: number }>("odd");
    await odd.insertOne({ _id: 1, ...lists });
    await odd.insertOne({ _id: 2 });
    await odd.updateOne({ _id: 2 }, { $set: lists });
    await odd.bulkWrite([{ replaceOne: { filter: { _id: 3 }, replacement: lists, upsert: true } }]);
    await odd.findOneAndUpdate({ _id: 4, documents: { $nin: [[{ a: 2 }]] } }, { $set: lists }, { upsert: true });
    expect(await odd.find(lists).sort({ _id: 1 }).toArray()).toEqual([1, 2, 3, 4].map((id) => ({ _id: id, ...lists })));
  });

  it("of prototypes pollute nothing", () => {
    const plain: Document = {};
    expect([plain.x, plain.prototype]).toEqual([undefined, undefined]);
  });
});
