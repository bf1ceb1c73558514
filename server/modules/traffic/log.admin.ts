import "server-only";
import type { RequestEntry, RequestFilters, RequestPage, RequestTail } from "@/lib/contracts/traffic.admin";
import { DomainError } from "@/server/core/errors";
import { startOfIds, timeOfId } from "@/server/core/ids";
import type { EntryRecord, LogBlock } from "@/server/modules/traffic/collection";
import { behindBlocksOf, TIMELY_MS, unpackBlock } from "@/server/modules/traffic/log-block";
import { type BlockQuery, findBlocksAcrossCustomers, findIdBackAcrossCustomers } from "@/server/modules/traffic/repository";

/** Behind every id there is. */
const LAST_ID = "ent_~";
const EVERYTHING = { hint: "_id_", fixed: {} };
/** How many blocks of each index that could be walked are passed over, to see which of them leads back the farthest. */
const PROBED = 1_000;
/** Blocks that are looked at for a page: so many at first, twice as many each time after, until the time is over. */
const FIRST_LOOK = 1_000;
const LARGEST_LOOK = 4_000;
/** Of those that may hold something, how many are read at first; a block has one entry or hundreds. */
const FIRST_READ = 8;
const LARGEST_READ = 128;
const BUDGET_MS = 80;
/** How late an entry of another process may come at the most while the tail is watched; and how many blocks a look at it costs. */
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
function matchStatus(status: string): BlockQuery["rest"]["status"] {
  if (!status.endsWith("xx")) return Number(status);
  const first = Number(status.slice(0, 1)) * 100;
  return { $gte: first, $lt: first + 100 };
}

/** What a block must meet that holds an entry which meets the filters, but for its time. */
function toConditions(filters: RequestFilters): BlockQuery["rest"] {
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
    ...(slower_than_ms !== undefined && { slowest: { $gt: slower_than_ms } }),
    ...(came_by !== undefined && { cameBy: came_by }),
    ...(request_id !== undefined && { chosenId: request_id }),
  };
}

type Way = Pick<BlockQuery, "hint" | "fixed">;

const way = (field: string, value: string | number | boolean): Way => ({ hint: `${field}_1__id_1`, fixed: { [field]: value } });

function slowWay(milliseconds: number): Way[] {
  const from = [2_000, 500, 100].find((threshold) => milliseconds >= threshold);
  return from === undefined ? [] : [way(`over${from}`, true)];
}

