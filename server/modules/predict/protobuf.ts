import "server-only";

/** A field of a message in the protobuf wire format (https://protobuf.dev/programming-guides/encoding). */
export interface WireField {
  number: number;
  /** 0 varint, 1 fixed 64 bits, 2 length-delimited, 5 fixed 32 bits. */
  wireType: 0 | 1 | 2 | 5;
  /** The varint of wire type 0, else 0. */
  value: bigint;
  /** What wire types 1, 2 and 5 carry, else empty. */
  body: Uint8Array;
  /** The whole field with its tag, to copy it unchanged. */
  raw: Uint8Array;
}

/** The bytes are not a protobuf message, or end too early. */
export class WireError extends Error {
  override readonly name = "WireError";
}

const EMPTY = new Uint8Array(0);
const LONGEST_VARINT = 10;
/** Below this a varint is a number without loss. */
const SAFE_BYTES = 7;

class Reader {
  position = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.position >= this.#bytes.length;
  }

  /** Where the varint that begins here ends: at most ten bytes, as the format allows. */
  #endOfVarint(): number {
    for (let end = this.position + 1; end <= this.position + LONGEST_VARINT; end++) {
      const byte = this.#bytes[end - 1];
      if (byte === undefined) throw new WireError("The file ends within a number.");
      if (byte < 0x80) return end;
    }
    throw new WireError("A number is longer than ten bytes.");
  }

  skipVarint(): void {
    this.position = this.#endOfVarint();
  }

  /** Bits above the 64th are cut off as every parser does. */
  varint(): bigint {
    const end = this.#endOfVarint();
    let value = 0n;
    for (let index = end - 1; index >= this.position; index--) value = (value << 7n) | BigInt((this.#bytes[index] ?? 0) & 0x7f);
    this.position = end;
    return BigInt.asUintN(64, value);
  }

  /** A varint that is a tag or a length; what no number can hold is infinite. */
  number(): number {
    const end = this.#endOfVarint();
    let value = 0;
    for (let index = end - 1; index >= this.position; index--) value = value * 128 + ((this.#bytes[index] ?? 0) & 0x7f);
    const isSafe = end - this.position <= SAFE_BYTES;
    this.position = end;
    return isSafe ? value : Infinity;
  }

  take(length: number): Uint8Array {
    const start = this.position;
    this.skip(length);
    return this.#bytes.subarray(start, this.position);
  }

  skip(length: number): void {
    if (length > this.#bytes.length - this.position) throw new WireError("The file ends within a field.");
    this.position += length;
  }

  since(start: number): Uint8Array {
    return this.#bytes.subarray(start, this.position);
  }
}

function skipField(reader: Reader, wireType: number): void {
  if (wireType === 0) reader.skipVarint();
  else if (wireType === 1) reader.skip(8);
  else if (wireType === 2) reader.skip(reader.number());
  else if (wireType === 5) reader.skip(4);
  else throw new WireError("A field has a kind that ONNX does not use.");
}

function readField(reader: Reader, start: number, number: number, wireType: number): WireField {
  if (wireType === 0) return { number, wireType, value: reader.varint(), body: EMPTY, raw: reader.since(start) };
  if (wireType === 2) return { number, wireType, value: 0n, body: reader.take(reader.number()), raw: reader.since(start) };
  if (wireType === 1) return { number, wireType, value: 0n, body: reader.take(8), raw: reader.since(start) };
  if (wireType === 5) return { number, wireType, value: 0n, body: reader.take(4), raw: reader.since(start) };
  throw new WireError("A field has a kind that ONNX does not use.");
}

/**
 * The fields of one message in the order of the file. Tags above 32 bits are refused, because parsers differ in how they cut them,
 * and what is checked here has to be what the runtime reads.
 * @param wanted the numbers to give; a message may hold millions of others, which cost next to nothing then. Without it: all
 * @throws {WireError}
 */
export function* readFields(bytes: Uint8Array, wanted?: ReadonlySet<number>): Generator<WireField> {
  const reader = new Reader(bytes);
  while (!reader.done) {
    const start = reader.position;
    const tag = reader.number();
    const number = Math.floor(tag / 8);
    if (tag > 0xffff_ffff || number === 0) throw new WireError("A field has no valid number.");
    if (wanted && !wanted.has(number)) skipField(reader, tag % 8);
    else yield readField(reader, start, number, tag % 8);
  }
}

/** The first field of that number; what comes behind it is not looked at. @throws {WireError} */
export function findField(bytes: Uint8Array, number: number): WireField | null {
  for (const field of readFields(bytes, new Set([number]))) return field;
  return null;
}

/** How many values a repeated field of fixed size has, packed or one by one. @throws {WireError} */
export function countFixed(bytes: Uint8Array, wanted: number, size: 4 | 8): number {
  const reader = new Reader(bytes);
  let count = 0;
  while (!reader.done) {
    const tag = reader.number();
    if (Math.floor(tag / 8) !== wanted) skipField(reader, tag % 8);
    else if (tag % 8 === 2) count += reader.take(reader.number()).length / size;
    else {
      skipField(reader, tag % 8);
      count += 1;
    }
  }
  return count;
}

/** The varints of a packed field. @throws {WireError} */
export function readPacked(bytes: Uint8Array): bigint[] {
  const reader = new Reader(bytes);
  const values: bigint[] = [];
  while (!reader.done) values.push(reader.varint());
  return values;
}

const decoder = new TextDecoder();

export function readText(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

export function encodeVarint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

/** A length-delimited field: text, bytes or a message. */
export function encodeField(number: number, body: Uint8Array | string): Uint8Array {
  const payload = typeof body === "string" ? new TextEncoder().encode(body) : body;
  return Buffer.concat([encodeVarint(number * 8 + 2), encodeVarint(payload.length), payload]);
}
