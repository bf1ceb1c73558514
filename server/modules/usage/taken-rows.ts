import "server-only";
import { beforeDatabaseCloses, isUnsent } from "@/server/core/db";
import { env } from "@/server/core/env";
import { DomainError } from "@/server/core/errors";
import type { HeaderFields } from "@/server/core/exchange";
import { describeLimits, LimitReached, type LimitState, secondsUntil, takeLimits } from "@/server/core/limits";
import { AheadCounters } from "@/server/core/limit-stores/ahead";
import type { Cost, Counted } from "@/server/core/limit-stores/store";
import { takeTogether } from "@/server/core/limit-stores/together";
import { log } from "@/server/core/log";
import type { CustomerCaller } from "@/server/core/trpc";
import { within } from "@/server/core/within";
import { count } from "@/server/modules/usage/bucket-writer";
import { findMonthRows, giveMonthRowsBack, takeMonthRows } from "@/server/modules/usage/repository";
import { endOfMonthCount, type Month, monthOf } from "@/server/modules/usage/spans";

/** How long a refusal waits at most until it is counted itself. */
const REFUSAL_COUNTED_MS = 500;

/** Rows that were counted before they ran. */
export interface TakenRows {
  /** `RateLimit-Policy`, `RateLimit` and `X-RateLimit-*`. */
  headers: HeaderFields;
  /** Gives the month's rows back when nothing could be run for them; those of the minute go by themselves. Never throws. */
  giveBack: () => Promise<void>;
}

export const nothingToGive = async () => {};

/** @throws {DomainError} `invalid_input` */
function assertRowsPerCall(caller: CustomerCaller, rows: number): void {
  const { rowsPerCall } = caller.limits;
  if (rowsPerCall === 0 || rows <= rowsPerCall) return;
  const detail = `takes at most ${rowsPerCall} rows in one call of your plan`;
  throw new DomainError("invalid_input", "More rows than one call of your plan takes.", { errors: [{ pointer: "#/inputs", detail }] });
}

function toMonthState(month: Month, quota: number, used: number): LimitState {
  const windowSeconds = (month.end - month.start) / 1000;
  return { label: "month", quota, remaining: Math.max(0, quota - used), windowSeconds, resetAt: month.end / 1000 };
}

interface CustomerMonth {
  customerId: string;
  month: Month;
}

/** Calls of one customer that come together take from the month in one write: of all processes together never more than there is. */
const takeMonthTogether = takeTogether<CustomerMonth>(
  {
    tryTake: async ({ customerId, month }, [wanted]) => {
      if (!wanted) throw new Error("Nothing is taken.");
      const { cost: rows, quota } = wanted;
      const { taken, used } = await takeMonthRows(customerId, month, { rows, quota, expiresAt: endOfMonthCount(month) });
      return { taken, used: [used], resetAt: month.end / 1000 };
    },
    look: async ({ customerId, month }) => ({ taken: false, used: [await findMonthRows(customerId, month)], resetAt: month.end / 1000 }),
  },
  ({ customerId, month }) => `${customerId}:${month.name}`,
);

/** After so many calls in quick succession a customer's month is counted ahead. */
const BUSY_AFTER = 32;
/** Rows of a month that one process holds at most: what a process that is killed leaves counted and not run. */
const MOST_MONTH_ROWS = 512;

/** @throws {Error} the driver's, which is logged */
async function giveMonthBack(customerId: string, month: Month, rows: number): Promise<void> {
  try {
    await giveMonthRowsBack(customerId, month, rows);
  } catch (error) {
    log("warn", "month_not_given_back", { rows, cause: error instanceof Error ? error.name : "unknown" });
    throw error;
  }
}

/** The month that ends at a moment in seconds since 1970. */
const monthBefore = (resetAt: number) => monthOf(resetAt * 1000 - 1);

