import { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { HeaderFields } from "@/server/core/exchange";
import { closeRedis } from "@/server/core/limit-stores/redis";
import { hasRedis, type Mood, startRedis, startUpstash, type UpstashStandIn } from "@/server/core/limit-stores/test-support";
import type * as Limits from "@/server/core/limits";

const ONE_ROW: Limits.Take[] = [{ policy: "customer_rows", cost: 1, quota: 60 }];
const CLOSED: Limits.Take[] = [{ policy: "sign_in", cost: 1 }];
/** Longer than a store may take to answer, shorter than anybody would wait for. */
const PATIENCE_MS = 3_500;

async function loadLimits(variables: Record<string, string>): Promise<typeof Limits> {
  vi.resetModules();
  const none = { UPSTASH_REDIS_REST_URL: "", UPSTASH_REDIS_REST_TOKEN: "", REDIS_URL: "" };
  for (const [name, value] of Object.entries({ LOG_LEVEL: "warn", ...none, ...variables })) vi.stubEnv(name, value);
  return import("@/server/core/limits");
}

/** What reaches the log while something is done. */
async function logOf(work: () => Promise<unknown>): Promise<string> {
  const lines: string[] = [];
  const spy = vi.spyOn(process.stderr, "write").mockImplementation((text) => lines.push(String(text)) > 0);
  await work().finally(() => spy.mockRestore());
  return lines.join("");
}

beforeEach(() => void vi.spyOn(process.stderr, "write").mockReturnValue(true));

describe("limits counted by the protocol of Upstash", () => {
  let upstash: UpstashStandIn;
  let limits: typeof Limits;

  beforeAll(async () => {
    upstash = await startUpstash();
  });
  afterAll(() => upstash.stop());
  beforeEach(async () => {
    upstash.behave("well");
    limits = await loadLimits(upstash.variables);
  });

  const moods: Mood[] = ["silent", "cut", "strange"];
  it.each(moods)("pass without figures or are refused, as the policy says, while the service is %s", async (mood) => {
    await limits.assertLimits("before", ONE_ROW);
    upstash.behave(mood);
    const started = performance.now();
    const [open, closed] = await Promise.allSettled([limits.assertLimits("away", ONE_ROW), limits.assertLimits("away", CLOSED)]);
    expect(open).toMatchObject({ status: "fulfilled" });
    expect(open.status === "fulfilled" && [...open.value]).toEqual([]);
    expect(closed).toMatchObject({ status: "rejected", reason: { code: "database_unavailable", retryAfterSeconds: 5 } });
    expect(performance.now() - started).toBeLessThan(PATIENCE_MS);
    upstash.behave("well");
    expect((await limits.assertLimits("after", ONE_ROW)).get("X-RateLimit-Limit")).toBe("60");
  });

  it("send every count once, also where the connection breaks", async () => {
    upstash.behave("cut");
    const before = upstash.calls.length;
    await limits.assertLimits("once", ONE_ROW);
    expect(upstash.calls.slice(before)).toHaveLength(1);
  });

  it("ask for counts and nothing else, and tell nothing about this machine", async () => {
    await limits.assertLimits("plain", ONE_ROW);
    await limits.assertLimits("plain", ONE_ROW);
    expect(upstash.calls.map(({ command }) => command[0]).filter((name) => name !== "eval" && name !== "evalsha")).toEqual([]);
    const headers = upstash.calls.flatMap((call) => Object.keys(call.headers));
    expect(headers.filter((name) => name.includes("telemetry"))).toEqual([]);
  });

  it("only look whether a large call fits that does not, so that it is never in the way of others", async () => {
    await limits.assertLimits("looked-at", [{ policy: "customer_rows", cost: 50, quota: 60 }]);
    const before = upstash.calls.length;
    const large = limits.assertLimits("looked-at", [{ policy: "customer_rows", cost: 20, quota: 60 }]);
    await expect(large).rejects.toMatchObject({ code: "rate_limited" });
    // The script that counts takes three arguments after its key, the one that looks takes one.
    expect(upstash.calls.slice(before).map(({ command }) => command.slice(4).length)).toEqual([1]);
  });

  it("count a call in the new minute when the old one ends on the way", async () => {
    const end = Date.UTC(2030, 0, 1, 12, 1);
    vi.useFakeTimers({ toFake: ["Date"], now: end });
    vi.spyOn(Date, "now").mockReturnValueOnce(end - 1);
    const headers = await limits.assertLimits("overtaken", ONE_ROW);
    expect(headers.get("RateLimit")).toBe('"minute";r=59;t=60');
    expect((await limits.readLimit("overtaken", "customer_rows", 60)).used).toBe(1);
    vi.useRealTimers();
  });

  it("leave no address, token or subject in the log when the service fails", async () => {
    upstash.behave("cut");
    const text = await logOf(() => limits.assertLimits("customer:cus_secret", ONE_ROW));
    expect(text).toContain('"event":"limits_not_counted"');
    expect(text).not.toMatch(/127\.0\.0\.1|cus_secret|a-token/);
    const thrown = await limits.assertLimits("customer:cus_secret", CLOSED).catch((error: unknown) => error);
    const causes = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause.stack : "none";
    expect(causes).not.toMatch(/127\.0\.0\.1:|cus_secret|a-token/);
  });
});

describe.skipIf(!hasRedis)("limits counted in a plain Redis", () => {
  afterAll(() => closeRedis());

  it("pass or are refused, as the policy says, while it is away, and count again when it is back", { timeout: 30_000 }, async () => {
    const redis = await startRedis();
    const limits = await loadLimits(redis.variables);
    await limits.assertLimits("before", ONE_ROW);
    await redis.stop();
    const started = performance.now();
    let open = new HeaderFields({ none: "yet" });
    const text = await logOf(async () => {
      open = await limits.assertLimits("customer:cus_secret", ONE_ROW);
    });
    expect([...open]).toEqual([]);
    expect(text).not.toMatch(/127\.0\.0\.1|cus_secret/);
    await expect(limits.assertLimits("away", CLOSED)).rejects.toMatchObject({ code: "database_unavailable" });
    expect(performance.now() - started).toBeLessThan(PATIENCE_MS);
    const again = await startRedis(redis.port);
    await vi.waitFor(
      async () => expect((await limits.assertLimits("back", ONE_ROW)).get("X-RateLimit-Limit")).toBe("60"),
      { timeout: 10_000 },
    );
    await again.stop();
  });

  it("count on when it forgot the scripts, and leave nothing behind for longer than two minutes", async () => {
    const redis = await startRedis();
    const { assertLimits, takeLimits } = await loadLimits(redis.variables);
    const client = new Redis(redis.variables.REDIS_URL ?? "");
    await assertLimits("scripts", ONE_ROW);
    await client.script("FLUSH");
    expect((await assertLimits("scripts", ONE_ROW)).get("X-RateLimit-Remaining")).toBe("58");
    await (await takeLimits("given-back", ONE_ROW)).giveBack();
    const keys = await client.keys("*");
    expect(keys.length).toBeGreaterThan(0);
    const lives = await Promise.all(keys.map((key) => client.pttl(key)));
    for (const life of lives) expect(life > 0 && life <= 120_000).toBe(true);
    client.disconnect();
    await redis.stop();
  });
});
