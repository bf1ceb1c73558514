import "server-only";
import { JointWork } from "@/server/core/joint-work";
import type { Cost, Counted } from "@/server/core/limit-stores/store";

/** Every time it is tried again, somebody else took something: a window is full before this is reached. */
const MAX_ATTEMPTS = 20;

/** What a store can do with several calls as if they were one. */
export interface Counters<Subject> {
  /** Takes all costs or none of them; where they do not fit, `used` says what stands in their way. */
  tryTake: (subject: Subject, costs: Cost[]) => Promise<Counted>;
  look: (subject: Subject, costs: Cost[]) => Promise<Counted>;
}

/** Places of the calls that fit one after the other into what is left, passing over those that do not; and what they cost together. */
function plan(calls: readonly Cost[][], used: number[]): { granted: Set<number>; sums: number[] } {
  const granted = new Set<number>();
  const sums = used.map(() => 0);
  for (const [place, costs] of calls.entries()) {
    const after = costs.map(({ cost }, index) => (sums[index] ?? 0) + cost);
    if (!costs.every(({ quota }, index) => (used[index] ?? 0) + (after[index] ?? 0) <= quota)) continue;
    granted.add(place);
    for (const [index, sum] of after.entries()) sums[index] = sum;
  }
  return { granted, sums };
}

/** What each call is told: where the counters stood after it, and after all of them where it did not fit. */
function describe(calls: readonly Cost[][], granted: ReadonlySet<number>, before: number[], resetAt: number): Counted[] {
  const used = [...before];
  const taken = calls.map((costs, place): Counted | null => {
    if (!granted.has(place)) return null;
    for (const [index, { cost }] of costs.entries()) used[index] = (used[index] ?? 0) + cost;
    return { taken: true, used: [...used], resetAt };
  });
  return taken.map((counted) => counted ?? { taken: false, used, resetAt });
}

/** Calls of one subject with the same policies and quotas, counted as few times as possible. */
async function countTogether<Subject>(counters: Counters<Subject>, subject: Subject, calls: readonly Cost[][]): Promise<Counted[]> {
  const shape = calls[0] ?? [];
  let last: Counted | undefined;
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const { granted, sums } = plan(calls, last?.used ?? shape.map(() => 0));
    if (granted.size === 0) break;
    const counted = await counters.tryTake(subject, shape.map((cost, index) => ({ ...cost, cost: sums[index] ?? 0 })));
    if (counted.taken) {
      const before = counted.used.map((value, index) => value - (sums[index] ?? 0));
      return describe(calls, granted, before, counted.resetAt);
    }
    last = counted;
  }
  const { used, resetAt } = last ?? (await counters.look(subject, shape));
  return describe(calls, new Set(), used, resetAt);
}

/**
 * Calls of a subject that come while an earlier one is counted are counted together with the next, and so are those that come within one
 * turn of the event loop: a flood costs the store as little as a few calls do, and nobody waits longer for it than others. It is as
 * exact as the store is: what is taken for several calls at once is the sum of those that fit.
 * @param nameOf what tells subjects apart
 */
export function takeTogether<Subject>(
  counters: Counters<Subject>,
  nameOf: (subject: Subject) => string,
): (subject: Subject, costs: Cost[]) => Promise<Counted> {
  const queues = new Map<string, JointWork<Cost[], Counted>>();

  function open(subject: Subject): JointWork<Cost[], Counted> {
    const work = async (calls: readonly Cost[][]) => countTogether(counters, subject, calls);
    // How many calls are let in is decided before they are counted: none must pass uncounted because others wait.
    return new JointWork({ work, mostAtOnce: Infinity });
  }

  return async (subject, costs) => {
    let name = nameOf(subject);
    for (const { policy, quota } of costs) name += ` ${policy}=${quota}`;
    const queue = queues.get(name) ?? open(subject);
    queues.set(name, queue);
    try {
      return await queue.add(costs);
    } finally {
      if (queue.isIdle && queues.get(name) === queue) queues.delete(name);
    }
  };
}
