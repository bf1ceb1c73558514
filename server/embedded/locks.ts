import { fail } from "./errors";
import type { Transaction } from "./transactions";

/** Thrown inside a plain write that meets a document an open transaction has written: wait for it, then start again. */
export class LockWait extends Error {
  constructor(readonly holder: Transaction) {
    super("a transaction holds this document");
  }
}

/** @throws 112 with the label that makes drivers run the whole transaction again. */
export function failWriteConflict(why: string): never {
  fail(112, "WriteConflict", `Write conflict during plan execution and yielding is disabled. (${why})`, {
    errorLabels: ["TransientTransactionError"],
  });
}

/** Who has written what, among open transactions. The first writer of a thing holds it until it ends. */
export class LockTable {
  private readonly holders = new Map<string, Transaction>();
  private readonly writers = new Map<number, Set<Transaction>>();

  /** Whether nothing is held, as without open transactions: then there is no name to ask for. */
  get isEmpty(): boolean {
    return this.holders.size === 0;
  }

  /** A plain write may only pass where no transaction holds the name. */
  checkFree(name: string): void {
    const holder = this.holders.get(name);
    if (holder) throw new LockWait(holder);
  }

  /** Takes the name for a transaction, or fails with 112 when another has it. */
  claim(name: string, transaction: Transaction): void {
    const holder = this.holders.get(name);
    if (holder && holder !== transaction) failWriteConflict("another transaction has written this");
    this.holders.set(name, transaction);
    transaction.heldNames.add(name);
  }

  noteWriter(collectionId: number, transaction: Transaction): void {
    const writers = this.writers.get(collectionId) ?? new Set();
    this.writers.set(collectionId, writers.add(transaction));
  }

  /**
   * Ends the open transactions that have written to a collection whose shape is to change; their clients are told to
   * begin them again. (MongoDB would wait up to a minute for an idle transaction to be ended by its lifetime.)
   */
  endWriters(collectionId: number): void {
    for (const writer of Array.from(this.writers.get(collectionId) ?? [])) writer.abort();
  }

  release(transaction: Transaction): void {
    for (const name of transaction.heldNames) this.holders.delete(name);
    transaction.heldNames.clear();
    for (const [id, writers] of this.writers) {
      writers.delete(transaction);
      if (writers.size === 0) this.writers.delete(id);
    }
  }
}
