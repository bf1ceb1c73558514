import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { Admission, admission, MOST_RUNNING, MOST_WAITING } from "@/server/api/admission";
import { handleLivez, handleReadyz } from "@/server/api/health";
import { ask, ORIGIN, post, publishDemoModel, readExampleInput, readProblem, send, useOwnDatabase } from "@/server/api/test-support";
import { DomainError } from "@/server/core/errors";

/** Set from outside for a look at real calls by hand: how long each number of callers calls, in milliseconds. */
const REAL_MS = Number(process.env.OVERLOAD_MS ?? 0);
const SLUG = "house-price";
const PATH = `/api/v1/models/${SLUG}/predictions`;
const FEW = 16;
const MANY = 500;

interface Answer {
  status: number;
  retryAfter: number;
}

/** As many callers as that for a while, each with one call at a time, who come back when they are told to. */
async function callFrom(callers: number, milliseconds: number, call: (caller: number) => Promise<Answer>) {
  const outcomes: { status: number; begun: number; took: number }[] = [];
  const started = performance.now();
  const callOn = async (caller: number) => {
    while (performance.now() < started + milliseconds) {
      const begun = performance.now();
      const { status, retryAfter } = await call(caller);
      outcomes.push({ status, begun: begun - started, took: performance.now() - begun });
      if (status === 503) await new Promise((resolve) => setTimeout(resolve, retryAfter * 1_000 * (1 + Math.random() / 4)));
    }
  };
  await Promise.all(Array.from({ length: callers }, async (_none, caller) => callOn(caller)));
  const isOf = (status: number, from: number) => (outcome: (typeof outcomes)[number]) => outcome.status === status && outcome.begun >= from;
  const timesOf = (status: number, from = 0) => outcomes.filter(isOf(status, from)).map(({ took }) => took);
  const perSecond = timesOf(200).length / (milliseconds / 1_000);
  return { all: outcomes.length, answered: timesOf(200), later: timesOf(200, 1_500), shed: timesOf(503), perSecond };
}

function p99(values: number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length * 0.99)] ?? 0;
}

/** A process that can do one thing at a time, 3 ms each, behind an admission of its own. */
function createProcess(isGuarded = true): () => Promise<Answer> {
  const guard = new Admission(() => false);
  let busy = Promise.resolve();
  const work = async () => {
    busy = busy.then(async () => new Promise((resolve) => setTimeout(resolve, 3)));
    await busy;
    return { status: 200, retryAfter: 0 };
  };
  return async () => {
    if (!isGuarded) return work();
    try {
      return await guard.run(work);
    } catch (error) {
      return { status: error instanceof DomainError ? error.status : 0, retryAfter: error instanceof DomainError ? (error.retryAfterSeconds ?? 0) : 0 };
    }
  };
}

describe("a process that is asked for more predictions than it can answer", () => {
  afterEach(() => void vi.useRealTimers());

  async function simulate(callers: number, isGuarded = true) {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    const running = callFrom(callers, 6_000, createProcess(isGuarded));
    await vi.advanceTimersByTimeAsync(15_000);
    const result = await running;
    vi.useRealTimers();
    return result;
  }

  it("answers as many as before and not much later, and sends the rest away at once", async () => {
    const few = await simulate(FEW);
    const enough = await simulate(MOST_RUNNING);
    const many = await simulate(MANY);
    const unguarded = await simulate(MANY, false);
    expect(few.shed.length + enough.shed.length).toBe(0);
    expect(many.answered.length + many.shed.length).toBe(many.all);
    expect(many.shed.length).toBeGreaterThan(MANY - MOST_RUNNING - MOST_WAITING - 1);
    expect(p99(unguarded.answered)).toBeGreaterThan(p99(few.answered) * 25);
    expect(p99(many.answered)).toBeLessThanOrEqual(p99(few.answered) * 6.5);
    expect(p99(many.later)).toBeLessThanOrEqual(p99(few.answered) * 4);
    expect(Math.max(...many.shed)).toBeLessThan(1);
    expect(many.perSecond).toBeGreaterThan(Math.max(few.perSecond, enough.perSecond) * 0.95);
  });

  it("takes a burst, and all that comes while a model is loaded", async () => {
    let isLoading = true;
    const guard = new Admission(() => isLoading);
    const ends: (() => void)[] = [];
    const begin = () => guard.run(async () => new Promise<void>((resolve) => ends.push(resolve)));
    const burst = Array.from({ length: MOST_RUNNING + MOST_WAITING + 100 }, begin);
    expect(ends).toHaveLength(MOST_RUNNING);
    isLoading = false;
    await expect(begin()).rejects.toMatchObject({ code: "overloaded" });
    while (ends.length > 0) {
      for (const end of ends.splice(0)) end();
      await sleep(0);
    }
    expect((await Promise.allSettled(burst)).filter(({ status }) => status === "rejected")).toEqual([]);
  });
});

