import { ObjectId } from "bson";
import { deserializeTyped, type Document } from "./bson";
import type { Collection } from "./catalog";
import type { WriteContext } from "./engine";
import { fail, refuse } from "./errors";
import { encodeKey } from "./key-encoding";
import { buildIndexPrefix, encodeRecord, endOfPrefix, MAX_KEY_BYTES, readRecord } from "./keys";
import { compileFilter, type Predicate } from "./match/filter";
import { indexValues, pathValues } from "./match/path";
import { listKeys } from "./sort";
import { isNumber, parseCollation, toNumber, type Collation } from "./values";

export interface IndexPart {
  field: string;
  descending: boolean;
}

/** An index, ready to use. `spec` is what the client sees in `listIndexes`. */
export interface Index {
  id: number;
  name: string;
  spec: Document;
  key: Document;
  parts: IndexPart[];
  prefix: Buffer;
  unique: boolean;
  sparse: boolean;
  expireAfterSeconds?: number;
  collation?: Collation;
  partialFilter?: Document;
  isIncluded?: Predicate;
  /** A document with an array was indexed: one document may have several entries. */
  multikey: boolean;
  /** A value was longer than an entry holds: entries are no longer in the order of the values. */
  longKeys: boolean;
  /** The two flags above as the store has them. */
  stored: { multikey: boolean; longKeys: boolean };
  /**
   * When it was complete, in ids of the catalogue: what reads a state from before then must not use it. Infinite while it
   * is being built, and again when it was dropped; writes keep it up all the time.
   */
  builtAt: number;
}

export function isBuilt(index: Index): boolean {
  return index.builtAt < Number.POSITIVE_INFINITY;
}

/** A component of this size may be cut (see encodeKey). */
const LONG_COMPONENT_BYTES = 700;
const RECORD_BYTES = 8;
/** So many entries a document may have from the combinations of several paths into its arrays. */
const COMBINATIONS_LIMIT = 100_000;

export function hydrateIndex(id: number, spec: Document, flags: { multikey?: boolean; longKeys?: boolean }): Index {
  const key = spec.key as Document;
  const stored = { multikey: flags.multikey === true, longKeys: flags.longKeys === true };
  const partialFilter = spec.partialFilterExpression as Document | undefined;
  const collation = parseCollation(spec.collation);
  return {
    id,
    name: String(spec.name),
    spec,
    key,
    parts: Object.keys(key).map((field) => ({ field, descending: toNumber(key[field]) < 0 })),
    prefix: buildIndexPrefix(id),
    unique: spec.unique === true || spec.name === "_id_",
    sparse: spec.sparse === true,
    expireAfterSeconds: isNumber(spec.expireAfterSeconds) ? toNumber(spec.expireAfterSeconds) : undefined,
    collation,
    partialFilter,
    isIncluded: partialFilter ? compileFilter(partialFilter, { collation }) : undefined,
    ...stored,
    stored,
    builtAt: 0,
  };
}

/**
 * Keys of a document's entries, without the record id: one for each distinct value it has, none when a partial or
 * sparse index leaves it out. Several paths into one array have an entry for each combination of their values: conditions on them
 * may be met by different elements. Raises the index's flags where the document asks for it.
 * @param limit of combinations; none for a document that is stored already
 * @throws 171 when two parts are arrays, 238 for too many combinations
 */
export function buildEntries(index: Index, document: Document, limit = Number.POSITIVE_INFINITY): Buffer[] {
  if (index.isIncluded && !index.isIncluded(document)) return [];
  if (index.sparse && !index.parts.some((part) => pathValues(document, part.field).some((value) => value !== undefined))) {
    return [];
  }
  const arrayFields: string[] = [];
  let pieces: Buffer[][] = [[index.prefix]];
  for (const part of index.parts) {
    const { values, isArray } = indexValues(document, part.field);
    if (isArray) arrayFields.push(part.field);
    const components = encodeDistinct(values, part, index.collation);
    if (components.some((component) => component.length >= LONG_COMPONENT_BYTES)) index.longKeys = true;
    if (pieces.length > 1 && components.length > 1 && pieces.length * components.length > limit) {
      refuse(`A document with more than ${limit} combinations of array elements in index ${index.name}`);
    }
    pieces = pieces.flatMap((before) => components.map((component) => [...before, component]));
  }
  const keys = pieces.map((parts) => Buffer.concat(parts));
  if (arrayFields.length > 0) index.multikey = true;
  if (new Set(arrayFields.map((field) => field.split(".")[0])).size > 1) {
    fail(171, "CannotIndexParallelArrays", `cannot index parallel arrays [${arrayFields.join("] [")}]`);
  }
  for (const key of keys) checkKeyLength(index, key);
  return keys;
}

