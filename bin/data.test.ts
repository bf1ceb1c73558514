import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import mongoose from "mongoose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureEmbedded } from "@/server/embedded/ensure";
import { formatExtendedJson } from "@/server/embedded/extended-json";
import { readLock } from "@/server/embedded/lock-file";
import { stopEmbedded } from "@/server/embedded/stop";
import { checkFolder } from "./data/check-folder";
import { type Client, type Database, type OpenDatabase } from "./data/command";
import { importDatabase } from "./data/load-export";
import { formatManifest, parseManifest } from "./data/manifest";
import { checkExport } from "./data/read-export";
import { discardDraft, exportDatabase, prepareFolders } from "./data/write-export";

const { Binary, BSON, Code, Decimal128, Double, Int32, Long, MaxKey, MinKey, MongoClient, ObjectId, Timestamp } = mongoose.mongo;

const PROJECT = path.join(import.meta.dirname, "..");
let folder: string;
/** A data folder with something of everything, served all the time, and its export. */
let source: string;
let client: Client;
/** An empty one, for the import. */
let copy: string;
let copyClient: Client;
let exported: string;
let report: Outcome;

interface Outcome {
  code: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
}

function runCommand(name: string, dataFolder: string, args: string[] = [], env: Record<string, string> = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ["--conditions=react-server", "--import", "tsx", `bin/data-${name}.ts`, ...args], {
      cwd: PROJECT,
      env: { ...process.env, MONGODB_URI: "", LOG_LEVEL: "silent", VITRINE_DATA: dataFolder, ...env },
    });
    const outcome: Outcome = { code: null, signal: null, stdout: "", stderr: "" };
    child.stdout.on("data", (chunk: Buffer) => (outcome.stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (outcome.stderr += chunk.toString()));
    child.on("close", (code, signal) => resolve({ ...outcome, code, signal }));
  });
}

/** Expects one line on stderr that says this, and nothing else. */
function expectRefusal({ code, signal, stdout, stderr }: Outcome, line: RegExp): void {
  expect(stderr).toMatch(line);
  expect(stderr.trim().split("\n")).toHaveLength(1);
  expect({ code, signal, stdout }).toEqual({ code: 1, signal: null, stdout: "" });
}

function readAll(directory: string): Record<string, string> {
  return Object.fromEntries(fs.readdirSync(directory).sort().map((name) => [name, fs.readFileSync(path.join(directory, name), "utf8")]));
}

function copyExport(name: string): string {
  const copy = path.join(folder, name);
  fs.cpSync(exported, copy, { recursive: true });
  return copy;
}

function hashFile(file: string): string {
  return createHash("sha256").update(fs.readFileSync(file)).digest("hex");
}

/** Names that no JavaScript object keeps in their order. */
const ODD = new Map<string, unknown>([["_id", 9], ["z", 1], ["10", new Map([["b", 1], ["1", 2]])], ["2", { $oid: "reads like an id" }]]);

/** Another database on the same server. */
function openOther(name: string): OpenDatabase {
  return { client, db: client.db(name), where: `database ${name}` };
}

async function exportTo(target: string, opened: OpenDatabase): Promise<string> {
  const folders = prepareFolders(target);
  try {
    return await exportDatabase(opened, folders);
  } finally {
    discardDraft(folders);
  }
}

async function readOdd(db: Database): Promise<Buffer> {
  const found = await db.collection<{ _id: number }>("all types").findOne({ _id: 9 }, { raw: true });
  return Buffer.from(found as unknown as Uint8Array);
}

