import "server-only";
import { Ratelimit } from "@upstash/ratelimit";
import type { Redis } from "@upstash/redis";
import { type Cost, type Counted, currentWindow, endOf, type LimitStore, WINDOW_SECONDS } from "@/server/core/limit-stores/store";
import { takeTogether } from "@/server/core/limit-stores/together";

/** Customers may have quotas of their own; an instance holds no counts, so the oldest may go and be made again. */
const MAX_INSTANCES = 200;

/** Where one policy stands. */
interface Answer {
  success: boolean;
  remaining: number;
  resetAt: number;
}

/**
 * One instance a policy and quota. The policy alone names the keys, so that what a customer used stays used when the quota is
 * raised within a minute. The library's memory of refused callers is off: it would also refuse who only asked for too much at
 * once, and would not notice a raised quota. Its time limit is off as well, because it lets everybody pass with made-up zeros;
 * whoever asks this store bounds the time.
 */
class Instances {
  readonly #kept = new Map<string, Ratelimit>();
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  get({ policy, quota }: Pick<Cost, "policy" | "quota">): Ratelimit {
    const name = `${policy}:${quota}`;
    const kept = this.#kept.get(name);
    if (kept) return kept;
    const made = new Ratelimit({
      redis: this.#redis,
      limiter: Ratelimit.fixedWindow(quota, `${WINDOW_SECONDS} s`),
      prefix: `vitrine:limits:${policy}`,
      ephemeralCache: false,
      timeout: 0,
      analytics: false,
      enableProtection: false,
    });
    this.#kept.set(name, made);
    const oldest = this.#kept.size > MAX_INSTANCES ? this.#kept.keys().next() : undefined;
    if (oldest && !oldest.done) this.#kept.delete(oldest.value);
    return made;
  }
}

/** @throws {Error} for an answer without figures: anything may stand between us and the counters */
function check(quota: number, answer: { success?: boolean; limit: number; remaining: number; reset: number; reason?: string }): Answer {
  const { success = true, limit, remaining, reset, reason } = answer;
  if (reason !== undefined || limit !== quota || !Number.isSafeInteger(remaining)) throw new Error("The counters answered something else.");
  // The library says milliseconds.
  return { success, remaining, resetAt: reset / 1000 };
}

/**
 * Our counters in a Redis, by `@upstash/ratelimit`. Its script counts a call also where it refuses it. That is given back at once,
 * and where more than one row is at stake it is looked first whether they fit: a large call that does not fit is not in the way
 * of smaller ones. Only what fits is ever admitted: a call passes when the count is within the quota with everything in it that
 * others have yet to give back.
 */
export function createRatelimitStore(redis: Redis): LimitStore {
  const instances = new Instances(redis);
  // The window stands in the identifier too: what is given back a moment too late must not count for the next window.
  const identify = (subject: string, window: number) => `${subject}:${window}`;
  const usedOf = (costs: Cost[], answers: Answer[]) => costs.map(({ quota }, index) => quota - (answers[index]?.remaining ?? 0));

  async function count(identifier: string, cost: Cost, rate: number): Promise<Answer> {
    return check(cost.quota, await instances.get(cost).limit(identifier, { rate }));
  }

  async function look(subject: string, costs: Cost[]): Promise<Counted> {
    const window = currentWindow();
    const ask = async (cost: Cost) => check(cost.quota, await instances.get(cost).getRemaining(identify(subject, window)));
    return { taken: false, used: usedOf(costs, await Promise.all(costs.map(ask))), resetAt: endOf(window) };
  }

  async function tryTake(subject: string, costs: Cost[]): Promise<Counted> {
    if (costs.some(({ cost }) => cost > 1)) {
      const before = await look(subject, costs);
      if (costs.some(({ cost, quota }, index) => (before.used[index] ?? 0) + cost > quota)) return before;
    }
    const window = currentWindow();
    const resetAt = endOf(window);
    const identifier = identify(subject, window);
    const answers = await Promise.all(costs.map((cost) => count(identifier, cost, cost.cost)));
    // The minute ended on the way: what was counted lies where nobody looks.
    if (answers.some((answer) => answer.resetAt !== resetAt)) return { taken: false, used: costs.map(() => 0), resetAt };
    if (answers.every(({ success }) => success)) return { taken: true, used: usedOf(costs, answers), resetAt };
    const after = await Promise.all(costs.map((cost) => count(identifier, cost, -cost.cost)));
    return { taken: false, used: usedOf(costs, after), resetAt };
  }

  async function giveBack(subject: string, costs: Cost[], resetAt: number): Promise<void> {
    const window = resetAt / WINDOW_SECONDS - 1;
    if (window !== currentWindow()) return;
    await Promise.all(costs.map((cost) => count(identify(subject, window), cost, -cost.cost)));
  }

  async function read(subject: string, policy: string, quota: number): Promise<number> {
    const { used } = await look(subject, [{ policy, quota, cost: 0 }]);
    return used[0] ?? 0;
  }

  return { take: takeTogether({ tryTake, look }, (subject: string) => subject), giveBack, read, forget: async () => {} };
}
