import "server-only";

/** Every policy counts in windows of one minute, aligned to the clock, so that all processes mean the same window. */
export const WINDOW_SECONDS = 60;

/** What one call takes from one policy. */
export interface Cost {
  policy: string;
  cost: number;
  /** How much fits into one window; at least 1. */
  quota: number;
}

/** What became of a call. */
export interface Counted {
  /** Whether everything was taken; nothing was, where this is false. */
  taken: boolean;
  /** What the window holds now, for each cost in its order. */
  used: number[];
  /** When the window ends, in seconds since 1970. */
  resetAt: number;
}

/**
 * Counters that all processes share. Whoever asks bounds the time: a store may wait as long as its own connection does, and
 * throws when it cannot be reached.
 */
export interface LimitStore {
  /** Takes all costs from the window of this moment, or none of them. */
  take: (subject: string, costs: Cost[]) => Promise<Counted>;
  /** Gives back what was taken from the window that ends at `resetAt`; nothing once it is over. */
  giveBack: (subject: string, costs: Cost[], resetAt: number) => Promise<void>;
  /** What the window of this moment holds, without counting. */
  read: (subject: string, policy: string, quota: number) => Promise<number>;
  /** Removes what is known about a subject, where it does not go by itself within two minutes. */
  forget: (subject: string) => Promise<void>;
}

/** The number of the window of this moment. */
export function currentWindow(): number {
  return Math.floor(Date.now() / 1000 / WINDOW_SECONDS);
}

/** When a window ends, in seconds since 1970. */
export function endOf(window: number): number {
  return (window + 1) * WINDOW_SECONDS;
}
