import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import mongoose from "mongoose";
import { ensureEmbedded } from "../ensure";
import { isAlive, readLock } from "../lock-file";
import { stopEmbedded } from "../stop";
import type { Answer, Request } from "./process-worker";
import type { TaskName } from "./process-tasks";
import { readFaults, type Client } from "./running-server";

const PROCESSES = 4;

let folder: string;
let workers: ChildProcess[];

beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "embedded-processes-"));
  workers = Array.from({ length: PROCESSES }, () =>
    fork(path.join(import.meta.dirname, "process-worker.ts"), { execArgv: ["--conditions=react-server", "--import", "tsx"] }),
  );
  await Promise.all(workers.map((worker) => once(worker, "message")));
});

afterAll(async () => {
  await askAll({ close: true });
  for (const worker of workers) worker.disconnect();
  await stopEmbedded(folder);
  fs.rmSync(folder, { recursive: true });
});

async function ask(worker: ChildProcess, request: Request): Promise<Answer> {
  const answer = once(worker, "message") as Promise<[Answer]>;
  worker.send(request);
  const [reply] = await answer;
  if ("problem" in reply) throw new Error(`process ${worker.pid}: ${reply.problem}`);
  return reply;
}

/** Asks all processes at the same instant. */
function askAll(request: Request): Promise<Answer[]> {
  return Promise.all(workers.map((worker) => ask(worker, request)));
}

async function runTask(task: TaskName, count: number): Promise<number[]> {
  const answers = await askAll({ task, count });
  return answers.flatMap((answer) => ("numbers" in answer ? answer.numbers : []));
}

async function withClient<T>(work: (client: Client) => Promise<T>): Promise<T> {
  const client = await mongoose.mongo.MongoClient.connect((await ensureEmbedded(folder)).uri);
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

const openNumbers = (client: Client, name: string) => client.db("processes").collection<{ _id: number; n: number }>(name);

/** Connects all processes, whose four calls find no server running, and says who serves them. */
async function startTogether(): Promise<number> {
  const answers = await askAll({ ensure: folder });
  const pid = readLock(folder)?.pid ?? 0;
  const { uri } = await ensureEmbedded(folder);
  expect(answers).toEqual(workers.map(() => ({ uri, pid })));
  expect(isAlive(pid)).toBe(true);
  return pid;
}

describe("four processes at once", () => {
  it("that find no server start one, and all use that one", async () => {
    await startTogether();
    expect(readFaults(folder)).toBe("");
  });

  it("find the lock of a killed server and start one new one", async () => {
    const killed = await startTogether();
    process.kill(killed, "SIGKILL");
    await expect.poll(() => isAlive(killed), { interval: 5 }).toBe(false);
    expect(readLock(folder)?.pid).toBe(killed);
    expect(await startTogether()).not.toBe(killed);
  });

  it("add to one document 2,000 times and lose none", async () => {
    await startTogether();
    await runTask("increment", 500);
    expect(await withClient((client) => openNumbers(client, "counters").findOne({ _id: 1 }))).toEqual({ _id: 1, n: 2000 });
  });

  it("race for 50 unique values, and each is won exactly once", async () => {
    await startTogether();
    await withClient((client) => client.db("processes").collection("claims").createIndex({ value: 1 }, { unique: true }));
    const won = await runTask("claim", 50);
    const stored = await withClient((client) => client.db("processes").collection("claims").distinct("value"));
    expect(won.sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, value) => value));
    expect(stored).toEqual(won);
  });

  it("move amounts in transactions that read before they write, and the sum stays", async () => {
    await startTogether();
    const opening = [-1, 0, 1, 2, 3].map((id) => ({ _id: id, n: id === -1 ? 0 : 100 }));
    await withClient((client) => openNumbers(client, "accounts").insertMany(opening));
    await runTask("transfer", 20);
    const accounts = await withClient((client) => openNumbers(client, "accounts").find({ _id: { $gte: 0 } }).toArray());
    const count = await withClient((client) => openNumbers(client, "accounts").findOne({ _id: -1 }));
    expect(accounts.reduce((sum, { n }) => sum + n, 0)).toBe(400);
    expect(count?.n).toBe(20 * PROCESSES);
  });
});

describe("a lock whose number belongs to another program by now", () => {
  it.each([
    ["names a socket nobody listens on", "socket"],
    ["never got as far as an address", null],
  ])("is taken over when it %s", async (_what, address) => {
    const own = fs.mkdtempSync(path.join(os.tmpdir(), "embedded-reused-"));
    const reused = workers[0]?.pid ?? 0;
    const lock = { pid: reused, address: address && path.join(own, "run", "db.sock"), startedAt: Date.now() - 60_000 };
    fs.writeFileSync(path.join(own, "server.lock"), JSON.stringify(lock));
    await ensureEmbedded(own);
    expect(readLock(own)?.pid).not.toBe(reused);
    expect(isAlive(reused)).toBe(true);
    await stopEmbedded(own);
    fs.rmSync(own, { recursive: true });
  });
});
