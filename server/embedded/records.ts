import type { Collection } from "./catalog";
import { describeDeletion, describeDocument, describeUpdate } from "./change-events";
import {
  checkDepth,
  deserializeTyped,
  failTooLarge,
  MAX_DOCUMENT_BYTES,
  putIdFirst,
  serializeDocument,
  type Document,
} from "./bson";
import type { WriteContext } from "./engine";
import { fail, failBadValue } from "./errors";
import { buildEntries, buildNewEntries, checkUnique, type Index } from "./indexes";
import { encodeRecord } from "./keys";
import { isDocument, typeName } from "./values";

const EMPTY = Buffer.alloc(0);
const MAX_DEPTH = 180;
/** What one level of nesting takes at least: type, name, length, end. */
const LEVEL_BYTES = 7;

export function buildDocumentKey(collection: Collection, record: number): Buffer {
  return Buffer.concat([collection.documentPrefix, encodeRecord(record)]);
}

/**
 * Stores a new document, with an `_id` put first when it has none.
 * @param bytes the document as it arrived, to be stored unchanged if possible
 * @returns the document as stored
 * @throws 11000, 121, 171, 10334, 2 and 52 (unusable `_id`)
 */
export function insertDocument(
  context: WriteContext,
  collection: Collection,
  document: Document,
  options: { bytes?: Buffer; bypassValidation?: boolean } = {},
): Document {
  const given = options.bytes ?? serializeDocument(document);
  const bytes = putIdFirst(given);
  const complete = completeDocument(document, { given, bytes });
  checkId(complete._id);
  checkDocument(collection, complete, bytes, options.bypassValidation === true);
  const record = collection.nextRecord;
  collection.nextRecord += 1;
  writeRecord(context, collection, record, null, { document: complete, bytes });
  context.noteChange(() => describeDocument("insert", collection.namespace, complete));
  return complete;
}

/** The document as `bytes` have it: they are those that were given, or have the `_id` in front. */
function completeDocument(document: Document, { given, bytes }: { given: Buffer; bytes: Buffer }): Document {
  if (bytes === given) return document;
  return bytes.length === given.length ? { _id: document._id, ...document } : deserializeTyped(bytes);
}

/** Replaces a stored document by its new version. `kind` is what change streams call it. */
export function replaceDocument(
  context: WriteContext,
  collection: Collection,
  record: number,
  { before, after, kind }: { before: Document; after: Document; kind: "update" | "replace" },
  bypassValidation: boolean,
): void {
  const bytes = putIdFirst(serializeDocument(after));
  const wasWrong = collection.isModerate && collection.validator?.(before) === false;
  checkDocument(collection, after, bytes, bypassValidation || wasWrong);
  writeRecord(context, collection, record, before, { document: after, bytes });
  context.noteChange(() =>
    kind === "update" ? describeUpdate(collection.namespace, before, after) : describeDocument(kind, collection.namespace, after),
  );
}

export function deleteDocument(context: WriteContext, collection: Collection, record: number, before: Document): void {
  writeRecord(context, collection, record, before, null);
  context.noteChange(() => describeDeletion(collection.namespace, before));
}

function checkId(id: unknown): void {
  const type = typeName(id);
  if (type === "array" || type === "regex" || type === "missing") {
    failBadValue(`The '_id' value cannot be of type ${type === "missing" ? "undefined" : type}`);
  }
  if (!isDocument(id)) return;
  const dollar = Object.keys(id).find((name) => name.startsWith("$") && !["$ref", "$id", "$db"].includes(name));
  if (dollar) fail(52, "DollarPrefixedFieldName", `The dollar ($) prefixed field '${dollar}' in '_id' is not valid for storage.`);
}

function checkDocument(collection: Collection, document: Document, bytes: Buffer, bypassValidation: boolean): void {
  if (bytes.length > MAX_DOCUMENT_BYTES) {
    failTooLarge(bytes.length);
  }
  if (bytes.length > MAX_DEPTH * LEVEL_BYTES) checkDepth(document, MAX_DEPTH);
  if (bypassValidation || !collection.validator || collection.validator(document)) return;
  fail(121, "DocumentValidationFailure", "Document failed validation", {
    errInfo: { failingDocumentId: document._id, details: { operatorName: Object.keys(collection.options.validator as Document)[0] } },
  });
}

interface IndexChange {
  index: Index;
  before: Buffer[];
  after: Buffer[];
}

function writeRecord(
  context: WriteContext,
  collection: Collection,
  record: number,
  before: Document | null,
  after: { document: Document; bytes: Buffer } | null,
): void {
  const key = buildDocumentKey(collection, record);
  context.claimDocument(collection, record, key);
  const changes: IndexChange[] = collection.indexes.map((index) => ({
    index,
    before: before ? buildEntries(index, before) : [],
    after: after ? buildNewEntries(index, after.document) : [],
  }));
  for (const change of changes) if (after) claimUnique(context, collection, record, change, after.document);
  const suffix = encodeRecord(record);
  for (const change of changes) writeEntries(context, suffix, change);
  if (!after) context.view.remove(key);
  else if (before) context.view.put(key, after.bytes);
  else context.view.add(key, after.bytes);
  context.noteGrowth(collection, (after ? 1 : 0) - (before ? 1 : 0));
}

function claimUnique(
  context: WriteContext,
  collection: Collection,
  record: number,
  { index, before, after }: IndexChange,
  document: Document,
): void {
  // A value the document keeps is its own already.
  const isSame = before.length === 1 && after.length === 1 && after[0]?.equals(before[0] ?? EMPTY);
  if (!index.unique || isSame) return;
  for (const entry of before) context.claimUnique(collection, entry, record);
  for (const entry of after) checkUnique(context, collection, index, { record, entry, document });
}

function writeEntries(context: WriteContext, suffix: Buffer, { before, after }: IndexChange): void {
  if (before.length === 1 && after.length === 1 && after[0]?.equals(before[0] ?? EMPTY)) return;
  if (before.length === 0) {
    for (const entry of after) context.view.add(Buffer.concat([entry, suffix]), EMPTY);
    return;
  }
  const kept = new Set(after.map((entry) => entry.toString("latin1")));
  const had = new Set(before.map((entry) => entry.toString("latin1")));
  for (const entry of before) if (!kept.has(entry.toString("latin1"))) context.view.remove(Buffer.concat([entry, suffix]));
  for (const entry of after) if (!had.has(entry.toString("latin1"))) context.view.add(Buffer.concat([entry, suffix]), EMPTY);
}
