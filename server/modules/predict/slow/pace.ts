import "server-only";

/** A run that blocks this process longer than so many milliseconds delays everybody else. */
const SLOW_MS = 5;
/** With more rows than it was ever run with, a model may take so long; it is found out how long it does. */
const UNTRIED_MS = 50;
const LAST_RUNS = 5;
/** One run says little: the process may have waited for something else. */
const SURE_RUNS = 3;

function medianOf(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function areSlow(runs: number[]): boolean {
  return medianOf(runs) > (runs.length < SURE_RUNS ? UNTRIED_MS : SLOW_MS);
}

/** Runs of one to two rows, of two to four, and so on. */
const sizeOf = (rows: number) => Math.floor(Math.log2(Math.max(1, rows)));

/** How long the last runs of a model took, by the order of their rows. */
export class Pace {
  readonly #last = new Map<number, number[]>();
  #isEndless = false;

  /** @param measuredMs for one row, where that is known already */
  constructor(measuredMs: number) {
    if (measuredMs > SLOW_MS) this.#last.set(0, Array.from({ length: SURE_RUNS }, () => measuredMs));
  }

  note(rows: number, milliseconds: number): void {
    const size = sizeOf(rows);
    this.#last.set(size, [...(this.#last.get(size) ?? []), milliseconds].slice(-LAST_RUNS));
  }

  /** It had to be ended once: there may be no end to it here. */
  noteEnded(): void {
    this.#isEndless = true;
  }

  /** Whether a run of so many rows is to be expected to take too long for the process that serves. */
  isSlow(rows: number): boolean {
    if (this.#isEndless) return true;
    const size = sizeOf(rows);
    const own = this.#last.get(size);
    if (own) return areSlow(own);
    const smaller = [...this.#last].filter(([known]) => known < size);
    const expected = smaller.map(([known, runs]) => medianOf(runs) * 2 ** (size - known));
    return smaller.some(([, runs]) => areSlow(runs)) || (expected.length > 0 && Math.min(...expected) > UNTRIED_MS);
  }
}
