import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { armComparison } from "@/lib/contracts/traffic.admin";
import { useOwnDatabase } from "@/server/api/test-support";
import { database } from "@/server/core/db";
import type { CallBucket } from "@/server/modules/traffic/collection";
import { addToBuckets } from "@/server/modules/traffic/repository";
import { endTraffic, forgetCustomer, recordRequest, reportPredicting, writeTraffic } from "@/server/modules/traffic/service";
import { compareArms, groupErrors, readOverview, readWindow } from "@/server/modules/traffic/service.admin";
import { Tally } from "@/server/modules/traffic/tally";
import { makeCall, recordAt } from "@/server/modules/traffic/test-support";

/** 21 seconds into a minute. */
const NOW = Date.UTC(2030, 10, 20, 14, 37, 21);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const at = (time: number) => new Date(time).toISOString();

beforeAll(async () => {
  await useOwnDatabase("traffic", process.env.MONGODB_URI);
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
});
beforeEach(async () => {
  vi.setSystemTime(NOW);
  await endTraffic();
  const { db } = await database();
  for (const { name } of (await db?.listCollections().toArray()) ?? []) await db?.collection(name).deleteMany({});
});
afterAll(() => void vi.useRealTimers());

describe("the overview", () => {
  it("shows each door by itself: calls, refusals, failures and percentiles of what was not refused", async () => {
    recordAt(NOW - 10 * MINUTE, 90, { milliseconds: 5 });
    recordAt(NOW - 9 * MINUTE, 10, { milliseconds: 400 });
    recordAt(NOW - 9 * MINUTE, 6, { status: 422, code: "invalid_input", milliseconds: 5_000 });
    recordAt(NOW - 8 * MINUTE, 3, { status: 429, code: "rate_limited", milliseconds: 5_000 });
    recordAt(NOW, 1, { status: 503, code: "model_unavailable", milliseconds: 400 });
    recordAt(NOW, 2, { surface: "console", model: null, version: null, arm: null, milliseconds: 50 });
    await writeTraffic();
    const { surfaces, from, to, step_seconds } = await readOverview({ range: "1h" });
    expect([from, to, step_seconds]).toEqual(["2030-11-20T13:38:00.000Z", at(NOW), 60]);
    const [api, console] = surfaces;
    expect(api?.totals).toMatchObject({ calls: 110, answered: 100, refused: 9, limited: 3, failed: 1 });
    expect(api?.totals.p50_ms).toBeCloseTo(5, 0);
    for (const percentile of [api?.totals.p95_ms, api?.totals.p99_ms]) expect(Math.abs((percentile ?? 0) / 400 - 1)).toBeLessThan(0.1);
    expect(console?.totals).toMatchObject({ calls: 2, answered: 2, refused: 0, failed: 0 });
    expect(api?.series.filter(({ calls }) => calls > 0).map(({ at: start, calls }) => [start, calls])).toEqual([
      ["2030-11-20T14:27:00.000Z", 90],
      ["2030-11-20T14:28:00.000Z", 16],
      ["2030-11-20T14:29:00.000Z", 3],
      ["2030-11-20T14:37:00.000Z", 1],
    ]);
  });

  it.each([
    ["1h", 60, HOUR],
    ["24h", 96, DAY],
    ["7d", 56, 7 * DAY],
    ["30d", 120, 30 * DAY],
  ] as const)("of %s has %i points that add up to its totals, and the span before to compare with", async (range, points, length) => {
    const shares = [0.02, 0.3, 0.6, 0.97];
    for (const share of shares) recordAt(NOW - share * length, 10);
    for (const share of [1.2, 1.7]) recordAt(NOW - share * length, 5, { status: 500, code: "internal_error" });
    await writeTraffic();
    const [api] = (await readOverview({ range })).surfaces;
    expect(api?.series).toHaveLength(points);
    expect(api?.series.reduce((sum, { calls }) => sum + calls, 0)).toBe(40);
    expect([api?.totals.calls, api?.before?.calls, api?.before?.failed]).toEqual([40, 10, 10]);
    const steps = api?.series.map(({ at: start }) => Date.parse(start)) ?? [];
    expect(new Set(steps.slice(1).map((start, index) => start - (steps[index] ?? 0))).size).toBe(1);
  });

  it("compares a day with the same day a week ago, point by point", async () => {
    recordAt(NOW - 7 * DAY - 2 * HOUR, 8);
    recordAt(NOW - 2 * HOUR, 10);
    await writeTraffic();
    const [api] = (await readOverview({ range: "24h" })).surfaces;
    expect([api?.totals.calls, api?.last_week?.calls, api?.before]).toEqual([10, 8, null]);
    const told = api?.series.filter(({ calls, calls_last_week }) => calls > 0 || calls_last_week !== 0) ?? [];
    expect(told.map(({ calls, calls_last_week }) => [calls, calls_last_week])).toEqual([[10, 8]]);
    expect((await readOverview({ range: "30d" })).surfaces[0]?.last_week).toBeNull();
  });

  it("names models by how often they are asked, with their rows; what asked no model is none of them", async () => {
    recordAt(NOW - DAY, 6, { model: "house", rows: 10 });
    recordAt(NOW, 2, { version: 2, arm: "candidate", rows: 3 });
    recordAt(NOW, 1, { status: 500, code: "internal_error", rows: 100 });
    recordAt(NOW, 1, { status: 429, code: "rate_limited", rows: 100 });
    recordAt(NOW, 5, { model: null, version: null, arm: null, rows: null });
    await writeTraffic();
    const { models } = await readOverview({ range: "7d" });
    expect(models.map(({ model, calls, rows, share, failed, limited }) => [model, calls, rows, share, failed, limited])).toEqual([
      ["house", 6, 60, 0.6, 0, 0],
      ["churn", 4, 6, 0.4, 1, 1],
    ]);
  });

  it("names the ten customers with the most calls", async () => {
    for (let index = 1; index <= 30; index++) recordAt(NOW - index * HOUR, index, { customerId: `cus_${index}`, cameBy: "session" });
    recordAt(NOW, 2, { customerId: "cus_30", cameBy: "session", status: 429, code: "rate_limited" });
    await writeTraffic();
    const { customers } = await readOverview({ range: "7d" });
    expect(customers).toHaveLength(10);
    expect(customers.slice(0, 2)).toEqual([
      { customer_id: "cus_30", calls: 32, failed: 0, limited: 2 },
      { customer_id: "cus_29", calls: 29, failed: 0, limited: 0 },
    ]);
  });

  it("tells which processes run, and whether customers can predict", async () => {
    expect((await readOverview({ range: "1h" })).customers_can_predict.state).toBe("unknown");
    reportPredicting(async () => {});
    recordRequest(makeCall({ model: null, version: null, arm: null }));
    await writeTraffic();
    const { processes, customers_can_predict } = await readOverview({ range: "1h" });
    expect(processes).toEqual([expect.objectContaining({ pid: process.pid, alive: true, can_predict: true })]);
    expect(processes[0]?.surfaces).toContain("api");
    expect(customers_can_predict.state).toBe("yes");
    recordAt(NOW, 4, { status: 503, code: "model_unavailable" });
    await writeTraffic();
    const later = await readOverview({ range: "1h" });
    expect(later.customers_can_predict).toMatchObject({ state: "no", why: expect.stringContaining("4 of 4") });
    vi.setSystemTime(NOW + MINUTE);
    expect((await readOverview({ range: "1h" })).processes).toEqual([expect.objectContaining({ alive: false })]);
    await endTraffic();
    expect((await readOverview({ range: "1h" })).processes).toEqual([]);
  });

  it("says within ten seconds that no process of the API runs, whatever was answered before", async () => {
    recordRequest(makeCall({}));
    await writeTraffic();
    vi.setSystemTime(NOW + 7_000);
    expect((await readOverview({ range: "1h" })).customers_can_predict.state).toBe("yes");
    vi.setSystemTime(NOW + 9_000);
    const { processes, customers_can_predict } = await readOverview({ range: "1h" });
    expect(processes).toEqual([expect.objectContaining({ alive: false, surfaces: ["api", "console"] })]);
    expect(customers_can_predict).toMatchObject({ state: "no", why: "No process of the API runs: the last one was heard of 9 s ago." });
  });
});

