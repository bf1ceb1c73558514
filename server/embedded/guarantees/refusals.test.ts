import mongoose from "mongoose";
import { beforeAll, describe, expect, it } from "vitest";
import { useRunningServer } from "./running-server";
import { refusalOf, type Refusal } from "./support";

const { Long } = mongoose.mongo.BSON;
type Document = mongoose.mongo.BSON.Document;
type Case = [what: string, command: Document, code: number];

const server = useRunningServer();
const db = () => server.client.db("refused");
let last: unknown;

/** Everything that is in the database: documents, indexes, collections. */
async function readAll(): Promise<unknown> {
  const collections = await db().listCollections().toArray();
  const names = collections.map(({ name }) => name).sort();
  const contents = names.map(async (name) => [name, await db().collection(name).find().toArray(), await db().collection(name).indexes()]);
  return Promise.all(contents);
}

beforeAll(async () => {
  const rows = db().collection<{ _id: number }>("rows");
  await rows.insertMany([
    { _id: 1, n: 1, s: "text", list: [1, 2], pairs: [{ a: 1 }, { a: 2 }], sub: { a: 1 }, u: "x" } as Document as { _id: number },
    { _id: 2, n: 2, s: "more", list: [3], sub: { a: 2 }, u: "y" } as Document as { _id: number },
  ]);
  await rows.createIndex({ u: 1 }, { unique: true, name: "u_1" });
  await rows.createIndex({ list: 1, n: 1 }, { name: "list_n" });
  await db().createCollection("strict", { validator: { n: { $type: "int" } } });
  await db().createCollection("other");
  last = await readAll();
});

/** Runs a command that must be refused, and looks whether it changed anything all the same. */
async function refuse(command: Document, db: mongoose.mongo.Db): Promise<Refusal> {
  const refusal = await refusalOf(db, command).finally(async () => {
    const [before, after] = [last, await readAll()];
    last = after;
    expect(after).toEqual(before);
  });
  return refusal;
}

function itRefuses(cases: Case[]): void {
  it.each(cases)("refuse %s", async (_what, command, code) => {
    expect(await refuse(command, db())).toMatchObject({ code });
  });
}

