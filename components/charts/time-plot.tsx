"use client";

import { type ReactNode, useId } from "react";
import type { Cursor } from "@/components/charts/use-cursor";
import { FLIPS_FROM, placeNames } from "@/lib/place-names";

export interface PlotPoint {
  name: string;
  /** Its name under the axis, where it has one. */
  tick: string | null;
}

/** A moment that is marked by a dotted line. */
export interface PlotMark {
  /** Where it lies along the axis, 0 to 1. */
  at: number;
  name: string;
}

interface TimePlotProps {
  /** The picture in a sentence. */
  label: string;
  points: readonly PlotPoint[];
  /** Lines across, from the bottom (0) to the top (1). */
  lines: readonly { at: number; text: string }[];
  marks: readonly PlotMark[];
  cursor: Cursor;
  /** What a point holds, in words. */
  read: (point: number) => string;
  /** Drawn on a field of one unit a point and 100 units in height. */
  children: ReactNode;
  /** Stands in the room right of the plot. */
  ends?: ReactNode;
}

/** So many names of marks stand above each other before earlier ones stay unnamed in the picture. */
const MOST_LANES = 3;
/** So many are named in words. */
const MOST_NAMED = 5;
function Marks({ marks }: { marks: readonly PlotMark[] }) {
  const lanes = placeNames(marks.map(({ at }) => at), MOST_LANES);
  return marks.map(({ at, name }, index) => {
    const lane = lanes[index] ?? null;
    return (
      <span key={`${at} ${name}`} className="plot-mark" data-flip={at > FLIPS_FROM} style={{ left: `${at * 100}%` }}>
        {lane !== null && <span style={{ top: `${lane * 15}px` }}>{name}</span>}
      </span>
    );
  });
}

/** What the marks stand for, the latest of them, for readers to whom the picture does not say it. */
function MarkNames({ marks }: { marks: readonly PlotMark[] }) {
  const earlier = marks.length - MOST_NAMED;
  return (
    <ul className="plot-names" aria-label="Marked moments">
      {marks.slice(-MOST_NAMED).map(({ at, name }) => (
        <li key={`${at} ${name}`}>{name}</li>
      ))}
      {earlier > 0 && <li>{`and ${earlier} earlier`}</li>}
    </ul>
  );
}

/** The names under the axis; each stands under the middle of its point, one at the very end does not stand out. */
function Ticks({ points }: { points: readonly PlotPoint[] }) {
  return (
    <div className="plot-ticks" aria-hidden="true">
      {points.map(({ name, tick }, index) => {
        const at = (index + 0.5) / points.length;
        return tick !== null && <span key={name} data-last={at > 0.94} style={{ left: `${at * 100}%` }}>{tick}</span>;
      })}
    </div>
  );
}

/**
 * A field over time: lines across, marked moments, names under the axis. The pointer, or the arrow keys, read it point by point; what
 * is read is told by whoever draws on it, outside of the picture.
 */
export function TimePlot({ label, points, lines, marks, cursor, read, children, ends }: TimePlotProps) {
  const id = useId();
  const last = points.length - 1;
  const at = cursor.at ?? last;
  return (
    <div className="plot" data-ends={ends !== undefined}>
      <div className="plot-field" onPointerMove={cursor.follow} onPointerDown={cursor.follow} onPointerLeave={() => cursor.set(null)}>
        <div className="absolute inset-0" role="img" aria-label={label}>
          {lines.map(({ at: height, text }) => (
            <span key={text} className="plot-line" style={{ bottom: `${height * 100}%` }}>
              <span>{text}</span>
            </span>
          ))}
          <svg className="plot-shapes" viewBox={`0 0 ${points.length} 100`} preserveAspectRatio="none" aria-hidden="true">
            {cursor.at !== null && <rect className="plot-cursor" x={cursor.at} y="0" width="1" height="100" />}
            {children}
          </svg>
          <Marks marks={marks} />
        </div>
        <label className="sr-only" htmlFor={id}>
          {`Read the chart: ${label}`}
        </label>
        <input
          id={id}
          type="range"
          className="stack-cursor"
          min={0}
          max={last}
          value={at}
          onChange={(event) => cursor.set(Number(event.target.value))}
          onFocus={(event) => cursor.set(Number(event.target.value))}
          onBlur={() => cursor.set(null)}
          aria-valuetext={`${points[at]?.name ?? ""}: ${read(at)}`}
        />
        {ends}
      </div>
      <Ticks points={points} />
      {marks.length > 0 && <MarkNames marks={marks} />}
    </div>
  );
}
