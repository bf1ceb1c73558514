import { StackedColumns } from "@/components/charts/stacked-columns";
import { Icon } from "@/components/ui/icon";
import { DayTable } from "@/components/usage/day-table";
import { UsageTiles } from "@/components/usage/usage-tiles";
import type { UsageSummary } from "@/lib/contracts/usage";
import { formatDay } from "@/lib/format";
import { formatShortDay } from "@/lib/moment";
import { type DayChart, describeChart } from "@/lib/usage-view";

const WEEK = 7;

/** Each week's last day has its name, counted back from today. */
function nameColumns(days: string[]) {
  const last = days.length - 1;
  return days.map((day, index) => {
    const isNamed = (last - index) % WEEK === 0;
    return { name: formatDay(day), tick: index === last ? "today" : isNamed ? formatShortDay(day) : null };
  });
}

interface CustomerUsageProps {
  summary: UsageSummary;
  chart: DayChart;
  now: number;
}

/** Where a customer stands against the limits, and each of the last days by model. */
export function CustomerUsage({ summary, chart, now }: CustomerUsageProps) {
  const yesterday = chart.series.reduce((sum, { values }) => sum + (values.at(-2) ?? 0), 0);
  return (
    <section className="card" aria-label="Usage">
      <UsageTiles summary={summary} yesterday={yesterday} refused={chart.limited.at(-1) ?? 0} now={now} />
      <div className="p-4">
        <h2 className="mb-3 !text-[13px]/[20px] !font-semibold">Predictions a day, by model</h2>
        <StackedColumns
          label={describeChart(chart)}
          columns={nameColumns(chart.days)}
          series={chart.series}
          whole={`${chart.days.length} days`}
        />
      </div>
      <details className="fold border-t border-line">
        <summary>
          <Icon name="chevron-right" />
          Show as table
        </summary>
        <DayTable chart={chart} />
      </details>
    </section>
  );
}