/** The indexes that lead to nothing but blocks of which all meet some of the filters. */
function waysOf({ surface, model, arm, customer, key, status, code, slower_than_ms, request_id }: RequestFilters): Way[] {
  if (request_id !== undefined) return [way("chosenId", request_id)];
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

/** Of several indexes the one whose newest blocks reach back the farthest: it has the fewest to look at. */
async function chooseWay(ways: Way[], bounds: Pick<BlockQuery, "rest" | "before" | "from">): Promise<Way> {
  const [first = EVERYTHING, ...others] = ways;
  if (others.length === 0) return first;
  const reached = await Promise.all(ways.map((each) => findIdBackAcrossCustomers({ ...each, ...bounds }, PROBED)));
  const farthest = reached.reduce((best, id, index) => ((id ?? "") < (reached[best] ?? "") ? index : best), 0);
  return ways[farthest] ?? first;
}

const toId = (at: string) => startOfIds("entry", new Date(at));
const smaller = (one: string, other: string) => (one < other ? one : other);

/** Ids of the span of time that is asked for, down from a cursor. */
interface Bounds {
  before: string;
  from: string;
}

function boundsOf({ from, to }: RequestFilters, cursor: string | undefined): Bounds {
  return { before: smaller(cursor ?? LAST_ID, to === undefined ? LAST_ID : toId(to)), from: from === undefined ? "" : toId(from) };
}

/** Conditions on blocks that may hold entries between the bounds: a block has the id of its youngest entry. */
function blocksBetween(rest: BlockQuery["rest"], { before, from }: Bounds): Pick<BlockQuery, "rest" | "before" | "from"> {
  return { rest: { ...rest, oldest: { $lt: before } }, before: behindBlocksOf(before), from };
}

/** Whether the index alone finds what is asked for. */
function isWhole({ fixed }: Way, rest: BlockQuery["rest"]): boolean {
  return Object.keys(rest).every((name) => name in fixed);
}

/** The entries of blocks that meet what cannot be said of a whole block, in no order. */
function pickEntries(blocks: LogBlock[], { slower_than_ms = -1, request_id }: RequestFilters, { before, from }: Bounds): EntryRecord[] {
  return blocks.flatMap(unpackBlock).filter(({ _id, milliseconds, requestId }) => {
    return _id < before && _id >= from && milliseconds > slower_than_ms && (request_id === undefined || requestId === request_id);
  });
}

const newestFirst = (one: EntryRecord, other: EntryRecord) => (one._id < other._id ? 1 : -1);

/** Whether an id is one of ours, by its look; what is none means something in a pattern. */
const isPlain = (id: string) => /^\w+$/.test(id);

/** Blocks that hold a plain id. */
const holding = (id: string) => ({ entries: { $regex: `"${id}"` } });

/** Entries with a request id that is of their time: the calls that it can be of ended soon after it was made. */
async function findByTimelyId(filters: RequestFilters, rest: BlockQuery["rest"], bounds: Bounds): Promise<EntryRecord[]> {
  const { request_id = "" } = filters;
  const made = isPlain(request_id) ? timeOfId(request_id) : null;
  if (made === null) return [];
  const before = behindBlocksOf(startOfIds("entry", new Date(made.getTime() + TIMELY_MS + 1)));
  const bounded = { firstRequest: { $lte: request_id }, lastRequest: { $gte: request_id } };
  const among = { ...rest, chosenId: null, ...bounded, ...holding(request_id) };
  const blocks = await findBlocksAcrossCustomers({ ...EVERYTHING, rest: among, before, from: startOfIds("entry", made) }, LARGEST_READ);
  return pickEntries(blocks, filters, bounds);
}

/**
 * The newest entries that meet the filters. It looks at a bounded number of blocks, whatever the log holds: where few of them fit, it ends
 * early and says how far back it looked.
 */
export async function searchLog(filters: RequestFilters, cursor: string | undefined, limit: number): Promise<RequestPage> {
  const bounds = boundsOf(filters, cursor);
  const conditions = toConditions(filters);
  const between = blocksBetween(conditions, bounds);
  const chosen = await chooseWay(waysOf(filters), between);
  const started = performance.now();
  const found = await findByTimelyId(filters, conditions, bounds);
  let ready: EntryRecord[] = [];
  let back: string | null = between.before;
  for (let look = FIRST_LOOK, read = FIRST_READ; ; look = Math.min(2 * look, LARGEST_LOOK), read = Math.min(2 * read, LARGEST_READ)) {
    const query: BlockQuery = { ...between, ...chosen, before: back };
    // Between two ids, so that nothing is met twice or missed when more comes in meanwhile.
    const end = isWhole(chosen, conditions) ? null : await findIdBackAcrossCustomers(query, look);
    const blocks = await findBlocksAcrossCustomers({ ...query, from: end ?? query.from }, read);
    found.push(...pickEntries(blocks, filters, bounds));
    const last = blocks.length === read ? blocks.at(-1)?._id : undefined;
    back = last ?? end;
    // Blocks that were not read yet end before: of what is younger nothing is missing.
    ready = found.filter(({ _id }) => back === null || _id >= back);
    if (back === null || ready.length > limit) break;
    // Up to a second of blocks end behind the cursor: to stop among those would be to stand still.
    if (back < bounds.before && performance.now() - started > BUDGET_MS) break;
  }
  const items = ready.sort(newestFirst).slice(0, limit).map(toRequestEntry);
  if (ready.length > limit) return { items, next_cursor: items.at(-1)?.id ?? null, searched_back_to: null };
  return { items, next_cursor: back, searched_back_to: (back && timeOfId(back)?.toISOString()) ?? null };
}

/** One entry. @throws {DomainError} `not_found` */
export async function readEntry(id: string): Promise<RequestEntry> {
  const rest = { oldest: { $lte: id }, ...holding(id) };
  const blocks = isPlain(id) ? await findBlocksAcrossCustomers({ ...EVERYTHING, rest, before: behindBlocksOf(id), from: id }, 1) : [];
  const entry = blocks.flatMap(unpackBlock).find(({ _id }) => _id === id);
  if (!entry) throw new DomainError("not_found", "There is no such entry; the log keeps 30 days.");
  return toRequestEntry(entry);
}

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
