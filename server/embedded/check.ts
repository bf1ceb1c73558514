import { EJSON } from "bson";
import { deserializeTyped, hasField, MAX_DOCUMENT_BYTES, type Document } from "./bson";
import { Catalog, type Collection } from "./catalog";
import { buildEntries, isOwnValue, type Index } from "./indexes";
import { encodeRecord, endOfPrefix, readRecord, RETRY_PREFIX } from "./keys";
import type { Store } from "./store";
import { isNumber } from "./values";

/** What a walk through a whole store found. `findings` holds the first of them, `problems` counts all. */
export interface CheckResult {
  collections: number;
  documents: number;
  entries: number;
  findings: string[];
  problems: number;
}

const SHOWN_FINDINGS = 20;
const RECORD_BYTES = 8;
/** Document and index keys: letter, id, and at least a record. */
const DOCUMENT_KEY_BYTES = 13;
/** The first letters of keys, see keys.ts. */
const LETTERS = "cdfijms";

/**
 * Walks through everything in a store nobody writes to: documents decode, each has exactly its entries in every index and every entry
 * has its document, unique indexes hold, counts and index flags are right, retry records decode. Changes nothing. Keys that a dropped
 * collection or index left behind are none of its business, the server removes them.
 */
export function checkStore(store: Store): CheckResult {
  const check = new StoreCheck(store);
  check.run();
  return check.result;
}

class StoreCheck {
  readonly result: CheckResult = { collections: 0, documents: 0, entries: 0, findings: [], problems: 0 };

  constructor(private readonly store: Store) {}

  run(): void {
    this.checkLetters();
    this.checkRetryRecords();
    let catalog: Catalog;
    try {
      catalog = new Catalog(this.store);
    } catch (error) {
      return this.report(`the catalogue cannot be read: ${describe(error)}`);
    }
    for (const collection of catalog.all()) this.checkCollection(collection);
  }

  private report(finding: string): void {
    this.result.problems += 1;
    if (this.result.findings.length < SHOWN_FINDINGS) this.result.findings.push(finding);
  }

  /** Between the letters that are in use there is nothing. */
  private checkLetters(): void {
    const starts = [0, ...Buffer.from(LETTERS).map((letter) => letter + 1)];
    const ends = [...Buffer.from(LETTERS), 255];
    starts.forEach((start, position) => {
      for (const { key } of this.store.range(Buffer.from([start]), Buffer.from([ends[position] ?? 255]))) {
        this.report(`there is a key of no known kind: ${key.subarray(0, 40).toString("hex")}`);
      }
    });
  }

  private checkRetryRecords(): void {
    for (const { key, value } of this.store.range(RETRY_PREFIX, endOfPrefix(RETRY_PREFIX))) {
      const session = key.subarray(1).toString();
      try {
        const { number, nextStatement, at } = deserializeTyped(value);
        const isPart = session.includes(".");
        const isWhole = isPart || (isNumber(number) && isNumber(nextStatement) && at instanceof Date);
        if (!isWhole) this.report(`the retry record of session ${session} lacks a field`);
      } catch (error) {
        this.report(`the retry record of session ${session} cannot be read: ${describe(error)}`);
      }
    }
  }

  private checkCollection(collection: Collection): void {
    const { namespace, indexes } = collection;
    this.result.collections += 1;
    if (indexes[0]?.name !== "_id_") this.report(`${namespace} has no index on _id`);
    const expected = new Map(indexes.map((index) => [index, 0]));
    let documents = 0;
    for (const { key, value } of this.store.range(collection.documentPrefix, collection.documentEnd)) {
      documents += 1;
      this.checkDocument(collection, key, value, expected);
    }
    this.result.documents += documents;
    if (documents !== collection.count) this.report(`${namespace} has ${documents} documents, it counts ${collection.count}`);
    for (const [index, entries] of expected) this.checkIndex(collection, index, entries);
  }

