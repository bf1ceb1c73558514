import { createHash } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { open } from "lmdb";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HeldTransaction } from "./held-transaction";
import { FORMAT_KEY } from "./keys";
import { Store, type View } from "./store";

const MEBIBYTE = 2 ** 20;
const LONG = Buffer.alloc(100_000, 1);
const SEED = Number(process.env.EMBEDDED_SEED ?? Date.now() % 100_000);
let folder: string;
let store: Store;
let free: number | null;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "embedded-batch-"));
  free = null;
  store = Store.open(folder, () => free);
});

afterEach(async () => {
  vi.restoreAllMocks();
  await store.close();
  fs.rmSync(folder, { recursive: true });
});

const keyOf = (name: string) => Buffer.from(`s${name}`);
const put = (name: string, value: string | Buffer = name) => store.txn(() => store.put(keyOf(name), Buffer.from(value)));
const START = Buffer.from("s");
const END = Buffer.from("t");
const contentOf = (view: Pick<View, "range">, isReverse = false) =>
  Object.fromEntries(Array.from(view.range(START, END, isReverse), ({ key, value }) => [key.subarray(1).toString(), value.toString()]));

/** What a process finds that starts after this one was killed now. */
async function findAfterKill(): Promise<Record<string, string>> {
  const copy = fs.mkdtempSync(path.join(os.tmpdir(), "embedded-batch-"));
  for (const name of ["data.mdb", "journal"]) {
    if (fs.existsSync(path.join(folder, name))) fs.copyFileSync(path.join(folder, name), path.join(copy, name));
  }
  const other = Store.open(copy);
  const found = contentOf(other);
  await other.close();
  // Committed at the end, and not only restored.
  expect(fs.readdirSync(copy)).not.toContain("journal");
  const again = Store.open(copy);
  expect(contentOf(again)).toEqual(found);
  await again.close();
  fs.rmSync(copy, { recursive: true });
  return found;
}

function hashFolder(): string {
  const hash = createHash("sha256");
  for (const name of ["data.mdb", "journal"]) hash.update(fs.readFileSync(path.join(folder, name)));
  return hash.digest("hex");
}

describe("after a kill there is every unit that was told of, and nothing of others", () => {
  it("while LMDB has committed none of them", async () => {
    const commit = vi.spyOn(HeldTransaction.prototype, "commit");
    for (let number = 0; number < 20; number += 1) put(`${number}`);
    store.txn(() => store.remove(keyOf("7")));
    expect(commit).not.toHaveBeenCalled();
    const found = await findAfterKill();
    expect(Object.keys(found)).toHaveLength(19);
    expect(found).toEqual(contentOf(store));
  });

  it("when a unit failed, or a part of one", async () => {
    put("a");
    const fail = () => {
      store.put(keyOf("lost"), START);
      store.remove(keyOf("a"));
      throw new Error("after writing");
    };
    expect(() => store.txn(fail)).toThrow("after writing");
    store.txn(() => {
      store.put(keyOf("b"), Buffer.from("b"));
      expect(() => store.nested(fail)).toThrow("after writing");
      store.nested(() => store.put(keyOf("c"), Buffer.from("c")));
    });
    const expected = { a: "a", b: "b", c: "c" };
    expect(contentOf(store)).toEqual(expected);
    expect(await findAfterKill()).toEqual(expected);
  });

  it("when a unit is too long for the journal", async () => {
    put("a");
    put("long", LONG);
    put("b");
    expect(Object.keys(await findAfterKill())).toEqual(["a", "b", "long"]);
  });

  it(`whatever came before (seed ${SEED})`, { timeout: 30_000 }, async () => {
    let state = SEED;
    const random = (below: number) => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) % below;
    const known: Record<string, string> = {};
    for (let step = 0; step < 400; step += 1) {
      const kind = random(20);
      if (kind === 0) store.snapshot().close();
      if (kind === 1) await new Promise((resolve) => setImmediate(resolve));
      if (kind === 2) expect(await findAfterKill(), `step ${step}`).toEqual(known);
      if (kind === 3) {
        await store.close();
        store = Store.open(folder, () => free);
      }
      const writes = Array.from({ length: random(60) }, () => [`${random(40)}`, random(3) === 0 ? null : `${step}`.repeat(random(random(8) ? 20 : 4_000))] as const);
      store.txn(() => {
        for (const [name, value] of writes) {
          if (value === null) store.remove(keyOf(name));
          else store.put(keyOf(name), Buffer.from(value));
        }
      });
      for (const [name, value] of writes) {
        if (value === null) delete known[name];
        else known[name] = value;
      }
      expect(contentOf(store, step % 2 === 0), `step ${step}`).toEqual(known);
    }
    expect(await findAfterKill()).toEqual(known);
  });
});

