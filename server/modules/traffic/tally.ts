import "server-only";
import { latencyBucket } from "@/lib/latency-histogram";
import type { AnswerCounts } from "@/server/modules/traffic/answer-bins";
import type { Arm, EntryRecord, Surface } from "@/server/modules/traffic/collection";
import { allWidths, customerWidths, startOf, type Width, widths } from "@/server/modules/traffic/spans";

/** Which counts: of calls, of customers, of calls without a result, of answers. */
export const bucketKinds = ["calls", "customers", "errors", "answers"] as const;
export type BucketKind = (typeof bucketKinds)[number];

/** What to add to one bucket, and what it is told when it is made. */
export interface BucketAddition {
  /** Names the bucket. */
  bucket: Record<string, unknown>;
  add: Record<string, number>;
  made: Record<string, unknown>;
  earliest: Record<string, Date>;
  latest: Record<string, Date>;
}

type Cell = Omit<BucketAddition, "bucket"> & { kind: BucketKind; minute: number; names: Record<string, unknown> };

const widthsOf: Record<BucketKind, readonly Width[]> = {
  calls: allWidths,
  customers: customerWidths,
  errors: allWidths,
  answers: allWidths,
};

function addAll(sum: Record<string, number>, more: Record<string, number>): void {
  for (const name in more) sum[name] = (sum[name] ?? 0) + (more[name] ?? 0);
}

function earliestOf(one: Record<string, Date>, other: Record<string, Date>): Record<string, Date> {
  const earlier = Object.entries(other).filter(([name, at]) => at < (one[name] ?? Number.POSITIVE_INFINITY));
  return { ...one, ...Object.fromEntries(earlier) };
}

function latestOf(one: Record<string, Date>, other: Record<string, Date>): Record<string, Date> {
  const later = Object.entries(other).filter(([name, at]) => at > (one[name] ?? 0));
  return { ...one, ...Object.fromEntries(later) };
}

/** What a call adds to counts of calls. Answered is what is neither refused nor failed. */
function countsOf({ status, rows, milliseconds }: EntryRecord): Record<string, number> {
  const refused = status >= 400 && status < 500;
  const add: Record<string, number> = { calls: 1 };
  if (status < 300 && rows !== null) add.rows = rows;
  if (status >= 300 && status < 400) add.redirected = 1;
  if (refused) add.refused = 1;
  else add[`latency.b${latencyBucket(milliseconds)}`] = 1;
  if (status === 429) add.limited = 1;
  if (status >= 500) add.failed = 1;
  return add;
}

const noCalls = { calls: 0, rows: 0, redirected: 0, refused: 0, limited: 0, failed: 0, lost: 0 };

/** Counts that wait to be written: by the minute, so that one call is counted once however many widths of buckets there are. */
export class Tally {
  readonly #cells = new Map<string, Cell>();

  get size(): number {
    return this.#cells.size;
  }

  /** Calls that are counted here, or are told to be lost. */
  get calls(): number {
    const all = [...this.#cells.values()].filter(({ kind, names }) => kind === "calls" && names.scope === "all");
    return all.reduce((sum, { add }) => sum + (add.calls ?? 0) + (add.lost ?? 0), 0);
  }

  #add(kind: BucketKind, at: number, names: Record<string, unknown>, add: Record<string, number>, rest: Partial<Cell> = {}): void {
    const minute = startOf("1m", at);
    const key = JSON.stringify([kind, minute, names]);
    const cell = this.#cells.get(key);
    if (!cell) {
      this.#cells.set(key, { kind, minute, names, add: { ...add }, made: {}, earliest: {}, latest: {}, ...rest });
      return;
    }
    addAll(cell.add, add);
    cell.earliest = earliestOf(cell.earliest, rest.earliest ?? {});
    cell.latest = latestOf(cell.latest, rest.latest ?? {});
  }

  addCall(entry: EntryRecord): void {
    const { surface, model, version, arm, customerId, code, route, status } = entry;
    const at = entry.at.getTime();
    const counts = countsOf(entry);
    this.#add("calls", at, { scope: "all", surface, model: null, version: null, arm: null }, counts);
    if (model !== null) {
      this.#add("calls", at, { scope: "model", surface, model, version: null, arm: null }, counts);
      this.#add("calls", at, { scope: "arm", surface, model, version, arm }, counts);
    }
    if (customerId !== null) {
      this.#add("customers", at, { customerId }, { calls: 1, failed: counts.failed ?? 0, limited: counts.limited ?? 0 });
    }
    const bounds = { earliest: { firstAt: entry.at }, latest: { lastAt: entry.at } };
    if (code !== null) this.#add("errors", at, { surface, code, route, status }, { calls: 1 }, bounds);
  }

  addAnswers(at: number, version: { model: string; version: number; arm: Arm }, answers: AnswerCounts[]): void {
    for (const { output, add, labels, edges } of answers) {
      this.#add("answers", at, { ...version, output }, add, { made: { labels, edges } });
    }
  }

  /** Calls of which the record was lost, by the time that was noticed. */
  addLost(at: number, surface: Surface, lost: number): void {
    this.#add("calls", at, { scope: "all", surface, model: null, version: null, arm: null }, { lost });
  }

  /** Takes another one's counts over. */
  addTally(other: Tally, kinds: readonly BucketKind[]): void {
    for (const { kind, minute, names, add, made, earliest, latest } of other.#cells.values()) {
      if (kinds.includes(kind)) this.#add(kind, minute, names, add, { made, earliest, latest });
    }
  }

  /** The additions to all buckets of one kind, each bucket once. */
  additions(kind: BucketKind): BucketAddition[] {
    const found = new Map<string, BucketAddition>();
    for (const cell of this.#cells.values()) {
      if (cell.kind !== kind) continue;
      for (const width of widthsOf[kind]) {
        const start = startOf(width, cell.minute);
        const bucket = { ...cell.names, width, start: new Date(start) };
        const key = JSON.stringify(bucket);
        const known = found.get(key) ?? {
          bucket,
          add: kind === "calls" ? { ...noCalls } : {},
          made: { ...cell.made, expiresAt: new Date(start + widths[width].kept) },
          earliest: {},
          latest: {},
        };
        addAll(known.add, cell.add);
        known.earliest = earliestOf(known.earliest, cell.earliest);
        known.latest = latestOf(known.latest, cell.latest);
        found.set(key, known);
      }
    }
    return [...found.values()];
  }
}
