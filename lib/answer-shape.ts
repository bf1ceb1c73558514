/** The shape of a model's answers, for drawing two of them over each other. */

export interface Histogram {
  /** One more than counts. */
  edges: number[];
  counts: number[];
}

export interface Step {
  from: number;
  to: number;
  /** Share of all answers, as if every bin were a twentieth of the scale: so bins of other widths can be compared. */
  height: number;
}

/** Bins are compared as if they were so wide a part of the scale. */
const PARTS = 20;

/** The scale that holds all of them. */
export function spanOf(histograms: readonly Histogram[]): { low: number; high: number } {
  const edges = histograms.flatMap((histogram) => histogram.edges);
  return { low: Math.min(...edges), high: Math.max(...edges) };
}

/** A histogram as steps over a scale; none when it holds nothing. */
export function toSteps({ edges, counts }: Histogram, { low, high }: { low: number; high: number }): Step[] {
  const all = counts.reduce((total, count) => total + count, 0);
  if (all === 0 || high <= low) return [];
  return counts.map((count, index) => {
    const [from = low, to = high] = [edges[index], edges[index + 1]];
    return { from, to, height: ((count / all) * ((high - low) / PARTS)) / Math.max(to - from, Number.MIN_VALUE) };
  });
}
