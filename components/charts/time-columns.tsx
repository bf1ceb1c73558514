"use client";

import { type PlotMark, type PlotPoint, TimePlot } from "@/components/charts/time-plot";
import { useCursor } from "@/components/charts/use-cursor";
import { countTicks } from "@/lib/chart-scale";
import { formatNumber } from "@/lib/format";

export interface CountSeries {
  name: string;
  /** A colour of the palette, as CSS. */
  colour: string;
  values: readonly number[];
}

interface TimeColumnsProps {
  /** The picture in a sentence. */
  label: string;
  points: readonly PlotPoint[];
  /** Counts that add up, the first at the bottom. */
  series: readonly CountSeries[];
  /** What the columns are held against, as a dotted line; null where that is not known. */
  against: { name: string; values: readonly (number | null)[] };
  marks: readonly PlotMark[];
  /** What is said of all points together. */
  whole: string;
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

interface LegendProps extends Pick<TimeColumnsProps, "series" | "against"> {
  at: number | null;
  name: string;
}

function Legend({ series, against, at, name }: LegendProps) {
  const read = (values: readonly number[]) => (at === null ? sum(values) : (values[at] ?? 0));
  const known = at === null ? null : (against.values[at] ?? null);
  return (
    <ul className="plot-legend" aria-hidden="true">
      <li className="plot-where">{name}</li>
      {series.map(({ name: one, colour, values }) => (
        <li key={one}>
          <i style={{ background: colour }} />
          {one} <b>{formatNumber(read(values))}</b>
        </li>
      ))}
      {against.values.some((value) => value !== null) && (
        <li>
          <i data-shape="dotted" />
          {against.name} {known !== null && <b>{formatNumber(known)}</b>}
        </li>
      )}
    </ul>
  );
}

function Column({ series, at, top }: { series: readonly CountSeries[]; at: number; top: number }) {
  let below = 0;
  return series.map(({ name, colour, values }) => {
    const height = ((values[at] ?? 0) / top) * 100;
    below += height;
    return height > 0 && <rect key={name} x={at + 0.12} y={100 - below} width="0.76" height={height} style={{ fill: colour }} />;
  });
}

/** Through the middles of the points, interrupted where nothing is known. */
function drawLine(values: readonly (number | null)[], top: number): string {
  let pen = "M";
  return values
    .map((value, index) => {
      if (value === null) {
        pen = "M";
        return "";
      }
      const part = `${pen}${index + 0.5} ${(100 - (value / top) * 100).toFixed(2)}`;
      pen = "L";
      return part;
    })
    .join("");
}

/** Counts over time as stacked columns from zero, held against other ones. What is read stands in the legend and covers nothing. */
export function TimeColumns({ label, points, series, against, marks, whole }: TimeColumnsProps) {
  const cursor = useCursor(points.length);
  const totals = points.map((_unused, at) => sum(series.map(({ values }) => values[at] ?? 0)));
  const ticks = countTicks(Math.max(0, ...totals, ...against.values.map((value) => value ?? 0)));
  const top = ticks.at(-1) ?? 1;
  const read = (at: number) => series.map(({ name, values }) => `${name} ${formatNumber(values[at] ?? 0)}`).join(", ");
  return (
    <>
      <Legend series={series} against={against} at={cursor.at} name={cursor.at === null ? whole : (points[cursor.at]?.name ?? "")} />
      <TimePlot
        label={label}
        points={points}
        lines={ticks.map((tick) => ({ at: tick / top, text: formatNumber(tick) }))}
        marks={marks}
        cursor={cursor}
        read={read}
      >
        {points.map(({ name }, at) => (
          <Column key={name} series={series} at={at} top={top} />
        ))}
        <path className="plot-against" d={drawLine(against.values, top)} />
      </TimePlot>
    </>
  );
}
