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
const LARGEST_TAG = 0xffff_ffffn;

class Reader {
  position = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.position >= this.#bytes.length;
  }

  /** At most ten bytes, as the format allows; bits above the 64th are cut off as every parser does. */
  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.position];
      if (byte === undefined) throw new WireError("The file ends within a number.");
      this.position += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new WireError("A number is longer than ten bytes.");
  }

  take(length: bigint): Uint8Array {
    if (length > BigInt(this.#bytes.length - this.position)) throw new WireError("The file ends within a field.");
    const start = this.position;
    this.position += Number(length);
    return this.#bytes.subarray(start, this.position);
  }

  since(start: number): Uint8Array {
    return this.#bytes.subarray(start, this.position);
  }
}

/**
 * The fields of one message in the order of the file. Tags above 32 bits are refused, because parsers differ in how they cut them,
 * and what is checked here has to be what the runtime reads.
 * @throws {WireError}
 */
export function* readFields(bytes: Uint8Array): Generator<WireField> {
  const reader = new Reader(bytes);
  while (!reader.done) {
    const start = reader.position;
    const tag = reader.varint();
    const number = Number(tag >> 3n);
    if (tag > LARGEST_TAG || number === 0) throw new WireError("A field has no valid number.");
    let value = 0n;
    let body: Uint8Array = EMPTY;
    const wireType = Number(tag & 7n);
    if (wireType === 0) value = reader.varint();
    else if (wireType === 1) body = reader.take(8n);
    else if (wireType === 2) body = reader.take(reader.varint());
    else if (wireType === 5) body = reader.take(4n);
    else throw new WireError("A field has a kind that ONNX does not use.");
    yield { number, wireType, value, body, raw: reader.since(start) };
  }
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
