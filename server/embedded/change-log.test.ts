import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { Timestamp } from "bson";
import { afterEach, describe, expect, it, vi } from "vitest";
import { describeDocument, type Change } from "./change-events";
import { ChangeLog } from "./change-log";
import { Engine } from "./engine";
import { insertDocument } from "./records";
import { Transaction } from "./transactions";

afterEach(() => vi.useRealTimers());

const makeChange = (id: number, size = 10): Change => describeDocument("insert", "t.rows", { _id: id, text: "x".repeat(size) });

describe("the change log", () => {
  it("holds nothing while nobody watches", () => {
    const log = new ChangeLog();
    log.publish([makeChange(1)]);
    expect([log.start, log.end, log.at(1)]).toEqual([1, 1, undefined]);
  });

  it("gives changes their places in order, and finds a moment", () => {
    const log = new ChangeLog();
    log.keep();
    log.publish([makeChange(1), makeChange(2)]);
    expect([log.start, log.end]).toEqual([1, 3]);
    expect(log.findTime(log.at(2)?.at ?? new Timestamp(0n))).toBe(2);
    expect(log.findTime(new Timestamp({ t: 1, i: 1 }))).toBeUndefined();
  });

  it("stays small, however large the documents are, and says from where on it knows everything", () => {
    const log = new ChangeLog();
    log.keep();
    for (let id = 0; id < 200; id += 1) log.publish([makeChange(id, 1024 * 1024)]);
    expect(log.end - log.start).toBeLessThan(70);
    expect(log.at(log.end - 1)).toBeDefined();
    expect(log.at(log.start - 1)).toBeUndefined();
    for (let id = 0; id < 30_000; id += 1) log.publish([makeChange(id)]);
    expect(log.end - log.start).toBeLessThanOrEqual(20_000);
  });

  it("is given up when no stream was used for long; one that comes back finds that something is missing", () => {
    vi.useFakeTimers();
    const log = new ChangeLog();
    log.keep();
    log.publish([makeChange(1)]);
    const next = log.end;
    log.dropIdle();
    expect(log.isKept).toBe(true);
    vi.advanceTimersByTime(11 * 60_000);
    log.dropIdle();
    log.publish([makeChange(2)]);
    expect(log.isKept).toBe(false);
    expect(next).toBeLessThan(log.start);
  });

  it("has all of a transaction that is committed after the first stream was opened, also what it did before", async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "embedded-changes-"));
    const engine = new Engine(folder);
    const transaction = new Transaction(engine, "session", 1);
    insertDocument(transaction, transaction.createCollection("t.rows"), { _id: 1 });
    engine.changes.keep();
    transaction.commit();
    expect(engine.changes.at(1)).toMatchObject({ kind: "insert", namespace: "t.rows" });
    await engine.close();
    fs.rmSync(folder, { recursive: true });
  });
});
