import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import mongoose from "mongoose";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { deserializeTyped, serializeDocument } from "./bson";
import { Catalog, type Collection } from "./catalog";
import { checkStore } from "./check";
import { ensureEmbedded } from "./ensure";
import { buildEntries } from "./indexes";
import { encodeKey } from "./key-encoding";
import { encodeRecord } from "./keys";
import { stopEmbedded } from "./stop";
import { Store } from "./store";

interface Thing {
  _id: number;
  code: string;
  tags?: string | string[];
  price?: number;
  name?: string;
  parts?: { a: number; b: number }[];
}

/** Of document 2. Document 1 has the combinations of these in two elements each. */
const parts = [
  { a: 1, b: 4 },
  { a: 3, b: 2 },
];

let folder: string;
let whole: string;
let store: Store;
let things: Collection;

beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "embedded-check-"));
  whole = path.join(folder, "whole");
  const { uri } = await ensureEmbedded(whole);
  const client = await mongoose.mongo.MongoClient.connect(uri);
  const collection = client.db("shop").collection<Thing>("things");
  await collection.createIndex({ code: 1 }, { unique: true });
  await collection.createIndex({ tags: 1 });
  await collection.createIndex({ "parts.a": 1, "parts.b": 1 }, { unique: true, sparse: true });
  await collection.createIndex({ price: 1 }, { partialFilterExpression: { price: { $gt: 5 } } });
  await collection.createIndex({ name: 1 }, { sparse: true, collation: { locale: "en", strength: 2 } });
  await collection.insertMany([
    { _id: 1, code: "a", tags: ["x", "y", "x"], price: 1, name: "One", parts: [{ a: 1, b: 2 }, { a: 3, b: 4 }] },
    { _id: 2, code: "b", tags: [], price: 10, parts },
    { _id: 3, code: "c", tags: "z", price: 20, name: "x".repeat(3000) },
  ]);
  await collection.updateOne({ _id: 2 }, { $set: { tags: ["y"] } });
  await collection.deleteOne({ _id: 3 });
  await collection.insertOne({ _id: 4, code: "d", name: "x".repeat(3000) });
  await client.close();
  await stopEmbedded(whole);
});

afterAll(() => fs.rmSync(folder, { recursive: true }));

beforeEach(() => {
  const copy = fs.mkdtempSync(path.join(folder, "copy-"));
  fs.copyFileSync(path.join(whole, "data.mdb"), path.join(copy, "data.mdb"));
  store = Store.open(copy);
  const [found] = new Catalog(store).all();
  if (!found) throw new Error("the collection is missing");
  things = found;
});

afterEach(() => store.close());

function keyOf(record: number): Buffer {
  return Buffer.concat([things.documentPrefix, encodeRecord(record)]);
}

/** Key of an entry of the index on `code`. */
function codeEntry(code: string, record: number): Buffer {
  const prefix = things.indexes.find((index) => index.name === "code_1")?.prefix ?? Buffer.alloc(0);
  return Buffer.concat([prefix, encodeKey(code, false), encodeRecord(record)]);
}

function findings(change: () => void): string[] {
  store.txn(change);
  const { findings: found, problems } = checkStore(store);
  expect(problems).toBe(found.length);
  return found;
}

const EMPTY = Buffer.alloc(0);

describe("checkStore", () => {
  it("counts everything in a whole store and finds nothing", () => {
    expect(checkStore(store)).toEqual({ collections: 1, documents: 3, entries: 23, findings: [], problems: 0 });
  });

  it("finds a document that is missing in an index", () => {
    expect(findings(() => store.remove(codeEntry("b", 2)))).toEqual([
      "shop.things: the document with _id 2 is missing in index code_1",
      "shop.things, index code_1: 2 entries, its documents should have 3",
    ]);
  });

  it("finds an entry that leads nowhere, and one that leads to another value", () => {
    const found = findings(() => {
      store.put(codeEntry("q", 77), EMPTY);
      store.put(codeEntry("r", 2), EMPTY);
    });
    expect(found).toEqual([
      "shop.things, index code_1: 5 entries, its documents should have 3",
      "shop.things, index code_1: an entry leads to record 77, which is not there",
      "shop.things, index code_1: an entry leads to record 2, which has another value",
    ]);
  });

  it("finds two documents with the same unique value", () => {
    const found = findings(() => {
      store.remove(codeEntry("b", 2));
      store.put(codeEntry("a", 2), EMPTY);
      store.put(keyOf(2), serializeDocument({ _id: 2, code: "a", tags: ["y"], price: 10, parts }));
    });
    expect(found).toEqual(["shop.things, index code_1: two documents have the same value, one is record 2"]);
  });

  it("finds a document that cannot be read", () => {
    const found = findings(() => store.put(keyOf(2), Buffer.from("this is no document")));
    expect(found[0]).toMatch(/^shop\.things: document 2 cannot be read: /);
  });

  it("finds an index that does not know of its arrays", () => {
    const document = { _id: 2, code: ["b1", "b2"], tags: ["y"], price: 10, parts };
    const bytes = serializeDocument(document);
    const own = things.indexes.filter((index) => index.name === "code_1");
    const entries = own.flatMap((index) => buildEntries(index, deserializeTyped(bytes)));
    const found = findings(() => {
      store.remove(codeEntry("b", 2));
      for (const entry of entries) store.put(Buffer.concat([entry, encodeRecord(2)]), EMPTY);
      store.put(keyOf(2), bytes);
    });
    expect(found).toEqual(["shop.things, index code_1: the catalogue does not know that it has arrays in it"]);
  });

  it("finds a catalogue, a retry record and a key that nobody can read", () => {
    expect(findings(() => store.put(Buffer.from("mshop.other"), Buffer.from("torn")))[0]).toMatch(/^the catalogue cannot be read: /);
    store.txn(() => store.remove(Buffer.from("mshop.other")));
    const [record] = findings(() => store.put(Buffer.from("sabc"), Buffer.from("torn")));
    expect(record).toMatch(/^the retry record of session abc cannot be read/);
    store.txn(() => store.remove(Buffer.from("sabc")));
    expect(findings(() => store.put(Buffer.from("zz"), EMPTY))).toEqual(["there is a key of no known kind: 7a7a"]);
  });
});
