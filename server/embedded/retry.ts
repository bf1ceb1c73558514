import { Long } from "bson";
import { deserializeTyped, serializeDocument, type Document } from "./bson";
import type { Engine } from "./engine";
import { fail } from "./errors";
import { buildRetryKey, buildRetryPartKey, endOfPrefix, RETRY_PREFIX } from "./keys";
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
 * driver that repeats the command after a crash neither loses the write nor applies it twice. What a long batch has to answer grows with
 * every transaction: finished parts of it are stored once, under keys of their own.
 */
export class RetrySlot {
  private readonly key: Buffer;
  private parts = 0;
  private staleParts = 0;
  /** How many items of each list are in parts. */
  private readonly stored = new Map<string, number>();
  private known: RetryProgress | null | undefined;

  /** @param last the session's write before this one, where it is still known: what it has seen need not be read again */
  constructor(
    private readonly engine: Engine,
    sessionId: string,
    private readonly number: number,
    last?: RetrySlot | null,
  ) {
    this.key = buildRetryKey(sessionId);
    if (!last || last.known === undefined || number <= last.number) return;
    this.known = null;
    this.staleParts = Math.max(last.parts, last.staleParts);
  }

  /**
   * What was known of this very write when it came; null when it is new.
   * @throws 225 when a later write of the session has been seen
   */
  load(): RetryProgress | null {
    if (this.known === undefined) this.known = this.read();
    return this.known;
  }

  private read(): RetryProgress | null {
    const bytes = this.engine.store.get(this.key);
    if (!bytes) return null;
    const record = deserializeTyped(bytes);
    const stored = toNumber(record.number);
    if (this.number < stored) {
      fail(225, "TransactionTooOld", `Retryable write with txnNumber ${this.number} is prohibited: ${stored} has been used.`);
    }
    const parts = toNumber(record.parts);
    if (this.number > stored) {
      this.staleParts = parts;
      return null;
    }
    this.parts = parts;
    return {
      nextStatement: toNumber(record.nextStatement),
      isDone: record.isDone === true,
      state: this.joinParts(record.state as Document),
    };
  }

  private joinParts(state: Document): Document {
    const lists = new Map<string, unknown[]>();
    for (let part = 0; part < this.parts; part += 1) {
      const bytes = this.engine.store.get(buildRetryPartKey(this.key, part));
      for (const [name, items] of Object.entries(bytes ? deserializeTyped(bytes) : {})) {
        lists.set(name, [...(lists.get(name) ?? []), ...(items as unknown[])]);
      }
    }
    const joined = { ...state };
    for (const [name, items] of lists) {
      this.stored.set(name, items.length);
      joined[name] = [...items, ...(state[name] as unknown[])];
    }
    return joined;
  }

  save(view: View, progress: RetryProgress): void {
    for (let part = 0; part < this.staleParts; part += 1) view.remove(buildRetryPartKey(this.key, part));
    this.staleParts = 0;
    const state = progress.isDone ? this.leaveOutStored(progress.state) : this.storePart(view, progress.state);
    const head = { number: Long.fromNumber(this.number), at: new Date(), parts: this.parts };
    view.put(this.key, serializeDocument({ ...head, ...progress, state }));
  }

  /** The last item of a list may still change: it stays out. */
  private storePart(view: View, state: Document): Document {
    const part: Document = {};
    for (const [name, list] of Object.entries(state)) {
      const from = this.stored.get(name) ?? 0;
      if (!Array.isArray(list) || list.length - 1 <= from) continue;
      part[name] = list.slice(from, -1);
      this.stored.set(name, list.length - 1);
    }
    if (Object.keys(part).length > 0) {
      view.put(buildRetryPartKey(this.key, this.parts), serializeDocument(part));
      this.parts += 1;
    }
    return this.leaveOutStored(state);
  }

  private leaveOutStored(state: Document): Document {
    if (this.stored.size === 0) return state;
    return mapNamed(state, (name, value) => (Array.isArray(value) ? value.slice(this.stored.get(name) ?? 0) : value));
  }
}

function mapNamed(document: Document, change: (name: string, value: unknown) => unknown): Document {
  return Object.fromEntries(Object.entries(document).map(([name, value]) => [name, change(name, value)]));
}

/** Forgets retry records of sessions that have been gone for half an hour. */
export function sweepRetryRecords(engine: Engine): void {
  const limit = Date.now() - KEEP_MS;
  const stale: Buffer[] = [];
  for (const { key, value } of engine.store.range(RETRY_PREFIX, endOfPrefix(RETRY_PREFIX))) {
    const { at, parts } = deserializeTyped(value);
    if (!(at instanceof Date) || at.getTime() >= limit) continue;
    stale.push(key, ...Array.from({ length: toNumber(parts) }, (_, part) => buildRetryPartKey(key, part)));
  }
  if (stale.length === 0) return;
  engine.runUnit((unit) => {
    for (const key of stale) unit.view.remove(key);
  });
}
