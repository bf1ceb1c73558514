import type { Entry, Snapshot, View } from "./store";

/**
 * What an open transaction sees: a frozen snapshot with the transaction's own changes laid over it, kept in memory
 * until commit. Keys are held as latin1 strings, whose order is the order of their bytes.
 */
export class Overlay implements View {
  private readonly changes = new Map<string, Buffer | null>();
  private readonly order: string[] = [];
  /** Size of all changed keys and values. */
  bytes = 0;

  constructor(private readonly base: Snapshot) {}

  get(key: Buffer): Buffer | undefined {
    const change = this.changes.get(key.toString("latin1"));
    if (change === undefined) return this.base.get(key);
    return change ?? undefined;
  }

  /** The snapshot's value, without this transaction's changes. */
  getOriginal(key: Buffer): Buffer | undefined {
    return this.base.get(key);
  }

  put(key: Buffer, value: Buffer): void {
    this.record(key, value);
  }

  add(key: Buffer, value: Buffer): void {
    this.record(key, value);
  }

  remove(key: Buffer): void {
    this.record(key, null);
  }

  private record(key: Buffer, value: Buffer | null): void {
    const name = key.toString("latin1");
    const previous = this.changes.get(name);
    if (previous === undefined) this.order.splice(this.findPosition(name), 0, name);
    this.changes.set(name, value);
    this.bytes += previous === undefined ? key.length + (value?.length ?? 0) : (value?.length ?? 0) - (previous?.length ?? 0);
  }

  private findPosition(name: string): number {
    let low = 0;
    let high = this.order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.order[middle] ?? "") < name) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  *range(start: Buffer, end: Buffer, reverse = false): Generator<Entry> {
    const from = this.findPosition(start.toString("latin1"));
    const mine = this.order.slice(from, this.findPosition(end.toString("latin1")));
    if (reverse) mine.reverse();
    let next = 0;
    for (const entry of this.base.range(start, end, reverse)) {
      const name = entry.key.toString("latin1");
      for (; next < mine.length; next += 1) {
        const candidate = mine[next] ?? "";
        if (reverse ? candidate <= name : candidate >= name) break;
        yield* this.present(candidate);
      }
      if (!this.changes.has(name)) yield entry;
    }
    for (; next < mine.length; next += 1) yield* this.present(mine[next] ?? "");
  }

  private *present(name: string): Generator<Entry> {
    const value = this.changes.get(name);
    if (value) yield { key: Buffer.from(name, "latin1"), value };
  }

  /** Every change, in key order; null means removed. */
  *entries(): Generator<[key: Buffer, value: Buffer | null]> {
    for (const name of this.order) yield [Buffer.from(name, "latin1"), this.changes.get(name) ?? null];
  }
}