describe("commands", () => {
  const findAndModify = "rows";
  itRefuses([
    ["one that does not exist", { noSuchCommand: 1 }, 59],
    ["one called like a prototype's method", { hasOwnProperty: 1 }, 59],
    ["an unknown field", { find: "rows", noSuchField: 1 }, 40415],
    ["an unknown field of a statement", { update: "rows", updates: [{ q: {}, u: { $set: { n: 9 } }, noSuchField: 1 }] }, 40415],
    ["a missing field", { insert: "rows" }, 40414],
    ["no statements at all", { insert: "rows", documents: [] }, 16],
    ["a document that is none", { insert: "rows", documents: [5] }, 14],
    ["a filter that is none", { find: "rows", filter: 5 }, 14],
    ["a sort direction of 2", { find: "rows", sort: { n: 2 } }, 15975],
    ["a sort direction of text", { find: "rows", sort: { n: "asc" } }, 15974],
    ["a negative skip", { find: "rows", skip: -1 }, 51024],
    ["a negative limit", { find: "rows", limit: -1 }, 51024],
    ["a negative batch size", { find: "rows", batchSize: -1 }, 51024],
    ["a negative time", { find: "rows", maxTimeMS: -1 }, 2],
    ["a hint at an index that is not there", { find: "rows", hint: "nope_1" }, 2],
    ["mixed projections: out after in", { find: "rows", projection: { n: 1, s: 0 } }, 31254],
    ["mixed projections: in after out", { find: "rows", projection: { n: 0, s: 1 } }, 31253],
    ["a projection of a path and its child", { find: "rows", projection: { sub: 1, "sub.a": 1 } }, 31249],
    ["a positional projection whose filter meets no element", { find: "rows", filter: { _id: 1 }, projection: { "list.$": 1 } }, 51246],
    ["a projection of a path and its parent", { find: "rows", projection: { "sub.a": 1, sub: 1 } }, 31250],
    ["aggregate without a cursor", { aggregate: "rows", pipeline: [] }, 9],
    ["findAndModify that does nothing", { findAndModify, query: {} }, 9],
    ["findAndModify that updates and removes", { findAndModify, remove: true, update: { n: 1 } }, 9],
    ["findAndModify that removes and wants the new one", { findAndModify, remove: true, new: true }, 9],
    ["findAndModify that removes and upserts", { findAndModify, remove: true, upsert: true }, 9],
    ["a deletion with a limit of 2", { delete: "rows", deletes: [{ q: { _id: 2 }, limit: 2 }] }, 9],
    ["a cursor that never was", { getMore: Long.fromNumber(123), collection: "rows" }, 43],
    ["a cursor number that is no int64", { getMore: "x", collection: "rows" }, 14],
  ]);

  const merge = (spec: unknown): Document => ({ aggregate: "rows", pipeline: [{ $merge: spec }], cursor: {} });
  const out = (spec: unknown): Document => ({ aggregate: "rows", pipeline: [{ $out: spec }], cursor: {} });
  const stages = [{ $set: { n: 1 } }];
  itRefuses([
    ["$merge with an unknown field", merge({ into: "other", noSuchField: 1 }), 40415],
    ["$merge into a target with an unknown field", merge({ into: { db: "refused", coll: "other", noSuchField: 1 } }), 40415],
    ["$merge without a target", merge({ on: "_id" }), 40414],
    ["$merge that is a number", merge(5), 51182],
    ["$merge into a number", merge({ into: 5 }), 51178],
    ["$merge into a database that is a number", merge({ into: { db: 5, coll: "other" } }), 14],
    ["$merge with an unknown whenMatched", merge({ into: "other", whenMatched: "noSuchMode" }), 2],
    ["$merge with a whenMatched that only names a pipeline", merge({ into: "other", whenMatched: "pipeline" }), 2],
    ["$merge with a whenMatched that is a number", merge({ into: "other", whenMatched: 5 }), 51191],
    ["$merge with stages that are none of an update", merge({ into: "other", whenMatched: [{ $match: {} }] }), 72],
    ["$merge with an unknown whenNotMatched", merge({ into: "other", whenNotMatched: "noSuchMode" }), 2],
    ["$merge that would do nothing", merge({ into: "other", whenMatched: "keepExisting", whenNotMatched: "discard" }), 51189],
    ["$merge on no field", merge({ into: "other", on: [] }), 51187],
    ["$merge on a field twice", merge({ into: "other", on: ["_id", "_id"] }), 31465],
    ["$merge on a number", merge({ into: "other", on: 5 }), 51186],
    ["$merge on a list of numbers", merge({ into: "other", on: [5] }), 51134],
    ["$merge with variables and nothing to use them", merge({ into: "other", let: { q: 1 } }), 51199],
    ["$merge with another $$new", merge({ into: "other", let: { new: 1 }, whenMatched: stages }), 51273],
    ["$merge with a variable called like one of MongoDB's", merge({ into: "other", let: { ROOT: 1 }, whenMatched: stages }), 16866],
    ["$out with an unknown field", out({ db: "refused", coll: "other", noSuchField: 1 }), 40415],
    ["$out that is a number", out(5), 16990],
    ["$out without a collection", out({ db: "refused" }), 16990],
    ["$out into a time series", out({ db: "refused", coll: "other", timeseries: { timeField: "d" } }), 238],
  ]);

  it("refuse a cursor that was killed or read to its end", async () => {
    const first = await db().command({ find: "rows", batchSize: 1 });
    const getMore = { getMore: Long.fromBits(first.cursor.id.low ?? first.cursor.id, first.cursor.id.high ?? 0), collection: "rows" };
    await db().command({ killCursors: "rows", cursors: [getMore.getMore] });
    expect(await refuse(getMore, db())).toMatchObject({ code: 43 });
  });
});

