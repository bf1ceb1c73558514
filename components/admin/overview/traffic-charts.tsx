"use client";

import { useState } from "react";
import { TimeColumns } from "@/components/charts/time-columns";
import { TimeLines } from "@/components/charts/time-lines";
import { Card } from "@/components/ui/card";
import { ScrollRegion } from "@/components/ui/scroll-region";
import type { OverviewEvent } from "@/lib/contracts/overview.admin";
import type { SurfaceOverview, TrafficOverview } from "@/lib/contracts/traffic.admin";
import { formatNumber } from "@/lib/format";
import { describeCalls, describeLatency, formatClock, formatMs, namePoint, nameTicks, rangeNames, sayStep, surfaceNames } from "@/lib/overview-view.admin";

interface TrafficChartsProps {
  overview: SurfaceOverview;
  traffic: TrafficOverview;
  events: readonly OverviewEvent[];
}

/** Where events lie along the axis; it ends with the step that is going on. */
function markEvents(events: readonly OverviewEvent[], { from, step_seconds: step }: TrafficOverview, steps: number) {
  const [begin, length] = [Date.parse(from), steps * step * 1_000];
  return events
    .map(({ at, name }) => ({ at: (Date.parse(at) - begin) / length, name: `${formatClock(at)} ${name}` }))
    .filter(({ at }) => at >= 0 && at <= 1);
}

/** The same figures to be read one by one; made when it is opened. */
function ChartTable({ overview, traffic }: Omit<TrafficChartsProps, "events">) {
  const [open, setOpen] = useState(false);
  return (
    <details className="fold card" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Show as table</summary>
      {open && (
        <ScrollRegion label="Both charts as a table" className="max-h-96 overflow-y-auto">
          <table className="table list-table">
            <thead>
              <tr>
                <th scope="col">From</th>
                {["Requests", "Answered", "Refused", "Limits hit", "Failed", "p50 ms", "p95 ms", "p99 ms", "A week before"].map((name) => (
                  <th key={name} scope="col" className="number">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {overview.series.toReversed().map((point) => (
                <tr key={point.at}>
                  <td className="whitespace-nowrap">{namePoint(point.at, traffic.range)}</td>
                  {[point.calls, point.answered, point.refused, point.limited, point.failed].map((count, index) => (
                    <td key={["calls", "answered", "refused", "limited", "failed"][index]} className="number">
                      {formatNumber(count)}
                    </td>
                  ))}
                  <td className="number">{formatMs(point.p50_ms)}</td>
                  <td className="number">{formatMs(point.p95_ms)}</td>
                  <td className="number">{formatMs(point.p99_ms)}</td>
                  <td className="number">{point.calls_last_week === null ? "–" : formatNumber(point.calls_last_week)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollRegion>
      )}
    </details>
  );
}

/** How many were asked and how long they took, over the span; what the team moved meanwhile is marked. */
export function TrafficCharts({ overview, traffic, events }: TrafficChartsProps) {
  const { series, surface } = overview;
  const { range } = traffic;
  const ticks = nameTicks(series, range);
  const points = series.map(({ at }, index) => ({ name: namePoint(at, range), tick: ticks[index] ?? null }));
  const marks = markEvents(events, traffic, series.length);
  const title = surfaceNames[surface];
  return (
    <>
      <div className="board-halves">
        <Card title={`Requests per ${sayStep(traffic.step_seconds)}`} aside={title}>
          <TimeColumns
            label={describeCalls(overview, range)}
            points={points}
            series={[
              { name: "answered", colour: "var(--c1)", values: series.map(({ answered }) => answered) },
              { name: "refused", colour: "var(--c2)", values: series.map(({ refused }) => refused) },
              { name: "failed", colour: "var(--bad)", values: series.map(({ failed }) => failed) },
            ]}
            against={{ name: "a week before", values: series.map(({ calls_last_week: calls }) => calls) }}
            marks={marks}
            whole={rangeNames[range]}
          />
        </Card>
        <Card title="Latency" aside={`${title}, server time without the network`}>
          <TimeLines
            label={describeLatency(overview, range)}
            points={points}
            series={[
              { name: "p99", colour: "var(--c3)", dash: "", values: series.map(({ p99_ms: p99 }) => p99) },
              { name: "p95", colour: "var(--c1)", dash: "6 3", values: series.map(({ p95_ms: p95 }) => p95) },
              { name: "p50", colour: "var(--c6)", dash: "2 3", values: series.map(({ p50_ms: p50 }) => p50) },
            ]}
            marks={marks}
            unit="ms"
            whole={rangeNames[range]}
            format={formatMs}
          />
        </Card>
      </div>
      <ChartTable overview={overview} traffic={traffic} />
    </>
  );
}
