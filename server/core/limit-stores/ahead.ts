import "server-only";
import { type Cost, type Counted, currentWindow, endOf, type LimitStore } from "@/server/core/limit-stores/store";

/** How long a process keeps what it took ahead; what is left of it then is given back. */
const HELD_MS = 1_000;
/** A subject that is counted again so soon is busy. */
const BUSY_MS = 100;
/** Of what is left of a window, a process takes one part of so many ahead at most: less and less, and nothing of the last 63. */
const PARTS = 64;
/** For how many calls like the one that asks, the first time; twice as many each time they were used up. */
const FIRST_CALLS = 16;

/** What may be taken ahead. */
export interface AheadTerms {
  /** When the window of this moment ends, in seconds since 1970. */
  windowEnd: () => number;
  /** How many calls have to follow each other quickly until a subject counts as busy. */
  busyAfter: number;
  /** How much of one cost a process holds at most. */
  most: number;
  /** Whether what could not be given back is still there to be given back: what a minute lost goes with the minute. */
  isStillHeld: (failure: unknown) => boolean;
}

const OF_A_MINUTE: AheadTerms = { windowEnd: () => endOf(currentWindow()), busyAfter: 1, most: Infinity, isStillHeld: () => false };

/** What is known of a subject that was counted a moment ago. */
interface Entry {
  subject: string;
  costs: Cost[];
  resetAt: number;
  /** Taken ahead and not used yet, for each cost in its order; null while nothing is held. */
  held: number[] | null;
  /** What the window held when it was last counted, with what was used of the held since. */
  used: number[];
  /** When a call was last counted, here or by the store. */
  countedAt: number;
  /** Calls that followed each other quickly, up to the last one. */
  streak: number;
  heldSince: number;
  /** How many calls' worth is taken ahead next. */
  calls: number;
  /** A request for more is under way. */
  isAsking: boolean;
}

/**
 * Counts busy subjects ahead: a process that counts a subject again and again takes up to a 64th of what is left of the window with one
 * of its calls, and lets the next ones pass from that without asking the store, for a second at most. All processes together still never
 * take more than the quota, because what is held was taken. Stated inaccuracy: what one process holds, others (and the figures of the
 * window) take for used, until it is used or given back a second or two later; a process that dies or sleeps gives nothing back, and the
 * window ends. So a call can be refused while a 64th of what was left lies unused in each of the other processes (its own gives back what
 * it holds before it refuses), and what it is told to be left can be off by as much, or leave out what others took within that second.
 * With less than 64 calls left, and for who is not busy, counts are exact.
 * @see AheadTerms for windows other than a minute, which lose more by a process that dies, and hold less
 */
export class AheadCounters {
  readonly #store: Pick<LimitStore, "take" | "giveBack">;
  readonly #entries = new Map<string, Entry>();

  readonly #terms: AheadTerms;
  readonly #underWay = new Set<Promise<void>>();
  #isEnding = false;

  constructor(store: Pick<LimitStore, "take" | "giveBack">, terms = OF_A_MINUTE) {
    this.#store = store;
    this.#terms = terms;
  }