describe("queries", () => {
  const cases: [filter: Document, code: number][] = [
    [{ n: { $noSuch: 1 } }, 2],
    [{ $noSuch: 1 }, 2],
    [{ n: { $gt: 1, noDollar: 1 } }, 2],
    [{ n: { $in: 1 } }, 2],
    [{ n: { $in: [{ $gt: 1 }] } }, 2],
    [{ n: { $nin: "x" } }, 2],
    [{ n: { $all: 1 } }, 2],
    [{ $or: [] }, 2],
    [{ $and: {} }, 2],
    [{ $nor: [1] }, 2],
    [{ n: { $not: 1 } }, 2],
    [{ n: { $not: {} } }, 2],
    [{ list: { $elemMatch: 1 } }, 2],
    [{ list: { $size: -1 } }, 2],
    [{ list: { $size: "x" } }, 2],
    [{ n: { $mod: [0, 1] } }, 2],
    [{ n: { $mod: [1] } }, 2],
    [{ n: { $mod: [1, 2, 3] } }, 2],
    [{ n: { $type: "noSuchType" } }, 2],
    [{ n: { $type: 99 } }, 2],
    [{ s: { $regex: 5 } }, 2],
    [{ s: { $options: "i" } }, 2],
    [{ s: { $regex: "(" } }, 51091],
    [{ s: { $regex: "a", $options: "q" } }, 51108],
    [{ $expr: { $noSuch: 1 } }, 168],
    [{ $expr: "$$nobody" }, 17276],
    [{ $expr: { $divide: ["$n", 0] } }, 2],
  ];
  itRefuses(
    cases.flatMap(([filter, code]): Case[] => [
      [`find with ${JSON.stringify(filter)}`, { find: "rows", filter }, code],
      [`delete with ${JSON.stringify(filter)}`, { delete: "rows", deletes: [{ q: filter, limit: 0 }] }, code],
    ]),
  );
  const positional = { q: { n: 1 }, u: { $set: { "list.$": 9 } } };
  itRefuses([
    ["count", { count: "rows", query: { n: { $noSuch: 1 } } }, 2],
    ["distinct", { distinct: "rows", key: "n", query: { n: { $noSuch: 1 } } }, 2],
    ["$match", { aggregate: "rows", pipeline: [{ $match: { n: { $noSuch: 1 } } }], cursor: {} }, 2],
    ["a filter for a collection that is not there", { find: "nobody", filter: { n: { $noSuch: 1 } } }, 2],
    ["the positional operator in an update whose filter has no array", { update: "rows", updates: [positional] }, 2],
  ]);
});

