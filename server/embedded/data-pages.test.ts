import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, expect, it } from "vitest";
import { checkPages } from "./data-pages";
import { Engine } from "./engine";
import { readRecord } from "./keys";
import { deleteDocument, insertDocument, replaceDocument } from "./records";
import { Store } from "./store";

const root = fs.mkdtempSync(path.join(os.tmpdir(), "embedded-pages-"));
let folders = 0;

afterAll(() => fs.rmSync(root, { recursive: true }));

function newFolder(): string {
  folders += 1;
  return path.join(root, String(folders));
}

const fileOf = (folder: string) => path.join(folder, "data.mdb");

/** A folder as it is now: as kill -9 would leave it. */
function copyFolder(folder: string, copy: string): void {
  fs.mkdirSync(copy);
  for (const name of fs.readdirSync(folder)) if (!name.endsWith("-lock")) fs.copyFileSync(path.join(folder, name), path.join(copy, name));
}

/** Writes without a clean stop: the engine is left open, and its folder is copied. */
async function leaveBehind(documents: number): Promise<string> {
  const [folder, copy] = [newFolder(), newFolder()];
  const engine = new Engine(folder);
  engine.runUnit((context) => {
    const rows = context.createCollection("test.rows");
    for (let _id = 0; _id < documents; _id++) insertDocument(context, rows, { _id, text: "x".repeat(_id * 40) });
  });
  // LMDB has it, and not the journal alone.
  engine.store.snapshot().close();
  copyFolder(folder, copy);
  await engine.close();
  return copy;
}

it("counts the documents while it reads the pages, so that nobody has to read them again", async () => {
  const folder = await leaveBehind(300);
  const counted = checkPages(fileOf(folder));
  const engine = new Engine(folder, counted);
  expect(engine.store.openedAt).toBe(counted?.transaction);
  expect(engine.catalog.get("test.rows")?.count).toBe(300);
  await engine.close();
});

it("counts with them what the journal adds, replaces and takes away", async () => {
  const [folder, copy] = [newFolder(), newFolder()];
  const engine = new Engine(folder);
  engine.runUnit((context) => {
    const rows = context.createCollection("test.rows");
    for (let _id = 0; _id < 20; _id++) insertDocument(context, rows, { _id });
  });
  engine.store.snapshot().close();
  const rows = engine.catalog.get("test.rows");
  if (!rows) throw new Error("The collection is not there.");
  const numbers = [...engine.store.range(rows.documentPrefix, rows.documentEnd)].map(({ key }) => readRecord(key));
  engine.runUnit((context) => {
    for (const _id of [20, 21, 22, 23, 24]) insertDocument(context, rows, { _id });
    for (const _id of [0, 1]) deleteDocument(context, rows, numbers[_id] ?? -1, { _id });
    replaceDocument(context, rows, numbers[2] ?? -1, { before: { _id: 2 }, after: { _id: 2, more: true }, kind: "replace" }, false);
    deleteDocument(context, rows, (numbers[19] ?? -2) + 1, { _id: 20 });
  });
  copyFolder(folder, copy);
  await engine.close();
  const counted = checkPages(fileOf(copy));
  if (!counted) throw new Error("The file is empty.");
  const wrong = new Map([...counted.counts].map(([id, count]) => [id, count + 100]));
  const believed = new Engine(copy, { ...counted, counts: wrong });
  expect(believed.catalog.get("test.rows")?.count).toBe(122);
  await believed.close();
});

it("is not believed where LMDB opens another state than the one that was counted", async () => {
  const folder = await leaveBehind(20);
  const counted = checkPages(fileOf(folder));
  if (!counted) throw new Error("The file is empty.");
  const wrong = new Map([...counted.counts].map(([id, count]) => [id, count + 5]));
  const believed = new Engine(folder, { ...counted, counts: wrong });
  expect(believed.catalog.get("test.rows")?.count).toBe(25);
  await believed.close();
  const copy = await leaveBehind(20);
  const doubted = new Engine(copy, { transaction: counted.transaction + 1, counts: wrong });
  expect(doubted.catalog.get("test.rows")?.count).toBe(20);
  await doubted.close();
});

it("takes a long value that became shorter in the transaction that wrote it for what it is: whole", async () => {
  const folder = newFolder();
  const store = Store.open(folder);
  store.txn(() => {
    store.put(Buffer.from("long"), Buffer.alloc(60_000, 1));
    store.put(Buffer.from("long"), Buffer.alloc(9_000, 2));
  });
  await store.close();
  expect(() => checkPages(fileOf(folder))).not.toThrow();
  const again = Store.open(folder);
  expect(again.get(Buffer.from("long"))).toEqual(Buffer.alloc(9_000, 2));
  await again.close();
});
