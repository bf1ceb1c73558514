import { afterEach, expect, it, vi } from "vitest";
import { createId } from "@/server/core/ids";

afterEach(() => vi.useRealTimers());

it("ids name their kind, are unique and sort by the time they were made", () => {
  vi.useFakeTimers({ now: 1_700_000_000_000 });
  const first = createId("prediction");
  vi.setSystemTime(1_700_000_000_001);
  const later = Array.from({ length: 1_000 }, () => createId("prediction"));
  expect(first).toMatch(/^prd_[0-9A-HJKMNP-TV-Z]{26}$/);
  expect(new Set(later).size).toBe(1_000);
  expect(later.every((id) => id > first)).toBe(true);
});
