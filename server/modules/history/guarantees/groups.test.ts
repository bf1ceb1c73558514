import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { useOwnDatabase } from "@/server/api/test-support";
import { database } from "@/server/core/db";
import { env } from "@/server/core/env";
import { toDomainError } from "@/server/core/errors";
import { createId } from "@/server/core/ids";
import { ensureEmbedded } from "@/server/embedded/ensure";
import { readAllPredictions, recordPredictions } from "@/server/modules/history/service";
import { makePrediction, newCustomer } from "@/server/modules/history/test-support";

const LANES = 64;
const ROUNDS = 3;
/** Predictions that are told to be stored before the process is killed. */
const TOLD = 1_000;
let worker: ChildProcess | undefined;

beforeAll(async () => {
  vi.stubEnv("MONGODB_URI", undefined);
  await useOwnDatabase("history-groups-kill", undefined);
  await ensureEmbedded(env().database.dataFolder, { testCommands: true });
  await database();
});
afterAll(() => worker?.kill("SIGKILL"));

/** @returns the ids that a process told to be stored until it was killed in the middle of the others */
async function killAmidst(customerId: string): Promise<string[]> {
  const told: string[] = [];
  const execArgv = ["--conditions=react-server", "--import", "tsx"];
  const running = fork(join(import.meta.dirname, "group-worker.ts"), [customerId, String(LANES)], { execArgv });
  worker = running;
  running.on("message", (ids: string[]) => {
    told.push(...ids);
    if (told.length >= TOLD) running.kill("SIGKILL");
  });
  await once(running, "close");
  return told;
}

it("has every prediction that was told to be stored, after kill -9 amidst writes of many calls", { timeout: 60_000 }, async () => {
  const customerId = createId("customer");
  const told: string[] = [];
  for (let round = 0; round < ROUNDS; round++) told.push(...(await killAmidst(customerId)));
  expect(told.length).toBeGreaterThanOrEqual(ROUNDS * TOLD);
  const kept = new Set<string>();
  for await (const { id } of readAllPredictions(customerId)) kept.add(id);
  expect(told.filter((id) => !kept.has(id))).toEqual([]);
});

it("fails every call of a write whose connection is lost, in words that the database is away, and stores the next ones", async () => {
  const { db } = await database();
  const callers = Array.from({ length: 10 }, () => newCustomer());
  const recordAll = () => Promise.allSettled(callers.map((caller) => recordPredictions(caller, [makePrediction(new Date())])));
  await recordAll();
  // The driver tries a write that broke off once more.
  const data = { failCommands: ["insert"], closeConnection: true };
  await db?.admin().command({ configureFailPoint: "failCommand", mode: { times: 2 }, data });
  const outcomes = await recordAll();
  const codes = outcomes.map((outcome) => (outcome.status === "rejected" ? toDomainError(outcome.reason).code : "stored"));
  expect(codes).toEqual(callers.map(() => "database_unavailable"));
  expect((await recordAll()).map(({ status }) => status)).toEqual(callers.map(() => "fulfilled"));
});
