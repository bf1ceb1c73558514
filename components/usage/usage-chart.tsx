import Link from "next/link";
import type { ReactNode } from "react";
import { StackedColumns } from "@/components/charts/stacked-columns";
import { Icon } from "@/components/ui/icon";
import { DayTable } from "@/components/usage/day-table";
import { formatDay } from "@/lib/format";
import { formatShortDay } from "@/lib/moment";
import { type DayChart, describeChart } from "@/lib/usage-view";

interface UsageChartProps {
  chart: DayChart;
  /** What is chosen now, and what may be. */
  days: number;
  by: string;
  ranges: readonly number[];
}

const GROUPS = [
  { by: "model", words: "By model" },
  { by: "key", words: "By key" },
];

/** How many days lie between two names under the axis. */
function tickStep(days: number): number {
  return days <= 7 ? 1 : days <= 30 ? 7 : 15;
}

/** Counted back from today, so that the last day always has its name. */
function nameColumns(days: string[]) {
  const [last, step] = [days.length - 1, tickStep(days.length)];
  return days.map((day, index) => {
    const isNamed = (last - index) % step === 0;
    return { name: formatDay(day), tick: index === last ? "today" : isNamed ? formatShortDay(day) : null };
  });
}

interface ChipProps {
  days: number;
  by: string;
  current: boolean;
  children: ReactNode;
}

function Chip({ days, by, current, children }: ChipProps) {
  return (
    <Link className="filter" href={{ query: { days, by } }} aria-current={current ? "true" : undefined} scroll={false} prefetch={false}>
      {children}
    </Link>
  );
}

function Choice({ days, by, ranges }: Omit<UsageChartProps, "chart">) {
  return (
    <nav className="flex flex-wrap gap-x-4 gap-y-2" aria-label="What the chart shows">
      <span className="flex gap-2">
        {GROUPS.map((group) => (
          <Chip key={group.by} days={days} by={group.by} current={group.by === by}>
            {group.words}
          </Chip>
        ))}
      </span>
      <span className="flex gap-2">
        {ranges.map((range) => (
          <Chip key={range} days={range} by={by} current={range === days}>
            {range} days
          </Chip>
        ))}
      </span>
    </nav>
  );
}

/** Predictions a day: a column for each, split by model or by key, and the same as a table. */
export function UsageChart({ chart, days, by, ranges }: UsageChartProps) {
  return (
    <>
      <div className="p-4">
        <div className="mb-4 flex flex-wrap items-center justify-between gap-3">
          <h2 className="!text-[14px]/[20px] !font-semibold">Predictions a day</h2>
          <Choice days={days} by={by} ranges={ranges} />
        </div>
        <StackedColumns label={describeChart(chart)} columns={nameColumns(chart.days)} series={chart.series} whole={`${days} days`} />
      </div>
      <details className="fold border-t border-line">
        <summary>
          <Icon name="chevron-right" />
          Show as table
        </summary>
        <DayTable chart={chart} />
      </details>
    </>
  );
}
