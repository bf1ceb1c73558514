import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { useOwnDatabase } from "@/server/api/test-support";
import { closeDatabase, database } from "@/server/core/db";
import type { DomainError } from "@/server/core/errors";
import type { HeaderFields } from "@/server/core/exchange";
import { LimitReached } from "@/server/core/limits";
import type { CustomerCaller } from "@/server/core/trpc";
import { readSeries, readSummary, takeRows } from "@/server/modules/usage/service";
import { newCustomer, refusalOf } from "@/server/modules/usage/test-support";

/** 18 seconds into a minute, ten and a half days before its month of 30 days ends. */
const NOW = Date.UTC(2030, 10, 20, 11, 59, 18);
const ROOT = join(import.meta.dirname, "..", "..", "..");

beforeAll(async () => {
  await useOwnDatabase("taken-rows", process.env.MONGODB_URI);
  await database();
  vi.useFakeTimers({ toFake: ["Date"] });
});
beforeEach(() => void vi.setSystemTime(NOW));
afterAll(() => void vi.useRealTimers());

function headersOf(refusal: DomainError): HeaderFields {
  if (!(refusal instanceof LimitReached)) throw new Error("It was not a limit.");
  return refusal.headers;
}

const limitedOf = async (caller: CustomerCaller) => {
  const { data } = await readSeries(caller, { start_time: new Date(NOW - 60_000).toISOString(), bucket_width: "1d", group_by: [] });
  return data[0]?.results[0]?.limited ?? 0;
};