async function fill(db: Database): Promise<void> {
  await db.createCollection("all types", {
    validator: { _id: { $exists: true } },
    collation: { locale: "en", strength: 2 },
  });
  const types: Record<string, unknown>[] = [
    { _id: new Int32(1), value: new Int32(1) },
    { _id: new Double(1.5), value: new Double(1) },
    { _id: Long.fromNumber(3), value: Long.MAX_VALUE, zero: new Double(-0), not: new Double(Number.NaN) },
    { _id: "text", value: Decimal128.fromString("1.10"), text: "lines\nand \u2028 \0 quotes \" \\" },
    { _id: new ObjectId(), value: new Timestamp({ t: 5, i: 7 }), list: [[], {}, null, true, new Date(-5)] },
    { _id: new Date(0), value: /^a"\/b/i, keys: [new MinKey(), new MaxKey()], code: new Code("x", { y: 1 }) },
    { _id: new Binary(Buffer.alloc(16, 3), 4), value: new Binary(Buffer.from([1, 2, 3]), 128) },
    { _id: { nested: { $price: 1, "dotted.name": 2 } } },
  ];
  await db.collection("all types").insertMany(types as { _id: never }[]);
  await db.command({ insert: "all types", documents: [ODD] });
  const files = db.collection("files.chunks");
  await files.createIndex({ files_id: 1, n: 1 }, { unique: true });
  await files.insertMany(Array.from({ length: 14 }, (_, n) => ({ files_id: 1, n, data: new Binary(Buffer.alloc(255 * 1024, n)) })));
  const things = db.collection<{ _id: number }>("Things");
  await things.createIndex({ at: -1 }, { expireAfterSeconds: 86_400 });
  await things.createIndex({ slug: 1 }, { unique: true, partialFilterExpression: { slug: { $exists: true } } });
  await things.createIndex({ tags: 1, "deep.value": -1 }, { sparse: true, name: "by tag" });
  const at = new Date();
  await things.insertMany(Array.from({ length: 1200 }, (_, n) => ({ _id: 1200 - n, slug: `s${n}`, tags: [`t${n % 7}`, `u${n % 3}`], at })));
  await db.createCollection("things");
}

beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "data-"));
  source = path.join(folder, "source");
  exported = path.join(folder, "exported");
  copy = path.join(folder, "copy");
  const [{ uri }, other] = await Promise.all([ensureEmbedded(source, { testCommands: true }), ensureEmbedded(copy)]);
  client = await MongoClient.connect(uri);
  copyClient = await MongoClient.connect(other.uri);
  await fill(client.db());
  report = await runCommand("export", path.join(folder, "unused"), ["--out", exported], { MONGODB_URI: uri });
});

afterAll(async () => {
  await Promise.all([client.close(), copyClient.close()]);
  await Promise.all(fs.readdirSync(folder).map((name) => stopEmbedded(path.join(folder, name))));
  fs.rmSync(folder, { recursive: true });
});

