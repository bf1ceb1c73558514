"use client";

import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { NamedRequestPage } from "@/lib/contracts/requests.admin";
import type { RequestEntry, RequestFilters } from "@/lib/contracts/traffic.admin";
import { readRefusal } from "@/lib/refusal";
import { backgroundApi, consoleApi } from "@/lib/trpc-client.admin";

const EVERY_MS = 2_000;
const MORE = 100;
/** Whoever follows for long keeps so many; older ones are on the next pages. */
const MOST_FOLLOWED = 1_000;
/** Above this the reader looks at the top of the page, and wants to see what comes. */
const TOP_PX = 8;

interface Listed {
  items: RequestEntry[];
  customers: Record<string, string>;
  cursor: string | null;
  searchedBackTo: string | null;
  /** How many came in since the page was opened. */
  fresh: number;
  /** Older ones left the list while it was followed, or more came than could be shown: it has a gap or an end that is none. */
  cut: boolean;
}

const byNewest = (one: RequestEntry, other: RequestEntry) => (one.id < other.id ? 1 : one.id > other.id ? -1 : 0);

/** Puts entries where they belong; those that are there already stay as they are. */
function merge(listed: Listed, { items, customers, skipped }: { items: RequestEntry[]; customers: Record<string, string>; skipped: boolean }): Listed {
  const known = new Set(listed.items.map(({ id }) => id));
  const fresh = items.filter(({ id }) => !known.has(id));
  if (fresh.length === 0) return listed;
  const all = [...listed.items, ...fresh].sort(byNewest);
  const isTooLong = all.length > MOST_FOLLOWED;
  const names = { ...listed.customers, ...customers };
  const kept = { items: all.slice(0, MOST_FOLLOWED), customers: names, cursor: isTooLong ? null : listed.cursor };
  return { ...listed, ...kept, fresh: listed.fresh + fresh.length, cut: listed.cut || skipped || isTooLong };
}

/** The row the reader looks at, and where on the screen it is; null at the top of the page. */
function findPlace(list: HTMLElement | null): { id: string; top: number } | null {
  if (!list || window.scrollY < TOP_PX) return null;
  for (const row of list.querySelectorAll<HTMLElement>("tr[data-id]")) {
    const { top, bottom } = row.getBoundingClientRect();
    if (bottom > 0) return { id: row.dataset["id"] ?? "", top };
  }
  return null;
}

/** What comes in above the reader's place moves the page by as much, so that the place stays where it is. */
function useKeptPlace(list: RefObject<HTMLElement | null>, items: RequestEntry[]) {
  const place = useRef<ReturnType<typeof findPlace>>(null);
  useLayoutEffect(() => {
    const kept = place.current;
    place.current = null;
    const row = kept && list.current?.querySelector(`tr[data-id="${CSS.escape(kept.id)}"]`);
    if (kept && row) window.scrollBy({ top: row.getBoundingClientRect().top - kept.top, behavior: "instant" });
  }, [list, items]);
  return () => {
    place.current = findPlace(list.current);
  };
}

/** Asks for news every two seconds while the page can be seen. */
function useTail(active: boolean, filters: RequestFilters, take: (tail: Awaited<ReturnType<typeof backgroundApi.requests.tail.query>>) => void) {
  const [failure, setFailure] = useState<string | null>(null);
  const taken = useRef(take);
  useEffect(() => {
    taken.current = take;
  });
  const asked = JSON.stringify(filters);
  useEffect(() => {
    if (!active) return;
    const abort = new AbortController();
    const wanted: RequestFilters = JSON.parse(asked);
    let after: string | undefined;
    let busy = false;
    const look = async () => {
      if (busy || document.hidden) return;
      busy = true;
      try {
        const tail = await backgroundApi.requests.tail.query({ filters: wanted, after }, { signal: abort.signal });
        after = tail.last ?? after;
        taken.current(tail);
        setFailure(null);
      } catch (error) {
        if (!abort.signal.aborted) setFailure(readRefusal(error).message);
      } finally {
        busy = false;
      }
    };
    void look();
    const timer = setInterval(() => void look(), EVERY_MS);
    const seen = () => void look();
    document.addEventListener("visibilitychange", seen);
    return () => {
      abort.abort();
      clearInterval(timer);
      document.removeEventListener("visibilitychange", seen);
    };
  }, [active, asked]);
  return active ? failure : null;
}

/** The entries of the page: the first ones, further ones on demand, and new ones while they are followed. */
export function useRequests(first: NamedRequestPage, filters: RequestFilters, following: boolean) {
  const list = useRef<HTMLElement>(null);
  const { items, customers, next_cursor: cursor, searched_back_to: searchedBackTo } = first;
  const [listed, setListed] = useState<Listed>({ items, customers, cursor, searchedBackTo, fresh: 0, cut: false });
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const keepPlace = useKeptPlace(list, listed.items);
  const failure = useTail(following, filters, (tail) => {
    keepPlace();
    setListed((now) => merge(now, tail));
  });
  const loadMore = async () => {
    if (busy || listed.cursor === null) return;
    setBusy(true);
    setRefusal(null);
    try {
      const page = await consoleApi.requests.list.query({ filters, cursor: listed.cursor, limit: MORE });
      setListed((now) => ({
        ...now,
        items: [...now.items, ...page.items],
        customers: { ...now.customers, ...page.customers },
        cursor: page.next_cursor,
        searchedBackTo: page.searched_back_to,
      }));
    } catch (error) {
      setRefusal(readRefusal(error).message);
    } finally {
      setBusy(false);
    }
  };
  return { list, listed, busy, refusal, failure, loadMore };
}
