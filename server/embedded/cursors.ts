import { randomInt } from "node:crypto";
import type { Deadline } from "./deadline";
import { fail } from "./errors";
import { CursorReply } from "./reply";
import type { Transaction } from "./transactions";

const IDLE_MS = 10 * 60_000;
const BATCH_BYTES = 16 * 1000 * 1000;
const FIRST_BATCH = 101;

/** What a cursor draws its documents from; `undefined` means "nothing yet" (see runQuery). */
export type DocumentSource = Generator<Buffer | undefined>;

interface Cursor {
  id: bigint;
  namespace: string;
  source: DocumentSource;
  deadline: Deadline;
  transaction: Transaction | null;
  /** Drawn, but not sent yet: it shows whether there is more, or did not fit. */
  ahead: Buffer | null;
  lastUsed: number;
}

export interface OpenOptions {
  batchSize?: number;
  /** Send one batch and forget the rest. */
  isSingleBatch?: boolean;
  transaction?: Transaction | null;
}

/** Results that are sent in several batches. */
export class Cursors {
  private readonly cursors = new Map<bigint, Cursor>();
  private sequence = 1n;

  get size(): number {
    return this.cursors.size;
  }

  /** Answers a command with the first batch of `source`; what is left waits for getMore. */
  async open(namespace: string, source: DocumentSource, deadline: Deadline, options: OpenOptions = {}): Promise<CursorReply> {
    this.sequence += 1n;
    const cursor: Cursor = {
      id: (this.sequence << 20n) | BigInt(randomInt(1 << 20)),
      namespace,
      source,
      deadline,
      transaction: options.transaction ?? null,
      ahead: null,
      lastUsed: Date.now(),
    };
    const batch = await drawBatch(cursor, options.batchSize ?? FIRST_BATCH);
    const isOpen = batch.hasMore && !options.isSingleBatch;
    if (isOpen) this.cursors.set(cursor.id, cursor);
    else cursor.source.return(undefined);
    return new CursorReply(namespace, isOpen ? cursor.id : 0n, "firstBatch", batch.documents, { ok: 1 });
  }

  /** @throws 43 when the cursor is unknown, used up, or its transaction has ended */
  async next(id: bigint, batchSize: number, maxTimeMs: number): Promise<CursorReply> {
    const cursor = this.cursors.get(id);
    if (!cursor || (cursor.transaction && cursor.transaction.state !== "open")) {
      this.cursors.delete(id);
      return fail(43, "CursorNotFound", `cursor id ${id} not found`);
    }
    this.cursors.delete(id);
    cursor.deadline.restart(maxTimeMs);
    const batch = await drawBatch(cursor, batchSize > 0 ? batchSize : Number.POSITIVE_INFINITY);
    cursor.lastUsed = Date.now();
    if (batch.hasMore) this.cursors.set(id, cursor);
    return new CursorReply(cursor.namespace, batch.hasMore ? id : 0n, "nextBatch", batch.documents, { ok: 1 });
  }

  /** Whether there was such a cursor. */
  kill(id: bigint): boolean {
    this.cursors.get(id)?.source.return(undefined);
    return this.cursors.delete(id);
  }

  dropIdle(): void {
    for (const cursor of this.cursors.values()) if (Date.now() - cursor.lastUsed > IDLE_MS) this.kill(cursor.id);
  }
}

async function drawBatch(cursor: Cursor, size: number): Promise<{ documents: Buffer[]; hasMore: boolean }> {
  const documents: Buffer[] = [];
  let bytes = 0;
  for (;;) {
    const next = cursor.ahead ?? (await drawOne(cursor));
    cursor.ahead = null;
    if (!next) return { documents, hasMore: false };
    if (documents.length >= size || (documents.length > 0 && bytes + next.length > BATCH_BYTES)) {
      cursor.ahead = next;
      return { documents, hasMore: true };
    }
    documents.push(next);
    bytes += next.length;
  }
}

async function drawOne(cursor: Cursor): Promise<Buffer | null> {
  for (;;) {
    const { value, done } = cursor.source.next();
    if (done) return null;
    if (value) return value;
    await cursor.deadline.breathe();
  }
}
