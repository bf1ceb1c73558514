import "server-only";
import type { UsageCount, UsageSummary } from "@/lib/contracts/usage";
import { chartDays, type DayChart, firstDay } from "@/lib/usage-view";
import { siteCaller } from "@/server/site/caller";
import { readKeyNames } from "@/server/site/key-names";
import { listModelNames } from "@/server/site/model-names";

export const usageRanges = [7, 30, 90] as const;
export type UsageRange = (typeof usageRanges)[number];
export type UsageGroup = "model" | "key";

export interface UsagePageData {
  summary: UsageSummary;
  chart: DayChart;
  /** Rows of the day before today, UTC. */
  yesterday: number;
  /** Calls of today that a limit refused. */
  refused: number;
  /** When the page was made, in milliseconds. */
  now: number;
}

async function nameCounts(by: UsageGroup): Promise<(count: UsageCount) => string> {
  if (by === "key") {
    const keys = await readKeyNames();
    return ({ api_key_id: id }) => (id ? (keys.get(id) ?? "Keys that are gone") : "Pages");
  }
  const names = new Map((await listModelNames()).map(({ slug, name }) => [slug, name]));
  return ({ model = "" }) => names.get(model) ?? model;
}

/** Where the reader stands against the limits, and what the last days saw, by model or by key. */
export async function readUsagePage(days: UsageRange, by: UsageGroup): Promise<UsagePageData> {
  const caller = await siteCaller();
  const now = Date.now();
  const group = by === "key" ? "api_key_id" : "model";
  const [summary, series, nameOf] = await Promise.all([
    caller.usage.summary(),
    caller.usage.series({ start_time: firstDay(now, days).toISOString(), bucket_width: "1d", group_by: [group] }),
    nameCounts(by),
  ]);
  const chart = chartDays(series, now, days, nameOf);
  const yesterday = chart.series.reduce((sum, { values }) => sum + (values.at(-2) ?? 0), 0);
  return { summary, chart, yesterday, refused: chart.limited.at(-1) ?? 0, now };
}