describe("updates", () => {
  const cases: [update: unknown, code: number, arrayFilters?: unknown[]][] = [
    [{ $noSuch: { a: 1 } }, 9],
    [{ $set: 5 }, 9],
    [{ $set: { a: 1 }, b: 1 }, 9],
    [{ b: 1, $set: { a: 1 } }, 52],
    [{ $inc: { s: 1 } }, 14],
    [{ $inc: { n: "x" } }, 14],
    [{ $mul: { s: 2 } }, 14],
    [{ $inc: { n: Long.MAX_VALUE } }, 2],
    [{ $set: { "n.a": 1 } }, 28],
    [{ $set: { "list.a": 1 } }, 28],
    [{ $push: { "sub.a.b": 1 } }, 28],
    [{ $set: { a: 1 }, $unset: { a: 1 } }, 40],
    [{ $set: { a: 1, "a.b": 1 } }, 40],
    [{ $rename: { n: "s.x" } }, 28],
    [{ $rename: { n: "n" } }, 2],
    [{ $rename: { n: 5 } }, 2],
    [{ $set: { _id: 9 } }, 66],
    [{ $unset: { _id: 1 } }, 66],
    [{ _id: 9, n: 1 }, 66],
    [[{ $set: { _id: 9 } }], 66],
    [{ $set: { "": 1 } }, 56],
    [{ $set: { "a..b": 1 } }, 56],
    [{ $set: { "a.$x": 1 } }, 52],
    [{ $push: { n: 1 } }, 2],
    [{ $push: { list: { $each: 1 } } }, 2],
    [{ $push: { list: { $each: [1], $slice: "x" } } }, 2],
    [{ $push: { list: { $each: [1], $position: "x" } } }, 2],
    [{ $push: { list: { $each: [1], $sort: 5 } } }, 2],
    [{ $push: { list: { $each: [1], $noSuch: 5 } } }, 2],
    [{ $addToSet: { n: 1 } }, 2],
    [{ $addToSet: { list: { $each: 1 } } }, 14],
    [{ $pull: { n: 1 } }, 2],
    [{ $pullAll: { list: 1 } }, 2],
    [{ $pop: { list: 5 } }, 9],
    [{ $pop: { n: 1 } }, 14],
    [{ $bit: { s: { and: 1 } } }, 2],
    [{ $bit: { n: { nand: 1 } } }, 2],
    [{ $currentDate: { at: "x" } }, 2],
    [{ $set: { "list.$[]": 1, "n.$[]": 1 } }, 2],
    [{ $set: { "list.$[x]": 1 } }, 2],
    [{ $set: { n: 1 } }, 9, [{ x: 1 }]],
    [{ $set: { "list.$[x]": 1 } }, 9, [{ x: 1, y: 1 }]],
    [{ $set: { "list.$[x]": 1 } }, 9, [{ x: 1 }, { x: 2 }]],
    [[{ $match: {} }], 72],
    [[{ $noSuch: {} }], 40324],
    [[{ $set: { n: { $divide: [1, 0] } } }], 2],
    [5, 9],
  ];
  itRefuses(
    cases.map(([u, code, arrayFilters]): Case => {
      const statement = { q: { _id: 1 }, u, ...(arrayFilters ? { arrayFilters } : {}) };
      const filters = arrayFilters ? ` with filters ${JSON.stringify(arrayFilters)}` : "";
      return [JSON.stringify(u) + filters, { update: "rows", updates: [statement] }, code];
    }),
  );
  const sameElement = { q: { list: 1 }, u: { $set: { "list.$": 1 }, $inc: { "list.0": 1 } } };
  const twice = { $and: [{ z: 7 }, { z: 8 }] };
  itRefuses([
    ["a position that only a negation found", { update: "rows", updates: [{ q: { list: { $ne: 9 } }, u: { $set: { "list.$": 9 } } }] }, 2],
    ["positions that turn out to be the same", { update: "rows", updates: [sameElement] }, 40],
    ["a replacement of many", { update: "rows", updates: [{ q: {}, u: { a: 1 }, multi: true }] }, 9],
    ["an upsert whose filter fixes a field twice", { update: "rows", updates: [{ q: twice, u: { $set: { n: 1 } }, upsert: true }] }, 54],
    ["arrays in two fields of one index", { update: "rows", updates: [{ q: { _id: 1 }, u: { $set: { n: [1, 2] } } }] }, 171],
    ["an insert of such arrays", { insert: "rows", documents: [{ n: [1], list: [1] }] }, 171],
    ["an _id that is an array", { insert: "rows", documents: [{ _id: [1] }] }, 2],
    ["an _id that is a pattern", { insert: "rows", documents: [{ _id: /x/ }] }, 2],
    ["an _id with a dollar inside", { insert: "rows", documents: [{ _id: { $a: 1 } }] }, 52],
    ["what a validator does not allow", { insert: "strict", documents: [{ n: "x" }] }, 121],
  ]);

  it("refuse a duplicate and say of which index and value", async () => {
    for (const command of [
      { insert: "rows", documents: [{ _id: 3, u: "x" }] },
      { update: "rows", updates: [{ q: { _id: 2 }, u: { $set: { u: "x" } } }] },
      { findAndModify: "rows", query: { _id: 2 }, update: { $set: { u: "x" } } },
    ]) {
      const { code, details } = await refuse(command, db());
      expect([code, details.keyPattern, details.keyValue]).toEqual([11000, { u: 1 }, { u: "x" }]);
    }
  });
});

