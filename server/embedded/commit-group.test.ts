import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Document } from "./bson";
import { saveCollection } from "./catalog";
import { checkStore } from "./check";
import { Deadline } from "./deadline";
import { Engine, type WriteContext } from "./engine";
import { findIndexFaults } from "./guarantees/stored-indexes";
import { hydrateIndex } from "./indexes";
import { insertDocument } from "./records";

let folder: string;
let engine: Engine;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "embedded-group-"));
  engine = new Engine(folder);
});

afterEach(async () => {
  vi.restoreAllMocks();
  await engine.close();
  fs.rmSync(folder, { recursive: true });
});

function insertInto(namespace: string, id: number, fields: Document = {}) {
  return (context: WriteContext) => {
    const collection = context.getCollection(namespace) ?? context.createCollection(namespace);
    insertDocument(context, collection, { _id: id, ...fields });
  };
}

const run = (work: (context: WriteContext) => unknown) => engine.runUnitPatiently(work, new Deadline());
const countKeys = () => engine.store.count(Buffer.from("d"), Buffer.from("e"));

describe("units that are asked for at the same moment", () => {
  it("share one store transaction, and one that fails takes only its own writes with it", async () => {
    // However slow the machine is: a group that takes long is cut.
    vi.spyOn(performance, "now").mockReturnValue(0);
    const txn = vi.spyOn(engine.store, "txn");
    const failing = (context: WriteContext) => {
      insertInto("t.rows", 2)(context);
      insertInto("t.other", 1)(context);
      throw new Error("after writing");
    };
    const outcomes = await Promise.allSettled([run(insertInto("t.rows", 1)), run(failing), run(insertInto("t.rows", 3)), run(failing)]);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "rejected"]);
    expect(txn).toHaveBeenCalledTimes(1);
    expect(engine.catalog.get("t.other")).toBeUndefined();
    expect(engine.catalog.get("t.rows")?.count).toBe(2);
    expect(countKeys()).toBe(2);
    expect(findIndexFaults(engine)).toEqual([]);
  });

  it("are also those that come in while the first one is read", async () => {
    vi.spyOn(performance, "now").mockReturnValue(0);
    const txn = vi.spyOn(engine.store, "txn");
    const first = run(insertInto("t.rows", 1));
    await new Promise((resolve) => setImmediate(resolve));
    await Promise.all([first, run(insertInto("t.rows", 2))]);
    expect(txn).toHaveBeenCalledTimes(1);
  });

  it("see what the ones before them wrote: a unique value is taken once", async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => run(insertInto("t.rows", 7))));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(countKeys()).toBe(1);
  });

  it("take only flags for stored that they have stored: an array of a unit that failed does not hide those that come later", async () => {
    vi.spyOn(performance, "now").mockReturnValue(0);
    await run((context) => {
      const collection = context.createCollection("t.rows");
      const index = hydrateIndex(engine.catalog.takeId(), { name: "list_1", key: { list: 1 } }, {});
      collection.indexes = [...collection.indexes, index];
      saveCollection(context.view, collection);
    });
    const twice = insertInto("t.rows", 1, { list: [1, 2] });
    const outcomes = await Promise.allSettled([run(insertInto("t.rows", 1)), run(twice)]);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    await run(insertInto("t.rows", 2, { list: [1, 2] }));
    engine.catalog.saveCounts();
    expect(checkStore(engine.store).findings).toEqual([]);
  });

  it("all fail when no store transaction can begin, and later ones are taken again", async () => {
    vi.spyOn(engine.store, "txn").mockImplementationOnce(() => {
      throw new Error("No locks available");
    });
    const outcomes = await Promise.allSettled([run(insertInto("t.rows", 1)), run(insertInto("t.rows", 2))]);
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    await run(insertInto("t.rows", 3));
    expect(engine.catalog.get("t.rows")?.count).toBe(1);
  });

  it("all fail when the group cannot be committed, and nothing of them remains", async () => {
    await run(insertInto("t.rows", 1));
    const { txn } = engine.store;
    vi.spyOn(engine.store, "txn").mockImplementationOnce((work) =>
      txn.call(engine.store, () => {
        work();
        throw new Error("No space left on device");
      }),
    );
    const outcomes = await Promise.allSettled([run(insertInto("t.rows", 2)), run(insertInto("t.new", 1))]);
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect([countKeys(), engine.catalog.get("t.rows")?.count, engine.catalog.get("t.new")]).toEqual([1, 1, undefined]);
  });
});
