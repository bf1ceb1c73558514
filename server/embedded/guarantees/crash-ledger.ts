/** What a client knows of something it wrote: an error leaves open whether the server did it. */
export type Known = "stored" | "deleted" | "either";

/** What the clients of crash.test.ts were told, to be compared with what is stored. */
export class Ledger {
  readonly rows = new Map<string, Known>();
  /** The ids of each insertMany, in order. */
  readonly batches = new Map<string, { ids: string[]; known: Known }>();
  readonly transfers = new Map<string, Known>();
  /** Increments without and with a reply that tells the new value. */
  readonly increments = { done: 0, either: 0 };
  readonly tickets = { last: 0, either: 0 };
  /** Replies that contradict what went before. */
  readonly problems: string[] = [];
  /** Replies that said "done". */
  acknowledged = 0;
  /** Errors that reached a caller although the driver tries again. */
  readonly errors: string[] = [];
}
