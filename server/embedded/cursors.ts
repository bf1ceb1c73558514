import { randomInt } from "node:crypto";
import type { Document } from "./bson";
import type { Deadline } from "./deadline";
import { fail, failLocation } from "./errors";
import { CursorReply } from "./reply";
import type { Transaction } from "./transactions";

const IDLE_MS = 10 * 60_000;
/** MongoDB fills up to 16 MB; a smaller batch keeps others from waiting while it is put together. */
const BATCH_BYTES = 2 * 1024 * 1024;
const FIRST_BATCH = 101;

/** What a cursor draws its documents from; `undefined` means "nothing yet" (see runQuery). */
export type DocumentSource = Generator<Buffer | undefined>;

/** A cursor that does not end when there is nothing more for the moment. */
export interface Tail {
  /** Resolves when there may be something, or after so many milliseconds. */
  wait(milliseconds: number): Promise<void>;
  resumeToken(): Document;
}

interface Cursor {
  id: bigint;
  namespace: string;
  source: DocumentSource;
  deadline: Deadline;
  transaction: Transaction | null;
  tail: Tail | null;
  /** Drawn, but not sent yet: it shows whether there is more, or did not fit. */
  ahead: Buffer | null;
  /** A getMore is drawing from it, or waiting. */
  isBusy: boolean;
  lastUsed: number;
}

export interface OpenOptions {
  batchSize?: number;
  /** Send one batch and forget the rest. */
  isSingleBatch?: boolean;
  transaction?: Transaction | null;
  tail?: Tail;
}

/** A getMore. */
export interface MoreRequest {
  id: bigint;
  namespace: string;
  transaction: Transaction | null;
  batchSize: number;
  /** How long to wait for something when there is nothing, where the cursor has a tail. */
  waitMs: number;
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
      tail: options.tail ?? null,
      ahead: null,
      isBusy: false,
      lastUsed: Date.now(),
    };
    const batch = await drawBatch(cursor, options.batchSize ?? FIRST_BATCH);
    const isOpen = batch.hasMore && !options.isSingleBatch;
    if (isOpen) this.cursors.set(cursor.id, cursor);
    else cursor.source.return(undefined);
    return answer(cursor, isOpen, "firstBatch", batch.documents);
  }

  /**
   * The next batch. It stays findable meanwhile, for whoever wants to kill it.
   * @throws 43 when the cursor is unknown, used up, or its transaction has ended, 143 when another getMore is at it, 13, 50739, 50740,
   * 50741 when it belongs elsewhere, 237 when it is killed meanwhile
   */
  async next(request: MoreRequest): Promise<CursorReply> {
    const cursor = this.find(request);
    cursor.deadline.restart();
    cursor.isBusy = true;
    try {
      const batch = await this.drawMore(cursor, request);
      if (!batch.hasMore) this.cursors.delete(cursor.id);
      return answer(cursor, batch.hasMore, "nextBatch", batch.documents);
    } catch (error) {
      this.kill(cursor.id);
      throw error;
    } finally {
      cursor.isBusy = false;
      cursor.lastUsed = Date.now();
    }
  }

  private find({ id, namespace, transaction }: MoreRequest): Cursor {
    const cursor = this.cursors.get(id);
    if (!cursor || (cursor.transaction && cursor.transaction.state !== "open")) {
      this.cursors.delete(id);
      return fail(43, "CursorNotFound", `cursor id ${id} not found`);
    }
    if (cursor.isBusy) fail(143, "CursorInUse", `cursor id ${id} is already in use`);
    if (cursor.namespace !== namespace) {
      const belongs = `but cursor belongs to a different namespace ${cursor.namespace}`;
      fail(13, "Unauthorized", `Requested getMore on namespace '${namespace}', ${belongs}`);
    }
    checkTransaction(cursor, transaction);
    return cursor;
  }

  private async drawMore(cursor: Cursor, { batchSize, waitMs }: MoreRequest): Promise<Batch> {
    const size = batchSize > 0 ? batchSize : Number.POSITIVE_INFINITY;
    const batch = await drawBatch(cursor, size);
    this.checkAlive(cursor);
    if (!cursor.tail || !batch.hasMore || batch.documents.length > 0) return batch;
    await cursor.tail.wait(waitMs);
    this.checkAlive(cursor);
    const late = await drawBatch(cursor, size);
    this.checkAlive(cursor);
    return late;
  }

  private checkAlive({ id }: Cursor): void {
    if (!this.cursors.has(id)) fail(237, "CursorKilled", "operation was interrupted because the cursor was killed");
  }

  /** Whether there was such a cursor. */
  kill(id: bigint): boolean {
    this.cursors.get(id)?.source.return(undefined);
    return this.cursors.delete(id);
  }

  dropIdle(): void {
    for (const cursor of this.cursors.values()) {
      if (!cursor.isBusy && Date.now() - cursor.lastUsed > IDLE_MS) this.kill(cursor.id);
    }
  }
}

/** A cursor sees what its transaction sees, and nobody else may. @throws 50739, 50740, 50741 */
function checkTransaction({ id, transaction: own }: Cursor, transaction: Transaction | null): void {
  if (own === transaction) return;
  const what = `Cannot run getMore on cursor ${id}, which was`;
  if (!own) failLocation(50739, `${what} not created in a transaction, in transaction ${transaction?.number}`);
  if (!transaction) failLocation(50740, `${what} created in transaction ${own.number}, without a txnNumber`);
  failLocation(50741, `${what} created in transaction ${own.number}, in transaction ${transaction.number}`);
}

interface Batch {
  documents: Buffer[];
  hasMore: boolean;
}

function answer(cursor: Cursor, isOpen: boolean, name: "firstBatch" | "nextBatch", documents: Buffer[]): CursorReply {
  return new CursorReply(cursor.namespace, isOpen ? cursor.id : 0n, name, documents, { ok: 1 }, cursor.tail?.resumeToken());
}

async function drawBatch(cursor: Cursor, size: number): Promise<Batch> {
  const documents: Buffer[] = [];
  let bytes = 0;
  for (;;) {
    // What a tail has drawn counts as sent (see resumeToken).
    if (cursor.tail && (documents.length >= size || bytes > BATCH_BYTES)) return { documents, hasMore: true };
    const next = cursor.ahead ?? (await drawOne(cursor));
    cursor.ahead = null;
    if (!next) return { documents, hasMore: next === undefined };
    if (documents.length >= size || (documents.length > 0 && bytes + next.length > BATCH_BYTES)) {
      cursor.ahead = next;
      return { documents, hasMore: true };
    }
    documents.push(next);
    bytes += next.length;
    if (cursor.deadline.isSliceOver()) await cursor.deadline.breathe();
  }
}

/** The next document, null at the end, undefined when there is none for the moment. */
async function drawOne(cursor: Cursor): Promise<Buffer | null | undefined> {
  for (;;) {
    const { value, done } = cursor.source.next();
    if (done) return null;
    if (value) return value;
    if (cursor.tail) return undefined;
    await cursor.deadline.breathe();
  }
}
