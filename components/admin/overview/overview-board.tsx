"use client";

import { BoardActions } from "@/components/admin/overview/board-actions";
import { CustomersTable } from "@/components/admin/overview/customers-table";
import { ErrorsTable } from "@/components/admin/overview/errors-table";
import { FigureTiles } from "@/components/admin/overview/figure-tiles";
import { HealthStrip } from "@/components/admin/overview/health-strip";
import { ModelsTable } from "@/components/admin/overview/models-table";
import { NewsFeed } from "@/components/admin/overview/news-feed";
import { NoTraffic } from "@/components/admin/overview/no-traffic";
import { TrafficCharts } from "@/components/admin/overview/traffic-charts";
import { useBoard } from "@/components/admin/overview/use-board";
import { ConsolePage } from "@/components/admin/shell/console-page";
import { Notice } from "@/components/ui/notice";
import type { OverviewBoard as Board } from "@/lib/contracts/overview.admin";
import type { Surface, TrafficRange } from "@/lib/contracts/traffic.admin";
import { formatNumber } from "@/lib/format";

interface OverviewBoardProps {
  initial: Board;
  range: TrafficRange;
  /** Whose charts are drawn. */
  shown: Surface;
  /** A line that makes a first call, see {@link NoTraffic}. */
  curl: string | null;
}

/** What the board cannot tell at the moment. */
function Gaps({ board, failure }: { board: Board; failure: string | null }) {
  const { missing, traffic } = board;
  return (
    <>
      {failure !== null && <Notice tone="warn" title={`These figures could not be refreshed. ${failure}`} />}
      {missing.length > 0 && <Notice tone="warn" title={`Could not be read: ${missing.join(", ")}. The figures are not affected.`} />}
      {traffic.not_recorded > 0 && (
        <Notice tone="warn" title={`${formatNumber(traffic.not_recorded)} calls are missing in these figures: the database could not be reached for long.`} />
      )}
      {traffic.not_logged > 0 && (
        <Notice tone="warn" title={`${formatNumber(traffic.not_logged)} calls are missing in the log of requests: the database could not be reached for long.`} />
      )}
    </>
  );
}

/** The console's first page: is all well, and if not, where. */
export function OverviewBoard({ initial, range, shown, curl }: OverviewBoardProps) {
  const watched = useBoard(initial, range);
  const { board, failure } = watched;
  const { traffic } = board;
  const drawn = traffic.surfaces.find(({ surface }) => surface === shown);
  const isIdle = traffic.surfaces.every(({ surface, totals }) => surface !== "api" || totals.calls === 0);
  return (
    <ConsolePage title="Overview" actions={<BoardActions watched={watched} range={range} shown={shown} />}>
      <Gaps board={board} failure={failure} />
      <HealthStrip traffic={traffic} />
      {isIdle && <NoTraffic curl={curl} />}
      <FigureTiles traffic={traffic} shown={shown} />
      {drawn && <TrafficCharts overview={drawn} traffic={traffic} events={board.events} />}
      <div className="board-wide">
        <ModelsTable traffic={traffic} models={board.models} />
        <NewsFeed board={board} />
      </div>
      <div className="board-halves">
        <CustomersTable traffic={traffic} names={board.customers} />
        <ErrorsTable traffic={traffic} />
      </div>
    </ConsolePage>
  );
}
