/** The list of requests as its reader sees it: a first page, further ones on demand, and what comes in while it is followed. */
import type { NamedRequestPage, NamedRequestTail } from "@/lib/contracts/requests.admin";
import type { RequestEntry } from "@/lib/contracts/traffic.admin";

/** Whoever follows for long keeps so many; older ones are on the next pages. */
export const MOST_FOLLOWED = 1_000;

export interface RequestsList {
  items: RequestEntry[];
  customers: Record<string, string>;
  /** Where the next page begins: of what is younger, everything is in the list. */
  cursor: string | null;
  searchedBackTo: string | null;
  /** How many came in since the page was opened. */
  fresh: number;
  /** Older ones left the list while it was followed, or more came than could be shown: it has a gap or an end that is none. */
  cut: boolean;
}

export function startList({ items, customers, next_cursor: cursor, searched_back_to: searchedBackTo }: NamedRequestPage): RequestsList {
  return { items, customers, cursor, searchedBackTo, fresh: 0, cut: false };
}

const byNewest = (one: RequestEntry, other: RequestEntry) => (one.id < other.id ? 1 : one.id > other.id ? -1 : 0);

/** Those that are not in the list yet. */
function omitKnown(list: RequestsList, items: readonly RequestEntry[]): RequestEntry[] {
  const known = new Set(list.items.map(({ id }) => id));
  return items.filter(({ id }) => !known.has(id));
}

/** Where the list ends for now: what is older than that comes with a next page, or has left the list. */
function findEnd({ cursor, cut, items }: RequestsList): string {
  return cursor ?? (cut ? (items.at(-1)?.id ?? "") : "");
}

/** Puts what came in where it belongs; entries that are there already stay as they are. */
export function addTail(list: RequestsList, { items, customers, skipped }: NamedRequestTail): RequestsList {
  const end = findEnd(list);
  const fresh = omitKnown(list, items).filter(({ id }) => id >= end);
  const cut = list.cut || skipped;
  if (fresh.length === 0) return cut === list.cut ? list : { ...list, cut };
  const all = [...list.items, ...fresh].sort(byNewest);
  const isTooLong = all.length > MOST_FOLLOWED;
  return {
    ...list,
    items: all.slice(0, MOST_FOLLOWED),
    customers: { ...list.customers, ...customers },
    cursor: isTooLong ? null : list.cursor,
    fresh: list.fresh + fresh.length,
    cut: cut || isTooLong,
  };
}

/** Puts the next page behind the list. */
export function addPage(list: RequestsList, { items, customers, next_cursor: cursor, searched_back_to: searchedBackTo }: NamedRequestPage): RequestsList {
  const all = [...list.items, ...omitKnown(list, items)];
  return { ...list, items: all, customers: { ...list.customers, ...customers }, cursor, searchedBackTo };
}
