import type mongoose from "mongoose";
import { beforeAll, describe, expect, it } from "vitest";
import { useRunningServer } from "./running-server";
import { refusalOf } from "./support";

type Document = mongoose.mongo.BSON.Document;
type Case = [what: string, command: Document, code?: number];

const NOT_IMPLEMENTED = 238;
const server = useRunningServer();
const db = () => server.client.db("unsupported");

beforeAll(async () => {
  await db().collection<{ _id: number }>("rows").insertOne({ _id: 1, n: 1 } as Document as { _id: number });
});

const stage = (spec: Document): Document => ({ aggregate: "rows", pipeline: [spec], cursor: {} });
const expression = (spec: Document): Document => stage({ $set: { x: spec } });
const find = (filter: Document): Document => ({ find: "rows", filter });
const index = (key: Document, options: Document = {}): Document => ({ createIndexes: "rows", indexes: [{ key, name: "x", ...options }] });
const geometry = { $geometry: { type: "Point", coordinates: [0, 0] } };

describe("what MongoDB can and this server cannot is refused, with the way out named", () => {
  it.each<Case>([
    ["a view", { create: "x", viewOn: "rows", pipeline: [] }],
    ["a capped collection", { create: "x", capped: true, size: 1000 }],
    ["a time series", { create: "x", timeseries: { timeField: "at" } }],
    ["a clustered collection", { create: "x", clusteredIndex: { key: { _id: 1 }, unique: true } }],
    ["a text index", index({ n: "text" })],
    ["a hashed index", index({ n: "hashed" })],
    ["a compound index with a name that is a number", index({ n: 1, "10": 1 })],
    ["a 2dsphere index", index({ n: "2dsphere" })],
    ["a 2d index", index({ n: "2d" })],
    ["a wildcard index", index({ "$**": 1 })],
    ["a wildcard index of a path", index({ "n.$**": 1 })],
    ["a collation that is not for case", { find: "rows", collation: { locale: "en", strength: 1 } }],
    ["a collation that orders numbers in text", { find: "rows", collation: { locale: "en", strength: 2, numericOrdering: true } }],
    ["$where", find({ $where: "true" })],
    ["$jsonSchema", find({ $jsonSchema: { required: ["a"] } })],
    ["bitwise operators", find({ a: { $bitsAllSet: 1 } })],
    ["$text", find({ $text: { $search: "x" } })],
    ["$near", find({ n: { $near: [0, 0] } })],
    ["$nearSphere", find({ n: { $nearSphere: geometry } })],
    ["$geoWithin", find({ n: { $geoWithin: { $center: [[0, 0], 1] } } })],
    ["$geoIntersects", find({ n: { $geoIntersects: geometry } })],
    ["sorting by a text score", { find: "rows", sort: { x: { $meta: "textScore" } } }],
    ["projecting a text score", { find: "rows", projection: { x: { $meta: "textScore" } } }],
    ["bounds by index keys", { find: "rows", min: { _id: 0 }, hint: { _id: 1 } }],
    ["index keys instead of documents", { find: "rows", returnKey: true }],
    ["record numbers", { find: "rows", showRecordId: true }],
    ["a tailable cursor", { find: "rows", tailable: true }],
    ["$function", expression({ $function: { body: "function () {}", args: [], lang: "js" } })],
    ["$accumulator", stage({ $group: { _id: null, x: { $accumulator: {} } } })],
    ["reading as of a moment", { find: "rows", readConcern: { level: "snapshot" } }],
  ])("%s", async (_what, command) => {
    const { code, message } = await refusalOf(db(), command);
    expect([code, message]).toEqual([NOT_IMPLEMENTED, expect.stringContaining("MONGODB_URI")]);
  });

  it.each<[stage: string, spec: unknown]>([
    ["$graphLookup", { from: "rows", startWith: "$n", connectFromField: "n", connectToField: "_id", as: "x" }],
    ["$setWindowFields", { sortBy: { n: 1 }, output: { x: { $sum: "$n" } } }],
    ["$fill", { output: { n: { value: 0 } } }],
    ["$densify", { field: "n", range: { step: 1, bounds: "full" } }],
    ["$bucketAuto", { groupBy: "$n", buckets: 2 }],
    ["$redact", "$$KEEP"],
    ["$geoNear", { near: [0, 0], distanceField: "x" }],
    ["$search", { text: { query: "x", path: "n" } }],
    ["$searchMeta", {}],
    ["$vectorSearch", { index: "x" }],
    ["$rankFusion", {}],
    ["$planCacheStats", {}],
    ["$currentOp", {}],
    ["$listSessions", {}],
    ["$sharedDataDistribution", {}],
  ])("the stage %s", async (name, spec) => {
    const { code, message } = await refusalOf(db(), stage({ [name]: spec }));
    expect([code, message]).toEqual([40324, expect.stringContaining("MONGODB_URI")]);
  });

  it.each<[operator: string, spec: unknown]>([
    ["$shift", { output: "$n", by: 1 }],
    ["$toHashedIndexKey", "$n"],
    ["$noSuchOperator", 1],
  ])("the expression %s", async (name, spec) => {
    const { code, message } = await refusalOf(db(), expression({ [name]: spec }));
    expect([code, message]).toEqual([168, expect.stringContaining("MONGODB_URI")]);
  });

  it.each<[accumulator: string]>([["$expMovingAvg"], ["$covariancePop"], ["$noSuchAccumulator"]])("the accumulator %s", async (name) => {
    const { code, message } = await refusalOf(db(), stage({ $group: { _id: null, x: { [name]: "$n" } } }));
    expect([code, message]).toEqual([15952, expect.stringContaining("MONGODB_URI")]);
  });

  it.each([
    { createUser: "x", pwd: "y", roles: [] },
    { usersInfo: 1 },
    { createRole: "x", privileges: [], roles: [] },
    { saslStart: 1, mechanism: "SCRAM-SHA-256", payload: "" },
    { mapReduce: "rows", map: "x", reduce: "y", out: "z" },
    { compact: "rows" },
    { validate: "rows" },
    { enableSharding: "x" },
    { replSetGetStatus: 1 },
    { createSearchIndexes: "rows", indexes: [] },
    { noSuchCommand: 1 },
  ])("the command %j", async (command) => {
    const { code, message } = await refusalOf(db(), command);
    expect([code, message]).toEqual([59, expect.stringContaining("MONGODB_URI")]);
  });

  it("and none of it changed anything", async () => {
    expect(await db().collection("rows").find().toArray()).toEqual([{ _id: 1, n: 1 }]);
    expect(await db().collection("rows").indexes()).toHaveLength(1);
    expect(await db().listCollections({}, { nameOnly: true }).toArray()).toHaveLength(1);
  });
});
