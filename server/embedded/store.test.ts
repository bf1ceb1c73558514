import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Store } from "./store";

const MEBIBYTE = 2 ** 20;
let folder: string;
let store: Store;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "embedded-store-"));
  store = Store.open(folder);
});

afterEach(async () => {
  await store.close();
  fs.rmSync(folder, { recursive: true });
});

const put = (key: string, value = `value of ${key}`) => store.put(Buffer.from(key), Buffer.from(value));
const remove = (key: string) => store.remove(Buffer.from(key));
const read = () => [...store.range(Buffer.from("sa"), Buffer.from("sz"))].map(({ key, value }) => `${key.toString()}: ${value.toString()}`);
const failing = () => {
  throw new Error("It fails.");
};

it("a unit that fails leaves what it replaced, removed and added as it was", () => {
  store.txn(() => ["sb", "sc", "sd"].forEach((key) => put(key)));
  const before = read();
  const work = () => {
    put("sb", "");
    put("sb", "other");
    remove("sc");
    put("sc", "new");
    remove("sd");
    remove("se");
    put("sf");
    store.add(Buffer.from("sg"), Buffer.from("added"));
    failing();
  };
  expect(() => store.txn(work)).toThrow("It fails.");
  expect(read()).toEqual(before);
});

it("a part of a unit that fails takes nothing else with it, now and after a restart", async () => {
  store.txn(() => {
    put("sb");
    expect(() =>
      store.nested(() => {
        put("sb", "other");
        put("sc");
        failing();
      }),
    ).toThrow("It fails.");
    put("sd");
  });
  await store.abandon();
  store = Store.open(folder);
  expect(read()).toEqual(["sb: value of sb", "sd: value of sd"]);
});

it("a unit that cannot be undone takes nothing with it of those before", () => {
  store.txn(() => put("sb"));
  const environment: unknown = Reflect.get(store, "env");
  if (typeof environment !== "object" || environment === null || !("remove" in environment)) throw new Error("The store has no LMDB.");
  const broken = vi.spyOn(environment as { remove: () => void }, "remove").mockImplementationOnce(() => {
    throw new Error("MDB_BAD_TXN");
  });
  const work = () => {
    put("sb", "other");
    put("sc");
    expect(() =>
      store.nested(() => {
        put("sd");
        failing();
      }),
    ).toThrow("It fails.");
  };
  expect(() => store.txn(work)).toThrow("MDB_BAD_TXN");
  broken.mockRestore();
  expect(read()).toEqual(["sb: value of sb"]);
  store.txn(() => put("se"));
  expect(read()).toEqual(["sb: value of sb", "se: value of se"]);
});

it("units that fail keep no memory, however long the list of free pages is", () => {
  const settle = (value: string) => {
    store.txn(() => put("sy", value));
    store.snapshot().close();
  };
  const numbers = Array.from({ length: 20_000 }, (_, number) => `s${String(number).padStart(6, "0")}`);
  for (let at = 0; at < numbers.length; at += 1_000) store.txn(() => numbers.slice(at, at + 1_000).forEach((key) => put(key, "x".repeat(3_000))));
  store.txn(() => numbers.filter((_, number) => number % 3 > 0).forEach(remove));
  for (let i = 0; i < 5; i += 1) settle("x".repeat(3_000));
  const failOften = (times: number) => {
    for (let i = 0; i < times; i += 1) {
      expect(() =>
        store.txn(() => {
          put("sz", "x".repeat(3_000));
          failing();
        }),
      ).toThrow("It fails.");
      if (i % 20 === 0) store.txn(() => put("sy", String(i).repeat(600)));
    }
  };
  failOften(100);
  const before = process.memoryUsage().rss;
  failOften(2_000);
  expect((process.memoryUsage().rss - before) / MEBIBYTE).toBeLessThan(80);
});
