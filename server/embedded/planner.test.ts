import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { Binary, Decimal128, Double, Int32, Long, ObjectId } from "bson";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { serializeDocument, type Document } from "./bson";
import { saveCollection, type Collection } from "./catalog";
import { Deadline } from "./deadline";
import { Engine } from "./engine";
import { MongoServerFault } from "./errors";
import { hydrateIndex } from "./indexes";
import { findNow, prepareQuery, type QueryOptions } from "./query";
import { deleteDocument, insertDocument, replaceDocument } from "./records";

let folder: string;
let engine: Engine;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "embedded-planner-"));
  engine = new Engine(folder);
});

afterEach(async () => {
  await engine.close();
  fs.rmSync(folder, { recursive: true });
});

function makeCollection(namespace: string, indexes: Document[]): Collection {
  return engine.runUnit((context) => {
    const collection = context.createCollection(namespace);
    const made = indexes.map((spec) => hydrateIndex(engine.catalog.takeId(), { ...spec, name: JSON.stringify(spec) }, {}));
    collection.indexes = [...collection.indexes, ...made];
    saveCollection(context.view, collection);
    return collection;
  });
}

function findIn(collection: Collection, filter: Document, options: QueryOptions = {}) {
  const query = prepareQuery(engine.reading, collection, filter, options);
  return { found: findNow(query, new Deadline()), plan: query.plan };
}

/** A random number generator that gives the same numbers every time. */
function makeRandom(seed: number): { below(limit: number): number; pick<T>(items: readonly T[]): T } {
  let state = seed;
  const below = (limit: number) => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return Math.floor((state / 4_294_967_296) * limit);
  };
  return { below, pick: (items) => items[below(items.length)] as (typeof items)[number] };
}

type Random = ReturnType<typeof makeRandom>;

function makeScalar(random: Random): unknown {
  return random.pick<() => unknown>([
    () => null,
    () => new Int32(random.below(7) - 3),
    () => new Double(random.below(14) / 2 - 3),
    () => Long.fromString(`900719925474099${random.below(9)}`),
    () => Decimal128.fromString(random.pick(["1", "1.5", "-2", "2.50"])),
    () => random.pick(["", "a", "ab", "a\0b", "é", "\u{1F600}", "\uFFFD", "x".repeat(700), `${"x".repeat(700)}y`]),
    () => random.below(2) === 0,
    () => new Date(random.below(4) * 1000 - 2000),
    () => new ObjectId(String(random.below(4)).padStart(24, "0")),
    () => new Binary(Buffer.from(random.pick(["", "a", "ab"])), random.pick([0, 4])),
    () => ({ x: new Int32(random.below(3)) }),
    () => new Double(Number.NaN),
    () => new Double(-0),
  ])();
}

function makeValue(random: Random): unknown {
  if (random.below(5) > 0) return makeScalar(random);
  return Array.from({ length: random.below(3) }, () => makeScalar(random));
}

function makeCondition(random: Random): unknown {
  const scalar = () => makeScalar(random);
  return random.pick<() => unknown>([
    () => makeValue(random),
    () => ({ $in: [scalar(), scalar(), scalar()] }),
    () => ({ $gt: scalar() }),
    () => ({ $gte: scalar() }),
    () => ({ $lt: scalar() }),
    () => ({ $lte: scalar() }),
    () => ({ $gt: scalar(), $lt: scalar() }),
    () => ({ $ne: scalar() }),
    () => ({ $exists: random.below(2) === 0 }),
    () => ({ $nin: [scalar()] }),
    () => ({ $not: { $gt: scalar() } }),
  ])();
}

function makeBranch(random: Random): Document {
  const branch: Document = { [random.pick(["a", "b", "c.x", "_id"])]: makeCondition(random) };
  return random.below(4) === 0 ? { $and: [branch, { a: makeCondition(random) }] } : branch;
}

