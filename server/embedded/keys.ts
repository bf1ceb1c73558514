/**
 * Layout of the key space. Every stored key starts with one letter:
 *
 *   c                              number of documents of every collection, as a clean stop left them (BSON)
 *   f                              format version
 *   m <namespace>                  catalogue entry of a collection (BSON)
 *   d <collection u32> <record>    document bytes; record ids grow, so a scan is in insertion order
 *   i <index u32> <values> <record>  empty; the record id makes every entry distinct
 *   j                              which records of the journal are in here (see store.ts)
 *   s <session id>                 retry record of the session's last retryable write (BSON)
 *   s <session id> . <part u32>    lists of its answer, when it is a long batch (BSON)
 */
const RECORD_BYTES = 8;

export const COUNTS_KEY = Buffer.from("c");
export const FORMAT_KEY = Buffer.from("f");
export const JOURNAL_KEY = Buffer.from("j");
export const CATALOG_PREFIX = Buffer.from("m");
export const DOCUMENT_LETTER = "d".charCodeAt(0);
export const RETRY_PREFIX = Buffer.from("s");

/** LMDB refuses longer keys (page size 4096). */
export const MAX_KEY_BYTES = 1978;

export function buildCatalogKey(namespace: string): Buffer {
  return Buffer.from(`m${namespace}`);
}

export function buildRetryKey(sessionId: string): Buffer {
  return Buffer.from(`s${sessionId}`);
}

/** What a long batch has to answer, in parts; session ids are hexadecimal. */
export function buildRetryPartKey(retryKey: Buffer, part: number): Buffer {
  const number = Buffer.alloc(5, ".");
  number.writeUInt32BE(part, 1);
  return Buffer.concat([retryKey, number]);
}

function buildNumberedPrefix(letter: "d" | "i", id: number): Buffer {
  const prefix = Buffer.alloc(5);
  prefix[0] = letter.charCodeAt(0);
  prefix.writeUInt32BE(id, 1);
  return prefix;
}

/** The id in a document or index key. */
export function readNumberedPrefix(key: Buffer): number {
  return key.readUInt32BE(1);
}

/** Prefix of all documents of a collection. */
export function buildDocumentPrefix(collectionId: number): Buffer {
  return buildNumberedPrefix("d", collectionId);
}

/** Prefix of all entries of an index. */
export function buildIndexPrefix(indexId: number): Buffer {
  return buildNumberedPrefix("i", indexId);
}

/** Eight big-endian bytes, so that byte order is number order. */
export function encodeRecord(record: number): Buffer {
  const bytes = Buffer.alloc(RECORD_BYTES);
  bytes.writeUInt32BE(Math.floor(record / 0x1_0000_0000), 0);
  bytes.writeUInt32BE(record % 0x1_0000_0000, 4);
  return bytes;
}

/** The record id that ends a document or index key. */
export function readRecord(key: Buffer): number {
  const start = key.length - RECORD_BYTES;
  return key.readUInt32BE(start) * 0x1_0000_0000 + key.readUInt32BE(start + 4);
}

/** The smallest key greater than every key that starts with `prefix`. */
export function endOfPrefix(prefix: Buffer): Buffer {
  for (let last = prefix.length - 1; last >= 0; last -= 1) {
    const byte = prefix[last] ?? 0;
    if (byte === 255) continue;
    const end = Buffer.from(prefix.subarray(0, last + 1));
    end[last] = byte + 1;
    return end;
  }
  return Buffer.from([255]);
}

/** The smallest key greater than `key`. */
export function afterKey(key: Buffer): Buffer {
  return Buffer.concat([key, Buffer.from([0])]);
}
