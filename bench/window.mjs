/** What is counted and read between two moments of a run: answers, their times, and what the processes behind them cost. */
import { readBusySeconds, readCost } from "../bin/bench/process-cost.mjs";

const FIRST_ROOM = 1 << 16;

/** @param {Float64Array} sorted @returns {number} the value below which that share of all lies (nearest rank) */
function quantile(sorted, share) {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

const difference = (after, before) => (after === null || before === null ? null : after - before);

/**
 * Counts from `begin` to `end`; what is noted outside of them is not counted.
 * @param {Record<string, { pid: number, without?: number[] } | null>} watch the processes to read, each with what it started
 */
export class Window {
  #watch;
  #times = new Float64Array(FIRST_ROOM);
  #open = false;
  #before;

  constructor(watch) {
    this.#watch = watch;
  }

  #read() {
    const own = process.cpuUsage();
    const costs = Object.entries(this.#watch).map(([name, which]) => [name, which && readCost(which)]);
    return { at: performance.now(), own: (own.user + own.system) / 1e6, busy: readBusySeconds(), costs: Object.fromEntries(costs) };
  }

  begin() {
    this.calls = 0;
    this.failures = {};
    this.#before = this.#read();
    this.#open = true;
  }

  /** @param {string} why a status, or what else went wrong */
  noteFailure(why) {
    if (this.#open) this.failures[why] = (this.failures[why] ?? 0) + 1;
  }

  /** @param {number} milliseconds from the call to its whole answer */
  note(milliseconds) {
    if (!this.#open) return;
    if (this.calls === this.#times.length) {
      const more = new Float64Array(2 * this.calls);
      more.set(this.#times);
      this.#times = more;
    }
    this.#times[this.calls++] = milliseconds;
  }

  /**
   * @returns what one window showed: times in milliseconds, CPU in seconds, memory in bytes, shares of one core; null where the system does
   *   not tell. `othersShare` is what programs that have nothing to do with the run took.
   */
  end() {
    this.#open = false;
    const before = this.#before;
    const after = this.#read();
    const seconds = (after.at - before.at) / 1000;
    const cost = (name) => difference(after.costs[name]?.cpuSeconds ?? null, before.costs[name]?.cpuSeconds ?? null);
    const loadCpu = after.own - before.own;
    const watched = Object.keys(this.#watch).reduce((sum, name) => sum + (cost(name) ?? 0), loadCpu);
    const busy = difference(after.busy, before.busy);
    const sorted = this.#times.slice(0, this.calls).sort();
    return {
      calls: this.calls,
      failures: this.failures,
      seconds,
      p50: sorted.length > 0 ? quantile(sorted, 0.5) : null,
      p99: sorted.length > 0 ? quantile(sorted, 0.99) : null,
      slowest: sorted.at(-1) ?? null,
      serverCpu: cost("server"),
      databaseCpu: cost("database"),
      serverBytes: after.costs.server?.residentBytes ?? null,
      databaseBytes: after.costs.database?.residentBytes ?? null,
      loadShare: loadCpu / seconds,
      othersShare: busy === null ? null : Math.max(0, busy - watched) / seconds,
    };
  }
}
