import fs from "node:fs";
import path from "node:path";
import { open, type RootDatabase, type Transaction } from "lmdb";
import { Batch, FORMAT_VERSION } from "./batch";
import { checkDataFile } from "./data-file";
import type { DocumentCounts } from "./data-pages";
import { DiskNeed, readFreeBytes } from "./disk-space";
import { fail } from "./errors";
import type { Write } from "./journal";
import { afterKey, FORMAT_KEY } from "./keys";

export interface Entry {
  key: Buffer;
  value: Buffer;
}

/** Anything keys can be read from and written to: the store itself, or a transaction's overlay. */
export interface View {
  get(key: Buffer): Buffer | undefined;
  /** Entries with start <= key < end, in key order, or from the end when `reverse`. */
  range(start: Buffer, end: Buffer, reverse?: boolean): Iterable<Entry>;
  put(key: Buffer, value: Buffer): void;
  /** {@link put} for a key that cannot be there yet: it is not looked for. */
  add(key: Buffer, value: Buffer): void;
  remove(key: Buffer): void;
}

/** A frozen state of the store. Must be closed: while it is open, freed pages cannot be used again. */
export interface Snapshot {
  get(key: Buffer): Buffer | undefined;
  range(start: Buffer, end: Buffer, reverse?: boolean): Iterable<Entry>;
  close(): void;
}

/** It had no journal. */
const FIRST_VERSION = 1;
const MAP_BYTES = 64 * 2 ** 30;
const MAX_READERS = 500;
/** Entries that are read ahead, the first time and later on at most. */
const FIRST_AHEAD = 4;
const MOST_AHEAD = 1_024;

/**
 * Reading and writing by binary keys: get, put, remove, range, txn, snapshot; with batch.ts the only place that knows LMDB.
 * Every `txn` is one unit: all of it is on the disk when it returns, or, when the function throws, nothing of it remains.
 */
export class Store implements View {
  private readonly env: RootDatabase<Buffer, Buffer>;
  private readonly need: DiskNeed;
  private readonly batch: Batch;
  /** What the unit that is under way has written, and what was there before each of its writes. */
  private unit: Write[] = [];
  private replaced: (Buffer | null)[] = [];
  /** Why something that failed could not be undone. */
  private notUndone: unknown = null;
  private isWriting = false;
  /** The transaction whose state was found in the file. */
  readonly openedAt: number;
  /** By how many documents each collection has grown by what was found in the journal. */
  readonly restored: DocumentCounts;

  private constructor(folder: string, env: RootDatabase<Buffer, Buffer>, readFree: () => number | null) {
    this.env = env;
    const stats = env.getStats();
    this.need = new DiskNeed("pageSize" in stats ? Number(stats.pageSize) : 4096, readFree);
    this.batch = new Batch(env, folder, this.need);
    this.openedAt = "lastTxnId" in stats ? Number(stats.lastTxnId) : -1;
    this.restored = this.batch.restore();
  }

  /**
   * Opens (or creates) the store in `folder`. Nothing is written before the first `txn`, or, where a killed process has left units in the
   * journal, a second later.
   * @param readFree how many bytes its disk has left
   * @throws Error with one line when the file is damaged, or written by another program or a newer version.
   */
  static open(folder: string, readFree = () => readFreeBytes(folder)): Store {
    fs.mkdirSync(folder, { recursive: true });
    const file = path.join(folder, "data.mdb");
    checkDataFile(file);
    const env = open<Buffer, Buffer>({
      path: file,
      keyEncoding: "binary",
      encoding: "binary",
      maxReaders: MAX_READERS,
      mapSize: process.platform === "win32" ? undefined : MAP_BYTES,
    });
    checkFormat(env, file);
    return new Store(folder, env, readFree);
  }

  get(key: Buffer): Buffer | undefined {
    return this.env.get(key);
  }

  /** Reads some entries at a time: what LMDB reads by in a batch must not outlive it. */
  *range(start: Buffer, end: Buffer, reverse = false): Generator<Entry> {
    let [from, to] = [start, end];
    for (let limit = FIRST_AHEAD; ; limit = Math.min(limit * 4, MOST_AHEAD)) {
      const some: Entry[] = Array.from(this.env.getRange({ ...buildRange(from, to, reverse), limit }));
      yield* some;
      const last = some.at(-1);
      if (!last || some.length < limit) return;
      if (reverse) to = last.key;
      else from = afterKey(last.key);
    }
  }

  put(key: Buffer, value: Buffer): void {
    this.write({ key, value }, this.env.get(key));
  }

