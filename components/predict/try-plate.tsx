import type { ShownAnswer } from "@/components/predict/use-prediction";
import type { VersionDetail } from "@/lib/contracts/catalog";
import { formatMilliseconds } from "@/lib/format";
import { describeTrackRecord } from "@/lib/track-record";

/** The label under the pane: which version, how fast, which call, how good on cases it had not seen. */
export function TryPlate({ live, answer }: { live: VersionDetail; answer: ShownAnswer | null }) {
  const record = describeTrackRecord(live.metrics, true);
  const call = answer?.call;
  return (
    <footer className="plate">
      <span>
        version <b>{call?.version ?? live.version}</b>
      </span>
      <span>
        {call ? "answered in" : "usually"} <b>{formatMilliseconds(call?.predictMs ?? live.latency.p50_ms)}</b>
      </span>
      <span>{call ? <code>{call.id}</code> : "a stored case"}</span>
      {record && <span>{record}</span>}
    </footer>
  );
}
