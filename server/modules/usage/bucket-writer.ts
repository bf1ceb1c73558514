import "server-only";
import { beatOfAnswers } from "@/server/core/beat";
import { JointWork } from "@/server/core/joint-work";
import type { CustomerCaller } from "@/server/core/trpc";
import { addToBuckets, type BucketAddition } from "@/server/modules/usage/repository";
import { allWidths, startOf, widths } from "@/server/modules/usage/spans";

export interface BucketCounts {
  calls: number;
  rows: number;
  limited: number;
}

/** Calls in one write, and calls that wait for one: some hundred times as many as one process works on. */
const MOST_AT_ONCE = 1_000;
const MOST_WAITING = 10_000;

interface Counted {
  caller: CustomerCaller;
  model: string;
  at: number;
  counts: BucketCounts;
}

/** Of calls that are counted in the same buckets: those of one minute, customer, model and key. */
interface Sum extends BucketCounts {
  customerId: string;
  model: string;
  keyId: string | null;
  minute: number;
}

function sumUp(counted: readonly Counted[]): Sum[] {
  const sums = new Map<string, Sum>();
  for (const { caller, model, at, counts } of counted) {
    const { customerId, via } = caller;
    const keyId = via.kind === "key" ? via.keyId : null;
    const minute = startOf("1m", at);
    const name = `${minute} ${customerId} ${keyId} ${model}`;
    let sum = sums.get(name);
    if (!sum) sums.set(name, (sum = { customerId, model, keyId, minute, calls: 0, rows: 0, limited: 0 }));
    sum.calls += counts.calls;
    sum.rows += counts.rows;
    sum.limited += counts.limited;
  }
  return [...sums.values()];
}

/** What they add to each bucket, each bucket once. */
function toAdditions(counted: readonly Counted[]): BucketAddition[] {
  const additions = new Map<string, BucketAddition>();
  for (const { minute, ...sum } of sumUp(counted)) {
    for (const width of allWidths) {
      const start = startOf(width, minute);
      const name = `${width} ${start} ${sum.customerId} ${sum.keyId} ${sum.model}`;
      const known = additions.get(name);
      const { calls, rows, limited } = known ?? { calls: 0, rows: 0, limited: 0 };
      additions.set(name, {
        ...sum,
        width,
        start: new Date(start),
        calls: calls + sum.calls,
        rows: rows + sum.rows,
        limited: limited + sum.limited,
        expiresAt: new Date(start + widths[width].kept),
      });
    }
  }
  return [...additions.values()];
}

async function write(counted: readonly Counted[]): Promise<true[]> {
  await addToBuckets(toAdditions(counted));
  return counted.map(() => true);
}

const joint = new JointWork<Counted, true>({
  work: write,
  mostAtOnce: MOST_AT_ONCE,
  beat: beatOfAnswers,
  room: { mostWaiting: MOST_WAITING, refusal: "More calls wait to be counted than there is room for." },
});

/**
 * Adds counts to the buckets of this minute, hour and day; those of calls that end together in one write. Resolves when they are stored.
 * @throws {DomainError} `overloaded`, when too much waits
 * @throws {Error} the driver's
 */
export async function count(caller: CustomerCaller, model: string, counts: BucketCounts): Promise<void> {
  await joint.add({ caller, model, at: Date.now(), counts });
}
