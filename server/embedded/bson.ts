import { DBRef, deserialize, serialize } from "bson";
import { failBadValue } from "./errors";

/** A decoded document. Values keep their BSON type: numbers are Int32, Long, Double or Decimal128 instances. */
export type Document = { [field: string]: unknown };

/** Bytes of a document. Fields that are `undefined` are left out. Throws 2 for what BSON cannot hold. */
export function serializeDocument(document: Document): Buffer {
  try {
    return Buffer.from(serialize(document, { checkKeys: false, ignoreUndefined: true }));
  } catch (error) {
    return failBadValue(`The document cannot be stored as BSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The document in `bytes`, every value with its own BSON type. */
export function deserializeTyped(bytes: Uint8Array): Document {
  const document = deserialize(bytes, { promoteValues: false, promoteBuffers: false, bsonRegExp: true });
  const mayHoldReference = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes("$ref\0");
  return mayHoldReference ? toPlainReferences(document) : document;
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
