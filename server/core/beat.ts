import "server-only";
import { setImmediate as nextTurn } from "node:timers/promises";

/**
 * Lets pieces of work begin in the same moment: all that are asked for in one turn of the event loop, or wait, begin together, once
 * everything that began before has ended. A database that commits what comes together as one then waits for its disk once, where pieces
 * that go their own way soon take turns.
 */
export class Beat {
  #underWay: Promise<unknown>[] = [];
  #next: Promise<void> | undefined;

  /** The moment to begin. Who has waited begins at once, with {@link begin}. */
  next(): Promise<void> {
    return (this.#next ??= this.#ended());
  }

  async #ended(): Promise<void> {
    await nextTurn();
    await Promise.allSettled(this.#underWay);
    this.#underWay = [];
    this.#next = undefined;
  }

  /** @param work which began in this moment; it may fail */
  begin(work: Promise<unknown>): void {
    this.#underWay.push(work);
  }
}

/** What the answer of a customer's prediction waits for: that it is stored, and that its call is counted. */
export const beatOfAnswers = new Beat();
