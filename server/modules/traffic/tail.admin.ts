import "server-only";
import type { RequestFilters, RequestTail } from "@/lib/contracts/traffic.admin";
import { timeOfId } from "@/server/core/ids";
import { searchLog } from "@/server/modules/traffic/log.admin";
import { EVERYTHING, LAST_ID } from "@/server/modules/traffic/log-query.admin";
import { findIdBackAcrossCustomers } from "@/server/modules/traffic/repository";

/** How late an entry of another process may come at the most while the tail is watched. */
const LATE_MS = 5_000;
/** New ones, and those that were there before: a hundred calls a second are followed without a gap. */
const TAIL_ITEMS = 500;

/** When the newest entry of all was answered, in milliseconds since 1970. */
async function findNewest(): Promise<number> {
  const id = await findIdBackAcrossCustomers({ ...EVERYTHING, rest: {}, before: LAST_ID, from: "" }, 1);
  return (id === null ? null : timeOfId(id)?.getTime()) ?? 0;
}

/** What came in since a moment, at the cost of a page of the log. @param since milliseconds since 1970 */
export async function readTail(filters: RequestFilters, since: number): Promise<RequestTail> {
  // Before the search: what comes in meanwhile is looked at again.
  const until = Math.max(since, await findNewest());
  const from = Math.max(since - LATE_MS, filters.from === undefined ? 0 : Date.parse(filters.from));
  const { items, next_cursor } = await searchLog({ ...filters, from: new Date(from).toISOString() }, undefined, TAIL_ITEMS);
  const end = next_cursor === null ? null : timeOfId(next_cursor);
  return { items, until: new Date(until).toISOString(), skipped: end !== null && end.getTime() > since };
}
