import { ObjectId } from "bson";
import type { Collection } from "./catalog";
import { deserializeTyped, getField, type Document } from "./bson";
import type { Deadline } from "./deadline";
import type { ReadContext, WriteContext } from "./engine";
import { findMatchedIndex } from "./match/positional";
import {
  collectPatiently,
  findNow,
  isSlow,
  prepareQuery,
  type Found,
  type PreparedQuery,
  type QueryOptions,
} from "./query";
import { buildDocumentKey, deleteDocument, insertDocument, replaceDocument } from "./records";
import type { Located } from "./statements";
import type { CompiledUpdate } from "./update/compile";
import { buildUpsert } from "./update/upsert";
import { isNumber, valuesIdentical } from "./values";

/** Which documents a statement changes. */
export interface Target {
  filter: Document;
  isMulti: boolean;
  options: QueryOptions;
}

export interface UpdateChange {
  update: CompiledUpdate;
  isUpsert: boolean;
  bypassValidation: boolean;
}

export interface UpdateOutcome {
  matched: number;
  modified: number;
  /** The `_id` of the document an upsert inserted. */
  upsertedId?: unknown;
  before?: Document;
  after?: Document;
  isFinished: boolean;
}

/** More documents than this are looked for first, in slices, before anything is written. */
const QUICK_DOCUMENTS = 512;
const UNIT_MS = 8;

/** Finds the documents of a slow statement a few milliseconds at a time; undefined when finding them is quick. */
export async function locateTarget(
  context: ReadContext,
  collection: Collection | undefined,
  target: Target,
  deadline: Deadline,
): Promise<Located | undefined> {
  if (!collection || collection.count <= QUICK_DOCUMENTS || isById(target)) return undefined;
  const query = prepareTarget(context, collection, target);
  if (!target.isMulti && !isSlow(query)) return undefined;
  return { records: await collectPatiently(query, deadline, (found) => found.record), position: 0 };
}

/** Certainly found by the index on `_id`: it need not be planned to know that it is quick. */
function isById({ filter, options }: Target): boolean {
  const id = getField(filter, "_id");
  return options.hint === undefined && (id instanceof ObjectId || isNumber(id));
}

function prepareTarget(context: ReadContext, collection: Collection, target: Target): PreparedQuery {
  return prepareQuery(context, collection, target.filter, { ...target.options, limit: target.isMulti ? 0 : 1 });
}

/**
 * Applies an update to the statement's documents, or inserts one for an upsert that found none.
 * With `located` it stops after a few milliseconds (`isFinished` false) and moves `located.position` on.
 */
export function updateTarget(
  context: WriteContext,
  namespace: string,
  target: Target,
  change: UpdateChange,
  deadline: Deadline,
  located?: Located,
): UpdateOutcome {
  const outcome: UpdateOutcome = { matched: 0, modified: 0, isFinished: true };
  let collection = context.getCollection(namespace);
  if (collection) {
    outcome.isFinished = forEachTarget(context, collection, target, deadline, located, (found, where) => {
      updateFound(context, where, target, change, found, outcome);
    });
  }
  // An earlier slice may have changed documents: only a first slice that found nothing inserts.
  if (outcome.matched > 0 || !change.isUpsert || (located && located.records.length > 0 && target.isMulti)) return outcome;
  collection ??= context.createCollection(namespace);
  const seed = buildUpsert(target.filter, change.update);
  const stored = insertDocument(context, collection, seed, { bypassValidation: change.bypassValidation });
  return { ...outcome, upsertedId: stored._id, after: stored };
}

function updateFound(
  context: WriteContext,
  collection: Collection,
  target: Target,
  { update, bypassValidation }: UpdateChange,
  { record, document: before }: Found,
  outcome: UpdateOutcome,
): void {
  const collation = target.options.collation ?? collection.collation;
  const matchedArrayIndex = update.usesPosition ? findMatchedIndex(before, target.filter, collation) : undefined;
  const after = update.apply(before, { matchedArrayIndex });
  outcome.matched += 1;
  outcome.before ??= before;
  outcome.after ??= after;
  if (valuesIdentical(before, after)) return;
  const kind = update.kind === "replacement" ? "replace" : "update";
  replaceDocument(context, collection, record, { before, after, kind }, bypassValidation);
  outcome.modified += 1;
}

export interface DeleteOutcome {
  deleted: number;
  before?: Document;
  isFinished: boolean;
}

/** Deletes the statement's documents; `located` as in updateTarget. */
export function deleteTarget(
  context: WriteContext,
  namespace: string,
  target: Target,
  deadline: Deadline,
  located?: Located,
): DeleteOutcome {
  const outcome: DeleteOutcome = { deleted: 0, isFinished: true };
  const collection = context.getCollection(namespace);
  if (!collection) return outcome;
  outcome.isFinished = forEachTarget(context, collection, target, deadline, located, (found) => {
    deleteDocument(context, collection, found.record, found.document);
    outcome.deleted += 1;
    outcome.before ??= found.document;
  });
  return outcome;
}

/** Returns whether all documents were visited. Located ones are read again: they may have changed since. */
function forEachTarget(
  context: WriteContext,
  collection: Collection,
  target: Target,
  deadline: Deadline,
  located: Located | undefined,
  visit: (found: Found, collection: Collection) => void,
): boolean {
  const query = prepareTarget(context, collection, target);
  if (!located) {
    for (const found of findNow(query, deadline)) visit(found, collection);
    return true;
  }
  const end = performance.now() + UNIT_MS;
  let visited = 0;
  while (located.position < located.records.length) {
    if (performance.now() > end) return false;
    const record = located.records[located.position] ?? 0;
    located.position += 1;
    const bytes = context.view.get(buildDocumentKey(collection, record));
    const document = bytes && deserializeTyped(bytes);
    if (!document || !query.matches(document)) continue;
    visit({ record, bytes, document }, collection);
    visited += 1;
  }
  // Someone else changed the one document that was located: look again, now without letting go.
  if (visited === 0 && !target.isMulti && located.records.length > 0) {
    for (const found of findNow(query, deadline)) visit(found, collection);
  }
  return true;
}
