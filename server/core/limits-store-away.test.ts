import { beforeEach, describe, expect, it, vi } from "vitest";

const ROWS = [{ policy: "visitor_calls", cost: 1 }, { policy: "visitor_rows", cost: 1_000 }] as const;

beforeEach(() => {
  vi.resetModules();
  vi.stubEnv("LOG_LEVEL", "silent");
  vi.stubEnv("MONGODB_URI", "mongodb://127.0.0.1:1/none");
});

describe("limits while no database answers", () => {
  it("lets visitors pass without figures, and tells them apart, long before the driver gives up", async () => {
    const { assertLimits, nameSubject } = await import("@/server/core/limits");
    const started = performance.now();
    const names = ["192.0.2.7", "192.0.2.7", "192.0.2.8"].map((address) => nameSubject(address));
    const [headers, first, again, other] = await Promise.all([assertLimits("away", [...ROWS]), ...names]);
    expect(performance.now() - started).toBeLessThan(4_500);
    expect([...headers]).toEqual([]);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  const rules = [
    { take: { policy: "visitor_calls", cost: 1 }, passes: true },
    { take: { policy: "visitor_rows", cost: 1 }, passes: true },
    { take: { policy: "customer_rows", cost: 1, quota: 600 }, passes: true },
    { take: { policy: "sign_in", cost: 1 }, passes: false },
    { take: { policy: "mail", cost: 1 }, passes: false },
    { take: { policy: "key_creation", cost: 1 }, passes: false },
  ] as const;

  it("goes on predicting, but lets nobody guess passwords, send mails or make keys", async () => {
    const { assertLimits } = await import("@/server/core/limits");
    const outcomes = await Promise.allSettled(rules.map(({ take }) => assertLimits("away", [take])));
    expect(outcomes.map(({ status }) => status === "fulfilled")).toEqual(rules.map(({ passes }) => passes));
    for (const outcome of outcomes) {
      if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ code: "database_unavailable", retryAfterSeconds: 5 });
    }
    await expect(assertLimits("away", rules.map(({ take }) => take))).rejects.toMatchObject({ code: "database_unavailable" });
  });

  it("asks nobody when the policies are turned off", async () => {
    vi.stubEnv("VISITOR_CALLS_PER_MINUTE", "0");
    vi.stubEnv("VISITOR_ROWS_PER_MINUTE", "0");
    const { assertLimits } = await import("@/server/core/limits");
    const started = performance.now();
    expect([...(await assertLimits("off", [...ROWS]))]).toEqual([]);
    expect(performance.now() - started).toBeLessThan(400);
  });
});
