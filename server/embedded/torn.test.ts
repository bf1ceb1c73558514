import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import mongoose from "mongoose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { noteCleanStop, takeCleanNote } from "./data-file";
import { checkPages } from "./data-pages";
import { ensureEmbedded } from "./ensure";
import { stopEmbedded } from "./stop";

const PAGE = 4096;
const LARGE = 2 ** 30 + PAGE;
const ONE_LINE = /^The embedded database did not start: [^\n]*data\.mdb is damaged [^\n]*was not changed[^\n]*copy[^\n]*data:check[^\n]*$/;

let folder: string;
let whole: Buffer;
/** Of all documents, as the whole file answers. */
let answer: string;

beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "embedded-torn-"));
  const source = path.join(folder, "source");
  const { uri } = await ensureEmbedded(source);
  const client = await mongoose.mongo.MongoClient.connect(uri);
  const things = client.db("torn").collection<{ _id: number }>("things");
  await things.createIndex({ tag: 1 });
  await things.insertMany(Array.from({ length: 3000 }, (_, n) => ({ _id: n, tag: `tag ${n % 40}`, text: `${n} `.repeat((n * 7) % 300) })));
  await client.db("torn").collection("files").insertMany(Array.from({ length: 4 }, (_, n) => ({ n, data: Buffer.alloc(100_000, n) })));
  answer = createHash("sha256").update(JSON.stringify(await things.find().toArray())).digest("hex");
  await client.close();
  await stopEmbedded(source);
  whole = fs.readFileSync(path.join(source, "data.mdb"));
});

afterAll(async () => {
  for (const name of fs.readdirSync(folder)) await stopEmbedded(path.join(folder, name));
  fs.rmSync(folder, { recursive: true });
});

/** Numbers that look random and are the same every time. */
function makeRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state / 0x80000000;
  };
}

const TEARS: Record<string, (page: Buffer, random: () => number) => void> = {
  "random bytes": (page, random) => page.forEach((_byte, at) => page.writeUInt8(Math.floor(random() * 256), at)),
  zeros: (page) => page.fill(0),
  "half a page of zeros": (page) => page.fill(0, PAGE / 2),
  "another page": (page, random) => page.set(readPage(pickPage(random))),
};

/** Where the header page of the last transaction begins. */
function findNewestHeader(bytes: Buffer): number {
  return bytes.readBigUInt64LE(152) > bytes.readBigUInt64LE(PAGE + 152) ? 0 : PAGE;
}

function readPage(number: number): Buffer {
  return whole.subarray(number * PAGE, (number + 1) * PAGE);
}

function pickPage(random: () => number): number {
  return 2 + Math.floor(random() * (whole.length / PAGE - 2));
}

/** A data folder whose file has torn pages in its middle. */
function makeTorn(name: string, kind: string, seed: number, pages: number, size = whole.length): string {
  const torn = Buffer.from(whole);
  const random = makeRandom(seed);
  for (let n = 0; n < pages; n += 1) {
    const at = pickPage(random) * PAGE;
    TEARS[kind]?.(torn.subarray(at, at + PAGE), random);
  }
  const target = path.join(folder, name);
  fs.mkdirSync(target, { recursive: true });
  fs.writeFileSync(path.join(target, "data.mdb"), torn);
  fs.truncateSync(path.join(target, "data.mdb"), size);
  return target;
}

function hash(dataFolder: string): string {
  return createHash("sha256").update(fs.readFileSync(path.join(dataFolder, "data.mdb"))).digest("hex");
}

