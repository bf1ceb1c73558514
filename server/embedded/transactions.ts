import type { Collection } from "./catalog";
import type { Change } from "./change-events";
import type { Engine, WriteContext } from "./engine";
import { fail } from "./errors";
import { endOfPrefix, readRecord } from "./keys";
import type { Index } from "./indexes";
import { failWriteConflict } from "./locks";
import { Overlay } from "./overlay";
import { RetrySlot } from "./retry";
import type { Snapshot } from "./store";

const LIFETIME_MS = 60_000;
const MAX_CHANGE_BYTES = 16 * 1024 * 1024;

/**
 * A multi-document transaction: it reads from a snapshot taken when it began, with its own writes over it, and the
 * writes reach the store in one piece at commit. Documents and unique values it wrote are held until it ends, so
 * that nothing can have come between when it commits.
 */
export class Transaction implements WriteContext {
  state: "open" | "committed" | "aborted" = "open";
  readonly view: Overlay;
  readonly transaction = this;
  readonly heldNames = new Set<string>();
  /** Resolves when the transaction has ended, either way. */
  readonly finished: Promise<void>;
  /** Indexes completed after the snapshot have not all their entries in it and must not be used for reading. */
  private readonly horizon: number;
  private readonly created = new Map<string, Collection>();
  private readonly deltas = new Map<Collection, number>();
  /** Whether anybody watches is known at commit. */
  private readonly changes: (() => Change)[] = [];
  private readonly snapshot: Snapshot;
  private readonly timer: NodeJS.Timeout;
  private announceEnd: () => void = () => undefined;

  constructor(
    private readonly engine: Engine,
    private readonly sessionId: string,
    readonly number: number,
  ) {
    this.snapshot = engine.store.snapshot();
    this.view = new Overlay(this.snapshot);
    this.horizon = engine.catalog.peekNextId();
    this.finished = new Promise((resolve) => {
      this.announceEnd = resolve;
    });
    this.timer = setTimeout(() => this.abort(), LIFETIME_MS);
    this.timer.unref();
  }

  isIndexUsable(index: Index): boolean {
    return index.builtAt < this.horizon;
  }

  /** @throws 246 when the name has come to mean another collection, or none, since the transaction began */
  getCollection(namespace: string): Collection | undefined {
    const created = this.created.get(namespace);
    if (!created && this.engine.catalog.goneAt(namespace) >= this.horizon) {
      fail(246, "SnapshotUnavailable", `Unable to read from a snapshot due to pending collection catalog changes to '${namespace}'`, {
        errorLabels: ["TransientTransactionError"],
      });
    }
    return created ?? this.engine.catalog.get(namespace);
  }

  /** A command may be under way when the transaction is ended from outside: it must not take locks any more. */
  private checkOpen(): void {
    if (this.state === "open") return;
    fail(251, "NoSuchTransaction", "The transaction has ended", { errorLabels: ["TransientTransactionError"] });
  }

  createCollection(namespace: string, options = {}): Collection {
    this.checkOpen();
    const collection = this.engine.catalog.build(namespace, options);
    this.engine.locks.claim(`n:${namespace}`, this);
    this.created.set(namespace, collection);
    return collection;
  }

  /** Whether the collection was made in this transaction (only then may its indexes change here). */
  hasCreated(collection: Collection): boolean {
    return this.created.get(collection.namespace) === collection;
  }

  claimDocument(collection: Collection, record: number, key: Buffer): void {
    this.checkOpen();
    this.engine.locks.noteWriter(collection.id, this);
    this.engine.locks.claim(`d:${collection.id}:${record}`, this);
    const current = this.engine.store.get(key);
    const original = this.view.getOriginal(key);
    const unchanged = current && original ? current.equals(original) : current === original;
    if (!unchanged) failWriteConflict("the document changed after the transaction began");
  }

  claimUnique(collection: Collection, entry: Buffer, record: number): void {
    this.checkOpen();
    this.engine.locks.claim(`u:${entry.toString("latin1")}`, this);
    for (const { key } of this.engine.store.range(entry, endOfPrefix(entry))) {
      if (readRecord(key) !== record && this.view.getOriginal(key) === undefined) {
        failWriteConflict(`a unique value of ${collection.namespace} was taken after the transaction began`);
      }
    }
  }

  claimCollection(collection: Collection): void {
    if (this.hasCreated(collection)) return;
    fail(263, "OperationNotSupportedInTransaction", "Cannot change an existing collection in a transaction");
  }

  noteChange(describe: () => Change): void {
    this.changes.push(describe);
  }

  noteGrowth(collection: Collection, delta: number): void {
    this.deltas.set(collection, (this.deltas.get(collection) ?? 0) + delta);
    if (this.view.bytes <= MAX_CHANGE_BYTES) return;
    fail(257, "TransactionTooLarge", "Total size of all transaction operations must be less than 16793600 bytes");
  }

  /**
   * Writes everything in one store transaction, with a note that it was committed: a driver that did not get the
   * answer asks again, perhaps after a restart. On an error nothing was written and the transaction is aborted.
   */
  commit(): void {
    try {
      this.engine.runUnit((unit) => {
        for (const collection of this.created.values()) {
          if (unit.getCollection(collection.namespace)) failWriteConflict("the collection was created meanwhile");
          unit.adoptCollection(collection);
        }
        for (const [key, value] of this.view.entries()) {
          if (value) unit.view.put(key, value);
          else unit.view.remove(key);
        }
        for (const [collection, delta] of this.deltas) unit.noteGrowth(collection, delta);
        for (const describe of this.changes) unit.noteChange(describe);
        const note = { nextStatement: 0, isDone: true, state: { isCommit: true } };
        new RetrySlot(this.engine, this.sessionId, this.number).save(unit.view, note);
      });
      this.end("committed");
    } catch (error) {
      this.end("aborted");
      throw error;
    }
  }

  abort(): void {
    if (this.state === "open") this.end("aborted");
  }

  private end(state: "committed" | "aborted"): void {
    this.state = state;
    clearTimeout(this.timer);
    this.engine.locks.release(this);
    this.snapshot.close();
    this.announceEnd();
  }
}
