import fs from "node:fs";
import path from "node:path";
import { crc32 } from "node:zlib";

/**
 * The journal: what the latest units wrote, each on the disk before anybody is told of it, and only until LMDB has it on the disk
 * itself. A unit is then one short write to the same few blocks and one wait, where a commit of LMDB is ten pages and two waits. This is
 * a redo log (C. Mohan et al., "ARIES", ACM TODS 17, 1992), without undo: nothing of what LMDB has not committed is ever in its file.
 *
 *   file    records from the start; behind them zeros, or records of before the last restart
 *   record  mark u32, crc32 of all that follows u32, bytes u32, writes u32, sequence u64, writes; a multiple of 8 bytes
 *   write   bytes of the key u16, bytes of the value u32 (all bits set: the key is removed), key, value
 *
 * All numbers are little-endian. The sum begins with a number of the store's own: no document can hold what passes for a record.
 */
export interface Write {
  key: Buffer;
  /** null: the key is removed. */
  value: Buffer | null;
}

/** Which records a store has to look for: those after `sequence`, with sums that begin with `salt`. */
export interface JournalState {
  salt: number;
  sequence: number;
}

export const JOURNAL_NAME = "journal";
export const JOURNAL_BYTES = 2 ** 20;
/** A longer unit is as soon stored by LMDB at once. */
const LARGEST_RECORD = 2 ** 16;
const PAGE_BYTES = 4096;
const MARK = 0xa17e0c1f;
const HEAD_BYTES = 24;
const WRITE_HEAD_BYTES = 6;
const ALIGNMENT = 8;
const REMOVED = 0xffffffff;
const MOST_RECORDS = JOURNAL_BYTES / HEAD_BYTES;
const REMEDY =
  "restore it and data.mdb from a copy of one moment, or put an empty file in its place to go on without its units, which are those of the last second";

