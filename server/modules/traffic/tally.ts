import "server-only";
import { latencyBucket } from "@/lib/latency-histogram";
import type { PredictionOutput } from "@/lib/contracts/predict";
import { Additions, type BucketAddition, type BucketKind } from "@/server/modules/traffic/additions";
import { countInto, newSpread, type OutputPlan, type Spread } from "@/server/modules/traffic/answer-bins";
import type { Arm, EntryRecord, Surface } from "@/server/modules/traffic/collection";
import { startOf } from "@/server/modules/traffic/spans";

/** Calls of one minute, door, model, version and role: those of a model, and all of a door, are sums of them. */
interface CallCell {
  minute: number;
  surface: Surface;
  model: string | null;
  version: number | null;
  arm: Arm | null;
  calls: number;
  rows: number;
  redirected: number;
  refused: number;
  limited: number;
  failed: number;
  lost: number;
  unlogged: number;
  latency: Map<number, number>;
}

interface CustomerCell {
  minute: number;
  customerId: string;
  calls: number;
  failed: number;
  limited: number;
}

interface ErrorCell {
  minute: number;
  names: { surface: Surface; code: string; route: string; status: number };
  calls: number;
  firstAt: Date;
  lastAt: Date;
}

interface AnswerCell {
  minute: number;
  names: VersionNames & { output: string };
  plan: OutputPlan;
  spread: Spread;
}

/** Which version answered, in which role. */
export interface VersionNames {
  model: string;
  version: number;
  arm: Arm;
}

/** Calls that are not in the counts, and calls that are not in the log. */
export interface Losses {
  lost: number;
  unlogged: number;
}

type CallNames = Pick<CallCell, "surface" | "model" | "version" | "arm">;

function bump(counts: Map<number, number>, place: number, by = 1): void {
  counts.set(place, (counts.get(place) ?? 0) + by);
}

function addCounts(sum: Map<number, number>, more: ReadonlyMap<number, number>): void {
  for (const [place, count] of more) bump(sum, place, count);
}

/** Answered is what is neither refused nor failed. */
function countCall(cell: CallCell, { status, rows, milliseconds }: EntryRecord): void {
  cell.calls += 1;
  if (status < 300) cell.rows += rows ?? 0;
  else if (status < 400) cell.redirected += 1;
  if (status >= 400 && status < 500) cell.refused += 1;
  else bump(cell.latency, latencyBucket(milliseconds));
  if (status === 429) cell.limited += 1;
  if (status >= 500) cell.failed += 1;
}

const countNames = ["calls", "rows", "redirected", "refused", "limited", "failed", "lost", "unlogged"] as const;

/** `latency.b3` and the like: places of a histogram as fields of a bucket. */
function toFields(prefix: string, counts: ReadonlyMap<number, number>): Record<string, number> {
  return Object.fromEntries([...counts].map(([place, count]) => [`${prefix}${place}`, count]));
}

/** Counts that wait to be written: by the minute, so that one call is counted once however many widths of buckets there are. */
export class Tally {
  readonly #calls = new Map<string, CallCell>();
  readonly #customers = new Map<string, CustomerCell>();
  readonly #errors = new Map<string, ErrorCell>();
  readonly #answers = new Map<string, AnswerCell>();

  get size(): number {
    return this.#calls.size + this.#customers.size + this.#errors.size + this.#answers.size;
  }

  /** What is lost where this is never written: calls that are counted here or told to be lost, and those told not to be in the log. */
  get losses(): Losses {
    const sum = { lost: 0, unlogged: 0 };
    for (const { calls, lost, unlogged } of this.#calls.values()) {
      sum.lost += calls + lost;
      sum.unlogged += unlogged;
    }
    return sum;
  }

