import "server-only";
import type { RequestEntry, RequestFilters, RequestPage, RequestTail } from "@/lib/contracts/traffic.admin";
import { startOfIds, timeOfId } from "@/server/core/ids";
import type { EntryRecord } from "@/server/modules/traffic/collection";
import { type EntryQuery, findEntriesAcrossCustomers, findIdBackAcrossCustomers } from "@/server/modules/traffic/repository";

/** Behind every id there is. */
const LAST_ID = "ent_~";
/** How many entries of each index that could be walked are passed over, to see which of them leads back the farthest. */
const PROBED = 1_000;
/** Entries that are looked at for a page: so many at first, twice as many each time after, until the time is over. */
const FIRST_LOOK = 1_000;
const LARGEST_LOOK = 4_000;
const BUDGET_MS = 80;
/** How late an entry of another process may come at the most while the tail is watched; and how many entries a look at it costs. */
const LATE_MS = 5_000;
const TAIL_LOOK = 2_000;
const TAIL_ITEMS = 200;
const FIRST_TAIL = 50;

export function toRequestEntry(record: EntryRecord): RequestEntry {
  const { _id: id, requestId: request_id, customerId: customer_id, keyId: key_id, cameBy: came_by, at, ...same } = record;
  const { surface, route, method, status, code, milliseconds, model, version, arm, rows } = same;
  const call = { surface, route, method, status, code, milliseconds, model, version, arm, rows };
  return { id, request_id, at: at.toISOString(), ...call, customer_id, key_id, came_by };
}

/** `4xx` as the statuses it stands for. */
function matchStatus(status: string): EntryQuery["rest"]["status"] {
  if (!status.endsWith("xx")) return Number(status);
  const first = Number(status.slice(0, 1)) * 100;
  return { $gte: first, $lt: first + 100 };
}

/** All that entries must meet, but for their time. */
function toConditions(filters: RequestFilters): EntryQuery["rest"] {
  const { surface, model, version, arm, customer, key, status, code, route, slower_than_ms, came_by, request_id } = filters;
  return {
    ...(surface !== undefined && { surface }),
    ...(model !== undefined && { model }),
    ...(version !== undefined && { version }),
    ...(arm !== undefined && { arm }),
    ...(customer !== undefined && { customerId: customer }),
    ...(key !== undefined && { keyId: key }),
    ...(status !== undefined && { status: matchStatus(status) }),
    ...(code !== undefined && { code }),
    ...(route !== undefined && { route }),
    ...(slower_than_ms !== undefined && { milliseconds: { $gt: slower_than_ms } }),
    ...(came_by !== undefined && { cameBy: came_by }),
    ...(request_id !== undefined && { requestId: request_id }),
  };
}

type Way = Pick<EntryQuery, "hint" | "fixed">;

const way = (field: string, value: string | number | boolean): Way => ({ hint: `${field}_1__id_1`, fixed: { [field]: value } });

function slowWay(milliseconds: number): Way[] {
  const from = [2_000, 500, 100].find((threshold) => milliseconds >= threshold);
  return from === undefined ? [] : [way(`over${from}`, true)];
}

/** The indexes that lead to nothing but entries of which all meet some of the filters. */
function waysOf({ surface, model, arm, customer, key, status, code, slower_than_ms, request_id }: RequestFilters): Way[] {
  if (request_id !== undefined) return [way("requestId", request_id)];
  const failure = status === undefined ? 0 : Number(status.slice(0, 1));
  return [
    ...(key === undefined ? [] : [way("keyId", key)]),
    ...(customer === undefined ? [] : [way("customerId", customer)]),
    ...(code === undefined ? [] : [way("code", code)]),
    ...(failure >= 4 ? [way("failure", failure)] : []),
    ...(slower_than_ms === undefined ? [] : slowWay(slower_than_ms)),
    ...(arm === "candidate" ? [way("arm", arm)] : []),
    ...(surface === "console" ? [way("surface", surface)] : []),
    ...(model === undefined ? [] : [way("model", model)]),
  ];
}

