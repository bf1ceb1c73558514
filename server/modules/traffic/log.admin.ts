import "server-only";
import type { RequestEntry, RequestFilters, RequestPage } from "@/lib/contracts/traffic.admin";
import { DomainError } from "@/server/core/errors";
import { startOfIds, timeOfId } from "@/server/core/ids";
import type { EntryRecord } from "@/server/modules/traffic/collection";
import { behindBlocksOf, TIMELY_MS, unpackBlock } from "@/server/modules/traffic/log-block";
import {
  blocksBetween,
  type Bounds,
  boundsOf,
  chooseWay,
  EVERYTHING,
  isWhole,
  newestFirst,
  pickEntries,
  smaller,
  toConditions,
  toRequestEntry,
  waysOf,
} from "@/server/modules/traffic/log-query.admin";
import { type BlockQuery, findBlocksAcrossCustomers, findIdBackAcrossCustomers } from "@/server/modules/traffic/repository";

/** Blocks that are looked at for a page: so many at first, twice as many each time after, until the time is over. */
const FIRST_LOOK = 1_000;
const LARGEST_LOOK = 4_000;
/** Of those that may hold something, how many are read at first; a block has one entry or hundreds. */
const FIRST_READ = 8;
const LARGEST_READ = 128;
const BUDGET_MS = 80;
/** Whether an id is one of ours, by its look; what is none means something in a pattern. */
const isPlain = (id: string) => /^\w+$/.test(id);

/** Blocks that hold a plain id. */
const holding = (id: string) => ({ entries: { $regex: `"${id}"` } });

/** Some entries, and where blocks begin that were not read yet; null where there are none. Nothing is missing that is younger. */
interface Stretch {
  entries: EntryRecord[];
  back: string | null;
}

/** Those of which none is missing. */
const complete = ({ entries, back }: Stretch) => entries.filter(({ _id }) => back === null || _id >= back);

function join(one: Stretch, other: Stretch): Stretch {
  const back = (one.back ?? "") > (other.back ?? "") ? one.back : other.back;
  return { entries: [...one.entries, ...other.entries], back };
}

/** Entries with a request id that is of their time: the calls that it can be of ended soon after it was made. */
async function findByTimelyId(filters: RequestFilters, rest: BlockQuery["rest"], bounds: Bounds, limit: number): Promise<Stretch> {
  const { request_id = "" } = filters;
  const made = isPlain(request_id) ? timeOfId(request_id) : null;
  const found: Stretch = { entries: [], back: null };
  if (made === null) return found;
  const bounded = { firstRequest: { $lte: request_id }, lastRequest: { $gte: request_id }, oldest: { $lt: bounds.before } };
  const query = { ...EVERYTHING, rest: { ...rest, chosenId: null, ...bounded, ...holding(request_id) }, from: startOfIds("entry", made) };
  let before = behindBlocksOf(smaller(bounds.before, startOfIds("entry", new Date(made.getTime() + TIMELY_MS + 1))));
  for (;;) {
    const blocks = await findBlocksAcrossCustomers({ ...query, before }, LARGEST_READ);
    found.entries.push(...pickEntries(blocks, filters, bounds));
    found.back = (blocks.length === LARGEST_READ && blocks.at(-1)?._id) || null;
    if (found.back === null || complete(found).length > limit) return found;
    before = found.back;
  }
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
  const timely = await findByTimelyId(filters, conditions, bounds, limit);
  const found: Stretch = { entries: [], back: between.before };
  let end = found.back;
  let ready: EntryRecord[] = [];
  for (let look = FIRST_LOOK, read = FIRST_READ; found.back !== null && ready.length <= limit; read = Math.min(2 * read, LARGEST_READ)) {
    // Up to a second of blocks end behind the cursor: to stop among those would be to stand still.
    if (found.back < bounds.before && performance.now() - started > BUDGET_MS) break;
    // Between two ids, so that nothing is met twice or missed when more comes in meanwhile; what is between them is read before the next two.
    if (end === found.back) {
      end = isWhole(chosen, conditions) ? null : await findIdBackAcrossCustomers({ ...between, ...chosen, before: found.back }, look);
      look = Math.min(2 * look, LARGEST_LOOK);
    }
    const blocks = await findBlocksAcrossCustomers({ ...between, ...chosen, before: found.back, from: end ?? between.from }, read);
    found.entries.push(...pickEntries(blocks, filters, bounds));
    found.back = blocks.length === read ? (blocks.at(-1)?._id ?? end) : end;
    ready = complete(join(found, timely));
  }
  const items = ready.sort(newestFirst).slice(0, limit).map(toRequestEntry);
  if (ready.length > limit) return { items, next_cursor: items.at(-1)?.id ?? null, searched_back_to: null };
  const { back } = join(found, timely);
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
