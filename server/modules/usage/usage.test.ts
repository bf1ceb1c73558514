import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { useOwnDatabase } from "@/server/api/test-support";
import { database } from "@/server/core/db";
import type { CustomerCaller } from "@/server/core/trpc";
import {
  countKeyCalls,
  forgetCustomer,
  readAllUsage,
  readSeries,
  readSummary,
  recordCall,
  takeRows,
} from "@/server/modules/usage/service";
import { byKey, newCustomer, refusalOf } from "@/server/modules/usage/test-support";

/** 18 seconds into a minute, ten and a half days before its month of 30 days ends. */
const NOW = Date.UTC(2030, 10, 20, 11, 59, 18);
const DAY = 24 * 60 * 60_000;

beforeAll(async () => {
  await useOwnDatabase("usage", process.env.MONGODB_URI);
  await database();
  vi.useFakeTimers({ toFake: ["Date"] });
});
beforeEach(() => void vi.setSystemTime(NOW));
afterAll(() => void vi.useRealTimers());

describe("readSummary", () => {
  it("tells minute, month and today without counting itself", async () => {
    const caller = newCustomer();
    vi.setSystemTime(NOW - DAY);
    await takeRows(caller, "m", 5);
    await recordCall(caller, "m", 5);
    vi.setSystemTime(NOW);
    await takeRows(caller, "m", 7);
    await recordCall(byKey(caller, "key_1"), "n", 7);
    const summary = await readSummary(caller);
    expect(await readSummary(caller)).toEqual(summary);
    expect(summary).toEqual({
      plan: "free",
      minute: { used: 7, limit: 600, resets_at: "2030-11-20T12:00:00.000Z" },
      month: { used: 12, limit: 20_000, resets_at: "2030-12-01T00:00:00.000Z" },
      today: 7,
      rows_per_call: 100,
      retention_days: 30,
      notice: null,
    });
  });

  it("gives notice from 80 % of the month on, and when all of it is used", async () => {
    const caller = newCustomer({ rowsPerMonth: 100 });
    const noticeAfter = async (rows: number) => {
      await takeRows(caller, "m", rows);
      return (await readSummary(caller)).notice;
    };
    expect([await noticeAfter(79), await noticeAfter(1), await noticeAfter(19), await noticeAfter(1)]).toEqual([null, "near", "near", "reached"]);
  });
});

describe("readSeries", () => {
  const at = (time: number) => new Date(time).toISOString();
  const whole = { start_time: at(NOW - 2 * DAY), end_time: at(NOW + DAY) };

  async function callOnTwoDays(): Promise<CustomerCaller> {
    const caller = newCustomer();
    vi.setSystemTime(NOW - DAY);
    await recordCall(byKey(caller, "key_a"), "one", 4);
    vi.setSystemTime(NOW);
    await recordCall(byKey(caller, "key_a"), "one", 1);
    await recordCall(byKey(caller, "key_b"), "two", 2);
    await recordCall(caller, "two", 10);
    return caller;
  }

  it("sums per bucket, oldest first, and leaves empty buckets out", async () => {
    const caller = await callOnTwoDays();
    expect(await readSeries(caller, { ...whole, bucket_width: "1d", group_by: [] })).toEqual({
      object: "usage",
      bucket_width: "1d",
      data: [
        { start_time: "2030-11-19T00:00:00.000Z", end_time: "2030-11-20T00:00:00.000Z", results: [{ calls: 1, rows: 4, limited: 0 }] },
        { start_time: "2030-11-20T00:00:00.000Z", end_time: "2030-11-21T00:00:00.000Z", results: [{ calls: 3, rows: 13, limited: 0 }] },
      ],
    });
  });

  it("keeps minutes, hours and days", async () => {
    const caller = await callOnTwoDays();
    const startsOf = async (bucket_width: "1m" | "1h") => {
      const input = { start_time: at(NOW - 60_000), end_time: at(NOW + 1), bucket_width, group_by: [] };
      return (await readSeries(caller, input)).data.map(({ start_time, end_time, results }) => [start_time, end_time, results[0]?.calls]);
    };
    expect(await startsOf("1m")).toEqual([["2030-11-20T11:59:00.000Z", "2030-11-20T12:00:00.000Z", 3]]);
    expect(await startsOf("1h")).toEqual([["2030-11-20T11:00:00.000Z", "2030-11-20T12:00:00.000Z", 3]]);
  });

  it("tells models and keys apart where asked to, a page being the key null", async () => {
    const caller = await callOnTwoDays();
    const read = async (group_by: ("model" | "api_key_id")[]) =>
      (await readSeries(caller, { ...whole, bucket_width: "1d", group_by })).data[1]?.results;
    expect(await read(["model"])).toEqual([
      { model: "one", calls: 1, rows: 1, limited: 0 },
      { model: "two", calls: 2, rows: 12, limited: 0 },
    ]);
    expect(await read(["model", "api_key_id"])).toEqual([
      { model: "one", api_key_id: "key_a", calls: 1, rows: 1, limited: 0 },
      { model: "two", api_key_id: null, calls: 1, rows: 10, limited: 0 },
      { model: "two", api_key_id: "key_b", calls: 1, rows: 2, limited: 0 },
    ]);
  });

  it("shows a key that is limited to models nothing of other models", async () => {
    const caller = await callOnTwoDays();
    const input = { ...whole, bucket_width: "1d" as const, group_by: ["model" as const] };
    const models = async (allowed: string[] | null) =>
      (await readSeries(byKey(caller, "key_c", allowed), input)).data.flatMap(({ results }) => results.map(({ model }) => model));
    expect(await models(["two"])).toEqual(["two"]);
    expect(await models(null)).toEqual(["one", "one", "two"]);
  });

  it("shows nobody else's counts", async () => {
    await callOnTwoDays();
    expect((await readSeries(newCustomer(), { ...whole, bucket_width: "1d", group_by: [] })).data).toEqual([]);
  });

  it("takes 1,500 buckets and no more, and no span that ends before it begins", async () => {
    const caller = newCustomer();
    const minutes = (count: number) =>
      readSeries(caller, { start_time: at(NOW - count * 60_000), end_time: at(NOW), bucket_width: "1m", group_by: [] });
    // The first bucket begins 18 seconds before the start.
    expect((await minutes(1_499)).data).toEqual([]);
    const tooLong = await refusalOf(minutes(1_500));
    expect([tooLong.code, tooLong.errors?.[0]?.pointer]).toEqual(["invalid_input", "#/start_time"]);
    const backwards = await refusalOf(minutes(0));
    expect([backwards.code, backwards.errors?.[0]?.pointer]).toEqual(["invalid_input", "#/end_time"]);
    const future = await refusalOf(readSeries(caller, { start_time: at(NOW + DAY), bucket_width: "1d", group_by: [] }));
    expect([future.code, future.errors?.[0]?.pointer]).toEqual(["invalid_input", "#/start_time"]);
  });
});