describe("data:export and data:import", () => {
  it("use the server that MONGODB_URI names, and say how much was exported and of which moment", () => {
    expect(report).toMatchObject({ code: 0, stderr: "" });
    expect(report.stdout).toMatch(/^4 collections, 1223 documents of the database vitrine that MONGODB_URI names are in .*; all of one /);
    expect(fs.existsSync(path.join(folder, "unused"))).toBe(false);
  });

  it("carry everything over: what is exported again is the same to the byte, and the copy is whole", async () => {
    const imported = await runCommand("import", copy, ["--from", exported]);
    expect(imported).toMatchObject({ code: 0, stderr: "" });
    expect(imported.stdout).toMatch(/^4 collections, 1223 documents of .*exported are in the embedded database in .*copy\n$/);
    const again = path.join(folder, "again");
    await exportTo(again, { client: copyClient, db: copyClient.db(), where: "the copy" });
    const bytes = [await readOdd(client.db()), await readOdd(copyClient.db())];
    expect(readAll(again)).toEqual(readAll(exported));
    expect(bytes[1]).toEqual(bytes[0]);
    expect(readAll(exported)["all%20types.ndjson"]).toContain(`\n{"$bson":{"$binary":{"base64":"${bytes[0]?.toString("base64")}",`);
    const { collections } = JSON.parse(readAll(exported)["manifest.json"] ?? "") as { collections: { options: unknown }[] };
    const collation = { locale: "en", strength: { $numberInt: "2" } };
    expect(collections[1]?.options).toEqual({ validator: { _id: { $exists: true } }, collation });
    await copyClient.close();
    await stopEmbedded(copy);
    const checked = await runCommand("check", copy);
    expect(checked).toMatchObject({ code: 0, stderr: "" });
    expect(checked.stdout).toMatch(/^4 collections, 1223 documents, \d+ index entries: whole\n$/);
  });

  it("keep the order of an index's fields, also where names look like integers", () => {
    const odd = new Map([["key", new Map([["z", 1], ["10", -1], ["2", 1]])]]);
    const lines = ['{"key":{"z":{"$numberInt":"1"},"a":{"$numberInt":"-1"}}}', formatExtendedJson(Buffer.from(BSON.serialize(odd)))];
    const entry = { name: "things", file: "things.ndjson", documents: 0, sha256: "0".repeat(64), options: "{}", indexes: lines };
    const [read] = parseManifest(formatManifest("vitrine", true, [entry])).collections;
    expect(read?.indexes.map((spec) => [...(spec.get("key") as Map<string, unknown>).keys()])).toEqual([["z", "a"], ["z", "10", "2"]]);
  });

  it("show all collections as they were at one moment, also while somebody writes", async () => {
    const opened = openOther("busy");
    const names = ["left", "right"];
    const out = path.join(folder, "moment");
    for (const name of names) await opened.db.collection(name).insertMany(Array.from({ length: 2000 }, (_, n) => ({ n })));
    const writer = { isWanted: true };
    const writeBoth = async () => {
      while (writer.isWanted) {
        await client.withSession((session) =>
          session.withTransaction(async () => {
            for (const name of names) await opened.db.collection(name).insertOne({ at: new Date() }, { session });
          }),
        );
      }
    };
    const writing = writeBoth();
    expect(await exportTo(out, opened)).toMatch(/; all of one moment$/);
    writer.isWanted = false;
    await writing;
    const [left, right] = names.map((name) => readAll(out)[`${name}.ndjson`]?.split("\n").length);
    expect(left).toBe(right);
    expect(await opened.db.collection("left").countDocuments()).toBeGreaterThan(left ?? 0);
  });

  it("say so where one moment cannot be had, and export all the same", async () => {
    const opened = openOther("late");
    const out = path.join(folder, "later");
    await opened.db.collection("things").insertOne({ n: 1 });
    const data = { failCommands: ["find"], errorCode: 251 };
    await client.db("admin").command({ configureFailPoint: "failCommand", mode: { times: 1 }, data });
    expect(await exportTo(out, opened)).toMatch(/1 collections, 1 documents .*; not all of one moment, since no snapshot could be had/);
    expect(fs.readFileSync(path.join(out, "manifest.json"), "utf8")).toContain('"snapshot": false');
  });

  it("write nothing into a folder that is in use, or cannot be made, and leave nothing behind", () => {
    const before = fs.readdirSync(folder);
    expect(() => prepareFolders(exported)).toThrow(/exported is not empty; name another folder with --out$/);
    expect(() => prepareFolders(path.join(exported, "manifest.json", "out"))).toThrow(/manifest\.json.out: (ENOTDIR|EEXIST)/);
    expect(fs.readdirSync(folder)).toEqual(before);
  });

  it("refuse what is not an export, and say where it is wrong", async () => {
    const edited = copyExport("edited");
    const things = path.join(edited, "Things.ndjson");
    const manifest = path.join(edited, "manifest.json");
    const lines = fs.readFileSync(things, "utf8").split("\n");
    const tryWith = async (file: string, text: string, line: RegExp) => {
      fs.writeFileSync(file, text);
      await expect(checkExport(edited)).rejects.toThrow(line);
    };
    await tryWith(things, lines.slice(1).join("\n"), /Things\.ndjson has 1199 documents, the manifest says 1200$/);
    await tryWith(things, lines.with(6, lines[5] ?? "").join("\n"), /Things\.ndjson is not the file that was exported/);
    await tryWith(things, lines.with(6, '{"_id": 1}').join("\n"), /Things\.ndjson line 7: it is not a document in canonical Extended /);
    fs.rmSync(things);
    await expect(checkExport(edited)).rejects.toThrow(/Things\.ndjson is missing/);
    const text = fs.readFileSync(manifest, "utf8");
    await tryWith(manifest, text.replace('"unique": true', '"unique": 1'), /json cannot be used: collections\.0\.indexes\.\d+: it is not/);
    const shorter = JSON.parse(text) as { collections: unknown[] };
    shorter.collections.pop();
    await tryWith(manifest, JSON.stringify(shorter), /manifest\.json cannot be used: it is not the manifest that was exported/);
    await tryWith(manifest, '{"format": "other"}', /manifest\.json cannot be used: format: /);
    await tryWith(manifest, '{"format"\n', /manifest\.json cannot be used: .*JSON/);
    await expect(checkExport(folder)).rejects.toThrow(/holds no exported data/);
  });

  it("refuse a database that has documents in one of the collections, and say which", async () => {
    const opened = openOther("used");
    await opened.db.collection("Things").insertOne({ n: 1 });
    const attempt = importDatabase(opened, exported, await checkExport(exported));
    await expect(attempt).rejects.toThrow(/^Nothing was imported: database used has documents in Things already; name an empty folder/);
    expect((await opened.db.listCollections().toArray()).map(({ name }) => name)).toEqual(["Things"]);
  });

  it("say how far they came when a document does not fit", async () => {
    const edited = copyExport("double");
    const things = path.join(edited, "Things.ndjson");
    const manifest = path.join(edited, "manifest.json");
    const lines = fs.readFileSync(things, "utf8").split("\n");
    fs.writeFileSync(things, lines.with(6, lines[5] ?? "").join("\n"));
    const entry = { options: "{}", indexes: [], documents: 1200, sha256: hashFile(things) };
    fs.writeFileSync(manifest, formatManifest("half", true, [{ name: "Things", file: "Things.ndjson", ...entry }]));
    const attempt = importDatabase(openOther("half"), edited, await checkExport(edited));
    await expect(attempt).rejects.toThrow(/^The import stopped in Things: E11000 .*; whole: none\. Import again into an empty database /);
  });
});

