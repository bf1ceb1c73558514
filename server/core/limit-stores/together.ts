import "server-only";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Cost, Counted } from "@/server/core/limit-stores/store";

/** Every time it is tried again, somebody else took something: a window is full before this is reached. */
const MAX_ATTEMPTS = 20;

/** What a store can do with several calls as if they were one. */
export interface Counters<Subject> {
  /** Takes all costs or none of them; where they do not fit, `used` says what stands in their way. */
  tryTake: (subject: Subject, costs: Cost[]) => Promise<Counted>;
  look: (subject: Subject, costs: Cost[]) => Promise<Counted>;
}

/** A call that waits to be counted. */
interface Waiting {
  costs: Cost[];
  resolve: (counted: Counted) => void;
  reject: (error: unknown) => void;
}

/** The calls that fit one after the other into what is left, those that do not fit passed over; and what they cost together. */
function plan(calls: Waiting[], used: number[]): { granted: Waiting[]; sums: number[] } {
  const granted: Waiting[] = [];
  const sums = used.map(() => 0);
  for (const call of calls) {
    const after = call.costs.map(({ cost }, index) => (sums[index] ?? 0) + cost);
    if (!call.costs.every(({ quota }, index) => (used[index] ?? 0) + (after[index] ?? 0) <= quota)) continue;
    granted.push(call);
    for (const [index, sum] of after.entries()) sums[index] = sum;
  }
  return { granted, sums };
}

/** Tells every call where the counters stood after it. */
function answer(calls: Waiting[], granted: Waiting[], before: number[], resetAt: number): void {
  const passed = new Set(granted);
  const used = [...before];
  for (const { costs, resolve } of granted) {
    for (const [index, { cost }] of costs.entries()) used[index] = (used[index] ?? 0) + cost;
    resolve({ taken: true, used: [...used], resetAt });
  }
  for (const { resolve } of calls.filter((call) => !passed.has(call))) resolve({ taken: false, used, resetAt });
}

/** Calls of one subject with the same policies and quotas, counted as few times as possible. */
async function countTogether<Subject>(counters: Counters<Subject>, subject: Subject, calls: Waiting[]): Promise<void> {
  const shape = calls[0]?.costs ?? [];
  let last: Counted | undefined;
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const { granted, sums } = plan(calls, last?.used ?? shape.map(() => 0));
    if (granted.length === 0) break;
    const counted = await counters.tryTake(subject, shape.map((cost, index) => ({ ...cost, cost: sums[index] ?? 0 })));
    if (counted.taken) {
      const before = counted.used.map((value, index) => value - (sums[index] ?? 0));
      return answer(calls, granted, before, counted.resetAt);
    }
    last = counted;
  }
  const { used, resetAt } = last ?? (await counters.look(subject, shape));
  answer(calls, [], used, resetAt);
}

/**
 * Calls of a subject that come while an earlier one is counted are counted together with the next, and so are those that come within one
 * turn of the event loop: a flood costs the store as little as a few calls do, and nobody waits longer for it than others. It is as exact as
 * the store is: what is taken for several calls at once is the sum of those that fit.
 * @param nameOf what tells subjects apart
 */
export function takeTogether<Subject>(
  counters: Counters<Subject>,
  nameOf: (subject: Subject) => string,
): (subject: Subject, costs: Cost[]) => Promise<Counted> {
  const queues = new Map<string, Waiting[]>();

  async function empty(name: string, subject: Subject, queue: Waiting[]): Promise<void> {
    await nextTurn();
    while (queue.length > 0) {
      const calls = queue.splice(0);
      try {
        await countTogether(counters, subject, calls);
      } catch (error) {
        for (const { reject } of calls) reject(error);
      }
    }
    queues.delete(name);
  }

  return async (subject, costs) => {
    let name = nameOf(subject);
    for (const { policy, quota } of costs) name += ` ${policy}=${quota}`;
    return new Promise((resolve, reject) => {
      const queue = queues.get(name);
      if (queue) {
        queue.push({ costs, resolve, reject });
        return;
      }
      const begun = [{ costs, resolve, reject }];
      queues.set(name, begun);
      void empty(name, subject, begun);
    });
  };
}
