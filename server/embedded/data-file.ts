import fs from "node:fs";
import { damaged } from "./damage";

const CLEAN_SUFFIX = "-clean";
const PAGE_HEADER_BYTES = 24;
const MAGIC = 0xbeefc0de;
/** The header in the middle of the first page is written without it. */
const NO_MAGIC = 0;
const META_BYTES = 136;
/** Offsets inside LMDB's meta structure (see `MDB_meta` and `MDB_db` in mdb.c). */
const FREE_TREE_OFFSET = 24;
const MAIN_TREE_OFFSET = 72;
const LAST_PAGE_OFFSET = 120;
const TRANSACTION_OFFSET = 128;

/** What a header page says of one of the two trees in the file. */
export interface TreeHeader {
  depth: number;
  branchPages: number;
  leafPages: number;
  overflowPages: number;
  entries: number;
  /** All bits set: the tree is empty. */
  root: bigint;
}

/** A header page: one state of the file. */
export interface Meta {
  pageSize: number;
  lastPage: number;
  transaction: number;
  free: TreeHeader;
  main: TreeHeader;
}

/**
 * Looks at the two header pages of an LMDB file before LMDB maps it: LMDB trusts them, and another file would end the
 * process with a signal instead of an error. Whether the rest is whole is what checkPages finds out.
 * @throws Error with one line naming the file when it is not LMDB's. A missing or empty file is fine.
 */
export function checkDataFile(file: string): void {
  const size = fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0) return;
  const descriptor = fs.openSync(file, "r");
  try {
    readMetas(file, descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

/**
 * The states of an open LMDB file: the last transaction, and the last one known to be on the disk, which lmdb-js keeps
 * in the middle of the first page when it commits without waiting for the disk.
 * @throws Error with one line when a header page is not LMDB's
 */
export function readMetas(file: string, descriptor: number): { newest: Meta; synced: Meta | null } {
  const first = readMeta(descriptor, 0);
  const pageSize = first?.pageSize ?? 0;
  if (!first || pageSize < 256 || pageSize > 65536) throw damaged(file, "its header is not LMDB's");
  const second = readMeta(descriptor, pageSize);
  if (!second) throw damaged(file, "header page 1 is not LMDB's");
  const newest = first.transaction >= second.transaction ? first : second;
  const synced = readMeta(descriptor, pageSize / 2, NO_MAGIC);
  const isSynced = synced !== null && synced.transaction > 0 && synced.pageSize === pageSize;
  return { newest: { ...newest, pageSize }, synced: isSynced ? synced : null };
}

/** Notes the file as a clean stop has left it: while it is the same, its pages need not be read before LMDB maps them. */
export function noteCleanStop(file: string): void {
  try {
    fs.writeFileSync(`${file}${CLEAN_SUFFIX}`, describeState(file));
  } catch {
    // A full disk: the next start reads the pages.
  }
}

/**
 * Whether the file is as a clean stop has left it. The note is taken away: it holds for one start.
 * @throws Error with one line when nothing is left in a file that was not empty: LMDB would begin anew
 */
export function takeCleanNote(file: string): boolean {
  const note = `${file}${CLEAN_SUFFIX}`;
  if (!fs.existsSync(note)) return false;
  if (fs.statSync(file, { throwIfNoEntry: false })?.size === 0) throw damaged(file, "it is empty");
  const isSame = fs.readFileSync(note, "utf8") === describeState(file);
  fs.rmSync(note);
  return isSame;
}

function describeState(file: string): string {
  const info = fs.statSync(file, { bigint: true, throwIfNoEntry: false });
  // No tool that copies or restores files can keep the last two.
  return `${info?.size} bytes, changed at ${info?.mtimeNs}, as file ${info?.ino} at ${info?.ctimeNs}\n`;
}

function readMeta(descriptor: number, offset: number, magic = MAGIC): Meta | null {
  const bytes = Buffer.alloc(META_BYTES);
  const read = fs.readSync(descriptor, bytes, 0, META_BYTES, offset + PAGE_HEADER_BYTES);
  if (read < META_BYTES || bytes.readUInt32LE(0) !== magic) return null;
  return {
    pageSize: bytes.readUInt32LE(FREE_TREE_OFFSET),
    lastPage: Number(bytes.readBigUInt64LE(LAST_PAGE_OFFSET)),
    transaction: Number(bytes.readBigUInt64LE(TRANSACTION_OFFSET)),
    free: readTree(bytes, FREE_TREE_OFFSET),
    main: readTree(bytes, MAIN_TREE_OFFSET),
  };
}

function readTree(bytes: Buffer, offset: number): TreeHeader {
  return {
    depth: bytes.readUInt16LE(offset + 6),
    branchPages: Number(bytes.readBigUInt64LE(offset + 8)),
    leafPages: Number(bytes.readBigUInt64LE(offset + 16)),
    overflowPages: Number(bytes.readBigUInt64LE(offset + 24)),
    entries: Number(bytes.readBigUInt64LE(offset + 32)),
    root: bytes.readBigUInt64LE(offset + 40),
  };
}
