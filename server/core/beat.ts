import "server-only";
import { setImmediate as nextTurn } from "node:timers/promises";

/**
 * Lets pieces of work begin in the same moment: all that are asked for in one turn of the event loop, or wait, begin together, once
 * there is room. A database that commits what comes together as one then waits for its disk once, where pieces that go their own way
 * soon take turns.
 */
export class Beat {
  /** What began in the last moments, the newest last. */
  readonly #begun: Promise<unknown>[][] = [];
  #next: Promise<void> | undefined;

  /** @param mostUnderWay of how many moments work may be under way; the next one comes when that of the oldest has ended */
  constructor(readonly mostUnderWay = 1) {}

  /** The moment to begin. Who has waited begins at once, with {@link begin}. */
  next(): Promise<void> {
    return (this.#next ??= this.#ended());
  }

  async #ended(): Promise<void> {
    await nextTurn();
    if (this.#begun.length >= this.mostUnderWay) await Promise.allSettled(this.#begun.shift() ?? []);
    this.#begun.push([]);
    this.#next = undefined;
  }

  /** @param work which began in this moment; it may fail */
  begin(work: Promise<unknown>): void {
    this.#begun.at(-1)?.push(work);
  }
}

/**
 * What the answer of a customer's prediction waits for: that it is stored, and that its call is counted. While one write is on its way the
 * next is put together and sent, so that neither this process nor the database waits for the other.
 */
export const beatOfAnswers = new Beat(2);
