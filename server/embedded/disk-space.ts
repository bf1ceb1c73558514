import fs from "node:fs";
import path from "node:path";
import { fail } from "./errors";
import { JOURNAL_BYTES, JOURNAL_NAME } from "./journal";

/**
 * LMDB must never meet a full disk: lmdb-js 3.5.6 writes what it has to say of that behind the end of the memory it took for it (mdb_page_flush
 * in mdb.c, 100 bytes), which ends the process in about half of all cases. So every transaction asks first, for the most it could take.
 */

/** Besides the pages of its entries a transaction writes the branches above them, the list of free pages and two headers. */
const FIXED_PAGES = 64;
/** An entry changes its page, and may split it in two. */
const PAGES_PER_ENTRY = 2;
/** Left for what other programs write between the look and the write. */
const MARGIN_BYTES = 2 ** 20;

/** Free bytes of the disk for this user; null where the file system does not say. */
export function readFreeBytes(folder: string): number | null {
  const { blocks, bavail, bsize } = fs.statfsSync(folder);
  return blocks > 0 ? bavail * bsize : null;
}

/** In the words of the system. */
export function describeShortage(free: number): string {
  return `No space left on device: ${free} bytes are free`;
}

/** The entries of what a start writes: no counts any more, a new format. */
const START_PAGES = 8;

/** What the server needs to start: its first transaction, and the journal where there is none. */
export function countStartBytes(folder: string): number {
  const journal = fs.existsSync(path.join(folder, JOURNAL_NAME)) ? 0 : JOURNAL_BYTES;
  return MARGIN_BYTES + (FIXED_PAGES + START_PAGES) * 4096 + journal;
}

/** The most that a transaction of LMDB can take of the disk, counted while it is put together. */
export class DiskNeed {
  private pages = FIXED_PAGES;
  private free: number | null = null;

  constructor(
    private readonly pageBytes: number,
    private readonly readFree: () => number | null,
  ) {}

  /** A new transaction. */
  begin(): void {
    this.pages = FIXED_PAGES;
  }

  /** One entry more is written or removed. @param bytes of its value; a long one has pages of its own */
  add(bytes: number): void {
    this.pages += PAGES_PER_ENTRY + Math.ceil(bytes / this.pageBytes);
  }

  /** Asks the disk, for the moment. @param more bytes beside those that are counted @returns whether there is certainly enough */
  look(more = 0): boolean {
    this.free = this.readFree();
    return this.isEnough(more);
  }

  /** @throws 14031 when there may not have been enough at the last look */
  assertRoom(): void {
    if (this.free === null || this.isEnough()) return;
    fail(14031, "OutOfDiskSpace", `The disk with the data of the embedded database is full (${describeShortage(this.free)})`);
  }

  private isEnough(more = 0): boolean {
    return this.free === null || this.free >= this.pages * this.pageBytes + MARGIN_BYTES + more;
  }
}
