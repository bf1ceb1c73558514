import "server-only";
import { Beat } from "@/server/core/beat";
import { DomainError } from "@/server/core/errors";

export interface JointTerms<Item, Outcome> {
  /** Does the work for all of them. Gives what became of each, in their order; throws where it failed for all. */
  work: (items: readonly Item[]) => Promise<readonly Outcome[]>;
  /** How much is done at once at most, in whatever an item's size is told in; a larger item goes alone. */
  mostAtOnce: number;
  /** Where this work begins together with other work. */
  beat?: Beat;
  /** How much waits at most, and what is told to who finds no room; without it, whoever hands the work over bounds it. */
  room?: { mostWaiting: number; refusal: string };
}

interface Group<Item, Outcome> {
  items: Item[];
  size: number;
  done: Promise<readonly Outcome[]>;
}

/**
 * Does at once what is asked for at once: whatever comes in while a piece of work is under way is done with the next one, whatever comes
 * in within one turn of the event loop together. As many pieces at a time as its beat allows, one by itself, so that the busier it is the
 * larger they are and the less each item costs; nobody waits for a time to pass. This is a database's group commit (D. DeWitt et al.,
 * "Implementation techniques for main memory database systems", SIGMOD 1984).
 */
export class JointWork<Item, Outcome> {
  readonly #terms: JointTerms<Item, Outcome>;
  readonly #beat: Beat;
  /** The group that has not begun. */
  #open: Group<Item, Outcome> | undefined;
  #underWay = 0;
  #waiting = 0;
  /** Groups that have not ended. */
  #groups = 0;

  constructor(terms: JointTerms<Item, Outcome>) {
    this.#terms = terms;
    this.#beat = terms.beat ?? new Beat();
  }

  /** Nothing is done here, and nothing waits. */
  get isIdle(): boolean {
    return this.#groups === 0;
  }

  /**
   * What became of the item.
   * @throws {DomainError} `overloaded`, at once, when too much waits; whatever the work throws
   */
  async add(item: Item, size = 1): Promise<Outcome> {
    const { mostAtOnce, room } = this.#terms;
    if (room && this.#waiting > 0 && this.#waiting + size > room.mostWaiting) throw new DomainError("overloaded", room.refusal);
    const joined = this.#open && this.#open.size + size <= mostAtOnce ? this.#open : this.#openGroup();
    const place = joined.items.push(item) - 1;
    joined.size += size;
    this.#waiting += size;
    const outcome = (await joined.done)[place];
    if (outcome === undefined) throw new Error("Nothing is known of an item.");
    return outcome;
  }

  #openGroup(): Group<Item, Outcome> {
    const group: Group<Item, Outcome> = { items: [], size: 0, done: Promise.resolve([]) };
    // What its first item was asked for by is also what the work is done for, as far as traces tell.
    group.done = this.#do(group);
    this.#open = group;
    this.#groups += 1;
    return group;
  }

  async #do(group: Group<Item, Outcome>): Promise<readonly Outcome[]> {
    await this.#beat.next();
    // A group behind a full one has waited for the same moment.
    while (this.#underWay >= this.#beat.mostUnderWay) await this.#beat.next();
    if (this.#open === group) this.#open = undefined;
    this.#waiting -= group.size;
    this.#underWay += 1;
    try {
      const work = this.#terms.work(group.items);
      this.#beat.begin(work);
      return await work;
    } finally {
      this.#underWay -= 1;
      this.#groups -= 1;
    }
  }
}
