/** Round numbers for the axis of a chart of counts. */

const MOST_STEPS = 4;

/** Counts to draw gridlines at, from zero in even steps of 1, 2 or 5 times a power of ten, the last at or above `largest`. */
export function countTicks(largest: number): number[] {
  const rough = Math.max(1, largest) / MOST_STEPS;
  const power = 10 ** Math.max(0, Math.floor(Math.log10(rough)));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough) ?? 10 * power;
  const steps = Math.max(2, Math.ceil(largest / step));
  return Array.from({ length: steps + 1 }, (_unused, index) => index * step);
}
