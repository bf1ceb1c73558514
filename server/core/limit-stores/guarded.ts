import "server-only";
import type { LimitStore } from "@/server/core/limit-stores/store";
import { Outside } from "@/server/core/outside";

/** Shorter than a caller may wait for the counters; a count is made once, so nothing is tried twice. */
const ATTEMPT_MS = 700;
/** How long callers go without counters before they are asked again. */
export const STORE_OPEN_MS = 2_000;

/**
 * A store at a service of somebody else, behind a circuit breaker: while that does not answer, nobody waits for it, and whether it is back
 * is asked beside the calls.
 */
export function guardStore(store: LimitStore): LimitStore {
  const probe = async () => store.read("probe", "probe", 1);
  const counters = new Outside("counters", { attemptMs: ATTEMPT_MS, attempts: 1, openMs: STORE_OPEN_MS, probe });
  return {
    take: async (...args) => counters.call(async () => store.take(...args)),
    giveBack: async (...args) => counters.call(async () => store.giveBack(...args)),
    read: async (...args) => counters.call(async () => store.read(...args)),
    forget: async (...args) => counters.call(async () => store.forget(...args)),
  };
}
