import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { open } from "lmdb";
import mongoose from "mongoose";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ensureEmbedded } from "./ensure";
import { isAlive, readLock } from "./lock-file";
import { stopEmbedded } from "./stop";

const { MongoClient } = mongoose.mongo;

let folder: string;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "embedded-ensure-"));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await stopEmbedded(folder);
  fs.rmSync(folder, { recursive: true });
});

async function waitUntilGone(pid: number): Promise<void> {
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 10_000 });
}

function readPid(): number {
  return readLock(folder)?.pid ?? 0;
}

async function cutShort(file: string): Promise<void> {
  await ensureEmbedded(folder);
  await stopEmbedded(folder);
  fs.truncateSync(file, 5000);
}

async function writeByAnotherProgram(file: string): Promise<void> {
  const store = open({ path: file });
  await store.put("settings", { theme: "dark" });
  await store.close();
}

describe("ensureEmbedded", () => {
  it("starts one server for many callers and ends it when asked", async () => {
    const all = await Promise.all([ensureEmbedded(folder), ensureEmbedded(folder), ensureEmbedded(folder)]);
    expect(new Set(all.map(({ uri }) => uri)).size).toBe(1);
    const pid = readPid();
    await stopEmbedded(folder);
    expect(isAlive(pid)).toBe(false);
    expect(readLock(folder)).toBeNull();
  });

  it("loses nothing it has acknowledged when it is killed, and starts again", async () => {
    const { uri } = await ensureEmbedded(folder);
    const client = await MongoClient.connect(uri, { retryWrites: false, serverSelectionTimeoutMS: 500 });
    const rows = client.db("kill").collection<{ _id: number }>("rows");
    const acknowledged: number[] = [];
    const pid = readPid();
    for (let id = 0; id < 2000; id += 1) {
      const isWritten = await rows.insertOne({ _id: id }).then(
        () => true,
        () => false,
      );
      if (!isWritten) break;
      acknowledged.push(id);
      if (id === 50) process.kill(pid, "SIGKILL");
    }
    await client.close();
    await waitUntilGone(pid);
    const again = await MongoClient.connect((await ensureEmbedded(folder)).uri);
    const found = await again.db("kill").collection<{ _id: number }>("rows").find().sort({ _id: 1 }).toArray();
    await again.close();
    expect(acknowledged.length).toBeGreaterThan(50);
    expect(found.map(({ _id }) => _id).slice(0, acknowledged.length)).toEqual(acknowledged);
    expect(readPid()).not.toBe(pid);
  });

  it("knows how many documents there are after a clean stop and after a kill", async () => {
    for (const round of [1, 2, 3]) {
      const client = await MongoClient.connect((await ensureEmbedded(folder)).uri);
      const rows = client.db("counted").collection("rows");
      expect(await rows.estimatedDocumentCount()).toBe((round - 1) * 10);
      await rows.insertMany(Array.from({ length: 10 }, (_, n) => ({ n })));
      await client.close();
      const pid = readPid();
      if (round === 1) await stopEmbedded(folder);
      else process.kill(pid, "SIGKILL");
      await waitUntilGone(pid);
    }
  });

  it("takes over a lock whose owner is gone", async () => {
    const lock = { pid: 2 ** 22 + 1, address: path.join(folder, "run", "db.sock"), startedAt: Date.now() };
    fs.writeFileSync(path.join(folder, "server.lock"), JSON.stringify(lock));
    await ensureEmbedded(folder);
    expect(readPid()).not.toBe(lock.pid);
  });

  it("takes over a lock that is not even readable", async () => {
    fs.writeFileSync(path.join(folder, "server.lock"), "{");
    await ensureEmbedded(folder);
    expect(isAlive(readPid())).toBe(true);
  });

  it("refuses a second server on a folder", async () => {
    await ensureEmbedded(folder);
    const main = path.join(process.cwd(), "server", "embedded", "main.ts");
    const second = spawnSync(process.execPath, ["--conditions=react-server", "--import", "tsx", main, "--data", folder]);
    expect(second.status).toBe(3);
    expect(second.stderr.toString()).toBe(`${folder} is already served by process ${readPid()}\n`);
  });

  it("ends by itself when its last user has gone", async () => {
    const { uri } = await ensureEmbedded(folder, { graceSeconds: 0.3 });
    const client = await MongoClient.connect(uri);
    const pid = readPid();
    await client.close();
    await waitUntilGone(pid);
    expect(readLock(folder)).toBeNull();
  });

  it("serves a folder whose path is too long for a socket, or has capitals", async () => {
    const deep = path.join(folder, "Long".repeat(30));
    const client = await MongoClient.connect((await ensureEmbedded(deep)).uri);
    expect(await client.db("admin").command({ ping: 1 })).toMatchObject({ ok: 1 });
    await client.close();
    await stopEmbedded(deep);
  });

  it.each<[why: string, line: RegExp, spoil: (file: string) => Promise<void> | void]>([
    ["is not LMDB's", /data\.mdb is damaged/, (file) => fs.writeFileSync(file, Buffer.alloc(20_000, 7))],
    ["is cut short", /data\.mdb is damaged/, cutShort],
    ["is another program's", /data\.mdb was written by another program/, writeByAnotherProgram],
  ])("says in one line when the data file %s, and does not change it", async (_why, line, spoil) => {
    const file = path.join(folder, "data.mdb");
    await spoil(file);
    const before = fs.readFileSync(file);
    const problem = await ensureEmbedded(folder).catch((error: unknown) => error);
    expect(problem).toMatchObject({ message: expect.stringMatching(/^The embedded database did not start: [^\n]*$/) as string });
    expect(problem).toMatchObject({ message: expect.stringMatching(line) as string });
    expect(fs.readFileSync(file).equals(before)).toBe(true);
  });

  it("says in one line when the folder cannot be made", async () => {
    const file = path.join(folder, "file");
    fs.writeFileSync(file, "");
    await expect(ensureEmbedded(path.join(file, "data"))).rejects.toThrow(/^The data folder .*cannot be written to[^\n]*$/);
  });

  it("does not run in production unless it is asked for by name", async () => {
    vi.stubEnv("NODE_ENV", "production");
    await expect(ensureEmbedded(folder)).rejects.toThrow(/NODE_ENV=production/);
    expect((await ensureEmbedded(folder, { allowInProduction: true })).uri).toContain("mongodb://");
  });
});
