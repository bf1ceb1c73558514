import { deserializeTyped, type Document } from "./bson";
import { saveCollection, type Collection } from "./catalog";
import type { Deadline } from "./deadline";
import type { Engine, WriteContext } from "./engine";
import { buildNewEntries, checkUnique, type Index } from "./indexes";
import { afterKey, encodeRecord, readRecord } from "./keys";
import type { Entry } from "./store";

const UNIT_MS = 8;
const DOCUMENTS_AT_ONCE = 64;
const EMPTY = Buffer.alloc(0);

/**
 * Adds indexes to a collection others go on reading and writing. Writes keep them up from the first moment, and the documents that
 * were there before get their entries a few milliseconds at a time; to put an entry twice does no harm. Queries use them, and the
 * catalogue has them, when all are complete.
 * @returns why the collection cannot have them, or null. Entries made by then are to be reclaimed
 */
export async function buildIndexes(
  engine: Engine,
  collection: Collection,
  indexes: Index[],
  deadline: Deadline,
): Promise<{ reason: unknown } | null> {
  if (indexes.length === 0) return null;
  for (const index of indexes) index.builtAt = Number.POSITIVE_INFINITY;
  collection.indexes = [...collection.indexes, ...indexes];
  try {
    let next: Buffer | null = collection.documentPrefix;
    while (next) {
      const from: Buffer = next;
      next = await engine.runUnitPatiently((unit) => addEntries(unit, collection, indexes, from, UNIT_MS), deadline);
      deadline.renew();
      await deadline.breathe();
    }
    engine.runUnit((unit) => {
      unit.claimCollection(collection);
      for (const index of indexes) index.builtAt = engine.catalog.takeId();
      saveCollection(unit.view, collection);
    });
    for (const index of indexes) index.stored = { multikey: index.multikey, longKeys: index.longKeys };
    return null;
  } catch (reason) {
    for (const index of indexes) index.builtAt = Number.POSITIVE_INFINITY;
    collection.indexes = collection.indexes.filter((other) => !indexes.includes(other));
    return { reason };
  }
}

/**
 * Puts the entries of the documents from a key on, for about so many milliseconds.
 * @returns where to go on, or null at the end
 * @throws 11000, 171, 17280
 */
export function addEntries(
  context: WriteContext,
  collection: Collection,
  indexes: Index[],
  from: Buffer,
  milliseconds: number,
): Buffer | null {
  const end = performance.now() + milliseconds;
  let next = from;
  for (;;) {
    const documents = takeSome(context.view.range(next, collection.documentEnd));
    for (const { key, value } of documents) {
      const record = readRecord(key);
      const document = deserializeTyped(value);
      for (const index of indexes) addEntriesOf(context, collection, index, record, document);
      next = afterKey(key);
    }
    if (documents.length < DOCUMENTS_AT_ONCE) return null;
    if (performance.now() > end) return next;
  }
}

function addEntriesOf(context: WriteContext, collection: Collection, index: Index, record: number, document: Document): void {
  for (const entry of buildNewEntries(index, document)) {
    if (index.unique) checkUnique(context, collection, index, { record, entry, document });
    context.view.put(Buffer.concat([entry, encodeRecord(record)]), EMPTY);
  }
}

/** Entries are copied out before anything is written: a cursor does not stay where it is while its tree grows. */
function takeSome(entries: Iterable<Entry>): Entry[] {
  const taken: Entry[] = [];
  for (const entry of entries) {
    taken.push(entry);
    if (taken.length === DOCUMENTS_AT_ONCE) break;
  }
  return taken;
}