function openAhead(): AheadCounters {
  const store = {
    take: (customerId: string, costs: Cost[]) => takeMonthTogether({ customerId, month: monthOf(Date.now()) }, costs),
    giveBack: (customerId: string, [unused]: Cost[], resetAt: number) => giveMonthBack(customerId, monthBefore(resetAt), unused?.cost ?? 0),
  };
  const windowEnd = () => monthOf(Date.now()).end / 1000;
  const ahead = new AheadCounters(store, { windowEnd, busyAfter: BUSY_AFTER, most: MOST_MONTH_ROWS, isStillHeld: isUnsent });
  beforeDatabaseCloses("months_counted_ahead", () => ahead.releaseAll());
  return ahead;
}

/** One a process, kept on `globalThis` because Next evaluates modules more than once. */
const holder: typeof globalThis & { vitrineMonthsAhead?: AheadCounters } = globalThis;

/** The months of busy customers, counted ahead: the same as {@link takeMonthTogether}, and most calls need not wait for it. */
const monthsAhead = () => (holder.vitrineMonthsAhead ??= openAhead());

/** A function may sleep with what it holds, so it counts each call. */
async function takeMonth(customerId: string, costs: Cost[]): Promise<Counted> {
  if (env().serverless) return takeMonthTogether({ customerId, month: monthOf(Date.now()) }, costs);
  return monthsAhead().takeHeld(customerId, costs) ?? monthsAhead().take(customerId, costs);
}

/** The month after the minute, so that a flood is stopped before it costs a write to the month. */
async function takeMinuteAndMonth(caller: CustomerCaller, rows: number): Promise<TakenRows> {
  const { limits, customerId } = caller;
  const minute = await takeLimits(caller.id, [{ policy: "customer_rows", cost: rows, quota: limits.rowsPerMinute }]);
  if (limits.rowsPerMonth === 0) return { headers: describeLimits(minute.states), giveBack: nothingToGive };
  let counted;
  try {
    counted = await takeMonth(customerId, [{ policy: "month", cost: rows, quota: limits.rowsPerMonth }]);
  } catch (error) {
    await minute.giveBack();
    throw error;
  }
  const month = monthBefore(counted.resetAt);
  const monthState = toMonthState(month, limits.rowsPerMonth, counted.used[0] ?? 0);
  if (counted.taken) {
    let giving: Promise<void> | undefined;
    const giveBack = () => (giving ??= giveMonthBack(customerId, month, rows).catch(() => undefined));
    return { headers: describeLimits([...minute.states, monthState]), giveBack };
  }
  await minute.giveBack();
  const states = minute.states.map((state) => ({ ...state, remaining: Math.min(state.quota, state.remaining + rows) }));
  const message = `More rows than are left of your plan's month: ${monthState.remaining} of ${monthState.quota} are left.`;
  throw new LimitReached("quota_exhausted", message, secondsUntil(monthState.resetAt), describeLimits([...states, monthState]));
}

/** Counts a refusal where a customer sees it. The refusal itself does not depend on it. */
async function countRefusal(caller: CustomerCaller, model: string): Promise<void> {
  try {
    await within(REFUSAL_COUNTED_MS, count(caller, model, { calls: 0, rows: 0, limited: 1 }));
  } catch (error) {
    log("warn", "usage_not_counted", { cause: error instanceof Error ? error.name : "unknown" });
  }
}

/**
 * Takes a customer's rows, and counts a refusal as `limited`.
 * @throws {DomainError} `invalid_input`, `rate_limited`, `quota_exhausted`
 */
export async function takeCustomerRows(caller: CustomerCaller, model: string, rows: number): Promise<TakenRows> {
  assertRowsPerCall(caller, rows);
  try {
    return await takeMinuteAndMonth(caller, rows);
  } catch (error) {
    if (error instanceof LimitReached) await countRefusal(caller, model);
    throw error;
  }
}

/** Nothing is held for a customer any more. */
export function forgetMonthAhead(customerId: string): void {
  monthsAhead().forget(customerId);
}
