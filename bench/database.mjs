/**
 * Asks a database by the official driver, on one connection, each time after the answer to the time before: `node bench/database.mjs JOB.json`.
 * Prints one JSON line with what the window showed (see window.mjs).
 */
import { closeSync, fdatasyncSync, openSync, readFileSync, writeSync } from "node:fs";
import path from "node:path";
import { MongoClient } from "mongodb";
import { makeDocument } from "./documents.mjs";
import { Window } from "./window.mjs";

const { address, operation, stored, atOnce, folder, warmUpSeconds, seconds, watch } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const PAGE = Buffer.alloc(4_096, 1);
/** Prime to the number of documents, so that all of them are asked for in turn and never two neighbours. */
const STEP = 7_919;

const client = await MongoClient.connect(address, { maxPoolSize: 1 });
const database = client.db();
const [documents, inserted] = [database.collection("stored"), database.collection("inserted")];
let count = 0;
const anyOne = () => ({ _id: ((count += 1) * STEP) % stored });
const { _id, ...fresh } = makeDocument(0);
const many = () => Array.from({ length: atOnce }, () => ({ ...fresh }));

/** What the disk takes for one page, without a database. */
function openDisk() {
  const file = openSync(path.join(folder, "disk"), "w");
  const write = () => {
    writeSync(file, PAGE, 0, PAGE.length, 0);
    fdatasyncSync(file);
  };
  return { write, close: () => closeSync(file) };
}

const disk = openDisk();
const ping = () => database.command({ ping: 1 });
const operations = {
  disk: async () => disk.write(),
  ping,
  findOne: () => documents.findOne(anyOne()),
  findOneAndUpdate: () => documents.findOneAndUpdate(anyOne(), { $inc: { changes: 1 } }),
  insertOne: () => inserted.insertOne({ ...fresh }),
  insertMany: () => inserted.insertMany(many()),
  pingWhileScanning: ping,
};

/** Reads every document, again and again, on a connection of its own. */
async function scanUntil(isOver) {
  const other = await MongoClient.connect(address, { maxPoolSize: 1 });
  while (!isOver()) await other.db().collection("stored").countDocuments({ text: "nowhere" });
  await other.close();
}

const window = new Window(watch);
async function callFor(milliseconds) {
  for (const end = performance.now() + milliseconds; performance.now() < end; ) {
    const began = performance.now();
    await operations[operation]();
    window.note(performance.now() - began);
  }
}

let isOver = false;
const scanning = operation === "pingWhileScanning" ? scanUntil(() => isOver) : null;
await callFor(warmUpSeconds * 1_000);
window.begin();
await callFor(seconds * 1_000);
const shown = window.end();
isOver = true;
await scanning;
disk.close();
await client.close();
process.stdout.write(`${JSON.stringify([shown])}\n`);