function makeFilter(random: Random): Document {
  const filter: Document = {};
  if (random.below(10) < 7) filter.a = makeCondition(random);
  if (random.below(2) === 0) filter.b = makeCondition(random);
  if (random.below(3) === 0) filter["c.x"] = makeCondition(random);
  if (random.below(10) === 0) filter.$and = [{ a: makeCondition(random) }];
  if (random.below(4) === 0) filter.$or = [makeBranch(random), makeBranch(random)];
  return filter;
}

function makeDocument(random: Random, id: number): Document {
  const document: Document = { _id: new Int32(id) };
  const isArrayInB = random.below(2) === 0;
  if (random.below(8) > 0) document.a = isArrayInB ? makeScalar(random) : makeValue(random);
  if (random.below(8) > 0) document.b = isArrayInB ? makeValue(random) : makeScalar(random);
  const part = () => ({ x: makeScalar(random) });
  if (random.below(3) > 0) document.c = random.below(3) === 0 ? [part(), part()] : part();
  return document;
}

const INDEXES: Document[] = [
  { key: { a: 1 } },
  { key: { a: -1 } },
  { key: { a: 1, b: -1 } },
  { key: { "c.x": 1 } },
  { key: { b: 1, a: 1 } },
  { key: { a: 1, _id: 1 } },
  { key: { a: 1 }, sparse: true },
  { key: { b: 1 }, partialFilterExpression: { a: { $gt: new Int32(0) } } },
];

function fillBoth(random: Random, indexed: Collection, plain: Collection): void {
  engine.runUnit((context) => {
    for (let id = 0; id < 100; id += 1) {
      const document = makeDocument(random, id);
      try {
        insertDocument(context, indexed, document);
      } catch (error) {
        if (!(error instanceof MongoServerFault) || error.code !== 171) throw error;
        continue;
      }
      insertDocument(context, plain, document);
    }
  });
}

/** Gives some documents another `a` and removes others, in both collections alike. */
function changeBoth(random: Random, indexed: Collection, plain: Collection): void {
  engine.runUnit((context) => {
    for (let round = 0; round < 25; round += 1) {
      const id = new Int32(random.below(100));
      const value = makeScalar(random);
      const isDeletion = random.below(5) === 0;
      for (const collection of [indexed, plain]) {
        const [hit] = findIn(collection, { _id: id }).found;
        if (!hit) continue;
        if (isDeletion) deleteDocument(context, collection, hit.record, hit.document);
        else {
          const change = { before: hit.document, after: { ...hit.document, a: value }, kind: "update" as const };
          replaceDocument(context, collection, hit.record, change, false);
        }
      }
    }
  });
}

const ORDERS = [undefined, { a: 1 }, { a: -1 }, { a: 1, b: -1 }, { b: -1, a: -1 }, { a: -1, b: 1 }];

