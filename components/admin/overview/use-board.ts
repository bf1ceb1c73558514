"use client";

import { useEffect, useRef, useState } from "react";
import type { OverviewBoard } from "@/lib/contracts/overview.admin";
import type { TrafficRange } from "@/lib/contracts/traffic.admin";
import { readRefusal } from "@/lib/refusal";
import { backgroundApi } from "@/lib/trpc-client.admin";

const EVERY_MS = 10_000;
/** On longer ranges ten seconds move nothing that can be seen. */
const REFRESHED: readonly TrafficRange[] = ["1h", "24h"];

export interface WatchedBoard {
  board: OverviewBoard;
  /** Whether this range is kept fresh at all. */
  isRefreshed: boolean;
  paused: boolean;
  setPaused: (paused: boolean) => void;
  /** Why the last attempt to refresh failed, in words. */
  failure: string | null;
}

/**
 * The board of a range, read again every ten seconds while somebody can see it. What is shown is replaced in place, so that focus and
 * scroll stay; where it cannot be read, the last one stays.
 */
export function useBoard(initial: OverviewBoard, range: TrafficRange): WatchedBoard {
  const [board, setBoard] = useState(initial);
  const [paused, setPaused] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const asked = useRef(0);
  const isRefreshed = REFRESHED.includes(range);
  useEffect(() => {
    if (!isRefreshed || paused) return;
    const abort = new AbortController();
    let busy = false;
    const refresh = async () => {
      if (busy || document.hidden) return;
      busy = true;
      asked.current = Date.now();
      try {
        setBoard(await backgroundApi.overview.get.query({ range }, { signal: abort.signal }));
        setFailure(null);
      } catch (error) {
        if (!abort.signal.aborted) setFailure(readRefusal(error).message);
      } finally {
        busy = false;
      }
    };
    const look = () => {
      if (Date.now() - asked.current >= EVERY_MS) void refresh();
    };
    asked.current ||= Date.now();
    const timer = setInterval(() => void refresh(), EVERY_MS);
    document.addEventListener("visibilitychange", look);
    return () => {
      abort.abort();
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, [range, isRefreshed, paused]);
  return { board, isRefreshed, paused, setPaused, failure };
}