describe("a unit that cannot be kept is gone, and no other one with it", () => {
  it("when the journal cannot be written", async () => {
    put("a");
    vi.spyOn(fs, "fdatasyncSync").mockImplementationOnce(() => {
      throw new Error("EIO: i/o error, fdatasync");
    });
    expect(() => put("b")).toThrow("EIO");
    expect(contentOf(store)).toEqual({ a: "a" });
    put("c");
    expect(contentOf(store)).toEqual({ a: "a", c: "c" });
    expect(await findAfterKill()).toEqual({ a: "a", c: "c" });
  });

  it("when LMDB cannot commit it", async () => {
    put("a");
    vi.spyOn(HeldTransaction.prototype, "commit").mockImplementationOnce(function (this: HeldTransaction) {
      this.abort();
      throw new Error("MDB_MAP_FULL");
    });
    expect(() => put("long", LONG)).toThrow("MDB_MAP_FULL");
    put("b");
    expect(contentOf(store)).toEqual({ a: "a", b: "b" });
    expect(await findAfterKill()).toEqual({ a: "a", b: "b" });
  });

  it("and those before it stay in the journal while the disk has no room for LMDB's commit", async () => {
    put("a");
    free = 0;
    expect(() => put("b")).toThrow("No space left on device");
    expect(() => store.snapshot()).toThrow("No space left on device");
    expect(await findAfterKill()).toEqual({ a: "a" });
    free = 64 * MEBIBYTE;
    store.snapshot().close();
    put("c");
    expect(await findAfterKill()).toEqual({ a: "a", c: "c" });
  });
});

describe("readers", () => {
  it("of a snapshot see the units before it and none after it", () => {
    put("a");
    const snapshot = store.snapshot();
    put("b");
    store.txn(() => store.remove(keyOf("a")));
    expect([snapshot.get(keyOf("a"))?.toString(), snapshot.get(keyOf("b"))]).toEqual(["a", undefined]);
    expect(contentOf(snapshot)).toEqual({ a: "a" });
    snapshot.close();
    expect(contentOf(store)).toEqual({ b: "b" });
  });

  it("that are in the midst of a range go on while batches end and begin", () => {
    const names = Array.from({ length: 3_000 }, (_, number) => String(number).padStart(4, "0"));
    store.txn(() => names.forEach((name) => store.put(keyOf(name), START)));
    for (const isReverse of [false, true]) {
      const seen: string[] = [];
      for (const { key } of store.range(START, END, isReverse)) {
        seen.push(key.subarray(1).toString());
        if (seen.length % 100 === 0) put("0000", `${seen.length}`);
        if (seen.length % 250 === 0) store.snapshot().close();
      }
      expect(seen).toEqual(isReverse ? names.toReversed() : names);
    }
  });
});