describe("namespaces and indexes", () => {
  const createIndex = (spec: Document): Document => ({ createIndexes: "rows", indexes: [spec] });
  itRefuses([
    ["to create what exists with other options", { create: "strict", validator: {} }, 48],
    ["to change what is not there", { collMod: "nobody", validator: {} }, 26],
    ["to list the indexes of what is not there", { listIndexes: "nobody" }, 26],
    ["to drop an index of what is not there", { dropIndexes: "nobody", index: "x_1" }, 26],
    ["a name that is empty", { create: "" }, 73],
    ["a name that is a number", { find: 5 }, 73],
    ["a name that starts with a dot", { create: ".a" }, 73],
    ["a name with a dollar", { create: "a$b" }, 73],
    ["a name with NUL", { insert: "a\0b", documents: [{}] }, 73],
    ["a name that is too long", { create: "x".repeat(300) }, 73],
    ["to drop an index that is not there", { dropIndexes: "rows", index: "nope_1" }, 27],
    ["to drop an index by a key that is not there", { dropIndexes: "rows", index: { nope: 1 } }, 27],
    ["to drop the index of _id", { dropIndexes: "rows", index: "_id_" }, 72],
    ["the same key under another name", createIndex({ key: { u: 1 }, name: "other", unique: true }), 85],
    ["the same name and key with other options", createIndex({ key: { u: 1 }, name: "u_1" }), 85],
    ["the same name for another key", createIndex({ key: { v: 1 }, name: "u_1" }), 86],
    ["a key without fields", createIndex({ key: {}, name: "none" }), 67],
    ["a key with a direction of 0", createIndex({ key: { v: 0 }, name: "v" }), 67],
    ["a key with a direction of true", createIndex({ key: { v: true }, name: "v" }), 67],
    ["a key with an empty name in it", createIndex({ key: { "a..b": 1 }, name: "v" }), 67],
    ["an index over two arrays", createIndex({ key: { list: 1, pairs: 1 }, name: "v" }), 171],
    ["an unknown option", createIndex({ key: { v: 1 }, name: "v", noSuch: 1 }), 197],
    ["a partial filter with $ne", createIndex({ key: { v: 1 }, name: "v", partialFilterExpression: { a: { $ne: 1 } } }), 67],
    ["a partial filter on a sparse index", createIndex({ key: { v: 1 }, name: "v", sparse: true, partialFilterExpression: { a: 1 } }), 67],
    ["an expiry over two fields", createIndex({ key: { v: 1, w: 1 }, name: "v", expireAfterSeconds: 1 }), 67],
    ["a negative expiry", createIndex({ key: { v: 1 }, name: "v", expireAfterSeconds: -1 }), 67],
    ["one bad index among good ones", { createIndexes: "rows", indexes: [{ key: { v: 1 }, name: "v" }, { key: {}, name: "w" }] }, 67],
    ["an index of a new collection that is bad", { createIndexes: "made", indexes: [{ key: {}, name: "w" }] }, 67],
  ]);

  it.each<Case>([
    ["what is not there", { renameCollection: "refused.nobody", to: "refused.somebody" }, 26],
    ["onto what is there", { renameCollection: "refused.rows", to: "refused.other" }, 48],
    ["onto itself", { renameCollection: "refused.rows", to: "refused.rows" }, 20],
    ["to a name without a database", { renameCollection: "refused.rows", to: "somebody" }, 73],
  ])("refuse to rename %s", async (_what, command, code) => {
    expect(await refuse(command, server.client.db("admin"))).toMatchObject({ code });
  });
});
