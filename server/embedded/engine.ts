import { Catalog, saveCollection, type Collection } from "./catalog";
import type { Document } from "./bson";
import type { Deadline } from "./deadline";
import { LockTable, LockWait } from "./locks";
import { Store, type View } from "./store";
import type { Transaction } from "./transactions";

/** Where a write goes: one store transaction of its own, or an open multi-document transaction. */
export interface WriteContext {
  readonly view: View;
  readonly transaction: Transaction | null;
  isIndexUsable(indexId: number): boolean;
  getCollection(namespace: string): Collection | undefined;
  createCollection(namespace: string, options?: Document): Collection;
  /** Call before a document is written; waits or fails when a transaction holds it. */
  claimDocument(collection: Collection, record: number, key: Buffer): void;
  /** Call before a unique value is given up or taken. */
  claimUnique(collection: Collection, entry: Buffer, record: number): void;
  /** Call before a collection's indexes or options change, or it goes. */
  claimCollection(collection: Collection): void;
  noteCatalogChange(): void;
  /** Call after a document was written: by how many the collection grew. */
  noteChange(collection: Collection, delta: number): void;
}

/** Storage, catalogue and locks of one data folder. */
export class Engine {
  readonly store: Store;
  readonly catalog: Catalog;
  readonly locks = new LockTable();

  constructor(folder: string) {
    this.store = Store.open(folder);
    this.catalog = new Catalog(this.store);
  }

  /**
   * Runs `work` in one store transaction of its own; when it throws, nothing of it remains.
   * @throws LockWait when an open transaction holds something `work` wants to write
   */
  runUnit<T>(work: (context: WriteContext) => T): T {
    const context = new UnitContext(this);
    try {
      const result = this.store.txn(() => {
        const out = work(context);
        context.saveFlags();
        return out;
      });
      context.applyCounts();
      return result;
    } catch (error) {
      if (context.catalogChanged) this.catalog.load();
      throw error;
    }
  }

  /** Like runUnit, but waits for transactions in the way and starts `work` again, until the deadline. */
  async runUnitPatiently<T>(work: (context: WriteContext) => T, deadline: Deadline): Promise<T> {
    for (;;) {
      try {
        return this.runUnit(work);
      } catch (error) {
        if (!(error instanceof LockWait)) throw error;
        await deadline.waitFor(error.holder.finished);
      }
    }
  }

  async close(): Promise<void> {
    await this.store.close();
  }
}

class UnitContext implements WriteContext {
  readonly transaction = null;
  readonly view: View;
  catalogChanged = false;
  private readonly deltas = new Map<Collection, number>();

  constructor(private readonly engine: Engine) {
    this.view = engine.store;
  }

  isIndexUsable(): boolean {
    return true;
  }

  getCollection(namespace: string): Collection | undefined {
    return this.engine.catalog.get(namespace);
  }

  createCollection(namespace: string, options: Document = {}): Collection {
    this.engine.locks.checkFree(`n:${namespace}`);
    const collection = this.engine.catalog.build(namespace, options);
    this.catalogChanged = true;
    this.engine.catalog.register(collection);
    saveCollection(this.view, collection);
    return collection;
  }

  claimDocument(collection: Collection, record: number): void {
    this.engine.locks.checkFree(`d:${collection.id}:${record}`);
  }

  claimUnique(_collection: Collection, entry: Buffer): void {
    this.engine.locks.checkFree(`u:${entry.toString("latin1")}`);
  }

  claimCollection(collection: Collection): void {
    this.engine.locks.checkNoWriters(collection.id);
  }

  noteCatalogChange(): void {
    this.catalogChanged = true;
  }

  noteChange(collection: Collection, delta: number): void {
    this.deltas.set(collection, (this.deltas.get(collection) ?? 0) + delta);
  }

  /** Stores index flags raised by this unit's documents, in the same transaction as the documents. */
  saveFlags(): void {
    for (const collection of this.deltas.keys()) {
      const raised = collection.indexes.some(
        (index) => index.multikey !== index.stored.multikey || index.longKeys !== index.stored.longKeys,
      );
      if (raised) saveCollection(this.view, collection);
    }
  }

  applyCounts(): void {
    for (const [collection, delta] of this.deltas) {
      const registered = this.engine.catalog.get(collection.namespace);
      if (registered?.id === collection.id) registered.count += delta;
      for (const index of collection.indexes) index.stored = { multikey: index.multikey, longKeys: index.longKeys };
    }
  }
}
