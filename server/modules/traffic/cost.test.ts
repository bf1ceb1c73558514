import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { RequestFilters, TrafficRange } from "@/lib/contracts/traffic.admin";
import { useOwnDatabase } from "@/server/api/test-support";
import { countReads, type Reads } from "@/server/core/test-support";
import { startOf } from "@/server/modules/traffic/spans";
import { recordRequest, writeTraffic } from "@/server/modules/traffic/service";
import { countRequestsPerBucket, groupErrors, listRequests, readOverview } from "@/server/modules/traffic/service.admin";
import { makeCall } from "@/server/modules/traffic/test-support";

const MINUTE_MS = 60_000;
const outcomes = [{ status: 200 }, { status: 422, code: "invalid_input" }, { status: 503, code: "model_unavailable", milliseconds: 700 }];
/** In the midst of a minute, so that all of the test happens in it. */
const now = startOf("1m", Date.now()) + MINUTE_MS / 2;

/** So many calls of each kind there is: the log grows by them, and what happened in which minute to whom stays the same. */
async function fill(times: number): Promise<void> {
  for (let minutes = 1; minutes < 120; minutes += 9) {
    for (const model of ["churn", "house"]) {
      for (const person of ["a", "b", "c"]) {
        for (const outcome of outcomes) {
          const who = { customerId: `cus_${person}`, keyId: `key_${person}`, cameBy: "key" as const };
          const call = { model, ...who, ...outcome, at: new Date(now - minutes * MINUTE_MS) };
          for (let made = 0; made < times; made++) recordRequest(makeCall(call));
        }
      }
    }
    await writeTraffic();
  }
}

const ranges: TrafficRange[] = ["1h", "24h", "7d", "30d"];
const filters: RequestFilters[] = [
  {},
  { model: "churn" },
  { customer: "cus_a" },
  { key: "key_a" },
  { code: "invalid_input" },
  { slower_than_ms: 600 },
  { status: "5xx" },
  { from: new Date(now - 100 * MINUTE_MS).toISOString(), to: new Date(now).toISOString() },
];

async function measure(): Promise<Record<string, Reads>> {
  const found: Record<string, Reads> = {};
  for (const range of ranges) {
    found[`overview ${range}`] = await countReads(() => readOverview({ range }));
    found[`errors ${range}`] = await countReads(() => groupErrors({ range }));
  }
  for (const [index, each] of filters.entries()) found[`counts ${index}`] = await countReads(() => countRequestsPerBucket(each));
  return found;
}

beforeAll(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now });
  // The driver tells of its commands where spans are written of them.
  vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9");
  await useOwnDatabase("traffic-cost", process.env.MONGODB_URI);
  await fill(1);
}, 60_000);
afterAll(() => {
  vi.useRealTimers();
});

describe("with ten times the log", () => {
  it("the overview of every range, the groups of errors and the counts above the log look at not one document more", async () => {
    const before = await measure();
    expect(Math.min(before["overview 30d"]?.questions ?? 0, before["overview 30d"]?.examined ?? 0)).toBeGreaterThan(10);
    await fill(9);
    expect((await readOverview({ range: "24h" })).surfaces[0]?.totals.calls).toBe(2_520);
    expect(await measure()).toEqual(before);
  }, 60_000);

  it.each(filters)("a page of the log is found by an index and its limit alone: %o", async (each) => {
    const { collections, returned, unbounded } = await countReads(() => listRequests({ filters: each, limit: 20 }));
    expect(collections).toEqual(["request_blocks"]);
    expect(unbounded).toBe(0);
    // A page, the entry behind it, and the places from which the search looked on.
    expect(returned).toBeLessThan(30);
  });
});

it("a page by a filter that has no index is full where enough entries meet it, after one look at how far back it may go", async () => {
  const [hour, calls] = [60 * MINUTE_MS, 400];
  for (let made = 0; made < calls; made++) recordRequest(makeCall({ at: new Date(now - 5 * hour - made * 2_000), route: "trpc predict.run" }));
  await writeTraffic();
  const filters = { route: "trpc predict.run", to: new Date(now - 4 * hour).toISOString() };
  const clock = vi.spyOn(performance, "now").mockReturnValue(0);
  try {
    const { questions } = await countReads(async () => {
      const page = await listRequests({ filters, limit: 200 });
      expect([page.items.length, page.searched_back_to]).toEqual([200, null]);
    });
    // 8, 16, 32, 64 and 128 blocks of one entry each.
    expect(questions).toBe(1 + 5);
  } finally {
    clock.mockRestore();
  }
}, 60_000);