describe("takeRows", () => {
  it("takes a customer's rows from minute and month, and tells both", async () => {
    const { headers } = await takeRows(newCustomer(), "m", 50);
    const left = (Date.UTC(2030, 11, 1) - NOW) / 1000;
    expect(Object.fromEntries(headers)).toEqual({
      "ratelimit-policy": '"minute";q=600;w=60, "month";q=20000;w=2592000',
      ratelimit: `"minute";r=550;t=42, "month";r=19950;t=${left}`,
      "x-ratelimit-limit": "600",
      "x-ratelimit-remaining": "550",
      "x-ratelimit-reset": String((NOW + 42_000) / 1000),
    });
  });

  it("refuses more rows than one call of the plan takes, says how many it takes, and counts nothing", async () => {
    const caller = newCustomer();
    const refusal = await refusalOf(takeRows(caller, "m", 101));
    expect(refusal).toMatchObject({
      code: "invalid_input",
      errors: [{ pointer: "#/inputs", detail: "takes at most 100 rows in one call of your plan" }],
    });
    const { minute, month } = await readSummary(caller);
    expect([minute.used, month.used, await limitedOf(caller)]).toEqual([0, 0, 0]);
  });

  it("refuses what does not fit into the minute, takes nothing from the month, and counts the refusal", async () => {
    const caller = newCustomer({ rowsPerMinute: 60 });
    await takeRows(caller, "m", 50);
    const refusal = await refusalOf(takeRows(caller, "m", 11));
    expect(refusal).toMatchObject({ code: "rate_limited", retryAfterSeconds: 42 });
    expect(refusal.message).toMatch(/^More rows than your plan has for one minute: \d+ of \d+ are left\.$/);
    expect(headersOf(refusal).get("RateLimit")).toBe('"minute";r=10;t=42');
    expect((await readSummary(caller)).month.used).toBe(50);
    expect(await limitedOf(caller)).toBe(1);
  });

  it("refuses what does not fit into the month until the month ends, and gives the minute back", async () => {
    const caller = newCustomer({ rowsPerMonth: 70 });
    await takeRows(caller, "m", 50);
    const refusal = await refusalOf(takeRows(caller, "m", 21));
    const left = (Date.UTC(2030, 11, 1) - NOW) / 1000;
    expect(refusal).toMatchObject({ code: "quota_exhausted", retryAfterSeconds: left });
    expect(headersOf(refusal).get("RateLimit-Policy")).toBe('"minute";q=600;w=60, "month";q=70;w=2592000');
    expect(headersOf(refusal).get("RateLimit")).toBe(`"minute";r=550;t=42, "month";r=20;t=${left}`);
    expect(headersOf(refusal).get("X-RateLimit-Remaining")).toBe("550");
    expect((await readSummary(caller)).minute.used).toBe(50);
    expect(await limitedOf(caller)).toBe(1);
    await takeRows(caller, "m", 20);
  });

  it("refuses a call that is larger than the whole month", async () => {
    const caller = newCustomer({ rowsPerMonth: 10 });
    expect(await refusalOf(takeRows(caller, "m", 11))).toMatchObject({ code: "quota_exhausted" });
    expect((await readSummary(caller)).month).toMatchObject({ used: 0, limit: 10 });
  });

  it("begins again with the month, whose last second is still the old one", async () => {
    const caller = newCustomer({ rowsPerMonth: 10 });
    vi.setSystemTime(Date.UTC(2030, 11, 1) - 1);
    await takeRows(caller, "m", 10);
    expect((await refusalOf(takeRows(caller, "m", 1))).retryAfterSeconds).toBe(1);
    vi.setSystemTime(Date.UTC(2030, 11, 1));
    const { headers } = await takeRows(caller, "m", 10);
    expect(headers.get("RateLimit")).toBe(`"minute";r=590;t=60, "month";r=0;t=${31 * 86_400}`);
    expect(headers.get("RateLimit-Policy")).toContain(`"month";q=10;w=${31 * 86_400}`);
  });

  it("gives the month's rows back once, to the month they are of", async () => {
    const caller = newCustomer({ rowsPerMonth: 100 });
    vi.setSystemTime(Date.UTC(2030, 11, 1) - 1);
    await takeRows(caller, "m", 10);
    const { giveBack } = await takeRows(caller, "m", 30);
    expect((await readSummary(caller)).month.used).toBe(40);
    vi.setSystemTime(Date.UTC(2030, 11, 1));
    await takeRows(caller, "m", 5);
    await Promise.all([giveBack(), giveBack()]);
    expect((await readSummary(caller)).month.used).toBe(5);
    vi.setSystemTime(Date.UTC(2030, 11, 1) - 1);
    expect((await readSummary(caller)).month.used).toBe(10);
  });

  it("counts the month of a busy customer ahead: by few writes, never by less than was taken, and exactly once nothing is held", async () => {
    const caller = newCustomer({ rowsPerMinute: 0, rowsPerMonth: 1_000_000 });
    const { db } = await database();
    const driver: { findOneAndUpdate: (filter: { _id?: unknown }) => unknown } = Object.getPrototypeOf(db?.collection("usage_months"));
    const spy = vi.spyOn(driver, "findOneAndUpdate");
    for (let call = 0; call < 400; call++) await takeRows(caller, "m", 1);
    const writes = spy.mock.calls.filter(([{ _id }]) => String(_id).startsWith(`${caller.customerId}:2030-`)).length;
    spy.mockRestore();
    expect(writes).toBeLessThan(100);
    const used = async () => (await readSummary(caller)).month.used;
    expect(await used()).toBeGreaterThanOrEqual(400);
    expect(await used()).toBeLessThanOrEqual(400 + 512);
    await vi.waitFor(async () => expect(await used()).toBe(400), { timeout: 5_000, interval: 50 });
  });

  it("gives back what is held of a month before the process lets go of the database", async () => {
    const caller = newCustomer({ rowsPerMinute: 0, rowsPerMonth: 1_000_000 });
    let [called, used] = [0, 0];
    for (; called < 500 && used <= called; used = (await readSummary(caller)).month.used) {
      await takeRows(caller, "m", 1);
      called += 1;
    }
    expect(used).toBeGreaterThan(called);
    await closeDatabase();
    Reflect.deleteProperty(globalThis, "vitrineMonthsAhead");
    expect((await readSummary(caller)).month.used).toBe(called);
  });

  it("takes no notice of a limit that is 0", async () => {
    const caller = newCustomer({ rowsPerMinute: 0, rowsPerCall: 0 });
    const { headers } = await takeRows(caller, "m", 5_000);
    expect(headers.get("RateLimit-Policy")).toBe('"month";q=20000;w=2592000');
    expect(headers.has("X-RateLimit-Limit")).toBe(false);
    const free = newCustomer({ rowsPerMinute: 0, rowsPerCall: 0, rowsPerMonth: 0 });
    expect([...(await takeRows(free, "m", 5_000)).headers]).toEqual([]);
  });

  it("takes a visitor's calls and rows by address, and keeps no count of them", async () => {
    const { headers } = await takeRows({ kind: "visitor", id: "visitor:somebody" }, "m", 3);
    expect(headers.get("RateLimit")).toBe('"minute";r=59;t=42, "rows";r=1997;t=42');
    const { db } = await database();
    expect(await db?.collection("usage_buckets").countDocuments({ model: "m", customerId: /visitor/ })).toBe(0);
  });

  it("takes what calls of one customer ask for at once from the month in one write, and tells each what is left after it", async () => {
    const caller = newCustomer({ rowsPerMonth: 100 });
    const { db } = await database();
    const driver: { findOneAndUpdate: (filter: { _id?: unknown }) => unknown } = Object.getPrototypeOf(db?.collection("usage_months"));
    const spy = vi.spyOn(driver, "findOneAndUpdate");
    const outcomes = await Promise.allSettled([30, 30, 50, 30, 11, 10].map((rows) => takeRows(caller, "m", rows)));
    const writes = spy.mock.calls.filter(([{ _id }]) => String(_id).startsWith(`${caller.customerId}:2030-`)).length;
    spy.mockRestore();
    const told = outcomes.map((outcome) => {
      const headers: HeaderFields = outcome.status === "fulfilled" ? outcome.value.headers : headersOf(outcome.reason);
      return [outcome.status, /"month";r=(\d+)/.exec(headers.get("RateLimit") ?? "")?.[1]];
    });
    expect(told).toEqual([
      ["fulfilled", "70"],
      ["fulfilled", "40"],
      ["rejected", "0"],
      ["fulfilled", "10"],
      ["rejected", "0"],
      ["fulfilled", "0"],
    ]);
    expect(writes).toBe(1);
    expect((await readSummary(caller)).month.used).toBe(100);
  });

  it("never lets two processes together take more of a month than there is", { timeout: 60_000 }, async () => {
    const program = `
      Date.now = () => ${NOW};
      const { takeRows } = await import("@/server/modules/usage/service");
      const limits = { rowsPerMinute: 0, rowsPerMonth: 150, rowsPerCall: 0, retentionDays: 30 };
      const caller = { kind: "customer", id: "customer:cus_race", customerId: "cus_race", plan: "free", limits, via: { kind: "session" } };
      const calls = Array.from({ length: 60 }, () => takeRows(caller, "m", 3));
      const outcomes = await Promise.allSettled(calls);
      const taken = outcomes.filter(({ status }) => status === "fulfilled").length;
      const refused = outcomes.filter(({ reason }) => reason?.code === "quota_exhausted").length;
      process.stdout.write(JSON.stringify({ taken, refused }), () => process.exit());
    `;
    const options = ["--conditions=react-server", "--import", "tsx", "--input-type=module", "--eval", program];
    const run = async () => {
      const { stdout } = await promisify(execFile)(process.execPath, options, { cwd: ROOT, env: process.env });
      return JSON.parse(stdout) as { taken: number; refused: number };
    };
    const [one, two] = await Promise.all([run(), run()]);
    expect({ taken: one.taken + two.taken, refused: one.refused + two.refused }).toEqual({ taken: 50, refused: 70 });
    const race = { ...newCustomer({ rowsPerMonth: 150 }), customerId: "cus_race", id: "customer:cus_race" };
    expect((await readSummary(race)).month.used).toBe(150);
    expect(await limitedOf(race)).toBe(70);
  });
});
