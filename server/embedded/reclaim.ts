import { isBuilt } from "./indexes";
import type { Engine } from "./engine";
import { buildDocumentPrefix, buildIndexPrefix, endOfPrefix, readNumberedPrefix } from "./keys";
import type { View } from "./store";

/** What fits into the transaction that drops something; the rest goes piece by piece. */
const KEYS_AT_ONCE = 256;
const RETRY_MS = 60_000;
const UNIT_MS = 8;

/** Removes the first keys of a prefix. Returns whether that was all of them. */
export function removeSome(view: View, prefix: Buffer): boolean {
  const keys: Buffer[] = [];
  for (const { key } of view.range(prefix, endOfPrefix(prefix))) {
    keys.push(key);
    if (keys.length === KEYS_AT_ONCE) break;
  }
  for (const key of keys) view.remove(key);
  return keys.length < KEYS_AT_ONCE;
}

function removeForAWhile(view: View, prefix: Buffer): boolean {
  const end = performance.now() + UNIT_MS;
  while (performance.now() < end) if (removeSome(view, prefix)) return true;
  return false;
}

/**
 * Removes what a dropped collection or index has left behind, a little at a time, so that nobody waits for it. Nothing refers to
 * these keys any more; if the process ends meanwhile, the next one finds them (see findOrphans).
 */
export class Reclaimer {
  private readonly prefixes: Buffer[] = [];
  private timer: NodeJS.Timeout | null = null;
  private isStopped = false;

  constructor(private readonly engine: Engine) {
    this.add(findOrphans(engine));
  }

  add(prefixes: Buffer[]): void {
    this.prefixes.push(...prefixes);
    this.schedule(0);
  }

  private schedule(milliseconds: number): void {
    if (this.prefixes.length > 0 && !this.isStopped) this.timer ??= setTimeout(() => this.step(), milliseconds).unref();
  }

  private step(): void {
    this.timer = null;
    const [prefix] = this.prefixes;
    if (!prefix) return;
    try {
      if (this.engine.runUnit((unit) => removeForAWhile(unit.view, prefix))) this.prefixes.shift();
      this.schedule(0);
    } catch {
      // A full disk, which whoever writes is told.
      this.schedule(RETRY_MS);
    }
  }

  stop(): void {
    this.isStopped = true;
    if (this.timer) clearTimeout(this.timer);
  }
}

/** Prefixes of documents and entries that belong to no collection and no index. Their ids are not given out again. */
function findOrphans({ store, catalog }: Engine): Buffer[] {
  const collections = catalog.all();
  const known = [
    new Set(collections.map((collection) => collection.id)),
    new Set(collections.flatMap((collection) => collection.indexes.filter(isBuilt).map((index) => index.id))),
  ];
  const orphans: Buffer[] = [];
  for (const [kind, buildPrefix] of [buildDocumentPrefix, buildIndexPrefix].entries()) {
    const end = endOfPrefix(buildPrefix(0).subarray(0, 1));
    let next = buildPrefix(0);
    for (;;) {
      const [first] = store.range(next, end);
      if (!first) break;
      const id = readNumberedPrefix(first.key);
      if (!known[kind]?.has(id)) orphans.push(buildPrefix(id));
      catalog.skipIds(id);
      next = buildPrefix(id + 1);
    }
  }
  return orphans;
}
