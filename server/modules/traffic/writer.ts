import "server-only";
import { setTimeout as sleep } from "node:timers/promises";
import { isUnsent } from "@/server/core/db";
import { log } from "@/server/core/log";
import { toDomainError } from "@/server/core/errors";
import type { PredictionOutput } from "@/lib/contracts/predict";
import { type BucketKind, bucketKinds } from "@/server/modules/traffic/additions";
import type { OutputPlan } from "@/server/modules/traffic/answer-bins";
import type { EntryRecord, LogBlock, Surface } from "@/server/modules/traffic/collection";
import { packEntries } from "@/server/modules/traffic/log-block";
import { addToBuckets, insertBlocks, Unreached } from "@/server/modules/traffic/repository";
import { type Losses, Tally, type VersionNames } from "@/server/modules/traffic/tally";

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

const countEntries = (blocks: readonly LogBlock[]) => blocks.reduce((sum, { count }) => sum + count, 0);

/** The blocks of each write. */
function shareOut(blocks: readonly LogBlock[]): LogBlock[][] {
  const writes: LogBlock[][] = [];
  let room = 0;
  for (const block of blocks) {
    const last = writes.at(-1);
    if (last && block.count <= room) last.push(block);
    else writes.push([block]);
    room = (last && block.count <= room ? room : ENTRIES_AT_ONCE) - block.count;
  }
  return writes;
}

/** Writes what was recorded beside the calls, never in their way: what comes in while a write is under way goes out with the next one. */
export class TrafficWriter {
  #entries: EntryRecord[] = [];
  /** What the database did not take. To store a block again changes nothing, and its entries with others in another block would. */
  #blocks: LogBlock[] = [];
  /** Entries in those. */
  #blocked = 0;
  #tally = new Tally();
  #losses: Losses = { lost: 0, unlogged: 0 };
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
    return this.#entries.length > 0 || this.#blocks.length > 0 || this.#tally.size > 0 || this.#hasLosses();
  }

  #hasLosses(): boolean {
    return this.#losses.lost > 0 || this.#losses.unlogged > 0;
  }

  #schedule(milliseconds: number): void {
    if (this.#writing) return;
    this.#timer ??= setTimeout(() => void this.#write(), milliseconds).unref();
  }

  /** The oldest entries go first, in whole blocks; counts go as a whole, which happens when the database is away for hours. */
  #bound(slack = 0): void {
    if (this.#entries.length + this.#blocked > MAX_ENTRIES + slack) this.#dropOldest();
    if (this.#tally.size <= MAX_CELLS) return;
    this.#lose(this.#tally);
    this.#tally = new Tally();
  }

  #lose({ losses }: Tally): void {
    this.#losses.lost += losses.lost;
    this.#losses.unlogged += losses.unlogged;
  }

  #dropOldest(): void {
    while (this.#entries.length + this.#blocked > MAX_ENTRIES) {
      const { count } = this.#blocks.shift() ?? { count: 0 };
      this.#blocked -= count;
      this.#losses.unlogged += count || this.#entries.splice(0, this.#entries.length - MAX_ENTRIES).length;
    }
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
    const [entries, blocks, tally, losses] = [this.#entries, this.#blocks, this.#tally, this.#losses];
    this.#entries = [];
    this.#keep([]);
    this.#tally = new Tally();
    if (this.#hasLosses()) tally.addLosses(Date.now(), "api", losses);
    this.#losses = { lost: 0, unlogged: 0 };
    const writes = shareOut([...blocks, ...packEntries(entries)]);
    const written = await Promise.all([this.#writeLog(writes), ...bucketKinds.map((kind) => this.#writeBuckets(kind, tally))]);
    return written.every(Boolean);
  }

  #keep(blocks: LogBlock[]): void {
    this.#blocks = blocks;
    this.#blocked = countEntries(blocks);
  }

  async #writeLog(writes: LogBlock[][]): Promise<boolean> {
    const kept: LogBlock[] = [];
    for (const [index, blocks] of writes.entries()) {
      try {
        await insertBlocks(blocks);
      } catch (error) {
        this.#tell(error, "log");
        // It does not matter why, nor how many of them arrived. Where nobody answers, the others need not be tried.
        const isAway = error instanceof Unreached || isUnsent(error) || toDomainError(error).code === "database_unavailable";
        kept.push(...(isAway ? writes.slice(index).flat() : blocks));
        if (isAway) break;
      }
    }
    this.#keep(kept);
    this.#bound();
    return kept.length === 0;
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
      else if (kind === "calls") this.#lose(tally);
      return false;
    }
  }

  #tell(error: unknown, what: string): void {
    log("warn", "traffic_not_recorded", { what, cause: error instanceof Error ? error.name : "unknown" });
  }
}