describe("while the predictions of all doors are as many as there is room for", () => {
  let input: Record<string, unknown>;
  let release: () => void;

  beforeAll(async () => {
    vi.stubEnv("VISITOR_CALLS_PER_MINUTE", "1000000");
    vi.stubEnv("VISITOR_ROWS_PER_MINUTE", "1000000");
    await useOwnDatabase("overload", process.env.MONGODB_URI);
    await publishDemoModel(SLUG);
    input = await readExampleInput(SLUG);
  }, 60_000);

  const fill = () => {
    const full = new Promise<void>((resolve) => (release = resolve));
    return Promise.all(Array.from({ length: MOST_RUNNING + MOST_WAITING }, () => admission().run(async () => full)));
  };

  it("one more is refused by each of them within 100 ms; reading and probes go on, and afterwards it is answered", async () => {
    expect((await post(PATH, { input })).status).toBe(200);
    const filled = fill();
    const times: number[] = [];
    let refused = await post(PATH, { input });
    for (let call = 0; call < 20; call++) {
      const started = performance.now();
      refused = await post(PATH, { input });
      times.push(performance.now() - started);
    }
    // Not the slowest: on a busy machine a test of its own is held up now and then.
    expect(times.toSorted((one, other) => one - other)[15]).toBeLessThan(100);
    expect(refused.headers.get("Retry-After")).toMatch(/^[2-5]$/);
    expect(await readProblem(refused)).toMatchObject({ status: 503, code: "overloaded" });
    for (const name of ["predict.run", "catalog.list,predict.run", "predict%2Erun", "predict.runMany"]) {
      expect((await ask("mutation", name, { model: SLUG, input })).status, name).toBe(503);
    }
    const probes = [handleLivez, handleReadyz].map(async (handle) => (await handle(new Request(`${ORIGIN}/api/probe`))).status);
    expect(await Promise.all(probes)).toEqual([200, 200]);
    expect((await send("/api/v1/models")).status).toBe(200);
    release();
    await filled;
    expect((await post(PATH, { input })).status).toBe(200);
  });

  it.runIf(REAL_MS > 0)("real calls from many are answered in time", { timeout: 120_000 }, async () => {
    for (const callers of [FEW, FEW, MOST_RUNNING, MANY]) {
      const found = await callFrom(callers, REAL_MS, async (caller) => {
        const response = await post(PATH, { input }, { address: `198.51.100.${caller % 250}` });
        return { status: response.status, retryAfter: Number(response.headers.get("Retry-After")) };
      });
      const { answered, later, shed, perSecond } = found;
      const facts = { callers, perSecond, p99: p99(answered), later: p99(later), shed: shed.length, shedP99: p99(shed) };
      process.stdout.write(`${JSON.stringify(facts)}\n`);
      expect(answered.length + shed.length).toBe(found.all);
    }
  });
});
