import { MeterTile } from "@/components/usage/meter-tile";
import type { UsageSummary } from "@/lib/contracts/usage";
import { formatDay, formatNumber } from "@/lib/format";
import { formatUntil } from "@/lib/moment";

interface UsageTilesProps {
  summary: UsageSummary;
  /** Rows of the day before today, UTC. */
  yesterday: number;
  /** Calls of today that a limit refused. */
  refused: number;
  now: number;
}

/** When a limit begins anew, and what that means for who has used it up. */
function sayRestart({ used, limit }: UsageSummary["minute"], when: string): string {
  return used >= limit ? `All used: calls are refused until it starts again, ${when}` : `Starts again ${when}`;
}

/** Where the account stands: minute, month and day. */
export function UsageTiles({ summary: { minute, month, today }, yesterday, refused, now }: UsageTilesProps) {
  const minuteNote = sayRestart(minute, `in ${formatUntil(minute.resets_at, now)}`);
  const monthNote = sayRestart(month, `on ${formatDay(month.resets_at)}, in ${formatUntil(month.resets_at, now)}`);
  return (
    <div className="tiles">
      <MeterTile title="This minute" used={minute.used} limit={minute.limit} note={minuteNote} />
      <MeterTile title="This month" used={month.used} limit={month.limit} note={monthNote} />
      <div className="tile">
        <p className="help">Today</p>
        <p className="tile-figure">{formatNumber(today)}</p>
        <p className="help mt-auto">
          Since midnight UTC. Yesterday: {formatNumber(yesterday)}
          {refused > 0 && `. Calls refused today: ${formatNumber(refused)}`}
        </p>
      </div>
    </div>
  );
}
