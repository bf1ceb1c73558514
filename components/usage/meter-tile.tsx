import { formatNumber } from "@/lib/format";

const NEAR = 0.8;

interface MeterTileProps {
  title: string;
  used: number;
  limit: number;
  note: string;
}

/** How much of a limit is used: the numbers, a bar, and when it starts again. */
export function MeterTile({ title, used, limit, note }: MeterTileProps) {
  const share = limit === 0 ? 1 : Math.min(1, used / limit);
  const tone = share >= 1 ? "bad" : share >= NEAR ? "warn" : "ok";
  return (
    <div className="tile">
      <p className="help">{title}</p>
      <p className="tile-figure">
        {formatNumber(used)} <small>of {formatNumber(limit)}</small>
      </p>
      <div
        className="meter"
        data-tone={tone}
        role="meter"
        aria-label={title}
        aria-valuemin={0}
        aria-valuemax={limit}
        aria-valuenow={Math.min(used, limit)}
        aria-valuetext={`${formatNumber(used)} of ${formatNumber(limit)}`}
      >
        <i style={{ width: `${share * 100}%` }} />
      </div>
      <p className="help">{note}</p>
    </div>
  );
}