it("lists no step of a dialogue among calls without a result: they are counted as refused, and nothing went wrong", async () => {
  const place = { surface: "console", model: null, version: null, arm: null } as const;
  recordAt(NOW, 3, { ...place, status: 403, code: "confirmation_needed" });
  recordAt(NOW, 2, { ...place, status: 401, code: "console_session_needed" });
  recordAt(NOW, 1, { ...place, status: 403, code: "forbidden" });
  await writeTraffic();
  expect((await groupErrors({ range: "1h" })).groups.map(({ code }) => code)).toEqual(["forbidden"]);
  const { errors, surfaces } = await readOverview({ range: "1h" });
  expect(errors.map(({ code }) => code)).toEqual(["forbidden"]);
  expect(surfaces[1]?.totals.refused).toBe(6);
});

it("gives rules the calls of the last minutes, of a door or of one model", async () => {
  recordAt(NOW - 6 * MINUTE, 3);
  recordAt(NOW - 2 * MINUTE, 4, { status: 500, code: "internal_error" });
  recordAt(NOW, 5, { model: "house" });
  await writeTraffic();
  expect(await readWindow({ surface: "api", minutes: 5 })).toMatchObject({ calls: 9, failed: 4, answered: 5 });
  expect(await readWindow({ surface: "api", model: "house", minutes: 5 })).toMatchObject({ calls: 5, failed: 0 });
  expect(await readWindow({ surface: "api", minutes: 30 })).toMatchObject({ calls: 12 });
  expect(await readWindow({ surface: "console", minutes: 5 })).toMatchObject({ calls: 0, p95_ms: null });
});

