import { randomBytes } from "node:crypto";
import path from "node:path";
import type { RootDatabase } from "lmdb";
import type { DocumentCounts } from "./data-pages";
import type { DiskNeed } from "./disk-space";
import { HeldTransaction } from "./held-transaction";
import { Journal, JOURNAL_NAME, readJournal, removeJournal, type JournalState, type Write } from "./journal";
import { DOCUMENT_LETTER, FORMAT_KEY, JOURNAL_KEY, readNumberedPrefix } from "./keys";

/** 2: there may be a journal, which the first version would leave out. */
export const FORMAT_VERSION = 2;
/** A batch ends after so many writes, or after this time. */
const BATCH_WRITES = 500;
const BATCH_MS = 1_000;
/** While the next unit may lack so much of the disk, the batch before it is committed first. */
const UNIT_BYTES = 2 ** 21;
const STATE_BYTES = 12;

/**
 * The latest units, in one transaction of LMDB that is not committed yet. Each of them is in the journal, so that none is lost with the
 * process; a unit that is too long for the journal is committed at once, with all before it.
 */
export class Batch {
  private held: HeldTransaction | null = null;
  private timer: NodeJS.Timeout | undefined;
  /** Writes of all units in it. */
  private writes = 0;
  /** From the first unit on. */
  private journal: Journal | null = null;
  private readonly journalFile: string;

  constructor(
    private readonly env: RootDatabase<Buffer, Buffer>,
    folder: string,
    private readonly need: DiskNeed,
  ) {
    this.journalFile = path.join(folder, JOURNAL_NAME);
  }

  /** Whether what is read is read in it. */
  get isOpen(): boolean {
    return this.held !== null;
  }

  /**
   * Takes over what the journal has and LMDB has not, as a process that was killed leaves it. Writes nothing.
   * @returns by how many documents each collection grew by it
   * @throws Error with one line when the journal is damaged; 14031
   */
  restore(): DocumentCounts {
    const growth: DocumentCounts = new Map();
    const state = this.readState();
    if (!state) return growth;
    const { units, end } = readJournal(this.journalFile, state);
    if (units.length === 0) return growth;
    this.hold();
    for (const { key, value } of units.flat()) {
      if (key[0] === DOCUMENT_LETTER) {
        const collection = readNumberedPrefix(key);
        growth.set(collection, (growth.get(collection) ?? 0) + Number(value !== null) - Number(this.env.doesExist(key)));
      }
      this.need.add(value?.length ?? 0);
      this.writes += 1;
      void (value ? this.env.put(key, value) : this.env.remove(key));
    }
    this.need.assertRoom();
    this.journal ??= new Journal(this.journalFile, { ...state, sequence: state.sequence + units.length }, end);
    return growth;
  }

  /** Call before a unit. */
  begin(): void {
    if (!this.need.look(UNIT_BYTES)) this.commitIfPossible();
    this.journal ??= this.beginJournal();
    if (!this.held) this.hold();
  }

  /** Returns when the unit, which is in LMDB's transaction already, is on the disk. @throws when that failed; the unit is gone then */
  keep(unit: readonly Write[]): void {
    try {
      if (!this.journal?.append(unit)) return this.commitNow();
    } catch (error) {
      this.startAnew();
      throw error;
    }
    this.writes += unit.length;
    // Not now: whoever waits for the unit is answered first.
    if (this.writes >= BATCH_WRITES) setImmediate(() => this.commitIfPossible());
  }

  /** Afterwards LMDB has everything on the disk. @throws 14031 when that may have too little room; LMDB's error */
  commit(): void {
    if (this.writes === 0) return this.abandon();
    this.need.look();
    this.need.assertRoom();
    try {
      this.commitNow();
    } catch (error) {
      this.startAnew();
      throw error;
    }
  }

  /** For the end: the journal is gone when LMDB has everything; else it has the rest for the next start. */
  close(): void {
    try {
      this.commit();
      if (this.readState()) this.env.transactionSync(() => void this.env.remove(JOURNAL_KEY));
    } catch {
      this.abandon();
      this.journal?.close();
      return;
    }
    this.journal?.close();
    removeJournal(this.journalFile);
  }

  /** Lets go of what is in it; the journal keeps it. */
  abandon(): void {
    this.release()?.abort();
  }

  /** For when LMDB's transaction is gone, or has in it what must not be: a new one gets what the journal has. */
  startAnew(): void {
    try {
      this.abandon();
      this.restore();
    } catch (error) {
      // What is on the disk is whole; what is in memory is not any more.
      setImmediate(() => {
        throw error;
      });
    }
  }

  /** Every unit is in the journal and stays there where LMDB cannot have it for now. */
  private commitIfPossible(): void {
    try {
      this.commit();
    } catch {
      this.schedule();
    }
  }

  private hold(): void {
    this.need.begin();
    this.need.look();
    this.held = new HeldTransaction(this.env);
    this.schedule();
  }

  private schedule(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.commitIfPossible(), BATCH_MS).unref();
  }

  private release(): HeldTransaction | null {
    const { held } = this;
    clearTimeout(this.timer);
    this.held = null;
    this.writes = 0;
    return held;
  }

  private commitNow(): void {
    if (this.journal) void this.env.put(JOURNAL_KEY, encodeState(this.journal.nextState));
    this.release()?.commit();
    this.journal?.restart();
  }

  /** The file is there before the state that asks for it, and the state is on the disk before the first record that is to be read by it. */
  private beginJournal(): Journal {
    const known = this.readState();
    const state = known ?? { salt: randomBytes(4).readUInt32LE(), sequence: 0 };
    const journal = new Journal(this.journalFile, state, 0);
    if (known) return journal;
    try {
      this.env.transactionSync(() => {
        void this.env.put(FORMAT_KEY, Buffer.from(String(FORMAT_VERSION)));
        void this.env.put(JOURNAL_KEY, encodeState(state));
      });
    } catch (error) {
      journal.close();
      throw error;
    }
    return journal;
  }

  private readState(): JournalState | null {
    const bytes = this.env.get(JOURNAL_KEY);
    return bytes ? { salt: bytes.readUInt32LE(0), sequence: Number(bytes.readBigUInt64LE(4)) } : null;
  }
}

function encodeState({ salt, sequence }: JournalState): Buffer {
  const bytes = Buffer.alloc(STATE_BYTES);
  bytes.writeUInt32LE(salt, 0);
  bytes.writeBigUInt64LE(BigInt(sequence), 4);
  return bytes;
}
