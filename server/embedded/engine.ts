import type { Document } from "./bson";
import { Catalog, type Collection } from "./catalog";
import type { Change } from "./change-events";
import { ChangeLog } from "./change-log";
import { CommitGroup } from "./commit-group";
import type { CountedState, DocumentCounts } from "./data-pages";
import type { Deadline } from "./deadline";
import { fail } from "./errors";
import { isBuilt, type Index } from "./indexes";
import { LockTable, LockWait } from "./locks";
import { Reclaimer } from "./reclaim";
import { Store, type View } from "./store";
import type { Transaction } from "./transactions";
import { Turns } from "./turns";
import { UnitContext } from "./unit";

/** Where a write goes: one store transaction of its own, or an open multi-document transaction. */
export interface WriteContext {
  readonly view: View;
  readonly transaction: Transaction | null;
  isIndexUsable(index: Index): boolean;
  getCollection(namespace: string): Collection | undefined;
  createCollection(namespace: string, options?: Document): Collection;
  /** Call before a document is written; waits or fails when a transaction holds it. */
  claimDocument(collection: Collection, record: number, key: Buffer): void;
  /** Call before a unique value is given up or taken. */
  claimUnique(collection: Collection, entry: Buffer, record: number): void;
  /** Call before a collection's indexes, options or name change, or it goes: ends the transactions that wrote to it. */
  claimCollection(collection: Collection): void;
  /** Call after a document was written: by how many the collection grew. */
  noteGrowth(collection: Collection, delta: number): void;
  /** Call after anything was written that change streams tell of; `describe` is called when there are any. */
  noteChange(describe: () => Change): void;
}

/** Where a query reads: the store as it is, or a transaction. */
export type ReadContext = Pick<WriteContext, "view" | "isIndexUsable" | "transaction">;

/** Storage, catalogue and locks of one data folder. */
export class Engine {
  readonly store: Store;
  readonly catalog: Catalog;
  readonly locks = new LockTable();
  readonly changes = new ChangeLog();
  /** Making and dropping collections and indexes, which may take long, one at a time. */
  readonly structure = new Turns();
  readonly reading: ReadContext;
  readonly reclaimer: Reclaimer;
  private readonly group = new CommitGroup(this);
  private isClosing = false;

  /** @param counted what checkPages counted in the folder; it counts where LMDB opened that very state, otherwise it is done again */
  constructor(folder: string, counted: CountedState | null = null) {
    this.store = Store.open(folder);
    this.catalog = new Catalog(this.store, counted?.transaction === this.store.openedAt ? this.addRestored(counted.counts) : undefined);
    this.catalog.forgetSavedCounts();
    this.reading = { view: this.store, isIndexUsable: isBuilt, transaction: null };
    this.reclaimer = new Reclaimer(this);
  }

  private addRestored(counts: DocumentCounts): DocumentCounts {
    const sum = new Map(counts);
    for (const [collection, growth] of this.store.restored) sum.set(collection, (sum.get(collection) ?? 0) + growth);
    return sum;
  }

  /**
   * Runs `work` in one store transaction of its own; when it throws, nothing of it remains.
   * @throws LockWait when an open transaction holds something `work` wants to write
   */
  runUnit<T>(work: (context: UnitContext) => T): T {
    this.checkOpen();
    const context = new UnitContext(this);
    try {
      const result = this.store.txn(() => context.run(work));
      context.publish();
      return result;
    } catch (error) {
      context.undoCatalog?.();
      throw error;
    }
  }

  /** Like runUnit, but waits for transactions in the way and starts `work` again, until the deadline. */
  async runUnitPatiently<T>(work: (context: WriteContext) => T, deadline: Deadline): Promise<T> {
    for (;;) {
      this.checkOpen();
      try {
        return await this.group.run((context) => {
          this.checkOpen();
          return work(context);
        });
      } catch (error) {
        if (!(error instanceof LockWait)) throw error;
        await deadline.waitFor(error.holder.finished);
      }
    }
  }

  /** What is written once the counts are saved would not be in them. */
  private checkOpen(): void {
    if (this.isClosing) fail(91, "ShutdownInProgress", "The server is shutting down");
  }

  async close(): Promise<void> {
    this.isClosing = true;
    this.reclaimer.stop();
    // Units that wait are refused; a store transaction must not begin once the store is being closed.
    this.group.finish();
    try {
      this.catalog.saveCounts();
    } catch {
      // A full disk: the next start counts.
    }
    await this.store.close();
  }
}
