/** Counts per day as they are drawn: every day of the range, the largest series first, the rest as one. */
import type { UsageCount, UsageSeries } from "@/lib/contracts/usage";

const DAY_MS = 86_400_000;
/** As many series as there are colours. */
const MOST_SERIES = 6;
const OTHER = "Other";

/** How a count says what it belongs to. */
export type NameOf = (count: UsageCount) => string;

export interface DaySeries {
  name: string;
  /** Rows, a number for each day. */
  values: number[];
}

export interface DayChart {
  /** The beginnings of the days, oldest first. */
  days: string[];
  /** Largest first. */
  series: DaySeries[];
  /** Calls refused by a limit, a number for each day. */
  limited: number[];
}

/** The beginning of today, and of the first of `count` days that end with today, in UTC. */
export function firstDay(now: number, count: number): Date {
  return new Date((Math.floor(now / DAY_MS) - count + 1) * DAY_MS);
}

const totalOf = ({ values }: DaySeries) => values.reduce((sum, value) => sum + value, 0);

/** The smallest series as one, where there are more than colours. */
function joinSmall(sorted: DaySeries[]): DaySeries[] {
  if (sorted.length <= MOST_SERIES) return sorted;
  const rest = sorted.slice(MOST_SERIES - 1);
  const values = (rest[0]?.values ?? []).map((_unused, day) => rest.reduce((sum, series) => sum + (series.values[day] ?? 0), 0));
  return [...sorted.slice(0, MOST_SERIES - 1), { name: OTHER, values }];
}

/** Days without a call are zeros, series without one are left out. */
export function chartDays({ data }: UsageSeries, now: number, count: number, nameOf: NameOf): DayChart {
  const first = firstDay(now, count).getTime();
  const days = Array.from({ length: count }, (_unused, index) => new Date(first + index * DAY_MS).toISOString());
  const limited = days.map(() => 0);
  const byName = new Map<string, DaySeries>();
  for (const { start_time: start, results } of data) {
    const day = Math.floor((Date.parse(start) - first) / DAY_MS);
    if (day < 0 || day >= count) continue;
    for (const result of results) {
      const name = nameOf(result);
      const series = byName.get(name) ?? { name, values: days.map(() => 0) };
      series.values[day] = (series.values[day] ?? 0) + result.rows;
      limited[day] = (limited[day] ?? 0) + result.limited;
      byName.set(name, series);
    }
  }
  const used = [...byName.values()].filter((series) => totalOf(series) > 0);
  used.sort((one, other) => totalOf(other) - totalOf(one) || one.name.localeCompare(other.name));
  return { days, series: joinSmall(used), limited };
}

/** A chart in a sentence, for those who do not see it. */
export function describeChart({ days, series }: DayChart): string {
  const totals = series.map((one) => `${one.name} ${totalOf(one).toLocaleString("en-US")}`);
  const all = series.reduce((sum, one) => sum + totalOf(one), 0);
  if (all === 0) return `No predictions in the last ${days.length} days.`;
  return `Predictions a day over the last ${days.length} days, ${all.toLocaleString("en-US")} in all: ${totals.join(", ")}.`;
}
