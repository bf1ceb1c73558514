import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { useOwnDatabase } from "@/server/api/test-support";
import { database, pingDatabase } from "@/server/core/db";
import { env } from "@/server/core/env";
import { ensureEmbedded } from "@/server/embedded/ensure";
import { isAlive, readLock } from "@/server/embedded/lock-file";
import type { LogBlock } from "@/server/modules/traffic/collection";
import { unpackBlock } from "@/server/modules/traffic/log-block";
import { endTraffic, writeTraffic } from "@/server/modules/traffic/service";
import { recordCalls } from "@/server/modules/traffic/test-support";

const PROCESSES = 3;
const CALLS = 10;
/** Of each process, when the database is back. */
const CALM_ROUNDS = 75;
const CALM = PROCESSES * CALLS * CALM_ROUNDS;
const workers: ChildProcess[] = [];

beforeAll(async () => {
  vi.stubEnv("MONGODB_URI", undefined);
  await useOwnDatabase("traffic-away", undefined);
  await ensureEmbedded(env().database.dataFolder, { testCommands: true });
  await database();
});
beforeEach(async () => {
  const { db } = await database();
  for (const name of ["request_blocks", "traffic_buckets"]) await db?.collection(name).deleteMany({});
});
afterAll(() => workers.forEach((worker) => worker.kill("SIGKILL")));

async function startWorker(): Promise<ChildProcess> {
  const execArgv = ["--conditions=react-server", "--import", "tsx"];
  const worker = fork(join(import.meta.dirname, "worker.ts"), [String(CALLS), String(CALM_ROUNDS)], { execArgv });
  workers.push(worker);
  await once(worker, "message");
  return worker;
}

async function killDatabase(): Promise<void> {
  const folder = env().database.dataFolder;
  const pid = readLock(folder)?.pid ?? 0;
  process.kill(pid, "SIGKILL");
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 10_000, interval: 5 });
  await ensureEmbedded(folder, { testCommands: true });
  // Where it took longer to come back than a passing fault takes, this process learns of it with the driver's next question.
  await vi.waitFor(pingDatabase, { timeout: 10_000, interval: 20 });
}

/** The ids of all entries of the log. */
async function readLog(): Promise<string[]> {
  const { db } = await database();
  const blocks = (await db?.collection<LogBlock>("request_blocks").find().toArray()) ?? [];
  return blocks.flatMap(unpackBlock).map(({ _id }) => _id);
}

async function sumCalls(width: string): Promise<{ calls: number; lost: number; unlogged: number }> {
  const { db } = await database();
  const found = await db?.collection("traffic_buckets").find({ scope: "all", width }).toArray();
  const sum = (name: string) => (found ?? []).reduce((total, bucket) => total + Number(bucket[name] ?? 0), 0);
  return { calls: sum("calls"), lost: sum("lost"), unlogged: sum("unlogged") };
}

it("counts whose write broke off as the last of a process are told to be lost all the same", async () => {
  const { db } = await database();
  // The driver tries a write that broke off once more; after that nobody knows whether it arrived. A report of the process may come between.
  const mode = { times: 4 };
  await db?.admin().command({ configureFailPoint: "failCommand", mode, data: { failCommands: ["update"], closeConnection: true } });
  recordCalls(7);
  await endTraffic();
  expect(await sumCalls("1d")).toEqual({ calls: 0, lost: 7, unlogged: 0 });
});

const answers: [string, Record<string, unknown>][] = [
  ["that it is shutting down", { errorCode: 91 }],
  ["that it is not the one that writes any more", { errorCode: 10_107 }],
  ["that this may not be written", { errorCode: 13 }],
  ["something else that is no good", { errorCode: 8_000 }],
  ["that it was written here, and not yet elsewhere", { writeConcernError: { code: 64, errmsg: "waiting for replication timed out" } }],
];

it.each(answers)("entries are kept and stored once where the database answers %s, and nothing is told to be lost", async (_what, answer) => {
  const { db } = await database();
  const data = { failCommands: ["insert"], ...answer };
  await db?.admin().command({ configureFailPoint: "failCommand", mode: { times: 4 }, data });
  recordCalls(600);
  await endTraffic();
  expect(await sumCalls("1d")).toEqual({ calls: 600, lost: 0, unlogged: 0 });
  const logged = await readLog();
  expect([logged.length, new Set(logged).size]).toEqual([600, 600]);
});

it("entries that the log has no room for while it cannot be written are told to be missing there, and not in the counts", async () => {
  const { db } = await database();
  await db?.admin().command({ configureFailPoint: "failCommand", mode: "alwaysOn", data: { failCommands: ["insert"], errorCode: 13 } });
  recordCalls(10_000);
  await writeTraffic();
  recordCalls(3_000);
  await writeTraffic();
  await db?.admin().command({ configureFailPoint: "failCommand", mode: "off" });
  await endTraffic();
  const { calls, lost, unlogged } = await sumCalls("1d");
  expect([calls, lost]).toEqual([13_000, 0]);
  expect((await readLog()).length + unlogged).toBe(13_000);
  expect(unlogged).toBeGreaterThanOrEqual(3_000);
});

it("calls that are recorded while the database is killed fail nobody, are in the log once each, and are never counted twice", async () => {
  const running = await Promise.all(Array.from({ length: PROCESSES }, startWorker));
  for (let kill = 0; kill < 2; kill++) {
    const before = (await readLog()).length;
    await vi.waitFor(async () => expect((await readLog()).length).toBeGreaterThan(before), { timeout: 10_000, interval: 10 });
    await killDatabase();
  }
  const ends = running.map((worker) => once(worker, "exit"));
  const told = running.map(async (worker) => Number((await once(worker, "message"))[0]));
  running.forEach((worker) => worker.send("the last one"));
  const all = (await Promise.all(told)).reduce((sum, recorded) => sum + recorded);
  expect((await Promise.all(ends)).map(([code]) => code as unknown)).toEqual(running.map(() => 0));
  const logged = await readLog();
  expect([logged.length, new Set(logged).size]).toEqual([all, all]);
  for (const width of ["1m", "15m", "3h", "1d"]) {
    const { calls, lost } = await sumCalls(width);
    expect(calls).toBeLessThanOrEqual(all);
    // What nobody can know to be counted is told to be lost: what was on its way when the database went, and nothing that came after.
    expect(calls + lost).toBeGreaterThanOrEqual(all);
    expect(calls).toBeGreaterThanOrEqual(CALM);
  }
  expect(await (await database()).db?.collection("process_reports").countDocuments()).toBe(0);
}, 60_000);
