import "server-only";
import { DomainError } from "@/server/core/errors";

interface LineTerms {
  /** How much is done at once. */
  atOnce: number;
  /** How much waits at most. */
  mostWaiting: number;
  /** How long it waits at most, in milliseconds. */
  patienceMs: number;
  /** What is told to who has to come again. */
  refusal: string;
}

/** Lets a few pieces of work be done at once, and the others wait for their turn in the order they came. */
export class Line {
  readonly #terms: LineTerms;
  #taken = 0;
  #waiting: (() => void)[] = [];

  constructor(terms: LineTerms) {
    this.#terms = terms;
  }

  /** Nobody works here or waits. */
  get isEmpty(): boolean {
    return this.#taken === 0;
  }

  /** @throws {DomainError} `overloaded`, when too many wait or the turn does not come in time */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    await this.#enter();
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  async #enter(): Promise<void> {
    const { atOnce, mostWaiting, patienceMs, refusal } = this.#terms;
    if (this.#taken < atOnce) {
      this.#taken += 1;
      return;
    }
    if (this.#waiting.length >= mostWaiting) throw new DomainError("overloaded", refusal);
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting = this.#waiting.filter((waiting) => waiting !== enter);
        reject(new DomainError("overloaded", refusal));
      }, patienceMs);
      const enter = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#waiting.push(enter);
    });
  }

  /** Whoever goes hands the place to the one who waits longest. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#taken -= 1;
  }
}
