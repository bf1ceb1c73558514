import "server-only";
import type { RequestEntry, RequestFilters } from "@/lib/contracts/traffic.admin";
import { startOfIds } from "@/server/core/ids";
import type { EntryRecord, LogBlock } from "@/server/modules/traffic/collection";
import { behindBlocksOf, unpackBlock } from "@/server/modules/traffic/log-block";
import { type BlockQuery, findIdBackAcrossCustomers } from "@/server/modules/traffic/repository";

/** Behind every id there is. */
export const LAST_ID = "ent_~";
export const EVERYTHING = { hint: "_id_", fixed: {} };
/** How many blocks of each index that could be walked are passed over, to see which of them leads back the farthest. */
const PROBED = 1_000;

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
export function toConditions(filters: RequestFilters): BlockQuery["rest"] {
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
export function waysOf({ surface, model, arm, customer, key, status, code, slower_than_ms, request_id }: RequestFilters): Way[] {
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
export async function chooseWay(ways: Way[], bounds: Pick<BlockQuery, "rest" | "before" | "from">): Promise<Way> {
  const [first = EVERYTHING, ...others] = ways;
  if (others.length === 0) return first;
  const reached = await Promise.all(ways.map((each) => findIdBackAcrossCustomers({ ...each, ...bounds }, PROBED)));
  const farthest = reached.reduce((best, id, index) => ((id ?? "") < (reached[best] ?? "") ? index : best), 0);
  return ways[farthest] ?? first;
}

const toId = (at: string) => startOfIds("entry", new Date(at));
export const smaller = (one: string, other: string) => (one < other ? one : other);

/** Ids of the span of time that is asked for, down from a cursor. */
export interface Bounds {
  before: string;
  from: string;
}

export function boundsOf({ from, to }: RequestFilters, cursor: string | undefined): Bounds {
  return { before: smaller(cursor ?? LAST_ID, to === undefined ? LAST_ID : toId(to)), from: from === undefined ? "" : toId(from) };
}

/** Conditions on blocks that may hold entries between the bounds: a block has the id of its youngest entry. */
export function blocksBetween(rest: BlockQuery["rest"], { before, from }: Bounds): Pick<BlockQuery, "rest" | "before" | "from"> {
  return { rest: { ...rest, oldest: { $lt: before } }, before: behindBlocksOf(before), from };
}

/** Whether the index alone finds what is asked for. */
export function isWhole({ fixed }: Way, rest: BlockQuery["rest"]): boolean {
  return Object.keys(rest).every((name) => name in fixed);
}

/** The entries of blocks that meet what cannot be said of a whole block, in no order. */
export function pickEntries(blocks: LogBlock[], { slower_than_ms = -1, request_id }: RequestFilters, { before, from }: Bounds): EntryRecord[] {
  return blocks.flatMap(unpackBlock).filter(({ _id, milliseconds, requestId }) => {
    return _id < before && _id >= from && milliseconds > slower_than_ms && (request_id === undefined || requestId === request_id);
  });
}

export const newestFirst = (one: EntryRecord, other: EntryRecord) => (one._id < other._id ? 1 : -1);