describe("planQuery", () => {
  it("finds with any index exactly what a scan finds, in the order of the sort", () => {
    const random = makeRandom(20_260_101);
    const used = { index: 0, union: 0 };
    for (let round = 0; round < 5; round += 1) {
      const chosen = INDEXES.filter(() => random.below(10) < 6);
      const indexed = makeCollection(`t.indexed${round}`, chosen);
      const plain = makeCollection(`t.plain${round}`, []);
      fillBoth(random, indexed, plain);
      changeBoth(random, indexed, plain);
      for (let query = 0; query < 80; query += 1) {
        const filter = makeFilter(random);
        const order = random.pick<Document | undefined>(ORDERS);
        const sort = order && { ...order, _id: 1 };
        const options = { sort, limit: sort ? random.pick([0, 5]) : 0 };
        const fast = findIn(indexed, filter, options);
        const slow = findIn(plain, filter, options);
        if (fast.plan.index) used.index += 1;
        if (fast.plan.branches) used.union += 1;
        const ids = (result: typeof fast) => result.found.map(({ document }) => String(document._id));
        const [left, right] = sort ? [ids(fast), ids(slow)] : [ids(fast).sort(), ids(slow).sort()];
        expect(left, JSON.stringify({ filter, sort, index: fast.plan.index?.name })).toEqual(right);
      }
    }
    expect(used.index).toBeGreaterThan(120);
    expect(used.union).toBeGreaterThan(5);
  });

  it("looks for every branch of an $or by its own index, and scans when one has none", () => {
    const collection = makeCollection("t.either", [{ key: { n: 1 } }, { key: { s: 1 } }]);
    engine.runUnit((context) => {
      for (let id = 0; id < 1000; id += 1) insertDocument(context, collection, { _id: id, n: id % 100, s: `s${id % 50}`, x: id });
    });
    const run = (filter: Document, options: QueryOptions = {}) => {
      const query = prepareQuery(engine.reading, collection, filter, options);
      const ids = findNow(query, new Deadline()).map(({ document }) => Number(document._id));
      return { ids, examined: query.counters.documentsExamined, names: query.plan.branches?.map(({ index }) => index?.parts[0]?.field) };
    };
    const either = run({ $or: [{ n: 7 }, { s: "s7" }, { n: { $gte: 98 } }] });
    expect(either.names).toEqual(["n", "s", "n"]);
    expect([either.ids.length, new Set(either.ids).size, either.examined]).toEqual([40, 40, 50]);
    expect(run({ $or: [{ n: 7 }, { s: "s7" }] }, { sort: { _id: -1 }, limit: 3 }).ids).toEqual([957, 907, 857]);
    expect(run({ x: { $lt: 100 }, $or: [{ n: 7 }, { s: "s9" }] }).ids.sort()).toEqual([59, 7, 9]);
    expect(run({ $or: [{ n: 7 }, { x: 8 }] })).toMatchObject({ names: undefined, examined: 1000 });
    expect(run({ s: "s7", $or: [{ n: 7 }, { n: 57 }] })).toMatchObject({ names: undefined, examined: 20 });
  });

  it("walks an index instead of sorting, and only as far as the limit", () => {
    const collection = makeCollection("t.sorted", [{ key: { org: 1, at: -1 } }]);
    engine.runUnit((context) => {
      for (let id = 0; id < 1000; id += 1) insertDocument(context, collection, { _id: id, org: id % 10, at: id });
    });
    const query = prepareQuery(engine.reading, collection, { org: 3 }, { sort: { at: -1 }, limit: 5 });
    const found = findNow(query, new Deadline());
    expect(query.plan.isSorted).toBe(true);
    expect(found.map(({ document }) => String(document._id))).toEqual(["993", "983", "973", "963", "953"]);
    expect(query.counters.documentsExamined).toBe(5);
  });

  it("keeps indexes, flags and counts over a restart", async () => {
    const collection = makeCollection("t.kept", [{ key: { tags: 1 } }]);
    engine.runUnit((context) => insertDocument(context, collection, { _id: 1, tags: ["a", "b"] }));
    await engine.close();
    engine = new Engine(folder);
    const again = engine.catalog.get("t.kept");
    expect(again?.count).toBe(1);
    expect(again?.indexes[1]?.multikey).toBe(true);
    const found = again ? findIn(again, { tags: "b" }).found : [];
    expect(found.map(({ bytes }) => bytes)).toEqual([serializeDocument({ _id: 1, tags: ["a", "b"] })]);
  });

  it("undoes everything of a unit that fails", () => {
    const collection = makeCollection("t.undone", [{ key: { n: 1 }, unique: true }]);
    const attempt = () =>
      engine.runUnit((context) => {
        insertDocument(context, collection, { _id: 1, n: 1 });
        context.createCollection("t.other");
        insertDocument(context, collection, { _id: 2, n: 1 });
      });
    expect(attempt).toThrow(/E11000/);
    expect(engine.catalog.get("t.other")).toBeUndefined();
    const after = engine.catalog.get("t.undone");
    expect(after?.count).toBe(0);
    if (after) expect(findIn(after, {}).found).toEqual([]);
  });
});
