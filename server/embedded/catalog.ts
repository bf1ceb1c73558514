import { randomUUID } from "node:crypto";
import { Int32, Long } from "bson";
import { deserializeTyped, serializeDocument, type Document } from "./bson";
import type { DocumentCounts } from "./data-pages";
import { fail } from "./errors";
import { buildCatalogKey, buildDocumentPrefix, CATALOG_PREFIX, COUNTS_KEY, endOfPrefix, readRecord } from "./keys";
import { hydrateIndex, isBuilt, type Index } from "./indexes";
import { compileFilter, type Predicate } from "./match/filter";
import type { Store, View } from "./store";
import { parseCollation, toNumber, type Collation } from "./values";

/**
 * A collection with what must be at hand for every command; `options` is what `create` and `collMod` were given.
 * Lists in it are replaced, never changed, so that a copy of the fields is a copy of the state (see remember).
 */
export interface Collection {
  id: number;
  namespace: string;
  uuid: string;
  options: Document;
  indexes: Index[];
  /** Committed documents. */
  count: number;
  nextRecord: number;
  documentPrefix: Buffer;
  documentEnd: Buffer;
  collation?: Collation;
  validator?: Predicate;
  /** Documents that did not satisfy the validator before a change need not afterwards. */
  isModerate: boolean;
}

const MAX_NAMESPACE_BYTES = 255;

