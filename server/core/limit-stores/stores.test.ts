import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { useOwnDatabase } from "@/server/api/test-support";
import { database } from "@/server/core/db";
import { closeRedis } from "@/server/core/limit-stores/redis";
import { floodFromProcess, hasRedis, type RunningStore, startRedis, startUpstash } from "@/server/core/limit-stores/test-support";
import type * as Limits from "@/server/core/limits";

/** 18 seconds into a minute. The library reads the clock itself, so it is the clock that stands still. */
const NOW = Date.UTC(2030, 0, 1, 12, 0, 18);
const NONE = { UPSTASH_REDIS_REST_URL: "", UPSTASH_REDIS_REST_TOKEN: "", REDIS_URL: "" };

const rows = (cost: number, quota = 60): Limits.Take[] => [{ policy: "customer_rows", cost, quota }];
const visit = (cost: number): Limits.Take[] => [
  { policy: "visitor_calls", cost: 1 },
  { policy: "visitor_rows", cost },
];

beforeAll(async () => {
  vi.stubEnv("VISITOR_CALLS_PER_MINUTE", "3");
  vi.stubEnv("VISITOR_ROWS_PER_MINUTE", "10");
  await useOwnDatabase("limit-stores", process.env.MONGODB_URI);
  await database();
  vi.useFakeTimers({ toFake: ["Date"] });
});
beforeEach(() => void vi.setSystemTime(NOW));
afterAll(() => void vi.useRealTimers());

async function refusalOf(work: Promise<unknown>): Promise<Limits.LimitReached> {
  const thrown = await work.catch((error: unknown) => error);
  if (!(thrown instanceof Error && "code" in thrown && thrown.code === "rate_limited")) throw new Error("Nothing was refused.");
  return thrown as Limits.LimitReached;
}

const kinds = [
  { name: "in the database", missing: false, start: async (): Promise<RunningStore> => ({ variables: {}, stop: async () => {} }) },
  { name: "in a plain Redis", missing: !hasRedis, start: startRedis },
  { name: "by the protocol of Upstash", missing: false, start: startUpstash },
];

