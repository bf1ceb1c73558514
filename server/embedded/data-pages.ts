import fs from "node:fs";
import { damaged } from "./damage";
import { readMetas, type Meta, type TreeHeader } from "./data-file";
import { DOCUMENT_LETTER, readNumberedPrefix } from "./keys";

/** Layout of LMDB's pages and nodes, see `MDB_page_header`, `MDB_node` and `MDB_ovpage` in mdb.c. */
const HEADER_BYTES = 24;
const NODE_BYTES = 8;
const OVERFLOW_BYTES = 24;
const NO_PAGE = 0xffff_ffff_ffff_ffffn;
const BRANCH = 0x01;
const LEAF = 0x02;
const OVERFLOW = 0x04;
const PAGE_KINDS = 0x7f;
const IS_BIG = 0x01;
const NUMBER_BYTES = 8;

/** A key where it lies in its page. Pages are large and keys are many: they are not taken out. */
interface Key {
  page: Buffer;
  start: number;
  end: number;
}

/** What is to be known of a tree: the order of its keys, and who wants to see its keys and values. */
interface TreeKind {
  compare: (a: Key, b: Key) => number;
  onKey?: (key: Key) => void;
  onValue?: (value: Buffer) => void;
}

/** How many documents there are, by the id of their collection. */
export type DocumentCounts = Map<number, number>;

/** What was counted in one state of the file, and which transaction made that state. */
export interface CountedState {
  transaction: number;
  counts: DocumentCounts;
}

/**
 * Reads every page that LMDB would follow from the newest state of the file, without LMDB: a torn page ends LMDB's
 * process, here it is found and named. It looks at page numbers, kinds, bounds, key order and totals. It cannot see
 * damage inside a value; LMDB keeps no checksums.
 * @returns how many documents that state has; null for a file that is empty or not there
 * @throws Error with one line naming the file and the page
 */
export function checkPages(file: string): CountedState | null {
  const size = fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0) return null;
  const descriptor = fs.openSync(file, "r");
  try {
    const { newest, synced } = readMetas(file, descriptor);
    try {
      return walkState(file, descriptor, newest);
    } catch (error) {
      // After a loss of power LMDB goes back to what it knows to be on the disk.
      if (!synced || synced.transaction >= newest.transaction) throw error;
      return walkState(file, descriptor, synced);
    }
  } finally {
    fs.closeSync(descriptor);
  }
}

function walkState(file: string, descriptor: number, meta: Meta): CountedState {
  const seen = new Uint8Array(meta.lastPage + 1);
  const lists: Buffer[] = [];
  const counts: DocumentCounts = new Map();
  const ofFree: TreeKind = { compare: compareNumbers, onValue: (value) => lists.push(value) };
  const ofMain: TreeKind = { compare: compareBytes, onKey: (key) => countDocument(counts, key) };
  new TreeWalk(file, descriptor, meta, seen, ofFree).walk(meta.free);
  new TreeWalk(file, descriptor, meta, seen, ofMain).walk(meta.main);
  for (const list of lists) claimFreePages(file, list, seen);
  return { transaction: meta.transaction, counts };
}

/**
 * A list of free pages: how many numbers follow, then the numbers; a negative one is the length of a run that begins at the next,
 * 0 means nothing. A page that is in use must not be in it: LMDB would write over it.
 */
function claimFreePages(file: string, list: Buffer, seen: Uint8Array): void {
  const readNumber = (position: number) => Number(list.readBigInt64LE(position * NUMBER_BYTES));
  const count = list.length < NUMBER_BYTES ? -1 : readNumber(0);
  if (!(count >= 0 && (count + 1) * NUMBER_BYTES <= list.length)) throw damaged(file, "its free list has an impossible length");
  let run = 1;
  for (let position = 1; position <= count; position += 1) {
    const page = readNumber(position);
    if (page < 0) {
      run = -page;
      continue;
    }
    for (let part = page; page > 0 && part < page + run; part += 1) {
      if (part >= seen.length || part < 2 || seen[part]) throw damaged(file, `its free list has page ${part}, which is not free`);
      seen[part] = 1;
    }
    run = 1;
  }
}

function countDocument(counts: DocumentCounts, { page, start }: Key): void {
  if (page[start] !== DOCUMENT_LETTER) return;
  const collection = readNumberedPrefix(page.subarray(start));
  counts.set(collection, (counts.get(collection) ?? 0) + 1);
}

function compareBytes(a: Key, b: Key): number {
  return a.page.compare(b.page, b.start, b.end, a.start, a.end);
}

/** Keys of the free list are transaction numbers. */
function compareNumbers(a: Key, b: Key): number {
  if (a.end - a.start !== 8 || b.end - b.start !== 8) return -1;
  const [x, y] = [a.page.readBigUInt64LE(a.start), b.page.readBigUInt64LE(b.start)];
  return x < y ? -1 : Number(x > y);
}

class TreeWalk {
  private readonly counts = { branchPages: 0, leafPages: 0, overflowPages: 0, entries: 0 };
  /** A page of each level; what lies below is read while it is in use. */
  private readonly buffers: Buffer[] = [];

  constructor(
    private readonly file: string,
    private readonly descriptor: number,
    private readonly meta: Meta,
    private readonly seen: Uint8Array,
    private readonly kind: TreeKind,
  ) {}