it("sets versions side by side by the role they were asked in", async () => {
  recordAt(NOW - 2 * HOUR, 50, { milliseconds: 4 });
  recordAt(NOW, 9, { milliseconds: 4 });
  recordAt(NOW, 1, { version: 2, arm: "candidate", milliseconds: 90 });
  recordAt(NOW, 1, { version: 3, arm: "pinned" });
  recordAt(NOW, 1, { model: "house" });
  await writeTraffic();
  const { arms } = await compareArms("churn", [2, 1], { from: new Date(NOW - HOUR) });
  expect(arms.map(({ version, arm, calls, rows }) => [version, arm, calls, rows])).toEqual([
    [1, "live", 9, 9],
    [2, "candidate", 1, 1],
  ]);
  expect((arms[1]?.p95_ms ?? 0) / (arms[0]?.p95_ms ?? 1)).toBeGreaterThan(10);
});

it("answers a comparison of a span that has not begun with nothing, however late it begins", async () => {
  const compared = await compareArms("churn", [1], { from: new Date("9999-12-31T23:59:59-23:59") });
  expect(compared.arms).toEqual([]);
  expect(armComparison.safeParse(compared).success).toBe(true);
});

it("counts exactly where several processes make and fill the same buckets at once", async () => {
  const tallies = Array.from({ length: 8 }, () => new Tally());
  for (const [index, tally] of tallies.entries()) {
    const call = makeCall({ model: `m${index % 2}`, milliseconds: index });
    tally.addCall({ ...call, _id: `ent_${index}`, at: new Date(NOW) });
  }
  await Promise.all(tallies.map(async (tally) => addToBuckets("calls", tally.additions("calls"))));
  const { db } = await database();
  const found = (await db?.collection<CallBucket>("traffic_buckets").find().toArray()) ?? [];
  expect(found).toHaveLength(5 * 4);
  for (const { scope, calls, latency } of found) {
    expect(calls).toBe(scope === "all" ? 8 : 4);
    expect(Object.values(latency ?? {}).reduce((sum, count) => sum + count, 0)).toBe(calls);
  }
});

it("forgets a customer: the calls stay in the log and in all sums, and nothing says whose they were", async () => {
  recordAt(NOW, 3, { customerId: "cus_gone", keyId: "key_gone", cameBy: "key" });
  recordAt(NOW, 2, { customerId: "cus_stays", keyId: "key_stays", cameBy: "key" });
  await forgetCustomer("cus_gone");
  // The call that had it done, and whatever of the customer's was under way beside it, comes to its end after it.
  recordAt(NOW, 1, { customerId: "cus_gone", keyId: "key_gone", cameBy: "key" });
  await writeTraffic();
  const { db } = await database();
  const names = ["request_blocks", "traffic_buckets", "traffic_customers", "traffic_errors", "answer_buckets"];
  const texts = await Promise.all(names.map(async (name) => JSON.stringify(await db?.collection(name).find().toArray())));
  expect(texts.filter((text) => text.includes("gone"))).toEqual([]);
  expect(texts.filter((text) => text.includes("cus_stays"))).toHaveLength(2);
  expect(await readWindow({ surface: "api", minutes: 5 })).toMatchObject({ calls: 6 });
});

it("keeps minutes 2 days, quarters of an hour 9, longer spans 400, and the log 30", async () => {
  recordAt(NOW, 1, { customerId: "cus_1", cameBy: "session", status: 500, code: "internal_error" });
  await writeTraffic();
  const { db } = await database();
  const kept = new Set<string>();
  for (const name of ["traffic_buckets", "traffic_customers", "traffic_errors"]) {
    const found = (await db?.collection(name).find().toArray()) ?? [];
    for (const { width, start, expiresAt } of found) kept.add(`${String(width)} ${(Number(expiresAt) - Number(start)) / DAY}`);
    expect(await db?.collection(name).indexes()).toContainEqual(expect.objectContaining({ key: { expiresAt: 1 }, expireAfterSeconds: 0 }));
  }
  expect([...kept].sort()).toEqual(["15m 9", "1d 400", "1m 2", "3h 400"]);
  const ending = { key: { at: 1 }, expireAfterSeconds: 30 * 86_400 };
  expect(await db?.collection("request_blocks").indexes()).toContainEqual(expect.objectContaining(ending));
});
