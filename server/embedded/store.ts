import fs from "node:fs";
import path from "node:path";
import { open, type RootDatabase, type Transaction } from "lmdb";
import { checkDataFile } from "./data-file";
import { DiskNeed, readFreeBytes } from "./disk-space";
import { fail } from "./errors";
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
  remove(key: Buffer): void;
}

/** A frozen state of the store. Must be closed: while it is open, freed pages cannot be used again. */
export interface Snapshot {
  get(key: Buffer): Buffer | undefined;
  range(start: Buffer, end: Buffer, reverse?: boolean): Iterable<Entry>;
  close(): void;
}

export const FORMAT_VERSION = 1;
const MAP_BYTES = 64 * 2 ** 30;
const MAX_READERS = 500;

/**
 * The only place that knows LMDB: six operations (get, put, remove, range, txn, snapshot) on binary keys.
 * Every `txn` is one synchronous LMDB transaction: all of it is committed, or, when the function throws, nothing.
 */
export class Store implements View {
  private readonly env: RootDatabase<Buffer, Buffer>;
  private writing = false;
  private readonly need: DiskNeed;
  /** The transaction whose state was found in the file. */
  readonly openedAt: number;

  private constructor(env: RootDatabase<Buffer, Buffer>, readFree: () => number | null) {
    this.env = env;
    const stats = env.getStats();
    this.need = new DiskNeed("pageSize" in stats ? Number(stats.pageSize) : 4096, readFree);
    this.openedAt = "lastTxnId" in stats ? Number(stats.lastTxnId) : -1;
  }

  /**
   * Opens (or creates) the store in `folder`.
   * @param readFree how many bytes its disk has left
   * @throws Error with one line when the file is damaged, or written by another program or a newer version.
   */
  static open(folder: string, readFree = () => readFreeBytes(folder)): Store {
    fs.mkdirSync(folder, { recursive: true });
    const file = path.join(folder, "data.mdb");
    checkDataFile(file);
    const store = new Store(
      open<Buffer, Buffer>({
        path: file,
        keyEncoding: "binary",
        encoding: "binary",
        maxReaders: MAX_READERS,
        mapSize: process.platform === "win32" ? undefined : MAP_BYTES,
      }),
      readFree,
    );
    store.checkFormat(file);
    return store;
  }

  private checkFormat(file: string): void {
    const stored = this.get(FORMAT_KEY);
    if (!stored) {
      if (this.env.getKeysCount({ limit: 1 }) > 0) {
        throw new Error(`${file} was written by another program; it was not changed: name another data folder`);
      }
      this.txn(() => this.put(FORMAT_KEY, Buffer.from(String(FORMAT_VERSION))));
      return;
    }
    const version = Number(stored.toString("latin1"));
    if (version === FORMAT_VERSION) return;
    throw new Error(
      `${file} has data format ${stored.toString("latin1")}, this version of the embedded database reads ${FORMAT_VERSION}`,
    );
  }

  get(key: Buffer): Buffer | undefined {
    return this.env.get(key);
  }

  range(start: Buffer, end: Buffer, reverse = false): Iterable<Entry> {
    return this.env.getRange(buildRange(start, end, reverse));
  }

  put(key: Buffer, value: Buffer): void {
    this.need.add(value.length);
    void this.env.put(key, value);
  }

  remove(key: Buffer): void {
    this.need.add(0);
    void this.env.remove(key);
  }

  /** Number of keys with start <= key < end. */
  count(start: Buffer, end: Buffer): number {
    return this.env.getKeysCount({ start, end });
  }

  /** Runs `work` in one transaction; it must not wait for anything. @throws 14031 when the disk may be too full for it; nothing is written then */
  txn<T>(work: () => T): T {
    this.writing = true;
    this.need.begin();
    try {
      return this.env.transactionSync(() => {
        const result = work();
        this.need.assertRoom();
        return result;
      });
    } finally {
      this.writing = false;
    }
  }

  /** Inside of txn: when `work` throws, only what it wrote is undone. */
  nested<T>(work: () => T): T {
    return this.env.transactionSync(work);
  }

  snapshot(): Snapshot {
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
        if (!this.writing) return this.env.get(key, { transaction });
        for (const entry of range(key, afterKey(key))) return entry.value;
        return undefined;
      },
      close: () => {
        isOpen = false;
        transaction.done();
      },
    };
  }

  /** Resolves when everything committed so far is on the disk. */
  async flushed(): Promise<void> {
    await this.env.flushed;
  }

  /** Waits for the disk first: closing with writes under way blocks the process for ever. */
  async close(): Promise<void> {
    await this.env.flushed;
    await this.env.close();
  }
}

function buildRange(start: Buffer, end: Buffer, reverse: boolean) {
  return reverse
    ? { start: end, end: start, reverse: true, exclusiveStart: true, inclusiveEnd: true }
    : { start, end };
}