  #callCell(minute: number, { surface, model, version, arm }: CallNames): CallCell {
    const key = `${minute} ${surface} ${model} ${version} ${arm}`;
    let cell = this.#calls.get(key);
    if (!cell) {
      const none = { calls: 0, rows: 0, redirected: 0, refused: 0, limited: 0, failed: 0, lost: 0, unlogged: 0 };
      cell = { minute, surface, model, version, arm, ...none, latency: new Map() };
      this.#calls.set(key, cell);
    }
    return cell;
  }

  #customerCell(minute: number, customerId: string): CustomerCell {
    const key = `${minute} ${customerId}`;
    let cell = this.#customers.get(key);
    if (!cell) this.#customers.set(key, (cell = { minute, customerId, calls: 0, failed: 0, limited: 0 }));
    return cell;
  }

  #addErrors({ minute, names, calls, firstAt, lastAt }: ErrorCell): void {
    const key = JSON.stringify([minute, names]);
    const cell = this.#errors.get(key);
    if (!cell) {
      this.#errors.set(key, { minute, names, calls, firstAt, lastAt });
      return;
    }
    cell.calls += calls;
    if (firstAt < cell.firstAt) cell.firstAt = firstAt;
    if (lastAt > cell.lastAt) cell.lastAt = lastAt;
  }

  #answerCell(minute: number, { model, version, arm }: VersionNames, plan: OutputPlan): AnswerCell {
    const key = `${minute} ${model} ${version} ${arm} ${plan.output}`;
    let cell = this.#answers.get(key);
    if (!cell) {
      cell = { minute, names: { model, version, arm, output: plan.output }, plan, spread: newSpread() };
      this.#answers.set(key, cell);
    }
    return cell;
  }

  addCall(entry: EntryRecord): void {
    const { surface, customerId, code, route, status, at } = entry;
    const minute = startOf("1m", at.getTime());
    countCall(this.#callCell(minute, entry), entry);
    if (customerId !== null) {
      const customer = this.#customerCell(minute, customerId);
      customer.calls += 1;
      if (status >= 500) customer.failed += 1;
      if (status === 429) customer.limited += 1;
    }
    if (code !== null) this.#addErrors({ minute, names: { surface, code, route, status }, calls: 1, firstAt: at, lastAt: at });
  }

  addAnswers(at: number, version: VersionNames, plans: readonly OutputPlan[], answers: readonly PredictionOutput[]): void {
    const minute = startOf("1m", at);
    for (const plan of plans) countInto(this.#answerCell(minute, version, plan).spread, plan, answers);
  }

  /** Calls of which a record was lost, by the time that was noticed. */
  addLosses(at: number, surface: Surface, { lost, unlogged }: Losses): void {
    const cell = this.#callCell(startOf("1m", at), { surface, model: null, version: null, arm: null });
    cell.lost += lost;
    cell.unlogged += unlogged;
  }

  /** Takes another one's counts over. */
  addTally(other: Tally, kinds: readonly BucketKind[]): void {
    if (kinds.includes("calls")) for (const cell of other.#calls.values()) this.#addCalls(cell);
    if (kinds.includes("errors")) for (const cell of other.#errors.values()) this.#addErrors(cell);
    if (kinds.includes("customers")) {
      for (const { minute, customerId, calls, failed, limited } of other.#customers.values()) {
        const own = this.#customerCell(minute, customerId);
        own.calls += calls;
        own.failed += failed;
        own.limited += limited;
      }
    }
    if (!kinds.includes("answers")) return;
    for (const { minute, names, plan, spread } of other.#answers.values()) {
      const own = this.#answerCell(minute, names, plan).spread;
      own.rows += spread.rows;
      own.sum += spread.sum;
      addCounts(own.classes, spread.classes);
      addCounts(own.bins, spread.bins);
    }
  }

  #addCalls(cell: CallCell): void {
    const own = this.#callCell(cell.minute, cell);
    for (const name of countNames) own[name] += cell[name];
    addCounts(own.latency, cell.latency);
  }

  /** The additions to all buckets of one kind, each bucket once. */
  additions(kind: BucketKind): BucketAddition[] {
    const additions = new Additions();
    if (kind === "calls") for (const cell of this.#calls.values()) describeCalls(additions, cell);
    if (kind === "customers") {
      for (const { minute, customerId, calls, failed, limited } of this.#customers.values()) {
        additions.add(kind, minute, { customerId }, { add: { calls, failed, limited } });
      }
    }
    if (kind === "errors") {
      for (const { minute, names, calls, firstAt, lastAt } of this.#errors.values()) {
        additions.add(kind, minute, names, { add: { calls }, earliest: { firstAt }, latest: { lastAt } });
      }
    }
    if (kind === "answers") {
      for (const { minute, names, plan, spread } of this.#answers.values()) {
        const { labels, edges } = plan;
        const { rows, sum, classes, bins } = spread;
        const add = { rows, sum, ...toFields("classes.c", classes), ...toFields("bins.b", bins) };
        additions.add(kind, minute, names, { add, made: { labels, edges } });
      }
    }
    return additions.list();
  }
}

/** A call counts for its door, its model, and the version that answered it; a lost one for its door alone: nothing else is known of it. */
function describeCalls(additions: Additions, { minute, surface, model, version, arm, latency, unlogged, ...counts }: CallCell): void {
  const add = { ...counts, ...(unlogged > 0 && { unlogged }), ...toFields("latency.b", latency) };
  additions.add("calls", minute, { scope: "all", surface, model: null, version: null, arm: null }, { add });
  if (model === null) return;
  additions.add("calls", minute, { scope: "model", surface, model, version: null, arm: null }, { add });
  additions.add("calls", minute, { scope: "arm", surface, model, version, arm }, { add });
}
