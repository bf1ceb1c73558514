/**
 * Latencies as counts between fixed bounds, so that what different minutes and processes counted can be added up, and percentiles read
 * from the sum. Eight bounds to each doubling from 1/16 ms to 65 s: a percentile lies in the right bucket, so it is at most 2^(1/8) - 1,
 * that is 9.1 %, from the true one. Shorter times are all one bucket (at most 1/16 ms off), longer ones count as 65 s.
 */
const PER_DOUBLING = 8;
const SHORTEST_MS = 1 / 16;
const DOUBLINGS = 20;
const LAST = PER_DOUBLING * DOUBLINGS;

/** Counts by number of bucket; those without a count are left out. */
export type LatencyCounts = ReadonlyMap<number, number>;

/** The number of the bucket a latency belongs to, 0 to 160. Bucket n holds what is above bound n - 1, up to bound n. */
export function latencyBucket(milliseconds: number): number {
  if (!(milliseconds > SHORTEST_MS)) return 0;
  return Math.min(LAST, Math.ceil(PER_DOUBLING * Math.log2(milliseconds / SHORTEST_MS)));
}

/** The upper end of a bucket, in milliseconds. */
export function latencyBound(bucket: number): number {
  return SHORTEST_MS * 2 ** (bucket / PER_DOUBLING);
}

/** The lower end of the bucket that a percentile was read from, in milliseconds: all calls of that bucket took longer. */
export function latencyFloor(percentile: number): number {
  // A percentile may be its bucket's upper end, and a rounding error must not make it one of the next.
  const bucket = latencyBucket(percentile * (1 - 1e-9));
  return bucket === 0 ? 0 : latencyBound(bucket - 1);
}

/** Adds the counts of one histogram to another. */
export function addLatencies(sum: Map<number, number>, counts: Iterable<readonly [number, number]>): void {
  for (const [bucket, count] of counts) sum.set(bucket, (sum.get(bucket) ?? 0) + count);
}

/**
 * A percentile by the nearest rank, with calls spread evenly over their bucket.
 * @param share 0.5 is the median
 * @returns milliseconds; null where nothing was counted
 */
export function latencyPercentile(counts: LatencyCounts, share: number): number | null {
  const sorted = [...counts].filter(([, count]) => count > 0).sort(([a], [b]) => a - b);
  const total = sorted.reduce((sum, [, count]) => sum + count, 0);
  const rank = Math.max(1, Math.ceil(share * total));
  let below = 0;
  for (const [bucket, count] of sorted) {
    if (below + count >= rank) {
      const lower = bucket === 0 ? 0 : latencyBound(bucket - 1);
      return lower + ((latencyBound(bucket) - lower) * (rank - below)) / count;
    }
    below += count;
  }
  return null;
}
