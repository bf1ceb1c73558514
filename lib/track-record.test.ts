import { describe, expect, test } from "vitest";
import { describeTrackRecord } from "@/lib/track-record";

describe("describeTrackRecord", () => {
  test("rounds accuracy down, and a whole percentage is not lost to binary fractions", () => {
    expect(describeTrackRecord({ accuracy: 0.985 })).toBe("right 98 times in 100");
    for (const percent of [29, 57, 58, 79, 100]) expect(describeTrackRecord({ accuracy: percent / 100 })).toBe(`right ${percent} times in 100`);
  });

  test("names the unseen cases where there is room", () => {
    expect(describeTrackRecord({ accuracy: 0.791, rows: 1761 }, true)).toBe("right 79 times in 100 on 1,761 unseen cases");
  });

  test("says how far off a value is, and nothing where the metrics do not say", () => {
    expect(describeTrackRecord({ medianAbsolutePercentError: 6.5293 })).toBe("off by 6.5 % or less half the time");
    expect(describeTrackRecord({ rows: 10 }, true)).toBeNull();
  });
});
