import { createHash } from "node:crypto";
import { Code, Decimal128, Long, ObjectId, Timestamp } from "bson";
import { alignDecimals, toExact, type ExactDecimal } from "./numbers";
import { isDocument, toBinary, toNumber, toRegexParts, toText } from "./types";
import { foldText, typeRank, type Collation } from "./values";

/** Bytes a component may take; LMDB keys end at 1,978 and a compound index has several. */
const COMPONENT_LIMIT = 700;
const DIGEST_LENGTH = 32;
const DECIMAL_BIAS = 0x4000;
const DECIMAL_DIGITS = 34;

/** UTF-8 of one UTF-16 unit takes at most so many bytes. */
const UNIT_BYTES = 3;

/** Room that is kept from key to key. */
const USUAL_BYTES = 4096;

/** Bytes that grow as needed. */
class KeyWriter {
  private bytes = Buffer.allocUnsafe(USUAL_BYTES);
  private length = 0;

  /** Begins a key, whatever became of the last one. */
  begin(): void {
    this.length = 0;
    if (this.bytes.length > USUAL_BYTES) this.bytes = Buffer.allocUnsafe(USUAL_BYTES);
  }

  private reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.length + count));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }

  writeByte(byte: number): void {
    this.reserve(1);
    this.bytes[this.length] = byte;
    this.length += 1;
  }

  writeBytes(source: Uint8Array): void {
    this.reserve(source.length);
    this.bytes.set(source, this.length);
    this.length += source.length;
  }

  /** UTF-8 with 00 as 00 FF and an end of 00 00, so that no text is a prefix of another's encoding. */
  writeText(text: string): void {
    if (text.includes("\0")) {
      for (const byte of Buffer.from(text, "utf8")) {
        this.writeByte(byte);
        if (byte === 0) this.writeByte(0xff);
      }
    } else {
      this.reserve(UNIT_BYTES * text.length);
      this.length += this.bytes.write(text, this.length, "utf8");
    }
    this.writeByte(0);
    this.writeByte(0);
  }

  /** Big-endian double with its sign flipped, or inverted when negative: bytes then sort like numbers. */
  writeDouble(value: number): void {
    const bytes = Buffer.allocUnsafe(8);
    bytes.writeDoubleBE(value === 0 ? 0 : value);
    const mask = bytes.readUInt8(0) & 0x80 ? 0xff : 0;
    for (let i = 0; i < 8; i += 1) bytes.writeUInt8(bytes.readUInt8(i) ^ mask, i);
    if (mask === 0) bytes.writeUInt8(bytes.readUInt8(0) | 0x80, 0);
    this.writeBytes(bytes);
  }

  /** A copy of what was written since it began. */
  finish(): Buffer {
    return Buffer.from(this.bytes.subarray(0, this.length));
  }
}

/** One for all keys: they are written one after the other, and their bytes copied. */
const writer = new KeyWriter();

/**
 * Bytes that sort as {@link compareValues} sorts the values. No encoding is a prefix of another, so those of
 * a compound index are simply joined. Beyond 700 bytes the head is kept and the rest becomes a SHA-256: still
 * exact for equality, no longer for order.
 */
export function encodeKey(value: unknown, descending = false, collation?: Collation): Buffer {
  writer.begin();
  writeValue(writer, value, collation);
  let key = writer.finish();
  if (key.length > COMPONENT_LIMIT) {
    const digest = createHash("sha256").update(key).digest();
    key = Buffer.concat([key.subarray(0, COMPONENT_LIMIT - DIGEST_LENGTH), digest]);
  }
  if (descending) for (let i = 0; i < key.length; i += 1) key[i] = (key[i] ?? 0) ^ 0xff;
  return key;
}

/** Bounds of all ascending keys of the value's type: the first inclusive, the second exclusive. */
export function typeRange(value: unknown): [low: Buffer, high: Buffer] {
  const rank = typeRank(value);
  return [Buffer.from([rank]), Buffer.from([rank + 1])];
}

function writeValue(writer: KeyWriter, value: unknown, collation?: Collation): void {
  writer.writeByte(typeRank(value));
  const text = toText(value);
  if (text !== undefined) return writer.writeText(foldText(text, collation));
  if (Array.isArray(value)) {
    for (const item of value) writeValue(writer, item, collation);
    return writer.writeByte(0);
  }
  if (isDocument(value)) {
    for (const name of Object.keys(value)) {
      writer.writeByte(typeRank(value[name]));
      writer.writeText(name);
      writeValue(writer, value[name], collation);
    }
    return writer.writeByte(0);
  }
  writeScalar(writer, value);
}

function writeScalar(writer: KeyWriter, value: unknown): void {
  if (typeof value === "boolean") return writer.writeByte(value ? 1 : 0);
  if (value instanceof ObjectId) return writer.writeBytes(value.id);
  // A date beyond what JavaScript's can hold is NaN, which compares as the least.
  if (value instanceof Date) return writer.writeDouble(Number.isNaN(value.getTime()) ? -Infinity : value.getTime());
  if (value instanceof Code) return writer.writeText(value.code);
  if (value instanceof Timestamp) {
    const bytes = Buffer.allocUnsafe(8);
    bytes.writeUInt32BE(value.getHighBitsUnsigned(), 0);
    bytes.writeUInt32BE(value.getLowBitsUnsigned(), 4);
    return writer.writeBytes(bytes);
  }
  const regex = toRegexParts(value);
  if (regex) {
    writer.writeText(regex.pattern);
    return writer.writeText(regex.options);
  }
  const binary = toBinary(value);
  if (binary) {
    const head = Buffer.allocUnsafe(5);
    head.writeUInt32BE(binary.bytes.length, 0);
    head.writeUInt8(binary.subtype, 4);
    writer.writeBytes(head);
    return writer.writeBytes(binary.bytes);
  }
  if (typeRank(value) === typeRank(0)) writeNumber(writer, value);
}

/**
 * The nearest double, then whether the exact value lies below (7F), at (80) or above it (81), then, where it
 * is not exact, the value as a decimal. Equal numbers of different types get equal bytes.
 */
function writeNumber(writer: KeyWriter, value: unknown): void {
  const number = toNumber(value);
  if (Number.isNaN(number)) {
    writer.writeBytes(Buffer.alloc(8));
    return writer.writeByte(0x80);
  }
  const exact = value instanceof Long || value instanceof Decimal128 || typeof value === "bigint" ? toExact(value) : undefined;
  const nearest = exact && !Number.isFinite(number) ? Math.sign(number) * Number.MAX_VALUE : number;
  writer.writeDouble(nearest);
  if (!exact || (Number.isSafeInteger(nearest) && exact.exponent === 0)) return writer.writeByte(0x80);
  const [own, rounded] = alignDecimals(exact, toExact(nearest) ?? exact);
  writer.writeByte(own === rounded ? 0x80 : own < rounded ? 0x7f : 0x81);
  if (own !== rounded) writer.writeBytes(encodeDecimal(exact));
}

/** Scientific notation as sortable bytes: a biased exponent and 34 digits, inverted when negative. */
function encodeDecimal({ digits, exponent }: ExactDecimal): Buffer {
  const negative = digits < 0n;
  const text = (negative ? -digits : digits).toString();
  const bytes = Buffer.alloc(2 + DECIMAL_DIGITS, "0", "latin1");
  bytes.writeUInt16BE(exponent + text.length + DECIMAL_BIAS, 0);
  bytes.write(text, 2, "latin1");
  return negative ? Buffer.from(bytes.map((byte) => byte ^ 0xff)) : bytes;
}
