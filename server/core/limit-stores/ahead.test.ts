import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { useOwnDatabase } from "@/server/api/test-support";
import { database } from "@/server/core/db";
import { AheadCounters } from "@/server/core/limit-stores/ahead";
import { databaseStore } from "@/server/core/limit-stores/database";
import { type Cost, currentWindow, endOf, type LimitStore } from "@/server/core/limit-stores/store";

/** 18 seconds into a minute; the clock stands still. */
const NOW = Date.UTC(2030, 0, 1, 12, 0, 18);

const rows = (cost: number, quota: number): Cost[] => [{ policy: "customer_rows", cost, quota }];

/** One call, as limits.ts asks. */
async function callOnce(counters: AheadCounters, subject: string, costs: Cost[]) {
  return counters.takeHeld(subject, costs) ?? counters.take(subject, costs);
}

/** Calls in some lanes, each of which sends the next when the last one was counted. @returns how many passed */
async function flood(counters: AheadCounters, subject: string, costs: Cost[], calls: number, lanes = 16): Promise<number> {
  let [left, passed] = [calls, 0];
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      if ((await callOnce(counters, subject, costs)).taken) passed += 1;
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return passed;
}

/** The database's counters, with a note of what they were asked. */
function watchStore() {
  const asked: { subject: string; costs: Cost[] }[] = [];
  const take: LimitStore["take"] = async (subject, costs) => {
    asked.push({ subject, costs });
    return databaseStore.take(subject, costs);
  };
  return { store: { ...databaseStore, take }, asked };
}

describe("counting ahead in the database", () => {
  beforeAll(async () => {
    await useOwnDatabase("limits-ahead", process.env.MONGODB_URI);
    await database();
    // With the clock that leases are held by: a machine that is held up for a second must not change what is counted.
    vi.useFakeTimers({ toFake: ["Date", "performance"], now: NOW });
  });
  afterAll(() => void vi.useRealTimers());

  it("asks the store seldom for a busy subject, and tells each call where the window stands after it", async () => {
    const { store, asked } = watchStore();
    const counters = new AheadCounters(store);
    const told: number[] = [];
    for (let call = 0; call < 1_000; call++) told.push((await callOnce(counters, "busy", rows(1, 60_000))).used[0] ?? 0);
    expect(asked.length).toBeLessThan(200);
    // What is being taken ahead counts as used for a call that is counted in the same write.
    expect(told.filter((used, index) => used !== index + 1).length).toBeLessThan(100);
    expect(told.at(-1)).toBe(1_000);
  });

  it("lets never more pass than the quota, however many processes count ahead, and nearly all of it", async () => {
    const [quota, processes] = [3_000, 4];
    const all = Array.from({ length: processes }, () => new AheadCounters(databaseStore));
    const passed = await Promise.all(all.map((counters) => flood(counters, "shared", rows(1, quota), 1_500)));
    const sum = passed.reduce((total, some) => total + some, 0);
    expect(sum).toBeLessThanOrEqual(quota);
    expect(sum).toBeGreaterThanOrEqual(quota - (processes * quota) / 64);
    expect(await databaseStore.read("shared", "customer_rows", quota)).toBeLessThanOrEqual(quota);
  });

  it("is exact where less than 64 calls are left, and for every policy of a call together", async () => {
    const counters = new AheadCounters(databaseStore);
    expect(await flood(counters, "few", rows(1, 63), 200)).toBe(63);
    const visit: Cost[] = [{ policy: "visitor_calls", cost: 1, quota: 1_000 }, { policy: "visitor_rows", cost: 10, quota: 500 }];
    expect(await flood(counters, "visitor", visit, 200)).toBe(50);
    expect(await databaseStore.read("visitor", "visitor_calls", 1_000)).toBe(50);
  });

  it("uses up what it holds before it refuses: one process gets all of the quota", async () => {
    expect(await flood(new AheadCounters(databaseStore), "alone", rows(1, 2_000), 2_500)).toBe(2_000);
  });

  it("holds nothing for a subject that was forgotten, nor in the next minute", async () => {
    const counters = new AheadCounters(databaseStore);
    await flood(counters, "gone", rows(1, 60_000), 100);
    expect(counters.takeHeld("gone", rows(1, 60_000))).not.toBeNull();
    vi.setSystemTime(NOW + 60_000);
    expect(counters.takeHeld("gone", rows(1, 60_000))).toBeNull();
    vi.setSystemTime(NOW);
    counters.forget("gone");
    expect(counters.takeHeld("gone", rows(1, 60_000))).toBeNull();
  });
});