describe("data:check", () => {
  it("leaves a folder alone that a server serves, and says who it is", async () => {
    await expect(checkFolder(source)).rejects.toThrow(new RegExp(`is in use by the server with process id ${readLock(source)?.pid};`));
  });

  it("has nothing to say about a folder without data", async () => {
    await expect(checkFolder(path.join(folder, "nothing"))).rejects.toThrow(/There is nothing to check: .*data\.mdb does not exist/);
  });
});

describe.concurrent("a command that cannot do its work", () => {
  it("says in one line that a file is torn, and changes nothing", async () => {
    const torn = path.join(folder, "torn");
    fs.mkdirSync(torn);
    const bytes = fs.readFileSync(path.join(source, "data.mdb"));
    for (let page = 20; page < bytes.length / 4096; page += 20) bytes.fill(page % 256, page * 4096, page * 4096 + 4096);
    fs.writeFileSync(path.join(torn, "data.mdb"), bytes);
    await expect(checkFolder(torn)).rejects.toThrow(/^\S+data\.mdb is damaged .*restore it from a copy/);
    const outcome = await runCommand("export", torn, ["--out", path.join(folder, "nothing")]);
    expectRefusal(outcome, /did not start: \S+data\.mdb is damaged .*restore it from a copy/);
    expect(fs.readdirSync(folder).filter((name) => name.includes("nothing"))).toEqual([]);
    expect(hashFile(path.join(torn, "data.mdb"))).toBe(createHash("sha256").update(bytes).digest("hex"));
  });

  it("says so in one line before it opens the database", async () => {
    const target = path.join(folder, "target");
    const edited = copyExport("spoilt");
    fs.writeFileSync(path.join(edited, "Things.ndjson"), "{}\n{oops\n");
    const [imported, checked] = await Promise.all([
      runCommand("import", target, ["--from", edited]),
      runCommand("check", source, [], { MONGODB_URI: "mongodb://127.0.0.1:1/none" }),
    ]);
    expectRefusal(imported, /^Nothing was imported: Things\.ndjson line 2: .*\n$/);
    expectRefusal(checked, /MongoDB's own `validate`/);
    expect(fs.existsSync(target)).toBe(false);
  });
});
