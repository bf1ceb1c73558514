import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { useOwnDatabase } from "@/server/api/test-support";
import { database } from "@/server/core/db";
import { endTraffic, writeTraffic } from "@/server/modules/traffic/service";
import { countRequestsPerBucket, groupErrors } from "@/server/modules/traffic/service.admin";
import { recordAt } from "@/server/modules/traffic/test-support";

/** 21 seconds into a minute. */
const NOW = Date.UTC(2030, 10, 20, 14, 37, 21);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const at = (time: number) => new Date(time).toISOString();

beforeAll(async () => {
  await useOwnDatabase("traffic-counts", process.env.MONGODB_URI);
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
});
beforeEach(async () => {
  vi.setSystemTime(NOW);
  await endTraffic();
  const { db } = await database();
  for (const { name } of (await db?.listCollections().toArray()) ?? []) await db?.collection(name).deleteMany({});
});
afterAll(() => void vi.useRealTimers());

describe("counts of the list", () => {
  it("are those of the filters, or none where nothing is counted by them", async () => {
    recordAt(NOW - 2 * HOUR, 3, { customerId: "cus_1", keyId: "key_1", cameBy: "key" });
    recordAt(NOW - HOUR, 2, { status: 422, code: "invalid_input", customerId: "cus_1", cameBy: "session" });
    const house = { model: "house", version: 3, arm: "pinned", customerId: "cus_2", cameBy: "session" } as const;
    recordAt(NOW, 1, { status: 500, code: "internal_error", ...house });
    await writeTraffic();
    const count = async (filters: Parameters<typeof countRequestsPerBucket>[0]) => {
      const counts = await countRequestsPerBucket(filters);
      return counts && [counts.calls, counts.failed];
    };
    expect(await count({})).toEqual([6, 1]);
    expect(await count({ model: "house", version: 3, arm: "pinned" })).toEqual([1, 1]);
    expect(await count({ arm: "live" })).toEqual([5, 0]);
    expect(await count({ status: "4xx" })).toEqual([2, 0]);
    expect(await count({ status: "2xx", surface: "api" })).toEqual([3, 0]);
    expect(await count({ status: "5xx" })).toEqual([1, 1]);
    expect(await count({ code: "invalid_input" })).toEqual([2, 0]);
    expect(await count({ code: "internal_error", status: "500", surface: "console" })).toEqual([0, 0]);
    expect(await count({ customer: "cus_1" })).toEqual([5, 0]);
    expect(await count({ customer: "cus_2", status: "5xx" })).toEqual([1, 1]);
    expect(await count({ from: at(NOW - 90 * MINUTE), to: at(NOW - 30 * MINUTE) })).toEqual([2, 0]);
    const uncounted = [{ key: "key_1" }, { slower_than_ms: 10 }, { customer: "cus_1", model: "house" }, { status: "422" }];
    for (const filters of [...uncounted, { request_id: "req_12345678" }]) expect(await count(filters)).toBeNull();
  });

  it("tell as their span what they counted, which ends with a whole minute or more", async () => {
    const minute = Math.floor((NOW - HOUR) / MINUTE) * MINUTE;
    recordAt(minute + 50_000, 4);
    await writeTraffic();
    const short = await countRequestsPerBucket({ from: at(minute - HOUR), to: at(minute + 10_000) });
    expect([short?.calls, short?.to]).toEqual([4, at(minute + MINUTE)]);
    const long = await countRequestsPerBucket({ from: at(minute - 7 * DAY), to: at(minute + 10_000) });
    expect([long?.calls, Date.parse(long?.to ?? "") > minute + 50_000]).toEqual([4, true]);
  });

  it("of a span that is longer than anything is kept are refused at once, not listed minute by minute", async () => {
    expect(await countRequestsPerBucket({ from: "0001-01-01T00:00:00.000Z" })).toBeNull();
  });

  it("come in at most 120 steps without gaps, whatever the span", async () => {
    for (const span of [5 * MINUTE, HOUR, 3 * HOUR, DAY, 7 * DAY, 30 * DAY, 400 * DAY]) {
      const counts = await countRequestsPerBucket({ from: at(NOW - span + MINUTE) });
      expect(counts?.buckets.length).toBeLessThanOrEqual(120);
      expect((counts?.buckets.length ?? 0) * (counts?.step_seconds ?? 0) * 1000).toBeGreaterThanOrEqual(span - MINUTE);
    }
  });
});

it("groups calls without a result by reason and place, with how they went over time and when the first and the last one was", async () => {
  recordAt(NOW - 3 * HOUR + 4 * MINUTE, 1, { status: 422, code: "invalid_input" });
  await writeTraffic();
  recordAt(NOW - 3 * HOUR, 3, { status: 422, code: "invalid_input" });
  recordAt(NOW - HOUR, 5, { status: 422, code: "invalid_input" });
  recordAt(NOW - HOUR, 2, { status: 422, code: "invalid_input", route: "trpc predict.run" });
  recordAt(NOW, 1, { status: 500, code: "internal_error" });
  await writeTraffic();
  const { groups } = await groupErrors({ range: "24h" });
  expect(groups.map(({ code, route, calls, first_at, last_at }) => [code, route, calls, first_at, last_at])).toEqual([
    ["invalid_input", "/api/v1/models/{model}/predictions", 9, at(NOW - 3 * HOUR), at(NOW - HOUR)],
    ["invalid_input", "trpc predict.run", 2, at(NOW - HOUR), at(NOW - HOUR)],
    ["internal_error", "/api/v1/models/{model}/predictions", 1, at(NOW), at(NOW)],
  ]);
  expect(groups[0]?.series).toHaveLength(96);
  expect(groups[0]?.series.filter((calls) => calls > 0)).toEqual([4, 5]);
  expect((await groupErrors({ range: "1h", surface: "console" })).groups).toEqual([]);
});