/** Of several indexes the one whose newest entries reach back the farthest: it has the fewest to look at. */
async function chooseWay(ways: Way[], bounds: Pick<EntryQuery, "rest" | "before" | "from">): Promise<Way> {
  const [first = { hint: "_id_", fixed: {} }, ...others] = ways;
  if (others.length === 0) return first;
  const reached = await Promise.all(ways.map((each) => findIdBackAcrossCustomers({ ...each, ...bounds }, PROBED)));
  const farthest = reached.reduce((best, id, index) => ((id ?? "") < (reached[best] ?? "") ? index : best), 0);
  return ways[farthest] ?? first;
}

const toId = (at: string) => startOfIds("entry", new Date(at));
const smaller = (one: string, other: string) => (one < other ? one : other);

/** Ids of the span of time that is asked for, down from a cursor. */
function boundsOf({ from, to }: RequestFilters, cursor: string | undefined): Pick<EntryQuery, "before" | "from"> {
  return { before: smaller(cursor ?? LAST_ID, to === undefined ? LAST_ID : toId(to)), from: from === undefined ? "" : toId(from) };
}

/** Whether the index alone finds what is asked for. */
function isWhole({ fixed }: Way, rest: EntryQuery["rest"]): boolean {
  return Object.keys(rest).every((name) => name in fixed);
}

/**
 * The newest entries that meet the filters. It looks at a bounded number of entries, whatever the log holds: where few of them fit, it ends
 * early and says how far back it looked.
 */
export async function searchLog(filters: RequestFilters, cursor: string | undefined, limit: number): Promise<RequestPage> {
  const bounds = { rest: toConditions(filters), ...boundsOf(filters, cursor) };
  const chosen = await chooseWay(waysOf(filters), bounds);
  const wanted = limit + 1;
  const started = performance.now();
  const found: EntryRecord[] = [];
  let back: string | null = bounds.before;
  for (let look = FIRST_LOOK; back !== null && found.length < wanted; look = Math.min(2 * look, LARGEST_LOOK)) {
    const query: EntryQuery = { ...bounds, ...chosen, before: back };
    // Between two ids, so that nothing is met twice or missed when more comes in meanwhile.
    back = isWhole(chosen, bounds.rest) ? null : await findIdBackAcrossCustomers(query, look);
    found.push(...(await findEntriesAcrossCustomers({ ...query, from: back ?? query.from }, wanted - found.length)));
    if (performance.now() - started > BUDGET_MS) break;
  }
  const items = found.slice(0, limit).map(toRequestEntry);
  if (found.length > limit) return { items, next_cursor: items.at(-1)?.id ?? null, searched_back_to: null };
  return { items, next_cursor: back, searched_back_to: (back && timeOfId(back)?.toISOString()) ?? null };
}

/** What came in since an entry; without one the newest there is. */
export async function readTail(filters: RequestFilters, after: string | undefined): Promise<RequestTail> {
  const everything: EntryQuery = { hint: "_id_", fixed: {}, rest: {}, before: LAST_ID, from: "" };
  const last = await findIdBackAcrossCustomers(everything, 1);
  const seen = after === undefined ? null : timeOfId(after);
  if (seen === null) {
    const { items } = await searchLog(filters, undefined, FIRST_TAIL);
    return { items, last, skipped: false };
  }
  const { before, from } = boundsOf(filters, undefined);
  const recent = startOfIds("entry", new Date(seen.getTime() - LATE_MS));
  const query = { ...everything, rest: toConditions(filters), before, from: recent > from ? recent : from };
  const back = await findIdBackAcrossCustomers(query, TAIL_LOOK);
  const found = await findEntriesAcrossCustomers({ ...query, from: back ?? query.from }, TAIL_ITEMS + 1);
  return { items: found.slice(0, TAIL_ITEMS).map(toRequestEntry), last, skipped: back !== null || found.length > TAIL_ITEMS };
}