/** @throws 73 InvalidNamespace unless it is "database.collection" with characters MongoDB allows. */
export function checkNamespace(namespace: string): void {
  const dot = namespace.indexOf(".");
  const database = namespace.slice(0, dot);
  const name = namespace.slice(dot + 1);
  const valid =
    dot > 0 &&
    name.length > 0 &&
    !/[/\\ "$\0]/.test(database) &&
    !/[$\0]/.test(name) &&
    !name.startsWith(".") &&
    !name.endsWith(".") &&
    Buffer.byteLength(namespace) <= MAX_NAMESPACE_BYTES;
  if (!valid) fail(73, "InvalidNamespace", `Invalid namespace specified '${namespace}'`);
}

/** All collections, in memory; every change is written through a view in the same transaction as its cause. */
export class Catalog {
  private collections = new Map<string, Collection>();
  private nextId = 1;
  private readonly gone = new Map<string, number>();

  /** @param counts of documents, by the id of their collection, where they are known */
  constructor(
    private readonly store: Store,
    counts = readSavedCounts(store),
  ) {
    for (const { key, value } of this.store.range(CATALOG_PREFIX, endOfPrefix(CATALOG_PREFIX))) {
      const collection = readCollection(key.subarray(1).toString(), deserializeTyped(value));
      collection.count = counts ? (counts.get(collection.id) ?? 0) : this.countDocuments(collection);
      for (const last of this.store.range(collection.documentPrefix, collection.documentEnd, true)) {
        collection.nextRecord = readRecord(last.key) + 1;
        break;
      }
      this.collections.set(collection.namespace, collection);
      this.skipIds(collection.id, ...collection.indexes.map((index) => index.id));
    }
  }

  /** Every document has one entry in the first index, `_id_`, which is much smaller than the documents. */
  private countDocuments({ indexes, documentPrefix }: Collection): number {
    const prefix = indexes[0]?.prefix ?? documentPrefix;
    return this.store.count(prefix, endOfPrefix(prefix));
  }

  /** From here on only memory knows the counts, until they are saved at a clean stop. */
  forgetSavedCounts(): void {
    if (this.store.get(COUNTS_KEY)) this.store.txn(() => this.store.remove(COUNTS_KEY));
  }

  saveCounts(): void {
    const counts = Object.fromEntries(this.all().map(({ id, count }) => [String(id), Long.fromNumber(count)]));
    this.store.txn(() => this.store.put(COUNTS_KEY, serializeDocument(counts)));
  }

  /** Ids that are taken: no new collection or index gets one up to the largest of these. */
  skipIds(...ids: number[]): void {
    this.nextId = Math.max(this.nextId, ...ids.map((id) => id + 1));
  }

  /** Notes how everything is now. What it returns puts it back, for a store transaction that was undone. */
  remember(): () => void {
    const registered = new Map(this.collections);
    const copies = [...registered.values()].map((collection) => [collection, { ...collection }] as const);
    return () => {
      this.collections = registered;
      for (const [collection, copy] of copies) Object.assign(collection, copy);
    };
  }

  get(namespace: string): Collection | undefined {
    return this.collections.get(namespace);
  }

  all(): Collection[] {
    return [...this.collections.values()];
  }

  /** Collections of one database, by name. */
  ofDatabase(database: string): Collection[] {
    return this.all()
      .filter((collection) => collection.namespace.startsWith(`${database}.`))
      .sort((a, b) => (a.namespace < b.namespace ? -1 : 1));
  }

  /** Ids of collections and indexes grow: what has an id from here on was made later. */
  peekNextId(): number {
    return this.nextId;
  }

  takeId(): number {
    this.nextId += 1;
    return this.nextId - 1;
  }

  /** A new collection with its `_id` index, not yet registered or stored. */
  build(namespace: string, options: Document): Collection {
    checkNamespace(namespace);
    const idSpec: Document = { v: new Int32(2), key: { _id: new Int32(1) }, name: "_id_" };
    if (options.collation) idSpec.collation = options.collation;
    return readCollection(namespace, {
      id: this.takeId(),
      uuid: randomUUID(),
      options,
      indexes: [{ id: this.takeId(), spec: idSpec }],
    });
  }

  register(collection: Collection): void {
    this.collections.set(collection.namespace, collection);
  }

  unregister(collection: Collection): void {
    this.collections.delete(collection.namespace);
    this.gone.set(collection.namespace, this.takeId());
  }

  /** When a collection of this name was last dropped or renamed, in ids of the catalogue; 0 when never. */
  goneAt(namespace: string): number {
    return this.gone.get(namespace) ?? 0;
  }
}

/** Writes a collection's catalogue entry. An index that is still being built is not in it: after a crash it is gone. */
export function saveCollection(view: View, collection: Collection): void {
  const entry: Document = {
    id: Long.fromNumber(collection.id),
    uuid: collection.uuid,
    options: collection.options,
    indexes: collection.indexes.filter(isBuilt).map((index) => ({
      id: Long.fromNumber(index.id),
      spec: index.spec,
      multikey: index.multikey,
      longKeys: index.longKeys,
    })),
  };
  view.put(buildCatalogKey(collection.namespace), serializeDocument(entry));
}

/** Takes validator and collation from the options again, after `create` or `collMod` changed them. */
export function refreshOptions(collection: Collection): void {
  const { validator, validationLevel, validationAction, collation } = collection.options;
  const isActive = validator !== undefined && validationLevel !== "off" && validationAction !== "warn";
  collection.validator = isActive ? compileFilter(validator) : undefined;
  collection.isModerate = validationLevel === "moderate";
  collection.collation = parseCollation(collation);
}

function readSavedCounts(store: Store): DocumentCounts | undefined {
  const saved = store.get(COUNTS_KEY);
  return saved && new Map(Object.entries(deserializeTyped(saved)).map(([id, count]) => [Number(id), toNumber(count)]));
}

interface StoredIndex {
  id: unknown;
  spec: Document;
  multikey?: boolean;
  longKeys?: boolean;
}

function readCollection(namespace: string, entry: Document): Collection {
  const id = toNumber(entry.id);
  const documentPrefix = buildDocumentPrefix(id);
  const collection: Collection = {
    id,
    namespace,
    uuid: String(entry.uuid),
    options: entry.options as Document,
    indexes: (entry.indexes as StoredIndex[]).map((stored) =>
      hydrateIndex(toNumber(stored.id), stored.spec, { multikey: stored.multikey, longKeys: stored.longKeys }),
    ),
    isModerate: false,
    count: 0,
    nextRecord: 1,
    documentPrefix,
    documentEnd: endOfPrefix(documentPrefix),
  };
  refreshOptions(collection);
  return collection;
}
