import "server-only";
import { setTimeout as sleep } from "node:timers/promises";
import { isUnsent } from "@/server/core/db";
import { log } from "@/server/core/log";
import { toDomainError } from "@/server/core/errors";
import type { PredictionOutput } from "@/lib/contracts/predict";
import { type BucketKind, bucketKinds } from "@/server/modules/traffic/additions";
import type { OutputPlan } from "@/server/modules/traffic/answer-bins";
import type { EntryRecord, Surface } from "@/server/modules/traffic/collection";
import { addToBuckets, insertEntries, Unreached } from "@/server/modules/traffic/repository";
import { Tally, type VersionNames } from "@/server/modules/traffic/tally";

/** Calls are written down together; a reader of the log waits no longer than this for them. */
const PAUSE_MS = 500;
/** While the database is away. */
const RETRY_MS = 1_000;
/** The same, for a process that ends. */
const LAST_RETRY_MS = 200;
/** What waits for a database at most: entries of the log, and counts (one of each minute, model, customer, reason). */
const MAX_ENTRIES = 10_000;
const MAX_CELLS = 20_000;
/** So many more may come before the oldest go: to move all others up for each single one would take longer than to store it. */
const SLACK = 500;
/** When so many entries wait, nobody waits for more of them. */
const FULL = 1_000;
/** Entries in one write: other work of this process comes in between. */
const ENTRIES_AT_ONCE = 250;
/** Writes what was recorded beside the calls, never in their way: what comes in while a write is under way goes out with the next one. */
export class TrafficWriter {
  #entries: EntryRecord[] = [];
  #tally = new Tally();
  #lost = 0;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<boolean> | undefined;
  /** The last write failed: the next one is not sooner for how much waits. */
  #isHeldUp = false;
  readonly surfaces = new Set<Surface>();
  /** Calls since the process started. */
  calls = 0;

  addCall(entry: EntryRecord): void {
    this.calls += 1;
    this.surfaces.add(entry.surface);
    this.#entries.push(entry);
    this.#tally.addCall(entry);
    this.#bound(SLACK);
    if (this.#entries.length >= FULL && !this.#isHeldUp) void this.#write();
    else this.#schedule(PAUSE_MS);
  }

  addAnswers(version: VersionNames, plans: readonly OutputPlan[], answers: readonly PredictionOutput[]): void {
    this.#tally.addAnswers(Date.now(), version, plans, answers);
    this.#schedule(PAUSE_MS);
  }

  /**
   * Resolves when everything that was recorded by now is stored, or could not be stored. Never throws.
   * @param patience how long to try again while the database is away, in milliseconds
   */
  async settle(patience = 0): Promise<void> {
    const until = performance.now() + patience;
    await this.#writing;
    while (this.#isWaiting()) {
      if (await this.#write()) continue;
      if (performance.now() >= until) return;
      await sleep(LAST_RETRY_MS);
    }
  }

  /** Whether there is something to write down; that calls were lost is, too. */
  #isWaiting(): boolean {
    return this.#entries.length > 0 || this.#tally.size > 0 || this.#lost > 0;
  }

  #schedule(milliseconds: number): void {
    if (this.#writing) return;
    this.#timer ??= setTimeout(() => void this.#write(), milliseconds).unref();
  }

  /** The oldest entries go first; counts go as a whole, which happens when the database is away for hours. */
  #bound(slack = 0): void {
    const excess = this.#entries.length - MAX_ENTRIES;
    if (excess > slack) {
      this.#entries.splice(0, excess);
      this.#lost += excess;
    }
    if (this.#tally.size <= MAX_CELLS) return;
    this.#lost += this.#tally.calls;
    this.#tally = new Tally();
  }

  /** @returns whether the database took it all */
  #write(): Promise<boolean> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing ??= this.#writeAll().then((written) => {
      this.#writing = undefined;
      this.#isHeldUp = !written;
      if (this.#isWaiting()) this.#schedule(written ? PAUSE_MS : RETRY_MS);
      return written;
    });
    return this.#writing;
  }

  async #writeAll(): Promise<boolean> {
    const [entries, tally, lost] = [this.#entries, this.#tally, this.#lost];
    this.#entries = [];
    this.#tally = new Tally();
    this.#lost = 0;
    if (lost > 0) tally.addLost(Date.now(), "api", lost);
    const written = await Promise.all([this.#writeEntries(entries), ...bucketKinds.map((kind) => this.#writeBuckets(kind, tally))]);
    return written.every(Boolean);
  }

  async #writeEntries(entries: EntryRecord[]): Promise<boolean> {
    let written = true;
    for (let begin = 0; begin < entries.length; begin += ENTRIES_AT_ONCE) {
      const some = entries.slice(begin, begin + ENTRIES_AT_ONCE);
      try {
        await insertEntries(some);
      } catch (error) {
        this.#tell(error, "entries");
        // Storing an entry again changes nothing, so that it does not matter how many of them arrived.
        if (error instanceof Unreached || isUnsent(error) || toDomainError(error).code === "database_unavailable") {
          this.#entries = [...entries.slice(begin), ...this.#entries];
          this.#bound();
          return false;
        }
        this.#lost += some.length;
        written = false;
      }
    }
    return written;
  }

  async #writeBuckets(kind: BucketKind, tally: Tally): Promise<boolean> {
    const additions = tally.additions(kind);
    if (additions.length === 0) return true;
    try {
      await addToBuckets(kind, additions);
      return true;
    } catch (error) {
      this.#tell(error, kind);
      if (error instanceof Unreached || isUnsent(error)) this.#tally.addTally(tally, [kind]);
      else if (kind === "calls") this.#lost += tally.calls;
      return false;
    }
  }

  #tell(error: unknown, what: string): void {
    log("warn", "traffic_not_recorded", { what, cause: error instanceof Error ? error.name : "unknown" });
  }
}
