import type { RequestDetail } from "@/lib/contracts/requests.admin";
import { formatMs } from "@/lib/overview-view.admin";
import { formatTook } from "@/lib/requests-view.admin";

interface LatencyPlaceProps {
  milliseconds: number;
  usual: NonNullable<RequestDetail["usual"]>;
}

function judge(milliseconds: number, { p50_ms: p50, p95_ms: p95, p99_ms: p99 }: LatencyPlaceProps["usual"]): string {
  if (p50 === null || p95 === null || p99 === null) return "Nothing is known of other calls like it.";
  if (milliseconds > p99) return "Slower than 99 in 100 calls like it.";
  if (milliseconds > p95) return "Slower than 95 in 100 calls like it.";
  return milliseconds > p50 ? "Slower than half of the calls like it." : "Among the faster half of the calls like it.";
}

/** How long a call took, on a scale with what calls like it took within the hour around it. */
export function LatencyPlace({ milliseconds, usual }: LatencyPlaceProps) {
  const known = [
    { name: "p50", value: usual.p50_ms },
    { name: "p95", value: usual.p95_ms },
    { name: "p99", value: usual.p99_ms },
  ].flatMap(({ name, value }) => (value === null ? [] : [{ name, value }]));
  const top = Math.max(0.001, milliseconds, ...known.map(({ value }) => value)) * 1.05;
  const words = known.map(({ name, value }) => `${name} ${formatMs(value)} ms`).join(", ");
  const verdict = judge(milliseconds, usual);
  return (
    <>
      <div className="place" role="img" aria-label={`${formatTook(milliseconds)} ms; usual in that hour: ${words || "not known"}.`}>
        <i style={{ width: `${(milliseconds / top) * 100}%` }} />
        {known.map(({ name, value }) => (
          <u key={name} style={{ left: `${(value / top) * 100}%` }} />
        ))}
      </div>
      <p className="help">
        {verdict} {words !== "" && `Usual in that hour: ${words}.`}
      </p>
    </>
  );
}
