import { describe, expect, it } from "vitest";
import type { SeriesPoint, SurfaceOverview } from "@/lib/contracts/traffic.admin";
import { addLatencies, latencyBucket, latencyPercentile } from "@/lib/latency-histogram";
import { behind, formatShare, judgeSpans, nameTicks, sayChange, sayStep, slowerThan } from "@/lib/overview-view.admin";
import { formatEntryTime, listFilters, readSearch } from "@/lib/requests-view.admin";

const none = { calls: 0, answered: 0, refused: 0, limited: 0, failed: 0, p50_ms: null, p95_ms: null, p99_ms: null };
const point = (change: Partial<SeriesPoint>): SeriesPoint => ({ ...none, at: "2026-11-22T12:00:00.000Z", calls_last_week: null, ...change });
const surface = (calls: number, before: number | null, lastWeek: number | null): SurfaceOverview => ({
  surface: "api",
  totals: { ...none, calls },
  before: before === null ? null : { ...none, calls: before },
  last_week: lastWeek === null ? null : { ...none, calls: lastWeek },
  series: [],
});

describe("the overview in words", () => {
  it("compares with last week where that is known, else with the span before", () => {
    expect(sayChange(surface(215, 100, 200), "24h")).toBe("+7.5 % on the same time last week");
    expect(sayChange(surface(90, 100, null), "1h")).toBe("\u221210 % on the hour before");
    expect(sayChange(surface(5, null, null), "7d")).toBe("none known of the 7 days before");
    expect(sayChange(surface(5_000, 10, null), "1h")).toBe("500 times as many as the hour before");
  });

  it("never says that a share is zero or all when it is not", () => {
    expect([null, 0, 0.00001, 0.0039, 0.5, 0.9999, 1].map(formatShare)).toEqual(["no calls", "0 %", "<0.01 %", "0.39 %", "50.0 %", ">99.9 %", "100 %"]);
  });

  it("names steps and ticks on round times", () => {
    expect([60, 900, 7_200, 21_600].map(sayStep)).toEqual(["minute", "15 minutes", "2 hours", "6 hours"]);
    const quarters = Array.from({ length: 60 }, (_unused, minute) => point({ at: new Date(Date.UTC(2026, 10, 22, 12, 5 + minute)).toISOString() }));
    expect(nameTicks(quarters, "1h").filter(Boolean)).toEqual(["12:15", "12:30", "12:45", "13:00"]);
  });

  it("judges a span by its worst: failing above 1 % of calls, slow from 1 s on, idle without a call", () => {
    const series = [point({ calls: 100, failed: 1 }), point({ calls: 100, p95_ms: 1_000 }), point({ calls: 1 }), point({})];
    expect(judgeSpans(series, 4)).toEqual(["failing", "slow", "works", "idle"]);
    expect(judgeSpans(series, 2)).toEqual(["slow", "works"]);
  });

  it("leads from a figure to exactly the requests of its span", () => {
    const span = { from: "2026-11-22T12:00:00.000Z", to: "2026-11-22T13:00:00.000Z" };
    expect(behind(span, "api", { status: "5xx" })).toBe(
      "/admin/requests?surface=api&from=2026-11-22T12%3A00%3A00.000Z&to=2026-11-22T13%3A00%3A00.000Z&status=5xx",
    );
  });

  it("leads from a percentile to at least one request, however few there were", () => {
    for (const slowest of [0.03, 0.07, 1, 12.5, 30.2, 702.4, 5_000, 64_000]) {
      const taken = [0.01, 0.02, slowest];
      const counts = new Map<number, number>();
      for (const each of taken) addLatencies(counts, [[latencyBucket(each), 1]]);
      for (const share of [0.95, 0.99]) {
        const { slower_than_ms: bound = Number.POSITIVE_INFINITY } = slowerThan(latencyPercentile(counts, share));
        expect(taken.filter((each) => each > bound), `slower than ${bound}`).toContain(slowest);
        expect(bound).toBeGreaterThan(slowest * 0.9 - 0.07);
      }
    }
    expect(slowerThan(null)).toEqual({});
  });
});

describe("the list of requests in words", () => {
  it("finds by any id, and by nothing else", () => {
    expect(readSearch(" req_01M81KPYM99840XX2 ")).toEqual({ request_id: "req_01M81KPYM99840XX2" });
    expect(readSearch("my-own-id-7")).toEqual({ request_id: "my-own-id-7" });
    expect([readSearch("cus_1A"), readSearch("key_1A"), readSearch("ent_1A")]).toEqual([{ customer: "cus_1A" }, { key: "key_1A" }, { open: "ent_1A" }]);
    expect([readSearch(""), readSearch("a b c d"), readSearch("x")]).toEqual([null, null, null]);
  });

  it("tells the day of an entry where that is not today", () => {
    expect(formatEntryTime("2026-11-22T12:09:11.040Z", "2026-11-22T23:59:00.000Z")).toBe("12:09:11.040");
    expect(formatEntryTime("2026-11-21T12:09:11.040Z", "2026-11-22T00:00:00.000Z")).toBe("21 Nov 12:09:11.040");
  });

  it("lists what is set in words, with names for ids", () => {
    const filters = listFilters({ model: "churn", status: "5xx", slower_than_ms: 1_500, customer: "cus_1" }, { last: "1h" }, { churn: "Customer churn", cus_1: "Northwind" });
    expect(filters.map(({ label, value }) => `${label} ${value}`)).toEqual([
      "Last hour",
      "Model Customer churn",
      "Status 5xx failed",
      "Customer Northwind",
      "Slower than 1,500 ms",
    ]);
  });
});