  private checkDocument(collection: Collection, key: Buffer, value: Buffer, expected: Map<Index, number>): void {
    const { namespace } = collection;
    const record = readRecord(key);
    if (key.length !== DOCUMENT_KEY_BYTES) return this.report(`${namespace} has a document under a key of ${key.length} bytes`);
    if (value.length > MAX_DOCUMENT_BYTES) this.report(`${namespace}: document ${record} has ${value.length} bytes`);
    let document: Document;
    try {
      document = deserializeTyped(value);
    } catch (error) {
      return this.report(`${namespace}: document ${record} cannot be read: ${describe(error)}`);
    }
    if (!hasField(document, "_id")) this.report(`${namespace}: document ${record} has no _id`);
    const suffix = encodeRecord(record);
    for (const index of collection.indexes) {
      const entries = this.buildDistinct(collection, index, document);
      expected.set(index, (expected.get(index) ?? 0) + entries.length);
      const isMissing = entries.some((entry) => this.store.get(Buffer.concat([entry, suffix])) === undefined);
      if (isMissing) this.report(`${namespace}: the document with _id ${showId(document)} is missing in index ${index.name}`);
    }
  }

  private buildDistinct(collection: Collection, index: Index, document: Document): Buffer[] {
    try {
      return [...new Map(buildEntries(index, document).map((entry) => [entry.toString("latin1"), entry])).values()];
    } catch (error) {
      const which = `${collection.namespace}: the document with _id ${showId(document)}`;
      this.report(`${which} does not fit index ${index.name}: ${describe(error)}`);
      return [];
    }
  }

  /** Every entry a document should have was looked up before: with the same number of entries there are no others. */
  private checkIndex(collection: Collection, index: Index, expected: number): void {
    const name = `${collection.namespace}, index ${index.name}`;
    let entries = 0;
    let previous: Buffer = index.prefix;
    let holder: number | null = null;
    for (const { key } of this.store.range(index.prefix, endOfPrefix(index.prefix))) {
      entries += 1;
      const values = Buffer.from(key.subarray(0, key.length - RECORD_BYTES));
      if (!index.unique) continue;
      if (!values.equals(previous)) holder = null;
      previous = values;
      if (!this.holdsValue(collection, index, key)) continue;
      if (holder !== null) this.report(`${name}: two documents have the same value, one is record ${readRecord(key)}`);
      holder = readRecord(key);
    }
    this.result.entries += entries;
    if (entries !== expected) {
      this.report(`${name}: ${entries} entries, its documents should have ${expected}`);
      this.findStrayEntries(collection, index, name);
    }
    if ((index.multikey && !index.stored.multikey) || (index.longKeys && !index.stored.longKeys)) {
      this.report(`${name}: the catalogue does not know that it has ${index.multikey ? "arrays" : "long values"} in it`);
    }
  }

  private findStrayEntries(collection: Collection, index: Index, name: string): void {
    for (const { key } of this.store.range(index.prefix, endOfPrefix(index.prefix))) {
      const record = readRecord(key);
      const bytes = this.store.get(Buffer.concat([collection.documentPrefix, encodeRecord(record)]));
      if (!bytes) this.report(`${name}: an entry leads to record ${record}, which is not there`);
      else if (!this.isEntryOf(index, key, bytes)) this.report(`${name}: an entry leads to record ${record}, which has another value`);
    }
  }

  /** Whether an entry of a unique index stands for a value; with arrays there are some that do not (see isOwnValue). */
  private holdsValue(collection: Collection, index: Index, key: Buffer): boolean {
    if (!index.multikey) return true;
    try {
      const bytes = this.store.get(Buffer.concat([collection.documentPrefix, encodeRecord(readRecord(key))]));
      return bytes === undefined || isOwnValue(index, deserializeTyped(bytes), key.subarray(0, key.length - RECORD_BYTES));
    } catch {
      return true;
    }
  }

  /** A document that cannot be read was reported before. */
  private isEntryOf(index: Index, key: Buffer, bytes: Buffer): boolean {
    try {
      const values = key.subarray(0, key.length - RECORD_BYTES);
      return buildEntries(index, deserializeTyped(bytes)).some((entry) => entry.equals(values));
    } catch {
      return true;
    }
  }
}

function describe(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
}

function showId(document: Document): string {
  return EJSON.stringify(document._id ?? null, { relaxed: true });
}
