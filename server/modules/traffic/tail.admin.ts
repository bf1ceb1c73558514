import "server-only";
import type { RequestFilters, RequestTail } from "@/lib/contracts/traffic.admin";
import { startOfIds, timeOfId } from "@/server/core/ids";
import { searchLog } from "@/server/modules/traffic/log.admin";
import { blocksBetween, boundsOf, EVERYTHING, LAST_ID, newestFirst, pickEntries, toConditions, toRequestEntry } from "@/server/modules/traffic/log-query.admin";
import { findBlocksAcrossCustomers, findIdBackAcrossCustomers } from "@/server/modules/traffic/repository";

/** How late an entry of another process may come at the most while the tail is watched; and how many blocks a look at it costs. */
const LATE_MS = 5_000;
const TAIL_LOOK = 2_000;
const TAIL_ITEMS = 200;
const FIRST_TAIL = 50;

/** What came in since an entry; without one the newest there is. */
export async function readTail(filters: RequestFilters, after: string | undefined): Promise<RequestTail> {
  const last = await findIdBackAcrossCustomers({ ...EVERYTHING, rest: {}, before: LAST_ID, from: "" }, 1);
  const seen = after === undefined ? null : timeOfId(after);
  if (seen === null) {
    const { items } = await searchLog(filters, undefined, FIRST_TAIL);
    return { items, last, skipped: false };
  }
  const { before, from } = boundsOf(filters, undefined);
  const recent = startOfIds("entry", new Date(seen.getTime() - LATE_MS));
  const bounds = { before, from: recent > from ? recent : from };
  const query = { ...EVERYTHING, ...blocksBetween(toConditions(filters), bounds) };
  const back = await findIdBackAcrossCustomers(query, TAIL_LOOK);
  const blocks = await findBlocksAcrossCustomers({ ...query, from: back ?? query.from }, TAIL_ITEMS);
  const found = pickEntries(blocks, filters, bounds).sort(newestFirst);
  const skipped = back !== null || blocks.length === TAIL_ITEMS || found.length > TAIL_ITEMS;
  return { items: found.slice(0, TAIL_ITEMS).map(toRequestEntry), last, skipped };
}
