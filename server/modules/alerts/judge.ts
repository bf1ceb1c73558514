import "server-only";
import type { CallFigures } from "@/lib/contracts/traffic.admin";
import type { Metric, RuleFacts } from "@/server/modules/alerts/repository";

type Line = Pick<RuleFacts, "metric" | "threshold">;

function shareOf(part: number, calls: number): number {
  return (100 * part) / calls;
}

/**
 * What a rule looks at, out of what was counted in its window: per cent, milliseconds, or calls.
 * @returns null where there were fewer calls than the rule asks for, or none that tells anything. Latency is of calls that were not
 *   refused, so that it is those that count.
 */
export function measure({ metric, minCalls }: Pick<RuleFacts, "metric" | "minCalls">, figures: CallFigures): number | null {
  const { calls, refused, limited, failed, p95_ms, p99_ms } = figures;
  if (metric === "silence") return calls;
  const isLatency = metric === "p95" || metric === "p99";
  const telling = isLatency ? calls - refused : calls;
  if (telling < Math.max(1, minCalls)) return null;
  if (metric === "p95") return p95_ms;
  if (metric === "p99") return p99_ms;
  return shareOf(metric === "limited" ? limited : failed, calls);
}

/** Whether a value is on the wrong side of the line: below it for silence, else above it. Without a value a rule holds. */
export function isBroken({ metric, threshold }: Line, value: number | null): value is number {
  if (value === null) return false;
  return metric === "silence" ? value < threshold : value > threshold;
}

/** Of two values the one further from where it should be. */
export function worseOf(metric: Metric, one: number, other: number): number {
  return metric === "silence" ? Math.min(one, other) : Math.max(one, other);
}
