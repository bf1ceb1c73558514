"use client";

import { type PointerEvent, useId, useState } from "react";
import { countTicks } from "@/lib/chart-scale";
import { formatNumber } from "@/lib/format";

interface StackedColumnsProps {
  /** The chart in a sentence. */
  label: string;
  /** What a column is, from left to right: its full name, and the one under the axis where there is one. */
  columns: { name: string; tick: string | null }[];
  /** At most six, the first at the bottom. */
  series: { name: string; values: number[] }[];
  /** What is said of all columns together, e.g. "30 days". */
  whole: string;
}

const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
const colour = (index: number) => `var(--c${index + 1})`;

/** The names of the colours with their counts: of one column, or of all. */
function Legend({ series, at, name }: { series: StackedColumnsProps["series"]; at: number | null; name: string }) {
  const read = (values: number[]) => formatNumber(at === null ? sum(values) : (values[at] ?? 0));
  const all = sum(series.map(({ values }) => (at === null ? sum(values) : (values[at] ?? 0))));
  return (
    <ul className="legend" aria-hidden="true">
      <li>
        {name} <b>{formatNumber(all)}</b>
      </li>
      {series.map((one, index) => (
        <li key={one.name}>
          <i style={{ background: colour(index) }} />
          {one.name} <b>{read(one.values)}</b>
        </li>
      ))}
    </ul>
  );
}

/** The columns themselves on their lines; `at` is the one that is read. */
function Plot({ columns, series, at }: Pick<StackedColumnsProps, "columns" | "series"> & { at: number | null }) {
  const ticks = countTicks(Math.max(0, ...columns.map((_unused, column) => sum(series.map(({ values }) => values[column] ?? 0)))));
  const top = ticks.at(-1) ?? 1;
  return (
    <>
      {ticks.map((tick) => (
        <span key={tick} className="stack-line" style={{ bottom: `${(tick / top) * 100}%` }}>
          <span>{formatNumber(tick)}</span>
        </span>
      ))}
      <div className="stack-columns">
        {columns.map(({ name }, column) => (
          <div key={name} data-at={column === at}>
            {series.map((one, index) => {
              const value = one.values[column] ?? 0;
              return value > 0 && <i key={one.name} style={{ height: `${(value / top) * 100}%`, background: colour(index) }} />;
            })}
          </div>
        ))}
      </div>
    </>
  );
}

/**
 * Counts that add up, as stacked columns from zero. The pointer, or the arrow keys, move from column to column; what it holds is written
 * into the legend, so nothing covers the picture.
 */
export function StackedColumns({ label, columns, series, whole }: StackedColumnsProps) {
  const [at, setAt] = useState<number | null>(null);
  const id = useId();
  const last = columns.length - 1;
  const point = (event: PointerEvent<HTMLDivElement>) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    setAt(Math.min(last, Math.max(0, Math.floor(((event.clientX - left) / width) * columns.length))));
  };
  const name = at === null ? whole : (columns[at]?.name ?? "");
  const read = series.map((one) => `${one.name} ${formatNumber(one.values[at ?? last] ?? 0)}`).join(", ");
  return (
    <div className="stack">
      <Legend series={series} at={at} name={name} />
      <div className="stack-plot" onPointerMove={point} onPointerLeave={() => setAt(null)}>
        <div className="absolute inset-0" role="img" aria-label={label}>
          <Plot columns={columns} series={series} at={at} />
        </div>
        <label className="sr-only" htmlFor={id}>
          Read a column
        </label>
        <input
          id={id}
          type="range"
          className="stack-cursor"
          min={0}
          max={last}
          value={at ?? last}
          onChange={(event) => setAt(Number(event.target.value))}
          onFocus={(event) => setAt(Number(event.target.value))}
          onBlur={() => setAt(null)}
          aria-valuetext={`${columns[at ?? last]?.name ?? ""}: ${read || "none"}`}
        />
      </div>
      <div className="stack-ticks" aria-hidden="true">
        {columns.map(({ name: column, tick }, index) => {
          const left = `${((index + 0.5) / columns.length) * 100}%`;
          return tick && <span key={column} style={{ left }}>{tick}</span>;
        })}
      </div>
    </div>
  );
}
