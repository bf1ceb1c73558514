/** Figures of several rounds: their middle, how far they lie apart, and how they are written. */

const known = (values) => values.filter((value) => value !== null && value !== undefined && Number.isFinite(value));

/** @returns {{ median: number, min: number, max: number } | null} null where no round has a value */
export function summarise(values) {
  const sorted = known(values).sort((one, other) => one - other);
  if (sorted.length === 0) return null;
  const middle = (sorted.length - 1) / 2;
  const median = (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2;
  return { median, min: sorted[0], max: sorted.at(-1) };
}

/** A figure of each round. @param {object[]} rounds @param {(measured: object) => number | null} read */
export function summariseTarget(rounds, name, read) {
  return summarise(rounds.flatMap((round) => (round[name] ? [read(round[name])] : [])));
}

/** How many times as much one target shows as another, each round by itself: what slowed a round down slowed both. */
export function summariseRatio(rounds, name, against, read) {
  return summarise(rounds.flatMap((round) => (round[name] && round[against] ? [divide(read(round[name]), read(round[against]))] : [])));
}

/** @returns {number | null} null where there is nothing to divide, or nothing to divide by */
export function divide(one, other) {
  return one === null || !other ? null : one / other;
}

/** CPU time a call in microseconds. */
export const cpuPerCall = (cpu) => (measured) => divide(measured[cpu] === null ? null : measured[cpu] * 1e6, measured.calls);

/** Three digits that count, with commas between thousands; whole numbers from 100 on. */
export function showNumber(value) {
  if (value === null || value === undefined) return "–";
  const digits = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toLocaleString("en-US", { minimumFractionDigits: Math.min(digits, 3), maximumFractionDigits: Math.min(digits, 3) });
}

export const showRate = (value) => (value === null ? "–" : Math.round(value).toLocaleString("en-US"));

/** "middle (least–most)". */
export function showSpread(spread, show = showNumber) {
  if (spread === null) return "–";
  const { median, min, max } = spread;
  return show(min) === show(max) ? show(median) : `${show(median)} (${show(min)}–${show(max)})`;
}

export const toMebibytes = (bytes) => (bytes === null ? null : bytes / 1024 / 1024);

/** Calls that were not answered as they should, by why. @param {object[]} measurements @returns {Record<string, number>} */
export function addFailures(measurements) {
  const sum = {};
  for (const { failures = {} } of measurements) for (const [why, count] of Object.entries(failures)) sum[why] = (sum[why] ?? 0) + count;
  return sum;
}

/** @param {Record<string, number>} failures @returns {string} empty where there are none */
export function showFailures(failures) {
  const words = Object.entries(failures).map(([why, count]) => `${count.toLocaleString("en-US")} × ${why}`);
  return words.length === 0 ? "" : `FAILED: ${words.join(", ")}`;
}
