import { describe, expect, it } from "vitest";
import { addSample, rateOf, type Sample, secondsLeft } from "@/components/admin/uploads/transfer-rate";

const collect = (...samples: Sample[]) => samples.reduce<Sample[]>((all, sample) => addSample(all, sample), []);

describe("the rate of a transfer", () => {
  it("is not told before there is enough to tell it from", () => {
    expect(rateOf([])).toBeNull();
    expect(rateOf(collect({ at: 0, sent: 0 }, { at: 100, sent: 5_000 }))).toBeNull();
  });

  it("is that of the last seconds, not of the whole time", () => {
    const samples = collect({ at: 0, sent: 0 }, { at: 10_000, sent: 100 }, { at: 12_000, sent: 2_100 });
    expect(rateOf(samples)).toBe(1_000);
  });

  it("begins anew when a part begins anew", () => {
    const samples = collect({ at: 0, sent: 9_000 }, { at: 1_000, sent: 1_000 }, { at: 2_000, sent: 3_000 });
    expect(rateOf(samples)).toBe(2_000);
  });

  it("tells what is left, and nothing while it stands still", () => {
    expect(secondsLeft(1_000, 5_000, 2_000)).toBe(2);
    expect(secondsLeft(1_000, 5_000, 0)).toBeNull();
    expect(secondsLeft(1_000, 5_000, null)).toBeNull();
  });
});
