"use client";

import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { NamedRequestPage, NamedRequestTail } from "@/lib/contracts/requests.admin";
import type { RequestEntry, RequestFilters } from "@/lib/contracts/traffic.admin";
import { readRefusal } from "@/lib/refusal";
import { addPage, addTail, startList } from "@/lib/requests-list.admin";
import { backgroundApi, consoleApi } from "@/lib/trpc-client.admin";

const EVERY_MS = 2_000;
const MORE = 100;
/** Above this the reader looks at the top of the page, and wants to see what comes. */
const TOP_PX = 8;

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

/**
 * Asks for news every two seconds while the page can be seen; after a pause, for all that came in it.
 * @param begin when the page was made
 */
function useTail(active: boolean, filters: RequestFilters, begin: string, take: (tail: NamedRequestTail) => void) {
  const [failure, setFailure] = useState<string | null>(null);
  const since = useRef(begin);
  const taken = useRef(take);
  useEffect(() => {
    taken.current = take;
  });
  const asked = JSON.stringify(filters);
  useEffect(() => {
    if (!active) return;
    const abort = new AbortController();
    const wanted: RequestFilters = JSON.parse(asked);
    let busy = false;
    const look = async () => {
      if (busy || document.hidden) return;
      busy = true;
      try {
        const tail = await backgroundApi.requests.tail.query({ filters: wanted, since: since.current }, { signal: abort.signal });
        since.current = tail.until;
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

/**
 * The entries of the page: the first ones, further ones on demand, and new ones while they are followed.
 * @param now when the page was made
 */
export function useRequests(first: NamedRequestPage, filters: RequestFilters, following: boolean, now: string) {
  const list = useRef<HTMLElement>(null);
  const [listed, setListed] = useState(() => startList(first));
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const keepPlace = useKeptPlace(list, listed.items);
  const failure = useTail(following, filters, now, (tail) => {
    keepPlace();
    setListed((before) => addTail(before, tail));
  });
  const loadMore = async () => {
    if (busy || listed.cursor === null) return;
    setBusy(true);
    setRefusal(null);
    try {
      const page = await consoleApi.requests.list.query({ filters, cursor: listed.cursor, limit: MORE });
      setListed((before) => addPage(before, page));
    } catch (error) {
      setRefusal(readRefusal(error).message);
    } finally {
      setBusy(false);
    }
  };
  return { list, listed, busy, refusal, failure, loadMore };
}
