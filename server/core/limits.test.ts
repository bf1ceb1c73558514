import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { useOwnDatabase } from "@/server/api/test-support";
import { database } from "@/server/core/db";
import { assertLimits, LimitReached, nameSubject, type Take } from "@/server/core/limits";

const CALL: Take = { policy: "visitor_calls", cost: 1 };
const rows = (cost: number): Take[] => [CALL, { policy: "visitor_rows", cost }];
/** 18 seconds into a minute. */
const NOW = Date.UTC(2030, 0, 1, 12, 0, 18);

beforeAll(async () => {
  vi.stubEnv("VISITOR_CALLS_PER_MINUTE", "3");
  vi.stubEnv("VISITOR_ROWS_PER_MINUTE", "10");
  await useOwnDatabase("limits", process.env.MONGODB_URI);
  await database();
  vi.useFakeTimers({ toFake: ["Date"] });
});
beforeEach(() => void vi.setSystemTime(NOW));
afterAll(() => void vi.useRealTimers());

async function refusalOf(work: Promise<unknown>): Promise<LimitReached> {
  const thrown = await work.catch((error: unknown) => error);
  if (!(thrown instanceof LimitReached)) throw new Error("Nothing was refused.");
  return thrown;
}

/** A second copy of the module: it shares the database with the first and nothing else that counts, as another process would. */
async function asAnotherProcess(): Promise<typeof assertLimits> {
  vi.resetModules();
  const fresh = await import("@/server/core/limits");
  return fresh.assertLimits;
}

describe("assertLimits", () => {
  it("tells quota, rest and reset in both spellings", async () => {
    const headers = await assertLimits("headers", rows(4));
    expect(Object.fromEntries(headers)).toEqual({
      "ratelimit-policy": '"minute";q=3;w=60, "rows";q=10;w=60',
      ratelimit: '"minute";r=2;t=42, "rows";r=6;t=42',
      "x-ratelimit-limit": "3",
      "x-ratelimit-remaining": "2",
      "x-ratelimit-reset": String(Date.UTC(2030, 0, 1, 12, 1) / 1000),
    });
  });

  it("takes from all policies or from none", async () => {
    await assertLimits("all-or-none", rows(8));
    const refusal = await refusalOf(assertLimits("all-or-none", rows(3)));
    expect(refusal.code).toBe("rate_limited");
    expect(refusal.retryAfterSeconds).toBe(42);
    expect(refusal.headers.get("RateLimit")).toBe('"minute";r=2;t=42, "rows";r=2;t=42');
    expect((await assertLimits("all-or-none", rows(2))).get("RateLimit")).toBe('"minute";r=1;t=42, "rows";r=0;t=42');
  });

  it("refuses what is larger than the whole quota, also as the first call of a window", async () => {
    expect((await refusalOf(assertLimits("too-large", rows(11)))).headers.get("X-RateLimit-Remaining")).toBe("3");
    expect((await assertLimits("too-large", rows(1))).get("X-RateLimit-Remaining")).toBe("2");
  });

  it("starts again with the next minute, and for another subject", async () => {
    await assertLimits("window", rows(10));
    vi.setSystemTime(NOW + 41_999);
    await refusalOf(assertLimits("window", rows(1)));
    vi.setSystemTime(NOW + 42_000);
    expect((await assertLimits("window", rows(1))).get("RateLimit")).toBe('"minute";r=2;t=60, "rows";r=9;t=60');
    vi.setSystemTime(NOW);
    expect((await assertLimits("window-2", rows(10))).get("X-RateLimit-Remaining")).toBe("2");
  });

  it("lets exactly the quota through when many calls of two processes come at once", async () => {
    const other = await asAnotherProcess();
    const attempts = Array.from({ length: 12 }, (_, index) => (index % 2 ? assertLimits : other)("race", [CALL]));
    const outcomes = await Promise.allSettled(attempts);
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
  });

  it("names an address the same in every process, and not by itself", async () => {
    const name = await nameSubject("192.0.2.7");
    vi.resetModules();
    const fresh = await import("@/server/core/limits");
    expect(await fresh.nameSubject("192.0.2.7")).toBe(name);
    expect(await nameSubject("192.0.2.8")).not.toBe(name);
    expect(name).toMatch(/^[A-Za-z0-9_-]{22}$/);
  });

  it("keeps windows no longer than needed", async () => {
    await assertLimits("expiry", [CALL]);
    const { db } = await database();
    await vi.waitFor(async () => {
      const indexes = await db?.collection("limits").indexes();
      expect(indexes).toContainEqual(expect.objectContaining({ key: { expires_at: 1 }, expireAfterSeconds: 0 }));
    });
  });
});