async function failureOfStart(dataFolder: string): Promise<string> {
  try {
    await ensureEmbedded(dataFolder);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return "it started";
}

describe("a torn data file", () => {
  it("is whole before it is torn", () => {
    fs.writeFileSync(path.join(folder, "whole.mdb"), whole);
    expect(() => checkPages(path.join(folder, "whole.mdb"))).not.toThrow();
    expect(whole.length / PAGE).toBeGreaterThan(400);
  });

  it("is whole when LMDB can go back to the state it knows to be on the disk", () => {
    const file = path.join(folder, "synced.mdb");
    const bytes = Buffer.from(whole);
    const newest = findNewestHeader(bytes);
    const state = bytes.subarray(newest + 24, newest + 160);
    const synced = Buffer.from(state).fill(0, 0, 4);
    // A later state whose pages never came to the disk: its root is the one behind the file's last.
    state.writeBigUInt64LE(state.readBigUInt64LE(128) + 1n, 128);
    state.writeBigUInt64LE(BigInt(whole.length / PAGE), 112);
    fs.writeFileSync(file, bytes);
    expect(() => checkPages(file)).toThrow(/is damaged/);
    synced.copy(bytes, PAGE / 2 + 24);
    fs.writeFileSync(file, bytes);
    expect(() => checkPages(file)).not.toThrow();
  });

  it("is recognised by a free list that names a page in use", () => {
    const file = path.join(folder, "free.mdb");
    const bytes = Buffer.from(whole);
    const newest = findNewestHeader(bytes);
    const leaf = Number(bytes.readBigUInt64LE(newest + 88)) * PAGE;
    const node = leaf + 24 + bytes.readUInt16LE(leaf + 24);
    const list = node + 8 + bytes.readUInt16LE(node + 6);
    const usedPage = bytes.readBigUInt64LE(newest + 136);
    bytes.writeBigUInt64LE(usedPage, list + 8 * Number(bytes.readBigUInt64LE(list)));
    fs.writeFileSync(file, bytes);
    expect(() => checkPages(file)).toThrow(new RegExp(`its free list has page ${usedPage}, which is not free`));
  });

  it.each(Object.keys(TEARS))("is recognised from its pages alone, whatever is torn: %s", (kind) => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const file = path.join(makeTorn("pages", kind, seed * 7919, 8), "data.mdb");
      expect(() => checkPages(file), `seed ${seed}`).toThrow(/data\.mdb is damaged [^\n]+$/);
    }
  });

  it.each(Object.keys(TEARS))("ends the start with one line and is not changed: %s", async (kind) => {
    const torn = makeTorn(`start ${kind}`, kind, 17, 8);
    const before = hash(torn);
    expect(await failureOfStart(torn)).toMatch(ONE_LINE);
    expect(hash(torn)).toBe(before);
  });

  it.each([1, 2, 3])("with one torn page is answered right or not at all: seed %i", async (seed) => {
    const torn = makeTorn(`one ${seed}`, "random bytes", seed, 1);
    const started = await ensureEmbedded(torn).catch((error: unknown) => {
      expect(error instanceof Error ? error.message : "").toMatch(ONE_LINE);
      return null;
    });
    if (!started) return;
    const client = await mongoose.mongo.MongoClient.connect(started.uri);
    const found = await client.db("torn").collection("things").find().toArray();
    await client.close();
    expect(createHash("sha256").update(JSON.stringify(found)).digest("hex")).toBe(answer);
  });

  it("is not taken for what a clean stop left, also when it was given back its size and time", () => {
    const touched = makeTorn("touched", "zeros", 1, 0);
    const [file, times] = [path.join(touched, "data.mdb"), path.join(touched, "times")];
    noteCleanStop(file);
    expect(takeCleanNote(file)).toBe(true);
    noteCleanStop(file);
    fs.writeFileSync(times, "");
    spawnSync("touch", ["-r", file, times]);
    const before = fs.statSync(file, { bigint: true });
    const descriptor = fs.openSync(file, "r+");
    fs.writeSync(descriptor, Buffer.alloc(PAGE), 0, PAGE, 10 * PAGE);
    fs.closeSync(descriptor);
    spawnSync("touch", ["-r", times, file]);
    const after = fs.statSync(file, { bigint: true });
    expect([after.size, after.mtimeNs]).toEqual([before.size, before.mtimeNs]);
    expect(takeCleanNote(file)).toBe(false);
  });

  it("is recognised when nothing is left in it", async () => {
    const emptied = path.join(folder, "emptied");
    await ensureEmbedded(emptied);
    await stopEmbedded(emptied);
    fs.truncateSync(path.join(emptied, "data.mdb"));
    expect(await failureOfStart(emptied)).toMatch(/data\.mdb is damaged .*\(it is empty\)/);
    expect(fs.statSync(path.join(emptied, "data.mdb")).size).toBe(0);
  });

  it("is recognised at every start, however large it is", async () => {
    const torn = makeTorn("large", "zeros", 17, 8, LARGE);
    expect(await failureOfStart(torn)).toMatch(ONE_LINE);
  });
});
