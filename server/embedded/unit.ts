import type { Document } from "./bson";
import { saveCollection, type Collection } from "./catalog";
import type { Change } from "./change-events";
import type { Engine, WriteContext } from "./engine";
import { isBuilt, type Index } from "./indexes";
import type { View } from "./store";

/** One store transaction. */
export class UnitContext implements WriteContext {
  readonly transaction = null;
  readonly view: View;
  undoCatalog: (() => void) | null = null;
  private readonly changes: Change[] = [];
  private readonly deltas = new Map<Collection, number>();
  /** The flags this unit has stored: another unit of its group may raise some in memory, and then be undone. */
  private readonly storedFlags = new Map<Index, Index["stored"]>();

  constructor(private readonly engine: Engine) {
    this.view = engine.store;
  }

  run<T>(work: (context: UnitContext) => T): T {
    const result = work(this);
    this.saveFlags();
    return result;
  }

  /** Call when the store transaction is committed. */
  publish(): void {
    this.applyCounts();
    this.engine.changes.publish(this.changes);
  }

  isIndexUsable(index: Index): boolean {
    return isBuilt(index);
  }

  getCollection(namespace: string): Collection | undefined {
    return this.engine.catalog.get(namespace);
  }

  createCollection(namespace: string, options: Document = {}): Collection {
    this.engine.locks.checkFree(`n:${namespace}`);
    const collection = this.engine.catalog.build(namespace, options);
    this.adoptCollection(collection);
    return collection;
  }

  /** Registers and stores a collection that was made before. */
  adoptCollection(collection: Collection): void {
    this.undoCatalog ??= this.engine.catalog.remember();
    this.engine.catalog.register(collection);
    saveCollection(this.view, collection);
  }

  claimDocument(collection: Collection, record: number): void {
    if (!this.engine.locks.isEmpty) this.engine.locks.checkFree(`d:${collection.id}:${record}`);
  }

  claimUnique(_collection: Collection, entry: Buffer): void {
    if (!this.engine.locks.isEmpty) this.engine.locks.checkFree(`u:${entry.toString("latin1")}`);
  }

  claimCollection(collection: Collection): void {
    this.engine.locks.endWriters(collection.id);
    this.undoCatalog ??= this.engine.catalog.remember();
  }

  noteGrowth(collection: Collection, delta: number): void {
    this.deltas.set(collection, (this.deltas.get(collection) ?? 0) + delta);
  }

  noteChange(describe: () => Change): void {
    if (this.engine.changes.isKept) this.changes.push(describe());
  }

  /** Stores index flags raised by this unit's documents, in the same transaction as the documents. */
  private saveFlags(): void {
    for (const collection of this.deltas.keys()) {
      const raised = collection.indexes.some(
        (index) => index.multikey !== index.stored.multikey || index.longKeys !== index.stored.longKeys,
      );
      if (!raised) continue;
      saveCollection(this.view, collection);
      for (const index of collection.indexes) this.storedFlags.set(index, { multikey: index.multikey, longKeys: index.longKeys });
    }
  }

  private applyCounts(): void {
    for (const [collection, delta] of this.deltas) {
      const registered = this.engine.catalog.get(collection.namespace);
      if (registered?.id === collection.id) registered.count += delta;
    }
    for (const [index, flags] of this.storedFlags) index.stored = flags;
  }
}
