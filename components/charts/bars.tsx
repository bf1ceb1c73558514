import type { Bar } from "@/lib/answer-view";

interface BarsProps {
  bars: Bar[];
  /** The bars of the answer before, by position; drawn as a dashed mark. */
  before?: Bar[] | undefined;
  label: string;
}

/** Horizontal bars for classes; the answer is the glass one. */
export function Bars({ bars, before, label }: BarsProps) {
  return (
    <ul className="bars" aria-label={label}>
      {bars.map((bar, index) => {
        const ghost = before?.[index]?.share;
        return (
          <li key={bar.label} data-best={bar.best}>
            <span>{bar.label}</span>
            <span className="track" aria-hidden="true">
              <i style={{ width: `${bar.share * 100}%` }} />
              {ghost !== undefined && Math.abs(ghost - bar.share) > 0.005 && <u style={{ left: `${ghost * 100}%` }} />}
            </span>
            <span className="value">{bar.text}</span>
          </li>
        );
      })}
    </ul>
  );
}
