import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { Agent } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import type { Prediction } from "@/lib/contracts/predict";
import { createCustomer, createTestKey, loadDemoModels, readExampleInput, useOwnDatabase } from "@/server/api/test-support";
import { pingDatabase } from "@/server/core/db";
import { ensureEmbedded } from "@/server/embedded/ensure";
import { isAlive, readLock } from "@/server/embedded/lock-file";
import { readAllPredictions } from "@/server/modules/history/service";
import { type Outcome, postTo, type Target } from "@/server/modules/history/guarantees/client";

/**
 * Set from outside for a long run by hand:
 *   HISTORY_ROUNDS  how often something is killed, 2 in an ordinary run
 *   HISTORY_CALLS   predictions that are under way at once, 90 in an ordinary run, which one process lets in at once
 */
const ROUNDS = Number(process.env.HISTORY_ROUNDS ?? 2);
const CALLS = Number(process.env.HISTORY_CALLS ?? 90);
const isLong = process.env.HISTORY_ROUNDS !== undefined;
const MODELS = ["house-price", "customer-churn", "handwritten-digits"];
/** What dies, by turns. */
const VICTIMS = [["server"], ["server", "database"], ["database"]] as const;

const inputs: Record<string, unknown>[] = [];
const outcomes = { answered: 0, lost: 0, refused: 0 };
let customer: string;
let authorization: string;
let worker: ChildProcess | undefined;

beforeAll(async () => {
  vi.stubEnv("MONGODB_URI", undefined);
  await useOwnDatabase("history-kill", undefined);
  await loadDemoModels();
  for (const model of MODELS) inputs.push(await readExampleInput(model));
  ({ id: customer } = await createCustomer({ plan: "scale" }));
  ({ bearer: { authorization } } = await createTestKey(customer));
}, 120_000);

afterAll(() => worker?.kill("SIGKILL"));

async function startWorker(): Promise<number> {
  const execArgv = ["--conditions=react-server", "--import", "tsx"];
  worker = fork(join(import.meta.dirname, "worker.ts"), { execArgv });
  const [{ port }] = (await once(worker, "message")) as [{ port: number }];
  return port;
}

async function killWorker(): Promise<void> {
  if (!worker) return;
  const gone = once(worker, "exit");
  worker.kill("SIGKILL");
  await gone;
  worker = undefined;
}

async function killDatabase(): Promise<void> {
  const folder = process.env.VITRINE_DATA ?? "";
  const pid = readLock(folder)?.pid ?? 0;
  process.kill(pid, "SIGKILL");
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 10_000, interval: 5 });
  await ensureEmbedded(folder);
  // Where it took longer to come back than a passing fault takes, this process learns of it with the driver's next question.
  await vi.waitFor(pingDatabase, { timeout: 10_000, interval: 20 });
}

/** One call: of every five, one asks for five rows. */
function callOnce(target: Target, index: number): Promise<Outcome> {
  const which = index % MODELS.length;
  const input = inputs[which];
  const body = index % 5 === 0 ? { inputs: Array.from({ length: 5 }, () => input) } : { input };
  return postTo(target, `/api/v1/models/${MODELS[which]}/predictions`, body);
}

/**
 * Sends all calls at once and kills in the middle of the answers.
 * @returns every prediction that was answered
 */
async function runRound(port: number, round: number): Promise<Prediction[]> {
  const agent = new Agent({ maxSockets: Infinity });
  const killAfter = Math.floor(CALLS * (0.05 + 0.5 * Math.random()));
  const victims: readonly string[] = VICTIMS[round % VICTIMS.length] ?? [];
  const answered: Prediction[] = [];
  let count = 0;
  let killed: Promise<unknown> | undefined;
  const kill = () => Promise.all([victims.includes("server") && killWorker(), victims.includes("database") && killDatabase()]);
  const calls = Array.from({ length: CALLS }, async (_none, index) => {
    const { status, predictions } = await callOnce({ agent, port, authorization }, index);
    outcomes[status === 200 ? "answered" : status === null ? "lost" : "refused"] += 1;
    answered.push(...predictions);
    if (status === 200) count += 1;
    if (count >= killAfter) killed ??= kill();
  });
  await Promise.all(calls);
  await killed;
  agent.destroy();
  expect(killed, "something was killed").toBeDefined();
  return answered;
}

/** Everything the history has; reading fails on a record that is not whole. */
async function readHistory(): Promise<Map<string, unknown>> {
  const kept = new Map<string, unknown>();
  for await (const { key: _key, ...entry } of readAllPredictions(customer)) kept.set(entry.id, entry);
  return kept;
}

it(`has every answered prediction, whole, after kill -9 of server and database, ${ROUNDS} times`, async () => {
  const answered = new Map<string, Prediction>();
  const start = performance.now();
  for (let round = 0; round < ROUNDS; round++) {
    for (const made of await runRound(await startWorker(), round)) answered.set(made.id, made);
    await killWorker();
    const kept = await readHistory();
    const missing = [...answered.keys()].filter((id) => !kept.has(id));
    expect(missing, `round ${round}`).toEqual([]);
    for (const [id, made] of answered) expect(kept.get(id)).toEqual(made);
    const seconds = Math.round((performance.now() - start) / 1000);
    const figures = { rounds: round + 1, calls: CALLS, seconds, ...outcomes, rows: answered.size, stored: kept.size };
    if (isLong) process.stdout.write(`${JSON.stringify(figures)}\n`);
  }
}, 60_000 + ROUNDS * 180_000);
