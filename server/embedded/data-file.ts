import fs from "node:fs";

const PAGE_HEADER_BYTES = 24;
const MAGIC = 0xbeefc0de;
const META_PAGES = 2;
const META_BYTES = 136;
/** Offsets inside LMDB's meta structure (see `MDB_meta` in mdb.c). */
const PAGE_SIZE_OFFSET = 24;
const LAST_PAGE_OFFSET = 120;

/**
 * Looks at the two header pages of an LMDB file before LMDB maps it: LMDB trusts them, and a damaged or
 * truncated file would end the process with a signal instead of an error.
 * @throws Error with one line naming the file when it is not a whole LMDB file. A missing or empty file is fine.
 */
export function checkDataFile(file: string): void {
  if (!fs.existsSync(file)) return;
  const size = fs.statSync(file).size;
  if (size === 0) return;
  const descriptor = fs.openSync(file, "r");
  try {
    const first = readMeta(descriptor, 0);
    const pageSize = first?.pageSize ?? 0;
    if (!first || pageSize < 256 || pageSize > 65536) throw damaged(file, "its header is not LMDB's");
    const metas = [first];
    for (let page = 1; page < META_PAGES; page += 1) {
      const meta = readMeta(descriptor, page * pageSize);
      if (!meta) throw damaged(file, `header page ${page} is not LMDB's`);
      metas.push(meta);
    }
    const lastPage = Math.max(...metas.map((meta) => meta.lastPage));
    if ((lastPage + 1) * pageSize > size) {
      throw damaged(file, `${size} bytes, at least ${(lastPage + 1) * pageSize} expected`);
    }
  } finally {
    fs.closeSync(descriptor);
  }
}

function readMeta(descriptor: number, offset: number): { pageSize: number; lastPage: number } | null {
  const meta = Buffer.alloc(META_BYTES);
  const read = fs.readSync(descriptor, meta, 0, META_BYTES, offset + PAGE_HEADER_BYTES);
  if (read < META_BYTES || meta.readUInt32LE(0) !== MAGIC) return null;
  return {
    pageSize: meta.readUInt32LE(PAGE_SIZE_OFFSET),
    lastPage: Number(meta.readBigUInt64LE(LAST_PAGE_OFFSET)),
  };
}

function damaged(file: string, why: string): Error {
  return new Error(`${file} is damaged or not a data file of the embedded database (${why}); restore it from a copy`);
}
