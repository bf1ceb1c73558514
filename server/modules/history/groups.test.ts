import { beforeAll, expect, it, vi } from "vitest";
import type { Prediction } from "@/lib/contracts/predict";
import { useOwnDatabase } from "@/server/api/test-support";
import { database } from "@/server/core/db";
import type { CustomerCaller } from "@/server/core/trpc";
import { readAllPredictions, recordPredictions } from "@/server/modules/history/service";
import { makePrediction, newCustomer } from "@/server/modules/history/test-support";

const NOON = new Date(Date.UTC(2030, 0, 1, 12));

beforeAll(async () => useOwnDatabase("history-groups", process.env.MONGODB_URI));

const make = (change: Partial<Prediction> = {}) => makePrediction(NOON, change);

async function idsOf({ customerId }: CustomerCaller): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of readAllPredictions(customerId)) ids.push(id);
  return ids.sort();
}

/** Every write that is sent while something is done. */
async function countWrites(work: () => Promise<unknown>): Promise<number> {
  const { db } = await database();
  const driver: { insertMany: (...args: unknown[]) => unknown } = Object.getPrototypeOf(db?.collection("predictions"));
  const spy = vi.spyOn(driver, "insertMany");
  await work();
  const writes = spy.mock.calls.length;
  spy.mockRestore();
  return writes;
}

it("calls that end together are stored by few writes, each under its own customer", async () => {
  const calls = Array.from({ length: 60 }, (_none, index) => ({
    caller: newCustomer(),
    made: Array.from({ length: 1 + (index % 3) }, () => make({ input: { index } })),
  }));
  const writes = await countWrites(() => Promise.all(calls.map(({ caller, made }) => recordPredictions(caller, made))));
  expect(writes).toBeLessThanOrEqual(3);
  for (const { caller, made } of calls) expect(await idsOf(caller)).toEqual(made.map(({ id }) => id).sort());
});

it("a call with many rows is a write of its own, so that nobody waits for it", async () => {
  const [large, small] = [newCustomer(), newCustomer()];
  const rows = Array.from({ length: 1_000 }, () => make());
  const writes = await countWrites(() => Promise.all([recordPredictions(large, rows), recordPredictions(small, [make()])]));
  expect(writes).toBe(2);
  expect(await idsOf(large)).toHaveLength(1_000);
});

it("a prediction whose id is there already fails its own call and no other one of its write", async () => {
  const callers = Array.from({ length: 5 }, () => newCustomer());
  const taken = make();
  await recordPredictions(newCustomer(), [taken]);
  const calls = callers.map((_caller, index) => (index === 2 ? [make(), taken] : [make(), make()]));
  const outcomes = await Promise.allSettled(calls.map((made, index) => recordPredictions(callers[index] ?? newCustomer(), made)));
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled", "fulfilled"]);
  for (const [index, caller] of callers.entries()) {
    if (index !== 2) expect(await idsOf(caller)).toEqual((calls[index] ?? []).map(({ id }) => id).sort());
  }
});

it("a prediction that the driver cannot write fails its own call and no other one of its write", async () => {
  const callers = Array.from({ length: 3 }, () => newCustomer());
  const endless: Record<string, unknown> = {};
  endless.self = endless;
  const outcomes = await Promise.allSettled(
    callers.map((caller, index) => recordPredictions(caller, [make(index === 0 ? { model: endless as never } : {})])),
  );
  expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled"]);
  expect(await Promise.all(callers.map(async (caller) => (await idsOf(caller)).length))).toEqual([0, 1, 1]);
});
