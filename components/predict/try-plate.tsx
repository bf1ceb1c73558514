import type { ShownAnswer } from "@/components/predict/use-prediction";
import { formatMilliseconds } from "@/lib/format";
import type { ShownVersion } from "@/lib/shown-version";

/** The label under the pane: which version, how fast, which call, how good on cases it had not seen. */
export function TryPlate({ live, answer }: { live: ShownVersion; answer: ShownAnswer | null }) {
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
      {live.record && <span>{live.record}</span>}
    </footer>
  );
}