/** {@link buildEntries} for a document that is to be stored. */
export function buildNewEntries(index: Index, document: Document): Buffer[] {
  return buildEntries(index, document, COMBINATIONS_LIMIT);
}

/**
 * Whether an entry of a document stands for a value it has: not for a combination that no element of its array has, nor for the
 * array as a whole. Only those are to be unique.
 */
export function isOwnValue(index: Index, document: Document, entry: Buffer): boolean {
  const paths = index.parts.map(({ field }) => field.split("."));
  const keys = listKeys(document, paths);
  if (!keys) return true;
  const encode = (value: unknown, at: number) => encodeKey(value, index.parts[at]?.descending, index.collation);
  return keys.some((key) => Buffer.concat([index.prefix, ...key.map(encode)]).equals(entry));
}

function encodeDistinct(values: unknown[], part: IndexPart, collation?: Collation): Buffer[] {
  if (values.length <= 1) return [encodeKey(values.length === 1 ? values[0] : null, part.descending, collation)];
  const distinct = new Map<string, Buffer>();
  for (const value of values) {
    const component = encodeKey(value, part.descending, collation);
    distinct.set(component.toString("latin1"), component);
  }
  return [...distinct.values()];
}

function checkKeyLength(index: Index, key: Buffer): void {
  if (key.length + RECORD_BYTES <= MAX_KEY_BYTES) return;
  fail(
    17280,
    "KeyTooLong",
    `The embedded database cannot index so long values together in index ${index.name}; shorten them or set MONGODB_URI`,
  );
}

/**
 * Takes a value of a unique index for a document.
 * @throws 11000 when another document has it; waits or 112 when an open transaction has taken it
 */
export function checkUnique(
  context: WriteContext,
  collection: Collection,
  index: Index,
  { record, entry, document }: { record: number; entry: Buffer; document: Document },
): void {
  for (const found of context.view.range(entry, endOfPrefix(entry))) {
    const holder = readRecord(found.key);
    if (holder === record) continue;
    if (index.multikey && !(isOwnValue(index, document, entry) && isHeld(context, collection, index, holder, entry))) continue;
    failDuplicate(collection.namespace, index, document);
  }
  context.claimUnique(collection, entry, record);
}

/** Whether the document of another record has the value of an entry. */
function isHeld(context: WriteContext, collection: Collection, index: Index, record: number, entry: Buffer): boolean {
  const bytes = context.view.get(Buffer.concat([collection.documentPrefix, encodeRecord(record)]));
  return bytes === undefined || isOwnValue(index, deserializeTyped(bytes), entry);
}

/** @throws 11000 with keyPattern and keyValue, as MongoDB reports a duplicate. */
export function failDuplicate(namespace: string, index: Index, document: Document): never {
  const keyValue: Document = {};
  for (const part of index.parts) keyValue[part.field] = pathValues(document, part.field)[0] ?? null;
  const shown = Object.entries(keyValue).map(([field, value]) => `${field}: ${showValue(value)}`);
  fail(
    11000,
    "DuplicateKey",
    `E11000 duplicate key error collection: ${namespace} index: ${index.name} dup key: { ${shown.join(", ")} }`,
    { keyPattern: index.key, keyValue },
  );
}

function showValue(value: unknown): string {
  if (value instanceof ObjectId) return `ObjectId('${value.toHexString()}')`;
  if (isNumber(value)) return String(value);
  return JSON.stringify(value);
}
