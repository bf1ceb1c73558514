import { DBRef, deserialize, ObjectId, onDemand, serialize } from "bson";
import { fail, failBadValue } from "./errors";

/** A decoded document. Values keep their BSON type: numbers are Int32, Long, Double or Decimal128 instances. */
export type Document = { [field: string]: unknown };

export const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;

const SERIALIZE_OPTIONS = { checkKeys: false, ignoreUndefined: true };
const TYPED_OPTIONS = { promoteValues: false, promoteBuffers: false, bsonRegExp: true };
const REFERENCE = Buffer.from("$ref\0");

/** Bytes of a document. Fields that are `undefined` are left out. Throws 2 for what BSON cannot hold, 10334 for far too much. */
export function serializeDocument(document: Document): Buffer {
  try {
    return asBuffer(serialize(document, SERIALIZE_OPTIONS));
  } catch (error) {
    // The encoder's buffer ends a little above 16 MB.
    if (error instanceof RangeError) failTooLarge("more than 17000000");
    return failBadValue(`The document cannot be stored as BSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The same bytes, not a copy. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** @throws 10334 */
export function failTooLarge(size: number | string): never {
  fail(10334, "BSONObjectTooLarge", `BSONObj size: ${size} is invalid. Size must be between 0 and ${MAX_DOCUMENT_BYTES}`);
}

/**
 * The document in `bytes`, every value with its own BSON type.
 * @param raw name of array fields, at any depth, whose documents are left as bytes
 */
export function deserializeTyped(bytes: Uint8Array, raw?: string): Document {
  const document = deserialize(bytes, raw === undefined ? TYPED_OPTIONS : { ...TYPED_OPTIONS, fieldsAsRaw: { [raw]: true } });
  return asBuffer(bytes).includes(REFERENCE) ? toPlainReferences(document) : document;
}

// The decoder turns {$ref, $id} into an object of its own, whose fields no path could reach.
function toPlainReferences(document: Document): Document {
  const plain = revive(document);
  return isPlainObject(plain) ? plain : document;
}

function revive(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revive);
  if (value instanceof DBRef) {
    const reference: Document = { $ref: value.collection, $id: revive(value.oid) };
    if (value.db !== undefined) reference.$db = value.db;
    for (const [name, field] of Object.entries(value.fields ?? {})) setField(reference, name, revive(field));
    return reference;
  }
  return isPlainObject(value) ? mapFields(value, revive) : value;
}

function isPlainObject(value: unknown): value is Document {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

const ID_NAME = Buffer.from("_id\0");

/** The same document with its `_id` in front, a new one where it has none; everything else stays as it is, byte for byte. */
export function putIdFirst(bytes: Buffer): Buffer {
  const first = 4;
  const isFirst = bytes.subarray(first + 1, first + 1 + ID_NAME.length).equals(ID_NAME);
  if (isFirst) return bytes;
  const id = Array.from(onDemand.parseToElements(bytes)).find(([, at, length]) => bytes.toString("latin1", at, at + length) === "_id");
  if (!id) {
    const own = serializeDocument({ _id: new ObjectId() });
    const grown = Buffer.concat([own.subarray(0, -1), bytes.subarray(first)]);
    grown.writeInt32LE(grown.length, 0);
    return grown;
  }
  const [, name, , value, length] = id;
  const [start, end] = [name - 1, value + length];
  return Buffer.concat([bytes.subarray(0, first), bytes.subarray(start, end), bytes.subarray(first, start), bytes.subarray(end)]);
}

/** @throws 15 when documents and arrays are nested deeper than `limit` */
export function checkDepth(value: unknown, limit: number): void {
  if (typeof value !== "object" || value === null) return;
  const isList = Array.isArray(value);
  if (!isList && !isPlainObject(value)) return;
  if (limit <= 0) fail(15, "Overflow", "The document is nested too deeply: at most 180 levels can be stored, 200 sent");
  for (const inner of isList ? value : Object.values(value)) checkDepth(inner, limit - 1);
}

/** Whether the document itself, not a prototype, has the field. */
export function hasField(document: Document, name: string): boolean {
  return Object.prototype.hasOwnProperty.call(document, name);
}

/** The field's value, `undefined` when missing. Inherited names such as `constructor` are missing. */
export function getField(document: Document, name: string): unknown {
  return hasField(document, name) ? document[name] : undefined;
}

/** Sets a field in place. A field called `__proto__` becomes an ordinary field. */
export function setField(document: Document, name: string, value: unknown): void {
  if (name === "__proto__") {
    Object.defineProperty(document, name, { value, writable: true, enumerable: true, configurable: true });
  } else {
    document[name] = value;
  }
}

/** A new document with the same names and every value replaced. */
export function mapFields(document: Document, change: (value: unknown) => unknown): Document {
  const out: Document = {};
  for (const name of Object.keys(document)) setField(out, name, change(document[name]));
  return out;
}

/** Deep copy of documents and arrays. Scalars are immutable here and are shared. */
export function cloneValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(cloneValue);
  return isPlainObject(value) ? mapFields(value, cloneValue) : value;
}

/** {@link cloneValue} for a whole document. */
export function cloneDocument(document: Document): Document {
  return mapFields(document, cloneValue);
}
