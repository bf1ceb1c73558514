import type { Histogram } from "@/lib/contracts/catalog";
import type { RulerView } from "@/lib/answer-view";

/** A label turns to the left of its mark where it would run over the end of the scale. */
const FLIP_FROM = 72;
const KNOWN_HEIGHT = 26;

/** The shape of known cases in a box of 100 by 26; bars keep their area, so uneven bins read as densities. */
function drawKnown({ edges, counts }: Histogram, toPercent: (value: number) => number): string {
  const bins = counts.map((count, index) => {
    const left = toPercent(edges[index] ?? 0);
    const right = toPercent(edges[index + 1] ?? 0);
    return { left, right, density: count / Math.max(right - left, 0.01) };
  });
  const densest = Math.max(...bins.map((bin) => bin.density), Number.MIN_VALUE);
  return bins
    .filter((bin) => bin.density > 0)
    .map(({ left, right, density }) => {
      const top = KNOWN_HEIGHT - Math.max((density / densest) * KNOWN_HEIGHT, 0.6);
      return `M${left.toFixed(2)} ${KNOWN_HEIGHT}V${top.toFixed(2)}H${Math.max(right - 0.3, left + 0.2).toFixed(2)}V${KNOWN_HEIGHT}z`;
    })
    .join("");
}

interface RulerProps {
  view: RulerView;
  /** Where the answer was before the last change. */
  before?: { value: number; text: string } | undefined;
}

/** One horizontal scale for a numeric answer: known cases in grey, the range, the answer, and where it was. */
export function Ruler({ view, before }: RulerProps) {
  const { scale, value, text, band, known, threshold } = view;
  const toPercent = (at: number) => Math.min(100, Math.max(0, ((at - scale.min) / (scale.max - scale.min || 1)) * 100));
  const at = toPercent(value);
  const ghost = before && Math.abs(toPercent(before.value) - at) >= 0.5 ? before : undefined;
  const flips = (position: number) => position > FLIP_FROM;
  const ghostAt = ghost ? toPercent(ghost.value) : 0;
  const sentence = `${text}${ghost ? `, before ${ghost.text}` : ""}, on a scale from ${scale.ticks[0]?.text ?? ""} to ${scale.ticks.at(-1)?.text ?? ""}`;
  return (
    <div className="ruler" role="img" aria-label={sentence}>
      <div className="ruler-scale" aria-hidden="true">
        {known && (
          <svg className="ruler-known" viewBox={`0 0 100 ${KNOWN_HEIGHT}`} preserveAspectRatio="none">
            <path d={drawKnown(known, toPercent)} />
          </svg>
        )}
        {band && <span className="ruler-band" style={{ left: `${toPercent(band.low)}%`, width: `${toPercent(band.high) - toPercent(band.low)}%` }} />}
        <span className="ruler-base" />
        {scale.ticks.map((tick) => (
          <i key={tick.at} className="not-italic">
            <span className="ruler-tick" style={{ left: `${toPercent(tick.at)}%` }} />
            <span className="ruler-label" style={{ left: `${toPercent(tick.at)}%` }}>
              {tick.text}
            </span>
          </i>
        ))}
        {threshold !== undefined && <span className="ruler-threshold" style={{ left: `${toPercent(threshold)}%` }} />}
        {ghost && (
          <span className="ruler-ghost" data-flip={ghostAt > at ? flips(ghostAt) : ghostAt > 18} style={{ left: `${ghostAt}%` }}>
            <span>before {ghost.text}</span>
          </span>
        )}
        <span className="ruler-mark" data-flip={flips(at)} style={{ left: `${at}%` }}>
          <span>{text}</span>
        </span>
      </div>
    </div>
  );
}