  /** Takes from what is held; null where that is not enough: then the store has to be asked. */
  takeHeld(subject: string, costs: Cost[]): Counted | null {
    const entry = this.#entries.get(nameOf(subject, costs));
    const held = entry?.held;
    const now = performance.now();
    if (!entry || !held || entry.resetAt !== this.#terms.windowEnd() || now - entry.heldSince >= HELD_MS) return null;
    if (costs.some(({ cost }, index) => cost > (held[index] ?? 0))) return null;
    for (const [index, { cost }] of costs.entries()) {
      held[index] = (held[index] ?? 0) - cost;
      entry.used[index] = (entry.used[index] ?? 0) + cost;
    }
    entry.countedAt = now;
    return { taken: true, used: [...entry.used], resetAt: entry.resetAt };
  }

  /** Takes from the store, as {@link LimitStore} does; and, where the subject is busy, ahead in the same write. */
  async take(subject: string, costs: Cost[]): Promise<Counted> {
    const name = nameOf(subject, costs);
    const entry = this.#entries.get(name);
    const counting = this.#store.take(subject, costs);
    if (entry && !entry.isAsking && this.#isBusy(entry)) void this.#keepTrack(this.#takeAhead(name, entry, costs));
    const counted = await counting;
    const noted = this.#note(name, subject, costs, counted);
    if (counted.taken) return { ...counted, used: noted ? [...noted.used] : counted.used };
    if (!noted?.held) return counted;
    // Part of what stands in its way is what this process holds.
    await this.#release(noted);
    return this.#store.take(subject, costs);
  }

  #isBusy(entry: Entry): boolean {
    entry.streak = performance.now() - entry.countedAt < BUSY_MS ? entry.streak + 1 : 0;
    return entry.streak >= this.#terms.busyAfter;
  }

  /** Gives everything back that is held, for a process that ends: from now on each call is counted by itself. Never throws. */
  async releaseAll(): Promise<void> {
    this.#isEnding = true;
    for (const entry of this.#entries.values()) void this.#release(entry);
    await Promise.all(this.#underWay);
  }

  /** Nothing is held for the subject any more. */
  forget(subject: string): void {
    for (const [name, entry] of this.#entries) if (entry.subject === subject) this.#entries.delete(name);
  }

  /** @returns what is known now; null for the answer to a call that the end of its window overtook */
  #note(name: string, subject: string, costs: Cost[], { used, resetAt }: Counted): Entry | null {
    const now = performance.now();
    const known = this.#entries.get(name);
    if (known?.resetAt === resetAt) {
      known.countedAt = now;
      known.used = used.map((value, index) => value - (known.held?.[index] ?? 0));
      return known;
    }
    if (known && known.resetAt > resetAt) return null;
    if (known) void this.#release(known);
    const nothing = { held: null, heldSince: 0, calls: FIRST_CALLS, isAsking: false, streak: 0 };
    const entry: Entry = { subject, costs, resetAt, used: [...used], countedAt: now, ...nothing };
    this.#entries.set(name, entry);
    this.#watch(name, entry);
    return entry;
  }

  /** Looks once a second whether what is held is too old, and forgets who is not busy any more. */
  #watch(name: string, entry: Entry): void {
    setTimeout(async () => {
      const now = performance.now();
      if (entry.held && now - entry.heldSince >= HELD_MS) await this.#release(entry);
      const isKnown = this.#entries.get(name) === entry;
      if (isKnown && (entry.held || entry.isAsking || now - entry.countedAt < HELD_MS)) return this.#watch(name, entry);
      if (isKnown) this.#entries.delete(name);
    }, HELD_MS).unref();
  }

  /** Never throws. */
  #release(entry: Entry): Promise<void> {
    return this.#keepTrack(this.#giveBack(entry));
  }

  /** So that a process does not end before it. */
  #keepTrack(work: Promise<void>): Promise<void> {
    const tracked = work.finally(() => this.#underWay.delete(tracked));
    this.#underWay.add(tracked);
    return tracked;
  }

  async #giveBack(entry: Entry): Promise<void> {
    const { subject, costs, held, resetAt } = entry;
    entry.held = null;
    entry.calls = FIRST_CALLS;
    if (!held?.some((left) => left > 0)) return;
    const unused = costs.map((cost, index) => ({ ...cost, cost: held[index] ?? 0 }));
    try {
      await this.#store.giveBack(subject, unused, resetAt);
    } catch (failure) {
      if (this.#terms.isStillHeld(failure)) entry.held = costs.map((_cost, index) => (held[index] ?? 0) + (entry.held?.[index] ?? 0));
    }
  }

  async #takeAhead(name: string, entry: Entry, costs: Cost[]): Promise<void> {
    if (this.#isEnding) return;
    const room = costs.map(({ quota, cost }, index) => Math.floor((quota - (entry.used[index] ?? 0)) / PARTS / cost));
    const bound = costs.map(({ cost }, index) => Math.floor((this.#terms.most - (entry.held?.[index] ?? 0)) / cost));
    const calls = Math.min(entry.calls, ...room, ...bound);
    if (calls < 1) return;
    const ahead = costs.map((cost) => ({ ...cost, cost: cost.cost * calls }));
    entry.isAsking = true;
    try {
      const { taken, used, resetAt } = await this.#store.take(entry.subject, ahead);
      if (!taken) return;
      if (this.#isEnding || this.#entries.get(name) !== entry || entry.resetAt !== resetAt) {
        await this.#store.giveBack(entry.subject, ahead, resetAt);
        return;
      }
      const now = performance.now();
      const held = ahead.map(({ cost }, index) => cost + (entry.held?.[index] ?? 0));
      if (entry.held && now - entry.heldSince < HELD_MS) entry.calls = calls * 2;
      Object.assign(entry, { held, heldSince: now, used: used.map((value, index) => value - (held[index] ?? 0)) });
    } catch {
      // The call that asked is told.
    } finally {
      entry.isAsking = false;
    }
  }
}

function nameOf(subject: string, costs: Cost[]): string {
  let name = subject;
  for (const { policy, quota } of costs) name += ` ${policy}=${quota}`;
  return name;
}