describe("what was taken ahead", () => {
  afterEach(() => void vi.useRealTimers());

  /** Counts in memory, so that time can be made to pass. */
  function countInMemory() {
    const counts = new Map<string, number>();
    const change = (subject: string, by: number) => counts.set(subject, (counts.get(subject) ?? 0) + by).get(subject) ?? 0;
    const store: Pick<LimitStore, "take" | "giveBack"> = {
      take: async (subject, [{ cost, quota } = { cost: 0, quota: 0 }]) => {
        const resetAt = endOf(currentWindow());
        const used = counts.get(subject) ?? 0;
        if (used + cost > quota) return { taken: false, used: [used], resetAt };
        return { taken: true, used: [change(subject, cost)], resetAt };
      },
      giveBack: async (subject, costs) => void change(subject, -(costs[0]?.cost ?? 0)),
    };
    return { store, counts };
  }

  it("is not used any more after a second, and given back", async () => {
    vi.useFakeTimers({ toFake: ["Date", "performance", "setTimeout"], now: NOW });
    const { store, counts } = countInMemory();
    const counters = new AheadCounters(store);
    for (let call = 0; call < 5; call++) await callOnce(counters, "idle", rows(1, 60_000));
    expect(counts.get("idle")).toBeGreaterThan(5);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(counters.takeHeld("idle", rows(1, 60_000))).toBeNull();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(counts.get("idle")).toBe(5);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is as much as its terms allow, from as many calls on as they say, and all of it is given back by who ends", async () => {
    vi.useFakeTimers({ toFake: ["Date", "performance", "setTimeout"], now: NOW });
    const { store, counts } = countInMemory();
    const counters = new AheadCounters(store, { windowEnd: () => endOf(currentWindow()), busyAfter: 10, most: 50, isStillHeld: () => false });
    for (let call = 1; call <= 10; call++) {
      await callOnce(counters, "month", rows(2, 60_000));
      expect(counts.get("month")).toBe(2 * call);
    }
    for (let call = 11; call <= 200; call++) {
      await callOnce(counters, "month", rows(2, 60_000));
      expect(counts.get("month")).toBeLessThanOrEqual(2 * call + 50);
    }
    await callOnce(counters, "month", rows(2, 60_000));
    expect(counts.get("month")).toBeGreaterThan(402);
    await counters.releaseAll();
    expect(counts.get("month")).toBe(402);
    expect(counters.takeHeld("month", rows(2, 60_000))).toBeNull();
  });

  const alwaysHeld = { windowEnd: () => endOf(currentWindow()), busyAfter: 1, most: Infinity, isStillHeld: () => true };

  it("is given back before its own process refuses a call that needs it", async () => {
    vi.useFakeTimers({ toFake: ["Date", "performance", "setTimeout"], now: NOW });
    const counters = new AheadCounters(countInMemory().store);
    for (let call = 0; call < 400; call++) await callOnce(counters, "one", rows(1, 20_000));
    expect(await callOnce(counters, "one", rows(19_590, 20_000))).toMatchObject({ taken: true, used: [19_990] });
    expect(await callOnce(counters, "one", rows(11, 20_000))).toMatchObject({ taken: false, used: [19_990] });
  });

  it("is given back to its own window when the next one begins", async () => {
    vi.useFakeTimers({ toFake: ["Date", "performance", "setTimeout"], now: NOW + 41_500 });
    const counts = new Map<number, number>();
    const add = (resetAt: number, rest: number) => counts.set(resetAt, (counts.get(resetAt) ?? 0) + rest).get(resetAt) ?? 0;
    const counters = new AheadCounters({
      take: async (_subject, costs) => {
        const resetAt = endOf(currentWindow());
        return { taken: true, used: [add(resetAt, costs[0]?.cost ?? 0)], resetAt };
      },
      giveBack: async (_subject, costs, resetAt) => void add(resetAt, -(costs[0]?.cost ?? 0)),
    });
    let called = 0;
    for (const end = endOf(currentWindow()); Date.now() < end * 1000; called++, vi.advanceTimersByTime(1)) await callOnce(counters, "turn", rows(1, 60_000));
    await callOnce(counters, "turn", rows(1, 60_000));
    await vi.advanceTimersByTimeAsync(5_000);
    expect([...counts.values()]).toEqual([called, 1]);
  });

  it("is tried to be given back each second, where it is still there to be given back", async () => {
    vi.useFakeTimers({ toFake: ["Date", "performance", "setTimeout"], now: NOW });
    const { store, counts } = countInMemory();
    let isAway = true;
    const giveBack: LimitStore["giveBack"] = async (...given) => (isAway ? Promise.reject(new Error("away")) : store.giveBack(...given));
    const counters = new AheadCounters({ ...store, giveBack }, alwaysHeld);
    for (let call = 0; call < 500; call++) await callOnce(counters, "away", rows(1, 60_000));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(counts.get("away")).toBeGreaterThan(500);
    expect(counters.takeHeld("away", rows(1, 60_000))).toBeNull();
    isAway = false;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(counts.get("away")).toBe(500);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is nothing any more for calls that come while their process ends", async () => {
    vi.useFakeTimers({ toFake: ["Date", "performance", "setTimeout"], now: NOW });
    const { store, counts } = countInMemory();
    const counters = new AheadCounters(store);
    for (let call = 0; call < 500; call++) await callOnce(counters, "end", rows(1, 60_000));
    await counters.releaseAll();
    for (let call = 0; call < 5; call++) await callOnce(counters, "end", rows(1, 60_000));
    expect(counts.get("end")).toBe(505);
  });

  it("is nothing for who calls now and then", async () => {
    vi.useFakeTimers({ toFake: ["Date", "performance", "setTimeout"], now: NOW });
    const { store, counts } = countInMemory();
    const counters = new AheadCounters(store);
    for (let call = 1; call <= 20; call++) {
      await callOnce(counters, "calm", rows(1, 60_000));
      expect(counts.get("calm")).toBe(call);
      await vi.advanceTimersByTimeAsync(200);
    }
  });
});
