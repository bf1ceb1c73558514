/** How good a version is, in plain words for the plate under its answers. */
import type { VersionMetrics } from "@/lib/contracts/catalog";
import { formatNumber } from "@/lib/format";

/** 0.29 * 100 is a hair below 29 in binary fractions. */
const ROUNDING = 1e-9;

/** "right 79 times in 100 on 1,761 unseen cases"; null when its metrics do not say. */
export function describeTrackRecord(metrics: VersionMetrics, withCount = false): string | null {
  const rows = typeof metrics["rows"] === "number" && withCount ? ` on ${formatNumber(metrics["rows"])} unseen cases` : "";
  const accuracy = metrics["accuracy"];
  if (typeof accuracy === "number") return `right ${Math.floor(accuracy * 100 + ROUNDING)} times in 100${rows}`;
  const percent = metrics["medianAbsolutePercentError"];
  if (typeof percent === "number") return `off by ${formatNumber(percent, 1)} % or less half the time${rows}`;
  return null;
}