describe("opening", () => {
  it("changes nothing before something is written, whatever the journal holds", async () => {
    put("a");
    await store.abandon();
    const before = hashFolder();
    store = Store.open(folder);
    expect(contentOf(store)).toEqual({ a: "a" });
    await store.abandon();
    expect(hashFolder()).toBe(before);
    store = Store.open(folder, () => free);
  });

  it("asks for the journal that a killed process had, and not for one after a clean stop", async () => {
    const journal = path.join(folder, "journal");
    put("a");
    await store.abandon();
    const bytes = fs.readFileSync(journal);
    for (const [damage, told] of [
      [() => fs.rmSync(journal), "journal is missing"],
      [() => fs.writeFileSync(journal, bytes.subarray(0, -1)), "journal is damaged (1048575 of its 1048576 bytes are there)"],
    ] as const) {
      damage();
      expect(() => Store.open(folder)).toThrow(told);
    }
    fs.writeFileSync(journal, bytes);
    const again = Store.open(folder);
    expect(contentOf(again)).toEqual({ a: "a" });
    await again.close();
    expect(fs.existsSync(journal)).toBe(false);
    store = Store.open(folder, () => free);
    expect(contentOf(store)).toEqual({ a: "a" });
    put("b");
    expect(await findAfterKill()).toEqual({ a: "a", b: "b" });
  });

  it("refuses data of an earlier moment than the journal, also where only a unit that was too long for it lies between", async () => {
    const copy = path.join(folder, "copy");
    fs.mkdirSync(copy);
    put("a");
    store.snapshot().close();
    fs.copyFileSync(path.join(folder, "data.mdb"), path.join(copy, "data.mdb"));
    put("long", LONG);
    put("b");
    fs.copyFileSync(path.join(folder, "journal"), path.join(copy, "journal"));
    expect(() => Store.open(copy)).toThrow(/journal is damaged, or not of the same moment as data\.mdb \(after unit \d+ comes \d+\)/);
    expect(Object.keys(await findAfterKill())).toEqual(["a", "b", "long"]);
  });

  it("goes on without the units of a journal that somebody has emptied", async () => {
    put("a");
    store.snapshot().close();
    put("b");
    await store.abandon();
    fs.truncateSync(path.join(folder, "journal"), 0);
    store = Store.open(folder, () => free);
    expect(contentOf(store)).toEqual({ a: "a" });
    put("c");
    expect(await findAfterKill()).toEqual({ a: "a", c: "c" });
  });

  it("is not disturbed by a journal that was not finished, or outlived its store's state", async () => {
    await store.close();
    fs.writeFileSync(path.join(folder, "journal"), "half of a journal");
    fs.writeFileSync(path.join(folder, "journal.unfinished"), "half of another");
    store = Store.open(folder, () => free);
    put("a");
    expect(await findAfterKill()).toEqual({ a: "a" });
    const old = fs.readFileSync(path.join(folder, "journal"));
    store.txn(() => store.remove(keyOf("a")));
    await store.close();
    fs.writeFileSync(path.join(folder, "journal"), old);
    store = Store.open(folder, () => free);
    put("b");
    expect(await findAfterKill()).toEqual({ b: "b" });
  });

  it("takes data of the first format over, which had no journal, and has it refused by what does not know of one", async () => {
    const old = path.join(folder, "old");
    const env = open<Buffer, Buffer>({ path: path.join(old, "data.mdb"), keyEncoding: "binary", encoding: "binary" });
    await env.put(FORMAT_KEY, Buffer.from("1"));
    await env.put(keyOf("a"), Buffer.from("a"));
    await env.close();
    const opened = Store.open(old);
    expect(contentOf(opened)).toEqual({ a: "a" });
    expect(opened.get(FORMAT_KEY)?.toString()).toBe("1");
    opened.txn(() => opened.put(keyOf("b"), Buffer.from("b")));
    await opened.close();
    const again = Store.open(old);
    expect(contentOf(again)).toEqual({ a: "a", b: "b" });
    expect(again.get(FORMAT_KEY)?.toString()).toBe("2");
    await again.close();
  });
});
