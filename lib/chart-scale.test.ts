import { expect, test } from "vitest";
import { countTicks } from "@/lib/chart-scale";

test("the axis of counts has three to five round lines from zero, and nothing stands above the last", () => {
  expect(countTicks(0)).toEqual([0, 1, 2]);
  expect(countTicks(1)).toEqual([0, 1, 2]);
  expect(countTicks(7)).toEqual([0, 2, 4, 6, 8]);
  expect(countTicks(703)).toEqual([0, 200, 400, 600, 800]);
  for (let largest = 0; largest < 3_000; largest++) {
    const ticks = countTicks(largest);
    expect(ticks.length, String(largest)).toBeGreaterThanOrEqual(3);
    expect(ticks.length, String(largest)).toBeLessThanOrEqual(5);
    expect(ticks.at(-1), String(largest)).toBeGreaterThanOrEqual(largest);
  }
});
