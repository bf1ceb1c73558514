"use client";

import { type PlotMark, type PlotPoint, TimePlot } from "@/components/charts/time-plot";
import { useCursor } from "@/components/charts/use-cursor";
import { countTicks } from "@/lib/chart-scale";

export interface LineSeries {
  name: string;
  /** A colour of the palette, as CSS. */
  colour: string;
  /** Lines differ by more than their colour: an SVG dash pattern, empty for a whole line. */
  dash: string;
  /** Null where nothing was measured. */
  values: readonly (number | null)[];
}

interface TimeLinesProps {
  /** The picture in a sentence. */
  label: string;
  points: readonly PlotPoint[];
  /** The one that is highest first. */
  series: readonly LineSeries[];
  marks: readonly PlotMark[];
  unit: string;
  /** What is said of the whole when nothing is read. */
  whole: string;
  format: (value: number | null) => string;
}

/** In per cent of the height: nearer names would touch. */
const NAME_HEIGHT = 9;

const isKnown = (value: number | null | undefined) => value !== null && value !== undefined;

/** A line through the middles of the points, and the points that have no neighbour to draw a line to. */
function drawLine(values: readonly (number | null)[], top: number): { line: string; alone: string } {
  let [line, alone] = ["", ""];
  for (const [index, value] of values.entries()) {
    if (value === null) continue;
    const place = `${index + 0.5} ${(100 - (value / top) * 100).toFixed(2)}`;
    const isAfter = isKnown(values[index - 1]);
    if (isAfter || isKnown(values[index + 1])) line += `${isAfter ? "L" : "M"}${place}`;
    else alone += `M${place}h0`;
  }
  return { line, alone };
}

interface End {
  name: string;
  colour: string;
  value: number;
  /** Where the line ends and where its name stands, in per cent from the top. */
  end: number;
  place: number;
}

/** The names at the ends of the lines, moved apart where lines end near each other, within the field. @param top the largest value of the field */
export function placeEnds(series: readonly LineSeries[], top: number): End[] {
  // Where lines end at one height, the one that comes first stands on top.
  const ends = series.toReversed().flatMap(({ name, colour, values }) => {
    const value = values.findLast((one) => one !== null);
    return typeof value === "number" ? [{ name, colour, value, end: 100 - (value / top) * 100, place: 0 }] : [];
  });
  ends.sort((one, other) => other.end - one.end);
  // From the bottom upwards, so that none slips under the axis.
  let room = 100;
  for (const end of ends) {
    end.place = Math.min(end.end, room);
    room = end.place - NAME_HEIGHT;
  }
  // And back from the top, so that none stands in what is above the field.
  let least = 0;
  for (const end of ends.toReversed()) {
    end.place = Math.max(end.place, least);
    least = end.place + NAME_HEIGHT;
  }
  return ends;
}

function Legend({ series, at, name, unit, format }: Pick<TimeLinesProps, "series" | "unit" | "format"> & { at: number | null; name: string }) {
  return (
    <ul className="plot-legend" aria-hidden="true">
      <li className="plot-where">{name}</li>
      {series.map(({ name: one, colour, dash, values }) => (
        <li key={one}>
          <svg width="18" height="10" viewBox="0 0 18 10" aria-hidden="true">
            <path d="M0 5h18" fill="none" strokeWidth="2" strokeDasharray={dash} style={{ stroke: colour }} />
          </svg>
          {one}
          {at !== null && (
            <b>
              {format(values[at] ?? null)} {unit}
            </b>
          )}
        </li>
      ))}
    </ul>
  );
}

/** Values over time as lines from zero, each with its own dash and its name at its end. */
export function TimeLines({ label, points, series, marks, unit, whole, format }: TimeLinesProps) {
  const cursor = useCursor(points.length);
  const ticks = countTicks(Math.max(0, ...series.flatMap(({ values }) => values.map((value) => value ?? 0))));
  const top = ticks.at(-1) ?? 1;
  const read = (at: number) => series.map(({ name, values }) => `${name} ${format(values[at] ?? null)} ${unit}`).join(", ");
  const ends = placeEnds(series, top).map(({ name, colour, value, place }) => (
    <span key={name} className="plot-end" aria-hidden="true" style={{ top: `${place}%` }}>
      <i style={{ background: colour }} />
      {name} {format(value)}
    </span>
  ));
  return (
    <>
      <Legend series={series} at={cursor.at} name={cursor.at === null ? whole : (points[cursor.at]?.name ?? "")} unit={unit} format={format} />
      <TimePlot
        label={label}
        points={points}
        lines={ticks.map((tick) => ({ at: tick / top, text: `${format(tick)} ${unit}` }))}
        marks={marks}
        cursor={cursor}
        read={read}
        ends={ends}
      >
        {series.map(({ name, colour, dash, values }) => {
          const { line, alone } = drawLine(values, top);
          return (
            <g key={name} style={{ stroke: colour }}>
              <path className="plot-curve" d={line} strokeDasharray={dash} />
              <path className="plot-alone" d={alone} />
            </g>
          );
        })}
      </TimePlot>
    </>
  );
}
