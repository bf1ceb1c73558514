import "server-only";
import { DomainError } from "@/server/core/errors";
import { isLoadingModels } from "@/server/modules/predict/service";

/** Calls that are worked on at once: more make nothing faster than the database's ten connections and the engine's threads are. */
export const MOST_RUNNING = 32;
/** Calls that may wait: those of a burst, and while a model is loaded, which takes once as long as hundreds of calls. */
export const MOST_WAITING = 64;
const MOST_WAITING_FOR_MODEL = 256;
/** A queue that was not empty for so long does not come from a burst: it stands, and whoever joins it only waits. */
const STANDING_MS = 1_000;
/** It is over when nobody had to wait for so long. */
const CALM_MS = 100;
/** How long a call may have to wait in a queue that stands, and how many may do so at least. */
const STANDING_WAIT_MS = 50;
const LEAST_WAITING = 4;
/** Whoever waited for so long was answered already. */
const GIVEN_UP_MS = 4_000;
/** How much the newest span between two ends counts. */
const SMOOTHING = 0.1;

interface Waiting {
  since: number;
  begin: () => void;
  refuse: (refusal: DomainError) => void;
}

/** Says a time that differs from caller to caller: those who were sent away together must not come back together. */
function overloaded(): DomainError {
  const retryAfterSeconds = 2 + Math.floor(Math.random() * 4);
  return new DomainError("overloaded", "Too many predictions are asked for at once; nothing was run or counted.", { retryAfterSeconds });
}

/**
 * Who may work on a prediction, who waits, who is sent away. The queue is bounded, and more tightly once it stands: then only as many
 * may wait as are done within {@link STANDING_WAIT_MS}, by Little's law (waiting = rate * time, J. D. C. Little, 1961). To look at how long a queue
 * was not empty, not at how long it is, is from CoDel (Nichols and Jacobson, "Controlling Queue Delay", ACM Queue, 2012). All is decided
 * when a call arrives: whoever is refused did not wait for it.
 */
export class Admission {
  readonly #queue: Waiting[] = [];
  readonly #isLoading: () => boolean;
  #running = 0;
  /** When calls began to wait, and when none of them did any more. */
  #filledAt = 0;
  #emptiedAt = -CALM_MS;
  #endedAt = 0;
  /** Milliseconds between two ends while nobody idled. */
  #span = 1;

  /** @param isLoading whether everybody waits for a model that is being loaded */
  constructor(isLoading: () => boolean) {
    this.#isLoading = isLoading;
  }

  /** Does the work when it is its turn. @throws {DomainError} `overloaded`, at once; whatever the work throws */
  async run<Value>(work: () => Promise<Value>): Promise<Value> {
    if (this.#running >= MOST_RUNNING) await this.#wait();
    else this.#running += 1;
    try {
      return await work();
    } finally {
      this.#end();
    }
  }

  /** Before anything is done for a call, its body read. @throws {DomainError} `overloaded`, where it would be refused anyway */
  assertRoom(): void {
    if (this.#running >= MOST_RUNNING && this.#queue.length >= this.#room(performance.now())) throw overloaded();
  }

  #room(now: number): number {
    if (this.#isLoading()) {
      this.#filledAt = now;
      return MOST_WAITING_FOR_MODEL;
    }
    if (now - this.#filledAt < STANDING_MS) return MOST_WAITING;
    return Math.min(MOST_WAITING, Math.max(LEAST_WAITING, STANDING_WAIT_MS / this.#span));
  }

  async #wait(): Promise<void> {
    const since = performance.now();
    if (this.#queue.length === 0 && since - this.#emptiedAt >= CALM_MS) this.#filledAt = since;
    this.assertRoom();
    return new Promise((begin, refuse) => this.#queue.push({ since, begin, refuse }));
  }

  /** Hands the place on to the next who still waits. */
  #end(): void {
    const now = performance.now();
    if (this.#running >= MOST_RUNNING) this.#span += SMOOTHING * (Math.min(now - this.#endedAt, STANDING_MS) - this.#span);
    this.#endedAt = now;
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
      if (this.#queue.length === 0) this.#emptiedAt = now;
      if (now - next.since < GIVEN_UP_MS) return next.begin();
      next.refuse(overloaded());
    }
    this.#running -= 1;
  }
}

/** One a process, kept on `globalThis` because Next evaluates modules more than once. */
const holder: typeof globalThis & { vitrineAdmission?: Admission } = globalThis;

/** Of this process, for the predictions of all doors. */
export function admission(): Admission {
  return (holder.vitrineAdmission ??= new Admission(isLoadingModels));
}
