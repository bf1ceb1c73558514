import { Long } from "bson";
import { deserializeTyped, serializeDocument, type Document } from "./bson";
import type { Engine } from "./engine";
import { fail } from "./errors";
import { buildRetryKey, endOfPrefix, RETRY_PREFIX } from "./keys";
import type { View } from "./store";
import { toNumber } from "./values";

/** How far a numbered write has come, and what it will answer. */
export interface RetryProgress {
  nextStatement: number;
  isDone: boolean;
  state: Document;
}

const KEEP_MS = 30 * 60_000;

/**
 * The memory of a session's last retryable write. It is stored in the transaction of the write itself, so that a
 * driver that repeats the command after a crash neither loses the write nor applies it twice.
 */
export class RetrySlot {
  private readonly key: Buffer;

  constructor(
    private readonly engine: Engine,
    sessionId: string,
    private readonly number: number,
  ) {
    this.key = buildRetryKey(sessionId);
  }

  /**
   * What is known of this very write; null when it is new.
   * @throws 225 when a later write of the session has been seen
   */
  load(): RetryProgress | null {
    const bytes = this.engine.store.get(this.key);
    if (!bytes) return null;
    const record = deserializeTyped(bytes);
    const stored = toNumber(record.number);
    if (this.number < stored) {
      fail(225, "TransactionTooOld", `Retryable write with txnNumber ${this.number} is prohibited: ${stored} has been used.`);
    }
    if (this.number > stored) return null;
    return {
      nextStatement: toNumber(record.nextStatement),
      isDone: record.isDone === true,
      state: record.state as Document,
    };
  }

  save(view: View, progress: RetryProgress): void {
    view.put(this.key, serializeDocument({ number: Long.fromNumber(this.number), at: new Date(), ...progress }));
  }
}

/** Forgets retry records of sessions that have been gone for half an hour. */
export function sweepRetryRecords(engine: Engine): void {
  const limit = Date.now() - KEEP_MS;
  const stale: Buffer[] = [];
  for (const { key, value } of engine.store.range(RETRY_PREFIX, endOfPrefix(RETRY_PREFIX))) {
    const { at } = deserializeTyped(value);
    if (at instanceof Date && at.getTime() < limit) stale.push(key);
  }
  if (stale.length === 0) return;
  engine.runUnit((unit) => {
    for (const key of stale) unit.view.remove(key);
  });
}
