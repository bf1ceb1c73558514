import { describe, expect, it } from "vitest";
import { addLatencies, latencyBound, latencyBucket, latencyPercentile } from "@/lib/latency-histogram";

const SEED = Number(process.env.TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
const SHARES = [0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999, 1];

/** Numbers from 0 to 1 that follow from a seed (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function countAll(milliseconds: number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const each of milliseconds) addLatencies(counts, [[latencyBucket(each), 1]]);
  return counts;
}

const exact = (sorted: number[], share: number) => sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1] ?? Number.NaN;

describe(`percentiles of counted latencies (TEST_SEED=${SEED})`, () => {
  const random = createRandom(SEED);
  const shapes: Record<string, () => number> = {
    "spread evenly": () => 0.1 + random() * 100,
    "over six powers of ten": () => 0.07 * 10 ** (random() * 5.9),
    "of two kinds": () => (random() < 0.9 ? 2 + random() : 800 + 400 * random()),
    "all the same": () => 12.5,
  };

  it.each(Object.keys(shapes))("are within 10 %% of the true ones where latencies are %s", (name) => {
    const draw = shapes[name];
    for (const count of [1, 2, 7, 100, 5_000]) {
      const drawn = Array.from({ length: count }, () => draw?.() ?? 0).sort((a, b) => a - b);
      const counts = countAll(drawn);
      for (const share of SHARES) {
        const [found, wanted] = [latencyPercentile(counts, share) ?? Number.NaN, exact(drawn, share)];
        expect(Math.abs(found - wanted) / wanted, `${share} of ${count}: ${found} for ${wanted}`).toBeLessThanOrEqual(0.1);
      }
    }
  });

  it("do not depend on who counted what: parts that are added up give the percentiles of the whole", () => {
    const drawn = Array.from({ length: 3_000 }, () => shapes["of two kinds"]?.() ?? 0);
    const sum = new Map<number, number>();
    for (let start = 0; start < drawn.length; start += 137) addLatencies(sum, countAll(drawn.slice(start, start + 137)));
    expect([...sum].sort()).toEqual([...countAll(drawn)].sort());
  });
});

describe("buckets of latencies", () => {
  it("hold what is above the bound before them, up to their own", () => {
    for (let bucket = 1; bucket < 160; bucket++) {
      expect(latencyBucket(latencyBound(bucket) * 0.9999)).toBe(bucket);
      expect(latencyBucket(latencyBound(bucket) * 1.0001)).toBe(bucket + 1);
    }
  });

  it("take what is too short, too long or no number", () => {
    expect([0, -1, 0.06, Number.NaN].map(latencyBucket)).toEqual([0, 0, 0, 0]);
    expect([70_000, 1e9, Number.POSITIVE_INFINITY].map(latencyBucket)).toEqual([160, 160, 160]);
  });

  it("without a count have no percentile", () => {
    expect(latencyPercentile(new Map([[3, 0]]), 0.5)).toBeNull();
  });
});
