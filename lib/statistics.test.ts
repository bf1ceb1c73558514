import { describe, expect, it } from "vitest";
import { describeHistogram, differInMean, differInShare } from "@/lib/statistics";

const share = (hits: number, of: number) => ({ hits, of });

/** A repeatable sequence of numbers from 0 to 1 (Park and Miller). */
function createRandom(start: number): () => number {
  let seed = start;
  return () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
}

describe("a difference in shares", () => {
  it.each([
    ["all of few against none of many", share(20, 20), share(0, 200), true],
    ["three of twenty against none of two hundred", share(3, 20), share(0, 200), true],
    ["one of twenty against none of two hundred", share(1, 20), share(0, 200), false],
    ["60 of 1,000 against 100 of 10,000", share(60, 1_000), share(100, 10_000), true],
    ["12 of 1,000 against 100 of 10,000", share(12, 1_000), share(100, 10_000), false],
    ["none against none", share(0, 1_000), share(0, 10_000), false],
    ["all against all", share(7, 7), share(9, 9), false],
    ["one of two million against none of two million", share(1, 2_000_000), share(0, 2_000_000), false],
    ["something against nothing that was asked", share(3, 20), share(0, 0), false],
  ])("is told from chance: %s", (_what, one, other, differs) => {
    expect(differInShare(one, other)).toBe(differs);
    expect(differInShare(other, one)).toBe(differs);
  });

  it("agrees with Fisher's own tea tasting (3 of 4 against 1 of 4: chance 0.486) and with 5 of 6 against 1 of 11: 0.0054", () => {
    expect(differInShare(share(3, 4), share(1, 4))).toBe(false);
    expect(differInShare(share(5, 6), share(1, 11))).toBe(true);
  });

  it("is found in at most about one of a hundred pairs that do not differ", () => {
    const random = createRandom(20_261_122);
    const draw = (of: number) => share(Array.from({ length: of }, random).filter((value) => value < 0.05).length, of);
    let found = 0;
    for (let pair = 0; pair < 1_000; pair++) found += differInShare(draw(100), draw(900)) ? 1 : 0;
    expect(found).toBeLessThan(25);
  });
});

describe("a difference in means", () => {
  const edges = [0, 1, 2, 3];

  it("takes each value for the middle of its bin", () => {
    expect(describeHistogram({ edges, counts: [1, 2, 1] })).toEqual({ mean: 1.5, variance: 0.5, count: 4 });
    expect(describeHistogram({ edges, counts: [0, 0, 0] })).toEqual({ mean: 0, variance: 0, count: 0 });
  });

  it("is told from chance by how many answers there are", () => {
    expect(differInMean({ edges, counts: [10, 20, 10] }, { edges, counts: [9, 20, 11] })).toBe(false);
    expect(differInMean({ edges, counts: [10_000, 20_000, 10_000] }, { edges, counts: [9_000, 20_000, 11_000] })).toBe(true);
    expect(differInMean({ edges, counts: [0, 0, 0] }, { edges, counts: [1, 1, 1] })).toBe(false);
  });
});