describe.each(kinds)("limits counted $name", ({ missing, start }) => {
  describe.skipIf(missing)("hold for every process", () => {
    let store: RunningStore;
    let variables: Record<string, string>;
    let limits: typeof Limits;

    /** A copy of the modules that shares nothing with another one but the store, as another process would. */
    const loadLimits = async () => {
      vi.resetModules();
      for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
      return import("@/server/core/limits");
    };

    beforeAll(async () => {
      store = await start();
      variables = { ...NONE, ...store.variables };
      limits = await loadLimits();
    });
    afterAll(async () => {
      closeRedis();
      await store.stop();
    });

    it("tells quota, rest and reset in both spellings, the reset in seconds", async () => {
      expect(Object.fromEntries(await limits.assertLimits("headers", visit(4)))).toEqual({
        "ratelimit-policy": '"minute";q=3;w=60, "rows";q=10;w=60',
        ratelimit: '"minute";r=2;t=42, "rows";r=6;t=42',
        "x-ratelimit-limit": "3",
        "x-ratelimit-remaining": "2",
        "x-ratelimit-reset": String(Date.UTC(2030, 0, 1, 12, 1) / 1000),
      });
    });

    it("takes from all policies or from none", async () => {
      await limits.assertLimits("all-or-none", visit(8));
      const refusal = await refusalOf(limits.assertLimits("all-or-none", visit(3)));
      expect(refusal.retryAfterSeconds).toBe(42);
      expect(refusal.message).toMatch(/^More rows than one address may send in a minute: \d+ of \d+ are left\.$/);
      expect(refusal.headers.get("RateLimit")).toBe('"minute";r=2;t=42, "rows";r=2;t=42');
      expect((await limits.assertLimits("all-or-none", visit(2))).get("RateLimit")).toBe('"minute";r=1;t=42, "rows";r=0;t=42');
    });

    it("refuses what is larger than the whole quota, and counts nothing for it", async () => {
      expect((await refusalOf(limits.assertLimits("too-large", visit(11)))).headers.get("X-RateLimit-Remaining")).toBe("3");
      expect((await limits.assertLimits("too-large", visit(10))).get("X-RateLimit-Remaining")).toBe("2");
    });

    it("lets smaller calls through after a large one that did not fit", async () => {
      await limits.assertLimits("large", rows(50));
      for (let attempt = 0; attempt < 5; attempt++) {
        expect((await refusalOf(limits.assertLimits("large", rows(20)))).headers.get("X-RateLimit-Remaining")).toBe("10");
      }
      expect((await limits.assertLimits("large", rows(10))).get("X-RateLimit-Remaining")).toBe("0");
    });

    it("lets small calls of any process through while large ones that do not fit come at the same time", async () => {
      const other = await loadLimits();
      await limits.assertLimits("mixed", rows(50));
      const large = Array.from({ length: 3 }, () => limits.assertLimits("mixed", rows(11)));
      const small = [limits, other, limits, other].map(({ assertLimits }) => assertLimits("mixed", rows(1)));
      const outcomes = await Promise.allSettled([...large, ...small]);
      expect(outcomes.map(({ status }) => status)).toEqual([...large.map(() => "rejected"), ...small.map(() => "fulfilled")]);
    });

    it("starts again with the next minute, and for another subject", async () => {
      await limits.assertLimits("window", rows(60));
      vi.setSystemTime(NOW + 41_999);
      expect((await refusalOf(limits.assertLimits("window", rows(1)))).retryAfterSeconds).toBe(1);
      expect((await limits.assertLimits("window-2", rows(60))).get("RateLimit")).toBe('"minute";r=0;t=1');
      vi.setSystemTime(NOW + 42_000);
      expect((await limits.assertLimits("window", rows(1))).get("RateLimit")).toBe('"minute";r=59;t=60');
    });

    it("gives back what was taken, but never to the next minute", async () => {
      const early = await limits.takeLimits("back", rows(40));
      const late = await limits.takeLimits("back", rows(20));
      await early.giveBack();
      expect(await limits.readLimit("back", "customer_rows", 60)).toMatchObject({ used: 20 });
      vi.setSystemTime(NOW + 42_000);
      await late.giveBack();
      await limits.assertLimits("back", rows(60));
      await refusalOf(limits.assertLimits("back", rows(1)));
    });

    it("lets a raised quota count at once, with what was used before", async () => {
      await limits.assertLimits("raised", rows(10, 10));
      await refusalOf(limits.assertLimits("raised", rows(1, 10)));
      expect((await limits.assertLimits("raised", rows(10, 30))).get("RateLimit")).toBe('"minute";r=10;t=42');
    });

    it("counts right for more agreed quotas than it keeps at hand", async () => {
      for (let index = 0; index < 220; index++) await limits.assertLimits("agreed", rows(1, 1_000 + index));
      expect((await limits.readLimit("agreed", "customer_rows", 1_000)).used).toBe(220);
    });

    it("reads where a subject stands without counting", async () => {
      await limits.assertLimits("read", rows(7));
      await limits.readLimit("read", "customer_rows", 60);
      expect(await limits.readLimit("read", "customer_rows", 60)).toEqual({ used: 7, resetAt: Date.UTC(2030, 0, 1, 12, 1) / 1000 });
      expect((await limits.readLimit("nobody", "customer_rows", 60)).used).toBe(0);
    });

    it("shares its counts with another process", async () => {
      const other = await loadLimits();
      await limits.assertLimits("shared", rows(40));
      expect((await other.assertLimits("shared", rows(20))).get("X-RateLimit-Remaining")).toBe("0");
      await refusalOf(limits.assertLimits("shared", rows(1)));
    });

    it("lets exactly 60 of 200 calls through that two processes make at once", { timeout: 60_000 }, async () => {
      const shared = { ...variables, NOW: String(NOW) };
      const floods = await Promise.all([floodFromProcess(shared), floodFromProcess(shared)]);
      const sum = (name: "passed" | "refused") => floods.reduce((total, flood) => total + flood[name], 0);
      expect({ passed: sum("passed"), refused: sum("refused") }).toEqual({ passed: 60, refused: 140 });
    });
  });
});

describe("a subject that is forgotten", () => {
  it("leaves no counter in the database, and nobody else's goes with it", async () => {
    vi.resetModules();
    for (const [name, value] of Object.entries(NONE)) vi.stubEnv(name, value);
    const { assertLimits, forgetSubject } = await import("@/server/core/limits");
    for (const subject of ["customer:cus_1", "customer:cus_11"]) {
      await assertLimits(subject, rows(1));
      vi.setSystemTime(NOW + 60_000);
      await assertLimits(subject, rows(1));
      vi.setSystemTime(NOW);
    }
    await forgetSubject("customer:cus_1");
    const { db } = await database();
    const left = await db?.collection<{ _id: string }>("limits").find({ _id: /^customer:cus_1/ }).toArray();
    expect(left?.map(({ _id }) => _id.split(":")[1])).toEqual(["cus_11", "cus_11"]);
  });
});