describe("counts of calls", () => {
  it("are exact when many calls come at once, from copies of the modules that share the database alone", async () => {
    const caller = byKey(newCustomer(), "key_many");
    vi.resetModules();
    const other = await import("@/server/modules/usage/service");
    await Promise.all(Array.from({ length: 100 }, (_, index) => (index % 2 ? recordCall : other.recordCall)(caller, `m${index % 3}`, 2)));
    const { data } = await readAllUsage(caller.customerId);
    expect(data.flatMap(({ results }) => results).map(({ model, calls, rows }) => [model, calls, rows])).toEqual([
      ["m0", 34, 68],
      ["m1", 33, 66],
      ["m2", 33, 66],
    ]);
  });

  it("name what each key did in the last 24 hours, to the minute", async () => {
    const caller = newCustomer({ rowsPerMinute: 1 });
    for (const time of [NOW - DAY - 60_000, NOW - DAY, NOW - DAY + 40_000, NOW - DAY + 3_600_000, NOW]) {
      vi.setSystemTime(time);
      await recordCall(byKey(caller, "key_a"), "m", 1);
    }
    await recordCall(caller, "m", 1);
    await takeRows(byKey(caller, "key_b"), "m", 1);
    await refusalOf(takeRows(byKey(caller, "key_b"), "m", 1));
    expect(await countKeyCalls(caller.customerId)).toEqual(
      new Map([
        ["key_a", { calls: 4, limited: 0 }],
        ["key_b", { calls: 0, limited: 1 }],
      ]),
    );
  });

  it("go by themselves: minutes after 3 days, hours after 100, days after 800", async () => {
    const caller = newCustomer();
    await recordCall(caller, "m", 1);
    const { db } = await database();
    const kept = await db?.collection("usage_buckets").find({ customerId: caller.customerId }).sort({ expiresAt: 1 }).toArray();
    const days = kept?.map(({ width, start, expiresAt }): [string, number] => [String(width), (Number(expiresAt) - Number(start)) / DAY]);
    expect(days).toEqual([["1m", 3], ["1h", 100], ["1d", 800]]);
    const indexes = await db?.collection("usage_buckets").indexes();
    expect(indexes).toContainEqual(expect.objectContaining({ key: { expiresAt: 1 }, expireAfterSeconds: 0 }));
  });
});

describe("forgetCustomer", () => {
  it("leaves nothing that names the customer, and everything of the others; again changes nothing", async () => {
    const [gone, stays] = [newCustomer({ rowsPerMinute: 1 }), newCustomer()];
    for (const caller of [gone, stays]) {
      await takeRows(caller, "m", 1);
      await recordCall(byKey(caller, "key_1"), "m", 1);
    }
    await refusalOf(takeRows(gone, "m", 1));
    await forgetCustomer(gone.customerId);
    await forgetCustomer(gone.customerId);
    const { db } = await database();
    const names = async (customerId: string) => {
      const collections = (await db?.listCollections().toArray()) ?? [];
      const texts = await Promise.all(collections.map(async ({ name }) => JSON.stringify(await db?.collection(name).find().toArray())));
      return texts.filter((text) => new RegExp(`${customerId}\\b`).test(text)).length;
    };
    expect(await names(gone.customerId)).toBe(0);
    expect(await names(stays.customerId)).toBe(3);
  });
});
