import "server-only";
import type { CallFigures, TrafficRange } from "@/lib/contracts/traffic.admin";
import { addLatencies, latencyPercentile } from "@/lib/latency-histogram";
import type { CallBucket } from "@/server/modules/traffic/collection";
import type { Width } from "@/server/modules/traffic/spans";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** How a range is cut into points, and by which buckets: 60 points of a minute, 96 of 15 minutes, 56 of 3 hours, 120 of 6. */
export const ranges: Record<TrafficRange, { points: number; step: number; width: Width; customerWidth: Width }> = {
  "1h": { points: 60, step: MINUTE_MS, width: "1m", customerWidth: "15m" },
  "24h": { points: 96, step: 15 * MINUTE_MS, width: "15m", customerWidth: "3h" },
  "7d": { points: 56, step: 3 * HOUR_MS, width: "3h", customerWidth: "1d" },
  "30d": { points: 120, step: 6 * HOUR_MS, width: "3h", customerWidth: "1d" },
};

/** Where a range begins: on a boundary of its steps, the last of which is still going on. Milliseconds since 1970. */
export function startOfRange(range: TrafficRange, now: number): number {
  const { points, step } = ranges[range];
  return Math.floor(now / step) * step - (points - 1) * step;
}

/** The beginnings of all steps of a span. @param from on a boundary @param to exclusive */
export function stepsOf(from: number, to: number, step: number): number[] {
  return Array.from({ length: Math.max(0, Math.ceil((to - from) / step)) }, (_, index) => from + index * step);
}

const counted = ["calls", "rows", "redirected", "refused", "limited", "failed", "lost", "unlogged"] as const;

/** What several buckets hold together. */
export class CallSum {
  calls = 0;
  rows = 0;
  redirected = 0;
  refused = 0;
  limited = 0;
  failed = 0;
  lost = 0;
  unlogged = 0;
  readonly #latency = new Map<number, number>();

  add(bucket: CallBucket): this {
    for (const name of counted) this[name] += bucket[name] ?? 0;
    const latencies = Object.entries(bucket.latency ?? {}).map(([name, count]) => [Number(name.slice(1)), count] as const);
    addLatencies(this.#latency, latencies);
    return this;
  }

  merge(other: CallSum): this {
    for (const name of counted) this[name] += other[name];
    addLatencies(this.#latency, other.#latency);
    return this;
  }

  figures(): CallFigures {
    const { calls, refused, limited, failed } = this;
    const percentile = (share: number) => {
      const found = latencyPercentile(this.#latency, share);
      return found === null ? null : Number(found.toPrecision(3));
    };
    const latency = { p50_ms: percentile(0.5), p95_ms: percentile(0.95), p99_ms: percentile(0.99) };
    return { calls, answered: calls - refused - failed, refused, limited, failed, ...latency };
  }
}

/** Sums of what belongs together. */
export function sumBy<Key>(buckets: CallBucket[], keyOf: (bucket: CallBucket) => Key): Map<Key, CallSum> {
  const sums = new Map<Key, CallSum>();
  for (const bucket of buckets) {
    const key = keyOf(bucket);
    sums.set(key, (sums.get(key) ?? new CallSum()).add(bucket));
  }
  return sums;
}

export function sumAll(buckets: CallBucket[]): CallSum {
  const sum = new CallSum();
  for (const bucket of buckets) sum.add(bucket);
  return sum;
}
