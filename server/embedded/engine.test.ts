import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, expect, it } from "vitest";
import { Deadline } from "./deadline";
import { Engine, type WriteContext } from "./engine";
import { MongoServerFault } from "./errors";
import { insertDocument } from "./records";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "embedded-engine-"));

afterAll(() => fs.rmSync(folder, { recursive: true }));

const insert = (_id: number) => (context: WriteContext) => {
  insertDocument(context, context.getCollection("test.rows") ?? context.createCollection("test.rows"), { _id });
};

it("an engine that is closing takes nothing that its saved counts would leave out", async () => {
  const engine = new Engine(folder);
  await engine.runUnitPatiently(insert(1), new Deadline());
  const late = [2, 3].map((id) => engine.runUnitPatiently(insert(id), new Deadline()));
  const closing = engine.close();
  const outcomes = await Promise.allSettled([...late, Promise.resolve().then(() => engine.runUnit(insert(4)))]);
  await closing;
  for (const outcome of outcomes) expect(outcome).toMatchObject({ status: "rejected", reason: { code: 91 } });
  expect(outcomes.every((outcome) => outcome.status === "rejected" && outcome.reason instanceof MongoServerFault)).toBe(true);
  const again = new Engine(folder);
  const rows = again.catalog.get("test.rows");
  expect([rows?.count, rows && again.store.count(rows.documentPrefix, rows.documentEnd)]).toEqual([1, 1]);
  await again.close();
});
