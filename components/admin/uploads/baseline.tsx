import type { Histogram } from "@/lib/contracts/catalog";
import type { OutputField } from "@/lib/contracts/model-schema";
import { formatNumber } from "@/lib/format";

const HEIGHT = 40;

function drawBins({ edges, counts }: Histogram): string {
  const [low, high] = [edges[0] ?? 0, edges.at(-1) ?? 1];
  const toX = (edge: number) => ((edge - low) / (high - low || 1)) * 100;
  const bins = counts.map((count, index) => {
    const [left, right] = [toX(edges[index] ?? low), toX(edges[index + 1] ?? high)];
    return { left, right, density: count / Math.max(right - left, 0.01) };
  });
  const densest = Math.max(...bins.map(({ density }) => density), Number.MIN_VALUE);
  return bins
    .filter(({ density }) => density > 0)
    .map(({ left, right, density }) => {
      const top = HEIGHT - (density / densest) * HEIGHT;
      return `M${left.toFixed(2)} ${HEIGHT}V${top.toFixed(2)}H${right.toFixed(2)}V${HEIGHT}z`;
    })
    .join("");
}

interface BaselineProps {
  output: OutputField;
  known: Histogram;
}

/** The shape of the model's answers to known cases: what pages draw in grey behind an answer. */
export function Baseline({ output, known }: BaselineProps) {
  const [low, high] = [formatNumber(known.edges[0] ?? 0, 4), formatNumber(known.edges.at(-1) ?? 0, 4)];
  const cases = known.counts.reduce((sum, count) => sum + count, 0);
  const positive = output.kind === "class" ? output.classes.find(({ value }) => value === output.positiveClass)?.label : undefined;
  const title = positive === undefined ? output.label : `${output.label}: probability of ${positive}`;
  return (
    <figure className="grid gap-1">
      <figcaption className="text-[13px] font-[550]">{title}</figcaption>
      <svg
        role="img"
        aria-label={`${title}: answers to ${formatNumber(cases)} known cases, from ${low} to ${high}`}
        viewBox={`0 0 100 ${HEIGHT}`}
        preserveAspectRatio="none"
        className="baseline"
      >
        <path d={drawBins(known)} />
      </svg>
      <p className="help tabular flex justify-between">
        <span>{low}</span>
        <span>{formatNumber(cases)} known cases</span>
        <span>{high}</span>
      </p>
    </figure>
  );
}
