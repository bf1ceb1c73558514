import { fail } from "./errors";

const DEFAULT_TIME_MS = 30_000;
const MEMORY_BYTES = 100 * 1024 * 1024;
/** How long one command may keep the process busy before others get their turn. */
const SLICE_MS = 5;

/** What one command may use: time (`maxTimeMS`, 30 s unless said otherwise) and memory (100 MB). */
export class Deadline {
  private readonly isLimited: boolean;
  private endsAt: number;
  private sliceEnd: number;
  private charged = 0;

  /** @param maxTimeMs the command's own limit in milliseconds; 0 means none was given */
  constructor(maxTimeMs = 0) {
    const now = performance.now();
    this.isLimited = maxTimeMs > 0;
    this.endsAt = now + (maxTimeMs > 0 ? maxTimeMs : DEFAULT_TIME_MS);
    this.sliceEnd = now + SLICE_MS;
  }

  /** Time anew for the next batch of a cursor; the memory stays charged. */
  restart(maxTimeMs = 0): void {
    this.endsAt = performance.now() + (maxTimeMs > 0 ? maxTimeMs : DEFAULT_TIME_MS);
  }

  /** For work in pieces that may take as long as it takes, unless the client has set a limit. */
  renew(): void {
    if (!this.isLimited) this.restart();
  }

  /** @throws 50 when the time is over */
  checkTime(): void {
    if (performance.now() > this.endsAt) fail(50, "MaxTimeMSExpired", "operation exceeded time limit");
  }

  /** @throws 146 when more than 100 MB were charged in total */
  charge(bytes: number): void {
    this.charged += bytes;
    if (this.charged <= MEMORY_BYTES) return;
    fail(
      146,
      "ExceededMemoryLimit",
      "The embedded database holds at most 100 MB for one operation; add an index or a limit, or set MONGODB_URI",
    );
  }

  refund(bytes: number): void {
    this.charged -= bytes;
  }

  isSliceOver(): boolean {
    return performance.now() > this.sliceEnd;
  }

  /** Lets other connections have their turn when this command has had its slice. */
  async breathe(): Promise<void> {
    if (!this.isSliceOver()) return;
    this.checkTime();
    await new Promise((resolve) => setImmediate(resolve));
    this.sliceEnd = performance.now() + SLICE_MS;
  }

  /** Waits for `event`, but not beyond the deadline. */
  async waitFor(event: Promise<void>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, Math.max(0, this.endsAt - performance.now()) + 1);
    });
    await Promise.race([event, timeout]);
    clearTimeout(timer);
    this.checkTime();
  }
}
