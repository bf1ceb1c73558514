import type { Bar } from "@/lib/answer-view";

/** Upright bars for classes with short names, where there is little room. */
export function Columns({ bars, label }: { bars: Bar[]; label: string }) {
  return (
    <ul className="columns" aria-label={label}>
      {bars.map((bar) => (
        <li key={bar.label} data-best={bar.best}>
          <i style={{ height: `${bar.share * 76}%` }} aria-hidden="true" />
          {bar.label}
          <span className="sr-only">{bar.text}</span>
        </li>
      ))}
    </ul>
  );
}
