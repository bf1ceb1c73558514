import "server-only";

interface Entry<Value> {
  value: Promise<Value>;
  expiresAt: number;
}

/** A small cache of promises: calls at the same time share one read, failures are not kept, the oldest entry goes first. */
export class PromiseCache<Value> {
  readonly #entries = new Map<string, Entry<Value>>();
  readonly #limit: number;
  readonly #keepMs: number;

  /** @param keepMs how long an entry counts, in milliseconds; `Infinity` for what never changes */
  constructor(limit: number, keepMs: number) {
    this.#limit = limit;
    this.#keepMs = keepMs;
  }

  /** The entry of this key, or what `load` gives. @throws whatever `load` throws */
  async read(key: string, load: () => Promise<Value>): Promise<Value> {
    const now = performance.now();
    const kept = this.#entries.get(key);
    if (kept && kept.expiresAt > now) return kept.value;
    const entry = { value: load(), expiresAt: now + this.#keepMs };
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    const oldest = this.#entries.size > this.#limit ? this.#entries.keys().next() : undefined;
    if (oldest && !oldest.done) this.#entries.delete(oldest.value);
    try {
      return await entry.value;
    } catch (error) {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
      throw error;
    }
  }

  forget(key: string): void {
    this.#entries.delete(key);
  }
}
