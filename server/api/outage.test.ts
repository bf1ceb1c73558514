import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { handleReadyz } from "@/server/api/health";
import { ask, createCustomer, createTestKey, ORIGIN, post, publishDemoModel, readExampleInput, send, useOwnDatabase } from "@/server/api/test-support";
import { ensureEmbedded } from "@/server/embedded/ensure";
import { readLock } from "@/server/embedded/lock-file";
import { stopEmbedded } from "@/server/embedded/stop";
import { readAllPredictions } from "@/server/modules/history/service";

/** Set from outside for a long run by hand: how long the database is away each time. */
const SECONDS = Number(process.env.OUTAGE_SECONDS ?? 6);
const CALLERS_OF_A_KIND = 6;
/** By then the driver has lost a server that hangs, and everybody is told at once. */
const KNOWN_AFTER_MS = 4_600;
const MOST_MS = 5_000;
const BACK_MS = 5_000;
const SLUG = "house-price";

interface Outcome {
  kind: string;
  begun: number;
  milliseconds: number;
  status: number;
  retryAfter: number;
  body: { id?: string; output?: unknown };
}

let folder: string;
let customer: string;
let input: Record<string, unknown>;
let calls: Record<string, () => Promise<Response>>;
let running: Promise<void>[] = [];
let ended = false;
const outcomes: Outcome[] = [];

async function callOnce(kind: string): Promise<Outcome> {
  const call = calls[kind];
  if (!call) throw new Error(`There is no ${kind}.`);
  const begun = performance.now();
  const response = await call();
  const body = (await response.json()) as Outcome["body"];
  const retryAfter = Number(response.headers.get("Retry-After") ?? 0);
  return { kind, begun, milliseconds: performance.now() - begun, status: response.status, retryAfter, body };
}

async function callOn(kind: string): Promise<void> {
  while (!ended) {
    outcomes.push(await callOnce(kind));
    await sleep(25);
  }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vitrine-outage-"));
  const { uri } = await ensureEmbedded(folder, { graceSeconds: 120 });
  vi.stubEnv("VISITOR_CALLS_PER_MINUTE", "1000000");
  vi.stubEnv("VISITOR_ROWS_PER_MINUTE", "1000000");
  // As a server of somebody else: nothing of ours starts it again.
  await useOwnDatabase("outage", uri);
  await publishDemoModel(SLUG);
  input = await readExampleInput(SLUG);
  const { id, page } = await createCustomer({ plan: "scale" });
  customer = id;
  const { bearer: headers } = await createTestKey(id);
  const path = `/api/v1/models/${SLUG}/predictions`;
  calls = {
    "a visitor's prediction": () => post(path, { input }),
    "a customer's prediction": () => post(path, { input }, { headers }),
    "the prediction of a page": () => ask("mutation", "predict.run", { model: SLUG, input }, page),
    "the models": () => send("/api/v1/models"),
    "one model": () => ask("query", "catalog.get", { model: SLUG }),
    "the history": () => send("/api/v1/predictions", { headers }),
  };
  for (const kind of Object.keys(calls)) await callOnce(kind);
  running = Object.keys(calls).flatMap((kind) => Array.from({ length: CALLERS_OF_A_KIND }, () => callOn(kind)));
}, 60_000);

afterAll(async () => {
  ended = true;
  await Promise.allSettled(running);
});
afterAll(async () => {
  await stopEmbedded(folder);
  await rm(folder, { recursive: true, force: true });
});

function signal(name: "SIGSTOP" | "SIGCONT" | "SIGKILL"): void {
  const lock = readLock(folder);
  if (!lock) throw new Error("There is no server to signal.");
  process.kill(lock.pid, name);
}

const readiness = async () => (await handleReadyz(new Request(`${ORIGIN}/api/readyz`))).status;

/** Resolves when everything is answered again, whoever asks. @returns after how many milliseconds */
async function waitUntilBack(): Promise<number> {
  const started = performance.now();
  await vi.waitFor(
    async () => {
      const round = await Promise.all(Object.keys(calls).map(callOnce));
      expect(round.map(({ status }) => status)).toEqual(round.map(() => 200));
      expect(await readiness()).toBe(200);
    },
    { timeout: 20_000, interval: 50 },
  );
  return performance.now() - started;
}

