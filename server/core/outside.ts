import "server-only";
import { setTimeout as sleep } from "node:timers/promises";
import { log } from "@/server/core/log";
import { within } from "@/server/core/within";

/** So many failed attempts in a row open the breaker. */
const FAILURES_TO_OPEN = 3;
/** Between two attempts: a random time below `BASE * 2^n`, at most the cap. */
const BASE_MS = 100;
const CAP_MS = 2_000;

export interface OutsideTerms {
  /** How long one attempt may take, in milliseconds. */
  attemptMs: number;
  /** How often a call is tried, the first time included; 1 for what must not be done twice. */
  attempts: number;
  /** How long an open breaker refuses before the service is asked again, in milliseconds. */
  openMs: number;
  /** Whether a failure says that the service is unwell. Any other is an answer: it is not repeated and opens nothing. */
  isUnwell?: (error: unknown) => boolean;
  /** What asks the service whether it is well again, beside callers, so that none of them waits for it. Without it the next call does. */
  probe?: () => Promise<unknown>;
}

/** The breaker is open: nothing was asked. */
export class OutsideAway extends Error {
  readonly retryAfterSeconds: number;

  constructor(target: string, milliseconds: number) {
    super(`${target} did not answer the last calls.`);
    this.name = "OutsideAway";
    this.retryAfterSeconds = Math.max(1, Math.ceil(milliseconds / 1000));
  }
}

/**
 * A time to wait before the next attempt, in milliseconds: "full jitter", so that callers who failed together do not come back together
 * (M. Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015).
 * @param failed how many attempts failed so far
 */
export function drawBackoff(failed: number): number {
  return Math.random() * Math.min(CAP_MS, BASE_MS * 2 ** failed);
}

/**
 * The way to one service of somebody else: each attempt has a deadline, what may be done twice is repeated after a random wait, and a
 * circuit breaker (M. Nygard, "Release It!") stops asking a service that fails: closed while it answers, open for a stated time after
 * some failures in a row, then half-open, with one trial that decides. What is known is this process's alone and ends with that time.
 */
export class Outside {
  readonly #target: string;
  readonly #terms: OutsideTerms;
  #failures = 0;
  /** While it is open: until when, by `performance.now()`. */
  #openUntil: number | null = null;
  #isTried = false;

  /** @param target what the log calls it */
  constructor(target: string, terms: OutsideTerms) {
    this.#target = target;
    this.#terms = terms;
  }

  /**
   * What the work gives.
   * @param work one attempt; its signal ends with the time of the attempt
   * @param own where one call has other terms
   * @throws {OutsideAway} while the breaker is open
   * @throws what the last attempt threw, or an error when it took too long
   */
  async call<Value>(
    work: (signal: AbortSignal) => Promise<Value>,
    own: Partial<Pick<OutsideTerms, "attemptMs" | "attempts">> = {},
  ): Promise<Value> {
    const { attemptMs, attempts } = { ...this.#terms, ...own };
    const isTrial = this.#enter();
    try {
      for (let failed = 0; ; ) {
        try {
          return await this.#attempt(work, attemptMs);
        } catch (error) {
          failed += 1;
          if (isTrial || failed >= attempts || this.#openUntil !== null || !this.#isUnwell(error)) throw error;
        }
        await sleep(drawBackoff(failed));
      }
    } finally {
      if (isTrial) this.#isTried = false;
    }
  }

  /** @returns whether this call is the trial of a half-open breaker @throws {OutsideAway} */
  #enter(): boolean {
    if (this.#openUntil === null) return false;
    const left = this.#openUntil - performance.now();
    if (left <= 0 && !this.#isTried) {
      this.#isTried = true;
      if (!this.#terms.probe) return true;
      void this.#attempt(this.#terms.probe, this.#terms.attemptMs)
        .catch(() => undefined)
        .finally(() => void (this.#isTried = false));
    }
    throw new OutsideAway(this.#target, left);
  }

  async #attempt<Value>(work: (signal: AbortSignal) => Promise<Value>, attemptMs: number): Promise<Value> {
    const controller = new AbortController();
    try {
      const value = await within(attemptMs, work(controller.signal));
      this.#noteAnswer();
      return value;
    } catch (error) {
      if (this.#isUnwell(error)) this.#noteFailure();
      else this.#noteAnswer();
      throw error;
    } finally {
      controller.abort();
    }
  }

  #isUnwell(error: unknown): boolean {
    return this.#terms.isUnwell?.(error) ?? true;
  }

  #noteAnswer(): void {
    this.#failures = 0;
    if (this.#openUntil === null) return;
    this.#openUntil = null;
    log("info", "outside_back", { target: this.#target });
  }

  #noteFailure(): void {
    this.#failures += 1;
    if (this.#failures < FAILURES_TO_OPEN) return;
    if (this.#openUntil === null) log("warn", "outside_away", { target: this.#target, failures: this.#failures });
    this.#openUntil = performance.now() + this.#terms.openMs;
  }
}
