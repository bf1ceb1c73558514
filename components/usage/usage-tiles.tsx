import { MeterTile } from "@/components/usage/meter-tile";
import type { UsageSummary } from "@/lib/contracts/usage";
import { formatDay, formatNumber } from "@/lib/format";
import { formatUntil } from "@/lib/moment";

interface UsageTilesProps {
  summary: UsageSummary;
  /** Rows of the day before today, UTC. */
  yesterday: number;
  now: number;
}

/** Where the account stands: minute, month and day. */
export function UsageTiles({ summary: { minute, month, today }, yesterday, now }: UsageTilesProps) {
  const monthNote = `Starts again on ${formatDay(month.resets_at)}, in ${formatUntil(month.resets_at, now)}`;
  return (
    <div className="tiles">
      <MeterTile title="This minute" used={minute.used} limit={minute.limit} note={`Starts again in ${formatUntil(minute.resets_at, now)}`} />
      <MeterTile title="This month" used={month.used} limit={month.limit} note={monthNote} />
      <div className="tile">
        <p className="help">Today</p>
        <p className="tile-figure">{formatNumber(today)}</p>
        <p className="help mt-auto">Since midnight UTC. Yesterday: {formatNumber(yesterday)}</p>
      </div>
    </div>
  );
}
