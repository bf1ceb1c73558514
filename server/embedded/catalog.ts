import { randomUUID } from "node:crypto";
import { Int32, Long } from "bson";
import { deserializeTyped, serializeDocument, type Document } from "./bson";
import { fail } from "./errors";
import { buildCatalogKey, buildDocumentPrefix, CATALOG_PREFIX, endOfPrefix, readRecord } from "./keys";
import { hydrateIndex, type Index } from "./indexes";
import { compileFilter, type Predicate } from "./match/filter";
import type { Store, View } from "./store";
import { parseCollation, toNumber, type Collation } from "./values";

/** A collection with what must be at hand for every command; `options` is what `create` and `collMod` were given. */
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

  constructor(private readonly store: Store) {
    this.load();
  }

  /** Reads everything again: after a start, or when a transaction that changed the catalogue was undone. */
  load(): void {
    const previous = this.collections;
    this.collections = new Map();
    for (const { key, value } of this.store.range(CATALOG_PREFIX, endOfPrefix(CATALOG_PREFIX))) {
      const collection = readCollection(key.subarray(1).toString(), deserializeTyped(value));
      collection.count = this.store.count(collection.documentPrefix, collection.documentEnd);
      for (const last of this.store.range(collection.documentPrefix, collection.documentEnd, true)) {
        collection.nextRecord = readRecord(last.key) + 1;
        break;
      }
      keepRaised(collection, previous.get(collection.namespace));
      this.collections.set(collection.namespace, collection);
      this.nextId = Math.max(this.nextId, collection.id + 1, ...collection.indexes.map((index) => index.id + 1));
    }
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
  }
}

/** Open transactions may have taken record ids and raised index flags that the store does not know of yet. */
function keepRaised(collection: Collection, previous: Collection | undefined): void {
  if (previous?.id !== collection.id) return;
  collection.nextRecord = Math.max(collection.nextRecord, previous.nextRecord);
  for (const index of collection.indexes) {
    const before = previous.indexes.find((candidate) => candidate.id === index.id);
    index.multikey ||= before?.multikey === true;
    index.longKeys ||= before?.longKeys === true;
  }
}

/** Writes a collection's catalogue entry. */
export function saveCollection(view: View, collection: Collection): void {
  const entry: Document = {
    id: Long.fromNumber(collection.id),
    uuid: collection.uuid,
    options: collection.options,
    indexes: collection.indexes.map((index) => ({
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
  collection.collation = parseCollation(collation);
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
    count: 0,
    nextRecord: 1,
    documentPrefix,
    documentEnd: endOfPrefix(documentPrefix),
  };
  refreshOptions(collection);
  return collection;
}
