import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, vi } from "vitest";
import { PromiseCache } from "@/server/core/promise-cache";

it("gives without waiting what was read and still counts, and nothing else", async () => {
  const cache = new PromiseCache<string>(2, 1_000);
  expect(cache.peek("a")).toBeUndefined();
  const reading = cache.read("a", () => sleep(5, "value"));
  expect(cache.peek("a")).toBeUndefined();
  await reading;
  expect(cache.peek("a")).toBe("value");
  const now = performance.now();
  vi.spyOn(performance, "now").mockReturnValue(now + 1_000);
  expect(cache.peek("a")).toBeUndefined();
  vi.restoreAllMocks();
  expect(cache.peek("a")).toBe("value");
  cache.forget("a");
  expect(cache.peek("a")).toBeUndefined();
});

it("gives nothing without waiting where the reading failed", async () => {
  const cache = new PromiseCache<string>(2, 1_000);
  await expect(cache.read("a", () => Promise.reject(new Error("It is away.")))).rejects.toThrow("It is away.");
  expect(cache.peek("a")).toBeUndefined();
});
