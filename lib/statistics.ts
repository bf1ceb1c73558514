/** The few tests that tell a difference from chance. All are two-sided. */

/**
 * How unlikely a difference must be before it is called one. One in a hundred and not one in twenty, because a page shows several
 * figures at once and is looked at again and again while a trial runs.
 */
const LEVEL = 0.01;
/** The same for the standard normal distribution: 0.5 % lie beyond on either side. */
const CRITICAL_Z = 2.5758;
/** From this many expected cases in each cell the normal approximation holds (Cochran's rule). */
const LEAST_EXPECTED = 5;

export interface Proportion {
  hits: number;
  of: number;
}

/** Lanczos' approximation (g = 7, n = 9), good to 15 digits: ln n! for whole n from 0. */
function logFactorial(n: number): number {
  const terms = [
    676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905, -0.13857109526572012,
    9.984369578019572e-6, 1.5056327351493116e-7,
  ];
  const t = n + 7.5;
  const sum = terms.reduce((total, term, index) => total + term / (n + index + 1), 0.9999999999998099);
  return 0.5 * Math.log(2 * Math.PI) + (n + 0.5) * Math.log(t) - t + Math.log(sum);
}

const logChoose = (n: number, k: number) => logFactorial(n) - logFactorial(k) - logFactorial(n - k);

/** Fisher's exact test: the chance of a table at most as likely as this one, with the sums of rows and columns as they are. */
function exactChance(one: Proportion, other: Proportion): number {
  const hits = one.hits + other.hits;
  const all = one.of + other.of;
  const chanceOf = (k: number) => Math.exp(logChoose(one.of, k) + logChoose(other.of, hits - k) - logChoose(all, hits));
  const seen = chanceOf(one.hits) * (1 + 1e-7);
  let chance = 0;
  for (let k = Math.max(0, hits - other.of); k <= Math.min(one.of, hits); k++) chance += chanceOf(k) <= seen ? chanceOf(k) : 0;
  return chance;
}

/**
 * Whether two shares differ by more than chance: the two-proportion z-test with a pooled share, and Fisher's exact test where a cell
 * is too small for it (few tables are possible then, so it costs little).
 */
export function differInShare(one: Proportion, other: Proportion): boolean {
  const all = one.of + other.of;
  const pooled = (one.hits + other.hits) / all;
  if (one.of === 0 || other.of === 0 || pooled === 0 || pooled === 1) return false;
  const smallest = Math.min(one.of, other.of) * Math.min(pooled, 1 - pooled);
  if (smallest < LEAST_EXPECTED) return exactChance(one, other) < LEVEL;
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / one.of + 1 / other.of));
  return Math.abs(one.hits / one.of - other.hits / other.of) / error > CRITICAL_Z;
}

export interface Histogram {
  /** One more than counts. */
  edges: number[];
  counts: number[];
}

/** Mean, variance and number of what a histogram holds, as if every value lay in the middle of its bin. */
export function describeHistogram({ edges, counts }: Histogram): { mean: number; variance: number; count: number } {
  const count = counts.reduce((total, each) => total + each, 0);
  const middle = (index: number) => ((edges[index] ?? 0) + (edges[index + 1] ?? 0)) / 2;
  if (count === 0) return { mean: 0, variance: 0, count };
  const mean = counts.reduce((total, each, index) => total + each * middle(index), 0) / count;
  const variance = counts.reduce((total, each, index) => total + each * (middle(index) - mean) ** 2, 0) / count;
  return { mean, variance, count };
}

/** Whether two means differ by more than chance: Welch's test on large samples, where it is a z-test. */
export function differInMean(one: Histogram, other: Histogram): boolean {
  const [a, b] = [describeHistogram(one), describeHistogram(other)];
  if (a.count === 0 || b.count === 0) return false;
  const error = Math.sqrt(a.variance / a.count + b.variance / b.count);
  return error === 0 ? a.mean !== b.mean : Math.abs(a.mean - b.mean) / error > CRITICAL_Z;
}