function sizeOf(writes: readonly Write[]): number {
  const bytes = writes.reduce((sum, { key, value }) => sum + WRITE_HEAD_BYTES + key.length + (value?.length ?? 0), HEAD_BYTES);
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

function encodeRecord(writes: readonly Write[], size: number, { salt, sequence }: JournalState): Buffer {
  const bytes = Buffer.allocUnsafe(size);
  bytes.writeUInt32LE(MARK, 0);
  bytes.writeUInt32LE(size, 8);
  bytes.writeUInt32LE(writes.length, 12);
  bytes.writeBigUInt64LE(BigInt(sequence), 16);
  let at = HEAD_BYTES;
  for (const { key, value } of writes) {
    bytes.writeUInt16LE(key.length, at);
    bytes.writeUInt32LE(value ? value.length : REMOVED, at + 2);
    at += WRITE_HEAD_BYTES;
    at += key.copy(bytes, at);
    if (value) at += value.copy(bytes, at);
  }
  bytes.fill(0, at);
  bytes.writeUInt32LE(crc32(bytes.subarray(8), salt), 4);
  return bytes;
}

/**
 * The record at this place; null when there is none that is whole and comes after `sequence`. What is cheap to see is looked at first: a
 * document may be full of what looks like the heads of records. What begins the file is none of those: it may be of any later moment.
 */
function readRecord(bytes: Buffer, start: number, { salt, sequence }: JournalState): { sequence: number; end: number; count: number } | null {
  if (start + HEAD_BYTES > bytes.length || bytes.readUInt32LE(start) !== MARK) return null;
  const size = bytes.readUInt32LE(start + 8);
  const [end, own] = [start + size, Number(bytes.readBigUInt64LE(start + 16))];
  if (size < HEAD_BYTES || size > LARGEST_RECORD || end > bytes.length) return null;
  if (own <= sequence || (start > 0 && own > sequence + MOST_RECORDS)) return null;
  if (crc32(bytes.subarray(start + 8, end), salt) !== bytes.readUInt32LE(start + 4)) return null;
  return { sequence: own, end, count: bytes.readUInt32LE(start + 12) };
}

function readWrites(bytes: Buffer, start: number, count: number): Write[] {
  let at = start + HEAD_BYTES;
  return Array.from({ length: count }, () => {
    const [keyLength, valueLength] = [bytes.readUInt16LE(at), bytes.readUInt32LE(at + 2)];
    const keyEnd = at + WRITE_HEAD_BYTES + keyLength;
    const valueEnd = keyEnd + (valueLength === REMOVED ? 0 : valueLength);
    const write = {
      key: bytes.subarray(at + WRITE_HEAD_BYTES, keyEnd),
      value: valueLength === REMOVED ? null : bytes.subarray(keyEnd, valueEnd),
    };
    at = valueEnd;
    return write;
  });
}

/**
 * The units that LMDB may not have, in their order. A record that is not whole was not finished, and nobody was told of it: it ends them.
 * An empty file has none: so somebody says that they are to be done without.
 * @throws Error with one line when the file is not there, or has lost its end, or when later records follow that do not fit: damage, or
 * files of different moments
 */
export function readJournal(file: string, state: JournalState): { units: Write[][]; end: number } {
  const units: Write[][] = [];
  const length = readLength(file);
  if (length === null) throw new Error(`${file} is missing; nothing was changed: ${REMEDY}`);
  if (length > 0 && length < JOURNAL_BYTES) {
    throw new Error(`${file} is damaged (${length} of its ${JOURNAL_BYTES} bytes are there); nothing was changed: ${REMEDY}`);
  }
  const { salt, sequence } = state;
  const bytes = fs.readFileSync(file);
  let end = 0;
  for (let record = readRecord(bytes, 0, state); record?.sequence === sequence + units.length + 1; record = readRecord(bytes, end, state)) {
    units.push(readWrites(bytes, end, record.count));
    end = record.end;
  }
  for (let at = end; at < bytes.length; at += ALIGNMENT) {
    const later = readRecord(bytes, at, { salt, sequence: sequence + units.length });
    if (!later) continue;
    throw new Error(
      `${file} is damaged, or not of the same moment as data.mdb (after unit ${sequence + units.length} comes ${later.sequence}); nothing was changed: ${REMEDY}`,
    );
  }
  return { units, end };
}

/** Appends to the journal. */
export class Journal {
  private readonly descriptor: number;

  /**
   * Opens the file, or makes it. It has its size from the start, and keeps it: no write has to change more than its own blocks.
   * @param end where the next record begins
   */
  constructor(
    file: string,
    private state: JournalState,
    private end: number,
  ) {
    if (readLength(file) !== JOURNAL_BYTES) makeFile(file);
    this.descriptor = fs.openSync(file, fs.constants.O_RDWR);
  }

  /**
   * Returns once the unit is on the disk.
   * @returns false, with nothing written, when there is no room for it before the next restart
   * @throws the system's error; then the unit counts as not written
   */
  append(writes: readonly Write[]): boolean {
    const size = sizeOf(writes);
    if (size > LARGEST_RECORD || this.end + size > JOURNAL_BYTES) return false;
    const record = encodeRecord(writes, size, this.nextState);
    try {
      for (let at = 0; at < size; ) at += fs.writeSync(this.descriptor, record, at, size - at, this.end + at);
      fs.fdatasyncSync(this.descriptor);
    } catch (error) {
      this.wipe();
      throw error;
    }
    this.state = this.nextState;
    this.end += size;
    return true;
  }

  /** Takes away what may be there of a record that counts as not written. A disk that does not take that either has nothing to be read from. */
  private wipe(): void {
    try {
      fs.writeSync(this.descriptor, Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, this.end);
    } catch {
      // The first error is the one to tell.
    }
  }

  /** What LMDB is to say with all of this in it: its commit has a number of its own, so that data from before does not fit what follows. */
  get nextState(): JournalState {
    return { ...this.state, sequence: this.state.sequence + 1 };
  }

  /** LMDB has all of it on the disk, and {@link nextState}: the next record goes to the start. */
  restart(): void {
    this.state = this.nextState;
    this.end = 0;
  }

  close(): void {
    fs.closeSync(this.descriptor);
  }
}

/** For a store that does not ask for it any more. */
export function removeJournal(file: string): void {
  try {
    fs.rmSync(file, { force: true });
  } catch {
    // Where it has to stay, the next one begins in it.
  }
}

/** null when there is no file. */
function readLength(file: string): number | null {
  return fs.statSync(file, { throwIfNoEntry: false })?.size ?? null;
}

/** The file is there as a whole or not at all. */
function makeFile(file: string): void {
  const unfinished = `${file}.unfinished`;
  const descriptor = fs.openSync(unfinished, "w", 0o600);
  try {
    // Page by page: what is written in large pieces the system also keeps in large pieces, which makes each small write slower.
    const page = Buffer.alloc(PAGE_BYTES);
    for (let at = 0; at < JOURNAL_BYTES; ) at += fs.writeSync(descriptor, page, 0, PAGE_BYTES, at);
    fs.fsyncSync(descriptor);
  } catch (error) {
    fs.rmSync(unfinished);
    throw error;
  } finally {
    fs.closeSync(descriptor);
  }
  fs.renameSync(unfinished, file);
  syncFolder(path.dirname(file));
}

/** A new file is there for certain once its folder is on the disk, too; Windows cannot be told, and need not. */
function syncFolder(folder: string): void {
  if (process.platform === "win32") return;
  const descriptor = fs.openSync(folder, "r");
  fs.fsyncSync(descriptor);
  fs.closeSync(descriptor);
}