/** For a look at a long run: how many of each kind ended how, and the slowest of them in milliseconds. */
function countOutcomes(some: Outcome[]): Record<string, { calls: number; slowest: number }> {
  const counts: Record<string, { calls: number; slowest: number }> = {};
  for (const { kind, status, milliseconds } of some) {
    const count = (counts[`${kind}: ${status}`] ??= { calls: 0, slowest: 0 });
    count.calls += 1;
    count.slowest = Math.max(count.slowest, Math.round(milliseconds));
  }
  return counts;
}

/** @returns what began while the database was away, the readiness then, and how long it took to come back */
async function goThrough(outage: { begin: () => void; end: () => Promise<void> }) {
  const first = outcomes.length;
  const begun = performance.now();
  outage.begin();
  await sleep(SECONDS * 1_000);
  const ready = await readiness();
  const over = performance.now();
  await outage.end();
  const backAfter = await waitUntilBack();
  const during = outcomes.slice(first).filter((outcome) => outcome.begun + outcome.milliseconds >= begun && outcome.begun < over);
  if (process.env.OUTAGE_SECONDS !== undefined) process.stdout.write(`${JSON.stringify({ backAfter, ...countOutcomes(during) })}\n`);
  return { during, late: during.filter((outcome) => outcome.begun - begun > KNOWN_AFTER_MS), ready, backAfter };
}

function expectHonest(during: Outcome[]): void {
  expect(new Set(during.map(({ kind }) => kind)).size).toBe(Object.keys(calls).length);
  const isTrue = ({ status, retryAfter }: Outcome) => status === 200 || (status === 503 && retryAfter >= 1);
  const wrong = during.filter((outcome) => outcome.milliseconds > MOST_MS || !isTrue(outcome));
  expect(wrong.map(({ kind, status, milliseconds, body }) => ({ kind, status, milliseconds, body }))).toEqual([]);
}

function expectReadsGoOn(outcomesThen: Outcome[]): void {
  const statusesOf = (kind: string) => [...new Set(outcomesThen.filter((outcome) => outcome.kind === kind).map(({ status }) => status))];
  for (const kind of ["a visitor's prediction", "the models", "one model"]) expect(statusesOf(kind), kind).toEqual([200]);
  for (const kind of ["a customer's prediction", "the history"]) expect(statusesOf(kind), kind).toEqual([503]);
}

it("a database that hangs under load lets no call hang: each ends in five seconds, with a true answer or 503, and all is well afterwards", async () => {
  const { during, late, ready, backAfter } = await goThrough({
    begin: () => signal("SIGSTOP"),
    end: async () => signal("SIGCONT"),
  });
  expectHonest(during);
  expectReadsGoOn(late);
  expect(Math.max(...late.map(({ milliseconds }) => milliseconds))).toBeLessThan(1_500);
  expect(ready).toBe(503);
  expect(backAfter).toBeLessThan(BACK_MS);
}, 90_000);

it("a database that is gone under load is told at once, and all is well when there is one again", async () => {
  const { during, late, ready, backAfter } = await goThrough({
    begin: () => signal("SIGKILL"),
    end: async () => void (await ensureEmbedded(folder, { graceSeconds: 120 })),
  });
  expectHonest(during);
  expectReadsGoOn(late);
  expect(ready).toBe(503);
  expect(backAfter).toBeLessThan(BACK_MS);
}, 90_000);

it("a database that was away has every prediction that a customer was answered", async () => {
  const kept = new Set<string>();
  for await (const { id } of readAllPredictions(customer)) kept.add(id);
  const answered = outcomes.filter(({ kind, status }) => kind === "a customer's prediction" && status === 200);
  expect(answered.length).toBeGreaterThan(0);
  expect(answered.filter(({ body }) => !kept.has(body.id ?? ""))).toEqual([]);
  const told = outcomes.filter(({ kind, status }) => kind === "a visitor's prediction" && status === 200);
  expect(new Set(told.map(({ body }) => JSON.stringify(body.output))).size).toBe(1);
});