  walk(header: TreeHeader): void {
    if (header.root !== NO_PAGE) this.walkPage(Number(header.root), header.depth, null, null);
    for (const name of ["branchPages", "leafPages", "overflowPages", "entries"] as const) {
      if (this.counts[name] !== header[name]) throw this.fail(`${this.counts[name]} ${name} where the header says ${header[name]}`);
    }
  }

  /** @param level 1 for a leaf; every key lies from `low` up to, not including, `high` */
  private walkPage(number: number, level: number, low: Key | null, high: Key | null): void {
    const page = this.readPage(number, level);
    const count = page.readUInt16LE(20) >> 1;
    let key = low;
    let child = 0;
    for (let position = 0; position < count; position += 1) {
      const start = HEADER_BYTES + page.readUInt16LE(HEADER_BYTES + 2 * position);
      const next = this.readKey(number, page, start);
      // The first key of a branch is left empty: it is its parent's.
      const isFirst = position === 0;
      if (!(isFirst && level > 1)) {
        const order = key === null ? 1 : this.kind.compare(next, key);
        if (order < 0 || (order === 0 && !(isFirst && level === 1))) throw this.fail(`page ${number} has its keys in the wrong order`);
      }
      if (level === 1) this.checkEntry(number, next, start);
      else if (!isFirst) this.walkPage(child, level - 1, key, next);
      if (level > 1) child = page.readUInt32LE(start) + page.readUInt16LE(start + 4) * 0x1_0000_0000;
      if (!(isFirst && level > 1)) key = next;
    }
    const isBeyond = key !== null && high !== null && this.kind.compare(key, high) >= 0;
    if (isBeyond) throw this.fail(`page ${number} has keys that belong elsewhere`);
    if (level > 1) this.walkPage(child, level - 1, key, high);
    this.counts[level > 1 ? "branchPages" : "leafPages"] += 1;
    if (level === 1) this.counts.entries += count;
  }

  private readKey(number: number, page: Buffer, start: number): Key {
    const end = start + NODE_BYTES <= page.length ? start + NODE_BYTES + page.readUInt16LE(start + 6) : Number.POSITIVE_INFINITY;
    const upper = HEADER_BYTES + page.readUInt16LE(22);
    if (start < upper || end > page.length) throw this.fail(`page ${number} has an impossible entry`);
    return { page, start: start + NODE_BYTES, end };
  }

  /** A leaf's value lies behind its key, a long one on pages of its own. */
  private checkEntry(number: number, key: Key, start: number): void {
    const { page, end } = key;
    this.kind.onKey?.(key);
    const size = page.readUInt32LE(start);
    const flags = page.readUInt16LE(start + 4);
    if ((flags & ~IS_BIG) !== 0 || end + (flags === IS_BIG ? OVERFLOW_BYTES : size) > page.length) {
      throw this.fail(`page ${number} has an impossible value`);
    }
    if (flags !== IS_BIG) return this.kind.onValue?.(Buffer.from(page.subarray(end, end + size)));
    const [first, pages] = [Number(page.readBigUInt64LE(end)), Number(page.readBigUInt64LE(end + 16))];
    // A value that was written again in its transaction may leave some of them over.
    if (pages < Math.floor((HEADER_BYTES - 1 + size) / page.length) + 1) throw this.fail(`page ${number} has an impossible value`);
    for (let part = first; part < first + pages; part += 1) this.claim(part);
    const header = this.read(first, Buffer.allocUnsafe(HEADER_BYTES));
    if (!isPage(header, first, OVERFLOW) || header.readUInt32LE(20) !== pages) throw this.fail(`page ${first} is not what it should be`);
    this.counts.overflowPages += pages;
    this.kind.onValue?.(this.read(first, Buffer.allocUnsafe(HEADER_BYTES + size)).subarray(HEADER_BYTES));
  }

  private readPage(number: number, level: number): Buffer {
    this.claim(number);
    const page = this.read(number, (this.buffers[level] ??= Buffer.allocUnsafeSlow(this.meta.pageSize)));
    if (!isPage(page, number, level > 1 ? BRANCH : LEAF)) throw this.fail(`page ${number} is not what it should be`);
    const [lower, upper] = [page.readUInt16LE(20), page.readUInt16LE(22)];
    const isPlausible = lower % 2 === 0 && lower >= (level > 1 ? 4 : 2) && lower <= upper && upper <= page.length - HEADER_BYTES;
    if (!isPlausible) throw this.fail(`page ${number} has impossible bounds`);
    return page;
  }

  private claim(number: number): void {
    if (!(number >= 2 && number <= this.meta.lastPage)) throw this.fail(`page ${number} is asked for, which is not there`);
    if (this.seen[number]) throw this.fail(`page ${number} is used twice`);
    this.seen[number] = 1;
  }

  private read(number: number, into: Buffer): Buffer {
    const read = fs.readSync(this.descriptor, into, 0, into.length, number * this.meta.pageSize);
    if (read < into.length) throw this.fail(`page ${number} is cut off`);
    return into;
  }

  private fail(why: string): Error {
    return damaged(this.file, why);
  }
}

function isPage(bytes: Buffer, number: number, kind: number): boolean {
  return Number(bytes.readBigUInt64LE(0)) === number && (bytes.readUInt16LE(18) & PAGE_KINDS) === kind;
}
