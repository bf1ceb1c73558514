import "server-only";
import { DomainError } from "@/server/core/errors";
import type { HeaderFields } from "@/server/core/exchange";
import { describeLimits, LimitReached, type LimitState, secondsUntil, takeLimits } from "@/server/core/limits";
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

async function giveMonthBackOnce(customerId: string, month: Month, rows: number): Promise<void> {
  try {
    await giveMonthRowsBack(customerId, month, rows);
  } catch (error) {
    log("warn", "month_not_given_back", { rows, cause: error instanceof Error ? error.name : "unknown" });
  }
}

/** The month after the minute, so that a flood is stopped before it costs a write to the month. */
async function takeMinuteAndMonth(caller: CustomerCaller, rows: number): Promise<TakenRows> {
  const { limits, customerId } = caller;
  const minute = await takeLimits(caller.id, [{ policy: "customer_rows", cost: rows, quota: limits.rowsPerMinute }]);
  if (limits.rowsPerMonth === 0) return { headers: describeLimits(minute.states), giveBack: nothingToGive };
  const month = monthOf(Date.now());
  let counted;
  try {
    counted = await takeMonthTogether({ customerId, month }, [{ policy: "month", cost: rows, quota: limits.rowsPerMonth }]);
  } catch (error) {
    await minute.giveBack();
    throw error;
  }
  const monthState = toMonthState(month, limits.rowsPerMonth, counted.used[0] ?? 0);
  if (counted.taken) {
    let giving: Promise<void> | undefined;
    const giveBack = () => (giving ??= giveMonthBackOnce(customerId, month, rows));
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
