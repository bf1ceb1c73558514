import "server-only";
import type { CustomerCaller } from "@/server/core/trpc";
import { addToBuckets, type BucketAddition } from "@/server/modules/usage/repository";
import { allWidths, startOf, widths } from "@/server/modules/usage/spans";

export interface BucketCounts {
  calls: number;
  rows: number;
  limited: number;
}

/** What came in while a write is under way goes out together with the next one: as many writes as the database can take. */
let waiting = new Map<string, BucketAddition>();
let writing: Promise<void> | undefined;
let next: Promise<void> | undefined;

async function writeWaiting(): Promise<void> {
  const additions = [...waiting.values()];
  waiting = new Map();
  next = undefined;
  await addToBuckets(additions);
}

/** Begins a write, or joins the one that begins after the one that is under way. */
function schedule(): Promise<void> {
  const before = writing;
  next ??= (async () => {
    await before?.catch(() => {});
    writing = writeWaiting();
    await writing;
  })();
  return next;
}

/** Adds counts to the buckets of this minute, hour and day. Resolves when they are stored. */
export async function count(caller: CustomerCaller, model: string, counts: BucketCounts): Promise<void> {
  const now = Date.now();
  const { customerId } = caller;
  const keyId = caller.via.kind === "key" ? caller.via.keyId : null;
  for (const width of allWidths) {
    const start = startOf(width, now);
    const name = JSON.stringify([customerId, width, start, model, keyId]);
    const { calls, rows, limited } = waiting.get(name) ?? { calls: 0, rows: 0, limited: 0 };
    waiting.set(name, {
      customerId,
      width,
      start: new Date(start),
      model,
      keyId,
      calls: calls + counts.calls,
      rows: rows + counts.rows,
      limited: limited + counts.limited,
      expiresAt: new Date(start + widths[width].kept),
    });
  }
  await schedule();
}