  add(key: Buffer, value: Buffer): void {
    this.write({ key, value }, undefined);
  }

  remove(key: Buffer): void {
    this.write({ key, value: null }, this.env.get(key));
  }

  private write(write: Write, before: Buffer | undefined): void {
    const { key, value } = write;
    this.need.add(value?.length ?? 0);
    void (value ? this.env.put(key, value) : this.env.remove(key));
    this.unit.push(write);
    this.replaced.push(before ?? null);
  }

  /** Number of keys with start <= key < end. */
  count(start: Buffer, end: Buffer): number {
    return this.env.getKeysCount({ start, end });
  }

  /** Runs `work` as one unit; it must not wait for anything. @throws 14031 when the disk may be too full for it; nothing is written then */
  txn<T>(work: () => T): T {
    this.batch.begin();
    [this.unit, this.replaced] = [[], []];
    this.isWriting = true;
    this.notUndone = null;
    try {
      const result = this.nested(() => {
        const made = work();
        if (this.notUndone !== null) throw this.notUndone;
        if (this.unit.length > 0) this.need.assertRoom();
        return made;
      });
      if (this.unit.length > 0) this.batch.keep(this.unit);
      return result;
    } catch (error) {
      // With half of a unit in it the batch is of no use.
      if (this.notUndone !== null) this.batch.startAnew();
      throw error;
    } finally {
      this.isWriting = false;
    }
  }

  /** Inside of txn: when `work` throws, only what it wrote is undone. */
  nested<T>(work: () => T): T {
    const before = this.unit.length;
    try {
      return work();
    } catch (error) {
      this.undo(before);
      throw error;
    }
  }

  /**
   * Puts back what the unit's writes from there on replaced. Not by a transaction of LMDB's inside of the batch's: each begins with a copy
   * of the list of free pages, and one that is aborted never gives it back.
   */
  private undo(from: number): void {
    try {
      for (let last = this.unit.length - 1; last >= from; last -= 1) {
        const [write, value] = [this.unit[last], this.replaced[last]];
        if (!write) continue;
        this.need.add(value?.length ?? 0);
        void (value ? this.env.put(write.key, value) : this.env.remove(write.key));
      }
    } catch (error) {
      this.notUndone ??= error;
    }
    this.unit.length = from;
    this.replaced.length = from;
  }

  /** The state of this moment. @throws 14031 when the disk may be too full to make one */
  snapshot(): Snapshot {
    if (this.isWriting) throw new Error("a unit has no snapshot of itself");
    this.batch.commit();
    const transaction: Transaction = this.env.useReadTransaction();
    let isOpen = true;
    // LMDB would read from memory that is no longer its own.
    const checkOpen = () => {
      if (!isOpen) fail(251, "NoSuchTransaction", "The transaction has ended", { errorLabels: ["TransientTransactionError"] });
    };
    const range = (start: Buffer, end: Buffer, reverse = false): Iterable<Entry> => {
      checkOpen();
      return this.env.getRange({ ...buildRange(start, end, reverse), transaction });
    };
    return {
      range,
      get: (key) => {
        checkOpen();
        // Inside a write transaction LMDB's get answers from that transaction, whatever snapshot it is given.
        if (!this.batch.isOpen) return this.env.get(key, { transaction });
        for (const entry of range(key, afterKey(key))) return entry.value;
        return undefined;
      },
      close: () => {
        isOpen = false;
        transaction.done();
      },
    };
  }

  async close(): Promise<void> {
    this.batch.close();
    await this.env.close();
  }

  /** {@link close} without a change to any file: the next start finds what this one has found. */
  async abandon(): Promise<void> {
    this.batch.abandon();
    await this.env.close();
  }
}

/** @throws Error with one line for a file of another program, or of a newer version */
function checkFormat(env: RootDatabase<Buffer, Buffer>, file: string): void {
  const stored = env.get(FORMAT_KEY)?.toString("latin1");
  if (stored === undefined) {
    if (env.getKeysCount({ limit: 1 }) === 0) return;
    throw new Error(`${file} was written by another program; it was not changed: name another data folder`);
  }
  const version = Number(stored);
  if (version === FORMAT_VERSION || version === FIRST_VERSION) return;
  throw new Error(`${file} has data format ${stored}, this version of the embedded database reads ${FORMAT_VERSION}`);
}

function buildRange(start: Buffer, end: Buffer, reverse: boolean) {
  return reverse
    ? { start: end, end: start, reverse: true, exclusiveStart: true, inclusiveEnd: true }
    : { start, end };
}
