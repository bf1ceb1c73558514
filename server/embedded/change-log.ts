import type { Timestamp } from "bson";
import type { Change } from "./change-events";
import { nextTimestamp } from "./clock";

/** A change with its place among all others. */
export interface LoggedChange extends Change {
  sequence: number;
  at: Timestamp;
  wallTime: Date;
}

const KEPT_CHANGES = 10_000;
const KEPT_BYTES = 32 * 1024 * 1024;
const IDLE_MS = 10 * 60_000;

/**
 * The latest changes, in memory, for change streams. Nothing is kept before the first stream is opened, nor long after the last one was
 * used. A stream that asks for what is no longer here, or was before this process, is refused as MongoDB refuses it when its oplog has
 * moved on.
 */
export class ChangeLog {
  /** Since when every change is known; null while nobody has asked. */
  private knownSince: Timestamp | null = null;
  /** Tells this process's places from those of an earlier one. */
  readonly origin = Date.now();
  private changes: LoggedChange[] = [];
  private bytes = 0;
  private lastUsed = 0;
  private nextSequence = 1;
  private waiting = new Set<() => void>();

  get isKept(): boolean {
    return this.knownSince !== null;
  }

  /** A stream is there: from now on every change is kept for it. */
  keep(): void {
    this.knownSince ??= nextTimestamp();
    this.lastUsed = Date.now();
  }

  dropIdle(): void {
    if (!this.isKept || Date.now() - this.lastUsed < IDLE_MS) return;
    this.knownSince = null;
    this.changes = [];
    this.bytes = 0;
    // A stream that comes back later finds that something is missing.
    this.nextSequence += 1;
  }

  /** Call when the store transaction is committed. */
  publish(changes: readonly Change[]): void {
    if (!this.isKept || changes.length === 0) return;
    for (const change of changes) {
      this.changes.push({ ...change, sequence: this.nextSequence, at: nextTimestamp(), wallTime: new Date() });
      this.nextSequence += 1;
      this.bytes += change.fields.length;
    }
    if (this.changes.length > KEPT_CHANGES * 2 || this.bytes > KEPT_BYTES * 2) this.forgetOldest();
    this.wakeAll();
  }

  private forgetOldest(): void {
    let first = Math.max(0, this.changes.length - KEPT_CHANGES);
    for (const { fields } of this.changes.slice(0, first)) this.bytes -= fields.length;
    for (; this.bytes > KEPT_BYTES && first < this.changes.length - 1; first += 1) this.bytes -= this.changes[first]?.fields.length ?? 0;
    this.changes = this.changes.slice(first);
    this.knownSince = this.changes[0]?.at ?? this.knownSince;
  }

  /** The place after the latest change. */
  get end(): number {
    return this.nextSequence;
  }

  /** The first place that is still known. */
  get start(): number {
    return this.changes[0]?.sequence ?? this.nextSequence;
  }

  at(sequence: number): LoggedChange | undefined {
    return this.changes[sequence - this.start];
  }

  /** The place of the first change at or after a cluster time; undefined when changes from before are no longer known. */
  findTime(time: Timestamp): number | undefined {
    if (!this.knownSince || this.knownSince.greaterThan(time)) return undefined;
    const found = this.changes.find((change) => change.at.greaterThanOrEqual(time));
    return found?.sequence ?? this.nextSequence;
  }

  /** Resolves with the next change, when the time is over, or when everybody is woken. */
  wait(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, milliseconds);
      this.waiting.add(wake);
    });
  }

  /** For a cursor that was killed, and for the end of the server. */
  wakeAll(): void {
    for (const wake of Array.from(this.waiting)) wake();
  }
}
