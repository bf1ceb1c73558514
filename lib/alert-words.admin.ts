/** Rules and alerts in words, on pages and in mails. */
import type { Alert, AlertMetric, AlertRule } from "@/lib/contracts/alerts.admin";
import { formatMilliseconds, formatNumber } from "@/lib/format";

type RuleFacts = Pick<AlertRule, "metric" | "surface" | "model" | "threshold" | "window_minutes">;

export const metricNames: Record<AlertMetric, string> = {
  error_rate: "Failed calls",
  p95: "p95 latency",
  p99: "p99 latency",
  limited: "Calls refused by a limit",
  silence: "Silence",
};

/** `12.5 %`, `1.2 s` or `4 calls`. */
export function sayAlertValue(metric: AlertMetric, value: number): string {
  if (metric === "p95" || metric === "p99") return formatMilliseconds(value);
  if (metric === "silence") return `${formatNumber(value, 0)} ${value === 1 ? "call" : "calls"}`;
  return `${formatNumber(value, 1)} %`;
}

/** Whose calls a rule looks at. */
export function sayPlace({ surface, model }: Pick<RuleFacts, "surface" | "model">): string {
  if (model !== null) return model;
  return surface === "api" ? "customers' API" : "console";
}

/** Where a rule draws its line: `above 5 % over 5 min`. */
export function sayLine({ metric, threshold, window_minutes }: Pick<RuleFacts, "metric" | "threshold" | "window_minutes">): string {
  const side = metric === "silence" ? "fewer than" : "above";
  return `${side} ${sayAlertValue(metric, threshold)} over ${window_minutes} min`;
}

/** A rule as one line: `Failed calls, customers' API: above 5 % over 5 min`. */
export function sayRule(rule: RuleFacts): string {
  return `${metricNames[rule.metric]}, ${sayPlace(rule)}: ${sayLine(rule)}`;
}

const statuses: Partial<Record<AlertMetric, string>> = { error_rate: "5xx", limited: "429" };

/** The address of the requests behind an alert: those that count, from the beginning of its first window to its end. */
export function linkToRequests({ rule, opened_at, closed_at }: Pick<Alert, "rule" | "opened_at" | "closed_at">): string {
  const { metric, surface, model, threshold, window_minutes } = rule;
  const status = statuses[metric];
  const from = new Date(Date.parse(opened_at) - window_minutes * 60_000).toISOString();
  const query = new URLSearchParams({
    surface,
    ...(model !== null && { model }),
    ...(status !== undefined && { status }),
    ...((metric === "p95" || metric === "p99") && { slower_than_ms: String(threshold) }),
    from,
    ...(closed_at !== null && { to: closed_at }),
  });
  return `/admin/requests?${query}`;
}
