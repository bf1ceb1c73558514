import type { ApiKey } from "@/lib/contracts/keys";
import type { LimitsPreview, SuspendPreview } from "@/lib/contracts/customers.admin";
import { formatDay, formatNumber } from "@/lib/format";
import { formatAgo } from "@/lib/moment";

function count(number: number, one: string, many: string): string {
  return number === 1 ? `1 ${one}` : `${formatNumber(number)} ${many}`;
}

function sayCalls(calls: number): string {
  return `${count(calls, "call", "calls")} in the last 24 hours would have been refused`;
}

/** What stops when a customer is suspended, a sentence each. */
export function saySuspend({ keys_in_use: keys, calls_24h: calls, sessions }: SuspendPreview): string[] {
  const used = keys === 0 ? "No key was used in the last 24 hours" : `${count(keys, "key is", "keys are")} in use`;
  const refused = calls === 0 ? "no call would have been refused" : sayCalls(calls);
  const pages = sessions === 0 ? "Nobody is signed in on a page." : `${count(sessions, "signed-in page ends", "signed-in pages end")}.`;
  return [`${used}: ${refused}.`, pages];
}

function sayMinutes({ peak_rows_per_minute: peak, minutes_used: used, minutes_over: over }: LimitsPreview): string {
  if (used === 0) return "Not used in the last 24 hours.";
  const most = `Used ${count(peak, "row", "rows")} a minute at most in the last 24 hours`;
  if (over === 0) return `${most}: none of it would have been refused.`;
  return `${most}: ${count(over, "minute", "minutes")} of ${formatNumber(used)} would have seen refusals.`;
}

function sayMonth({ limits, month_used: used, month_over: isOver, month_resets_at: end }: LimitsPreview): string {
  const limit = formatNumber(limits.rows_per_month);
  if (!isOver) return `${formatNumber(used)} of ${limit} rows of this month are used.`;
  return `${count(used, "row", "rows")} of this month are used and the limit is ${limit}: every call is refused until ${formatDay(end)}.`;
}

/** What other limits would have meant, a sentence each. */
export function sayLimits(preview: LimitsPreview): string[] {
  return [sayMinutes(preview), sayMonth(preview)];
}

/** What stops when a key is revoked. @param now milliseconds since 1970 */
export function sayRevoke({ calls_24h: calls, last_used_at: used }: ApiKey, now: number): string[] {
  const last = used === null ? "It was never used." : `It was last used ${formatAgo(used, now)}.`;
  return [calls === 0 ? "Nobody called with it in the last 24 hours." : `${sayCalls(calls)}.`, last];
}

/** What stops when all sessions end. */
export function sayEndSessions(sessions: number): string[] {
  return sessions === 0
    ? ["Nobody is signed in on a page. Keys go on."]
    : [`${count(sessions, "signed-in page ends", "signed-in pages end")}; whoever sits there signs in again. Keys go on.`];
}
