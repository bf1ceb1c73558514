import "server-only";
import { DomainError, toDomainError } from "@/server/core/errors";
import { within } from "@/server/core/within";

/** What a cache goes on with while the database is away. */
export interface WhileAway {
  /** How old a value may be that stands in for one that cannot be read, in milliseconds. */
  keepMs: number;
  /** How long a reading may take before such a value stands in for it, in milliseconds. */
  patienceMs: number;
}

interface Entry<Value> {
  value: Promise<Value>;
  /** Whether it was read, so that nobody has to wait for it. */
  isRead: boolean;
  expiresAt: number;
  /** What was read last under this key, and when. */
  last: { value: Value; at: number } | undefined;
}

/** A small cache of promises: calls at the same time share one read, failures are not kept, the oldest entry goes first. */
export class PromiseCache<Value> {
  readonly #entries = new Map<string, Entry<Value>>();
  readonly #limit: number;
  readonly #keepMs: number;
  readonly #whileAway: WhileAway | undefined;

  /**
   * @param keepMs how long an entry counts, in milliseconds; `Infinity` for what never changes, 0 for what is read each time
   * @param whileAway where given, what was read before stands in while the database is away
   */
  constructor(limit: number, keepMs: number, whileAway?: WhileAway) {
    this.#limit = limit;
    this.#keepMs = keepMs;
    this.#whileAway = whileAway;
  }

  /** The entry of this key, or what `load` gives. @throws whatever `load` throws */
  read(key: string, load: () => Promise<Value>): Promise<Value> {
    const now = performance.now();
    const kept = this.#entries.get(key);
    if (!kept || kept.expiresAt <= now) return this.#load(key, load, kept?.last);
    return kept.isRead ? kept.value : this.#orLast(kept);
  }

  /** What {@link read} gives without waiting; undefined for what has to be read. */
  peek(key: string): Value | undefined {
    const kept = this.#entries.get(key);
    return kept?.isRead && kept.expiresAt > performance.now() ? kept.last?.value : undefined;
  }

  async #load(key: string, load: () => Promise<Value>, last: Entry<Value>["last"]): Promise<Value> {
    const entry: Entry<Value> = { value: load(), isRead: false, expiresAt: performance.now() + this.#keepMs, last };
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    const oldest = this.#entries.size > this.#limit ? this.#entries.keys().next() : undefined;
    if (oldest && !oldest.done) this.#entries.delete(oldest.value);
    entry.value.then(
      (value) => Object.assign(entry, { isRead: true, last: { value, at: performance.now() } }),
      (error: unknown) => this.#settleFailure(key, entry, error),
    );
    return this.#orLast(entry);
  }

  /** A failure is read again by the next call. What was known goes with it, unless it is the database that failed. */
  #settleFailure(key: string, entry: Entry<Value>, error: unknown): void {
    if (this.#entries.get(key) !== entry) return;
    if (this.#whileAway && entry.last && isAway(error)) entry.expiresAt = 0;
    else this.#entries.delete(key);
  }

  async #orLast({ value, last }: Entry<Value>): Promise<Value> {
    if (!this.#whileAway || !last || performance.now() - last.at > this.#whileAway.keepMs) return value;
    try {
      const late = () => new DomainError("database_unavailable", "The database does not answer.");
      return await within(this.#whileAway.patienceMs, value, late);
    } catch (error) {
      if (isAway(error)) return last.value;
      throw error;
    }
  }

  forget(key: string): void {
    this.#entries.delete(key);
  }
}

/** The caches of a process by name, kept on `globalThis` because this file is evaluated more than once: by Next, and in the API's bundle. */
const holder: typeof globalThis & { vitrineCaches?: Map<string, object> } = globalThis;

/**
 * The one cache of that name in this process, as {@link PromiseCache} makes it: what one part of the process forgets, no other part goes on
 * with.
 */
export function sharePromiseCache<Value>(name: string, limit: number, keepMs: number, whileAway?: WhileAway): PromiseCache<Value> {
  const caches = (holder.vitrineCaches ??= new Map());
  const known = caches.get(name) ?? new PromiseCache<Value>(limit, keepMs, whileAway);
  caches.set(name, known);
  // A name stands for one kind of value: it is given in one place of the code.
  return known as PromiseCache<Value>;
}

function isAway(error: unknown): boolean {
  return toDomainError(error).code === "database_unavailable";
}
