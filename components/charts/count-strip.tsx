"use client";

import { type KeyboardEvent, useId } from "react";
import { useCursor } from "@/components/charts/use-cursor";
import { formatNumber } from "@/lib/format";

interface CountStripProps {
  /** The picture in a sentence. */
  label: string;
  /** Oldest first; `failed` is a part of `calls`. */
  buckets: readonly { at: string; name: string; calls: number; failed: number }[];
  /** Names under the strip, where along it they stand (0 to 1). */
  ticks: readonly { at: number; text: string }[];
  /** A bucket was chosen: pressed, or by Enter. */
  onPick: (bucket: number) => void;
}

interface ShapesProps extends Pick<CountStripProps, "buckets"> {
  /** The bucket that is read. */
  at: number | null;
}

function Shapes({ buckets, at }: ShapesProps) {
  const top = Math.max(1, ...buckets.map(({ calls }) => calls));
  return (
    <svg viewBox={`0 0 ${buckets.length} 100`} preserveAspectRatio="none" className="plot-shapes" aria-hidden="true">
      {at !== null && <rect className="plot-cursor" x={at} y="0" width="1" height="100" />}
      {buckets.map(({ at: begin, calls, failed }, index) => {
        const [all, bad] = [(calls / top) * 100, (failed / top) * 100];
        return (
          <g key={begin}>
            <rect x={index + 0.05} y={100 - all} width="0.9" height={all} style={{ fill: "var(--hist)" }} />
            {failed > 0 && <rect x={index + 0.05} y={100 - all} width="0.9" height={Math.max(4, bad)} style={{ fill: "var(--bad)" }} />}
          </g>
        );
      })}
    </svg>
  );
}

/** Names under the strip; what is read stands in their place. */
function Ticks({ ticks, read }: Pick<CountStripProps, "ticks"> & { read: string | null }) {
  const edgeOf = (at: number) => (at < 0.05 ? "first" : at > 0.95 ? "last" : undefined);
  return (
    <div className="strip-ticks" aria-hidden="true">
      {read !== null && <span data-edge="first">{read}</span>}
      {read === null &&
        ticks.map(({ at, text }) => (
          <span key={at} data-edge={edgeOf(at)} style={{ left: `${at * 100}%` }}>
            {text}
          </span>
        ))}
    </div>
  );
}

/** Counts over time as one low row of columns, what failed on top of each. It is read, and picked from, by pointer or arrow keys. */
export function CountStrip({ label, buckets, ticks, onPick }: CountStripProps) {
  const cursor = useCursor(buckets.length);
  const id = useId();
  const last = buckets.length - 1;
  const at = cursor.at ?? last;
  const say = (index: number) => {
    const bucket = buckets[index];
    return bucket ? `${bucket.name}: ${formatNumber(bucket.calls)} requests, ${formatNumber(bucket.failed)} failed` : "";
  };
  const press = (event: KeyboardEvent) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    onPick(at);
  };
  return (
    <div className="strip">
      <div
        className="strip-field"
        onPointerMove={cursor.follow}
        onPointerLeave={() => cursor.set(null)}
        onClick={() => cursor.at !== null && onPick(cursor.at)}
        role="presentation"
      >
        <div className="absolute inset-0" role="img" aria-label={label}>
          <Shapes buckets={buckets} at={cursor.at} />
        </div>
        <label className="sr-only" htmlFor={id}>
          Read the counts; Enter narrows the list to one
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
          onKeyDown={press}
          aria-valuetext={say(at)}
        />
      </div>
      <Ticks ticks={ticks} read={cursor.at === null ? null : say(cursor.at)} />
    </div>
  );
}
