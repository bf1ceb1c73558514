"use client";

import Link from "next/link";
import type { WatchedBoard } from "@/components/admin/overview/use-board";
import { useNow } from "@/components/admin/overview/use-now";
import { Icon } from "@/components/ui/icon";
import type { Surface, TrafficRange } from "@/lib/contracts/traffic.admin";
import { formatAgo } from "@/lib/moment";
import { formatClock, rangeNames } from "@/lib/overview-view.admin";

/** An address of the overview; what is usual is left out of it. */
export function overviewHref(range: TrafficRange, shown: Surface): string {
  const query = new URLSearchParams({ ...(range !== "24h" && { range }), ...(shown !== "api" && { surface: shown }) });
  return query.size === 0 ? "/admin" : `/admin?${query}`;
}

const ranges: readonly TrafficRange[] = ["1h", "24h", "7d", "30d"];

interface BoardActionsProps {
  watched: WatchedBoard;
  range: TrafficRange;
  shown: Surface;
}

function Freshness({ watched }: Pick<BoardActionsProps, "watched">) {
  const { board, isRefreshed, paused, setPaused } = watched;
  const now = useNow(board.traffic.to);
  return (
    <>
      <p className="tabular help">
        {formatClock(board.traffic.to)} UTC, {isRefreshed ? `refreshed ${formatAgo(board.traffic.to, now)}` : formatAgo(board.traffic.to, now)}
      </p>
      {isRefreshed && (
        <button type="button" className="btn btn-small" aria-pressed={paused} onClick={() => setPaused(!paused)}>
          <Icon name={paused ? "play" : "pause"} size={14} />
          {paused ? "Go on" : "Pause"}
        </button>
      )}
    </>
  );
}

/** How fresh the page is, and of which span it tells. */
export function BoardActions({ watched, range, shown }: BoardActionsProps) {
  return (
    <>
      <Freshness watched={watched} />
      <nav className="switch-links" aria-label="Span of time">
        {ranges.map((one) => (
          <Link key={one} href={overviewHref(one, shown)} prefetch={false} scroll={false} aria-current={one === range ? "true" : undefined}>
            {rangeNames[one]}
          </Link>
        ))}
      </nav>
    </>
  );
}
