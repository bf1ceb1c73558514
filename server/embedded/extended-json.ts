import { Binary, deserialize, EJSON, onDemand, serialize } from "bson";

/** A document for the driver: every value with its BSON type, every name in its place. */
export type OrderedDocument = Map<string, unknown>;

const WRAPPER = "$bson";
const EMBEDDED_DOCUMENT = 3;
const ARRAY = 4;
const KEEP_TYPES = { promoteValues: false, promoteBuffers: false, bsonRegExp: true } as const;

/**
 * A document as one line of canonical Extended JSON (version 2). Where that would not lead back to exactly these bytes (integer-like
 * names that are not in order, a document that reads like `{"$oid": …}`, a type JavaScript has not), the line is `{"$bson": …}` with
 * the bytes themselves: there is a line for every document.
 */
export function formatExtendedJson(bytes: Buffer): string {
  try {
    const line = EJSON.stringify(deserialize(bytes, KEEP_TYPES), { relaxed: false });
    if (parseExtendedJson(line).equals(bytes)) return line;
  } catch {
    // What EJSON cannot write or read is carried as it is.
  }
  return EJSON.stringify({ [WRAPPER]: new Binary(bytes) }, { relaxed: false });
}

/**
 * The bytes of the document that formatExtendedJson made the line of.
 * @throws Error with one short line for any other text
 */
export function parseExtendedJson(line: string): Buffer {
  let problem = "it has to be written as EJSON.stringify writes it";
  try {
    const document = EJSON.parse(line, { relaxed: false }) as Record<string, unknown>;
    const isCanonical = EJSON.stringify(document, { relaxed: false }) === line;
    if (isCanonical && Object.getPrototypeOf(document) === Object.prototype) return toBytes(document);
  } catch (error) {
    problem = describe(error);
  }
  throw new Error(`it is not a document in canonical Extended JSON: ${problem}`);
}

function toBytes(document: Record<string, unknown>): Buffer {
  if (Object.keys(document).join() !== WRAPPER) return Buffer.from(serialize(document));
  const wrapped = document[WRAPPER];
  if (wrapped instanceof Binary && wrapped.sub_type === 0) return Buffer.from(wrapped.value());
  throw new Error(`${WRAPPER} does not hold bytes`);
}

/**
 * Such a line as what the driver has to be given for exactly these bytes to arrive.
 * @throws Error with one short line, also for what no driver can store any more
 */
export function parseForDriver(line: string): OrderedDocument {
  const bytes = parseExtendedJson(line);
  let problem = "BSON has a type or a form in it that today's drivers do not write";
  try {
    const document = toOrdered(bytes);
    if (bytes.equals(serialize(document))) return document;
  } catch (error) {
    problem = describe(error);
  }
  throw new Error(`the driver cannot store it: ${problem}`);
}

/** The bytes of a document in the document, `undefined` when it has no such field. */
export function sliceField(bytes: Uint8Array, wanted: string): Buffer | undefined {
  for (const [, nameOffset, nameLength, offset, length] of onDemand.parseToElements(bytes)) {
    if (readName(bytes, nameOffset, nameLength) === wanted) return Buffer.from(bytes.subarray(offset, offset + length));
  }
  return undefined;
}

function readName(bytes: Uint8Array, offset: number, length: number): string {
  return Buffer.from(bytes.subarray(offset, offset + length)).toString();
}

/** An object would bring integer-like names into order, and take some documents for a value of another type. */
function toOrdered(bytes: Uint8Array): OrderedDocument {
  return new Map(readElements(bytes));
}

function* readElements(bytes: Uint8Array): Generator<[name: string, value: unknown]> {
  for (const [type, nameOffset, nameLength, offset, length] of onDemand.parseToElements(bytes)) {
    const end = offset + length;
    const single = Buffer.concat([Buffer.alloc(4), bytes.subarray(nameOffset - 1, end), Buffer.alloc(1)]);
    single.writeInt32LE(single.length, 0);
    const name = readName(bytes, nameOffset, nameLength);
    const inner = bytes.subarray(offset, end);
    if (type === EMBEDDED_DOCUMENT) yield [name, toOrdered(inner)];
    else if (type === ARRAY) yield [name, Array.from(readElements(inner), ([, value]) => value)];
    else yield [name, Object.values(deserialize(single, KEEP_TYPES))[0]];
  }
}

function describe(error: unknown): string {
  return ((error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "").slice(0, 200);
}
