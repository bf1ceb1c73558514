import "server-only";
import { latencyBound } from "@/lib/latency-histogram";
import { type Family, type Labels, type Sample, writeFamilies } from "@/server/core/metrics-text";
import type { CallTotals, Totals } from "@/server/modules/traffic/totals.admin";

const labelsOf = ({ surface, model, version, arm }: CallTotals): Labels => ({ surface, model, version, arm });

/** Every eighth bound of the histograms that are kept is a doubling: those are told, from 1/16 ms to 65 s, without loss. */
const PER_DOUBLING = 8;
const DOUBLINGS = 20;

function writeBuckets(totals: CallTotals): Sample[] {
  const labels = labelsOf(totals);
  const all = [...totals.latency.values()].reduce((sum, count) => sum + count, 0);
  const bounds = Array.from({ length: DOUBLINGS + 1 }, (_unused, doubling) => doubling * PER_DOUBLING);
  const buckets = bounds.map((bound) => {
    const value = [...totals.latency].reduce((sum, [bucket, count]) => (bucket <= bound ? sum + count : sum), 0);
    return { suffix: "_bucket", labels: { ...labels, le: String(latencyBound(bound) / 1_000) }, value };
  });
  // The longest ones are counted as the last bound: only what is beyond all bounds is known of them.
  return [...buckets, { suffix: "_bucket", labels: { ...labels, le: "+Inf" }, value: all }, { suffix: "_count", labels, value: all }];
}

function describeCalls(calls: readonly CallTotals[]): Family[] {
  const outcomes = ["answered", "refused", "limited", "failed"] as const;
  return [
    {
      name: "vitrine_request_total",
      type: "counter",
      help: "Calls since midnight UTC, by what became of them. Without a model: calls that asked none.",
      samples: calls.flatMap((totals) => outcomes.map((outcome) => ({ labels: { ...labelsOf(totals), outcome }, value: totals[outcome] }))),
    },
    {
      name: "vitrine_inference_total",
      type: "counter",
      help: "Rows that models answered since midnight UTC.",
      samples: calls.filter(({ model }) => model !== null).map((totals) => ({ labels: labelsOf(totals), value: totals.rows })),
    },
    {
      name: "vitrine_request_duration_seconds",
      type: "histogram",
      help: "Time on the server of calls that were not refused, since midnight UTC.",
      samples: calls.flatMap(writeBuckets),
    },
  ];
}

function describeState({ errors, processes, canPredict }: Totals, alerts: number | null): Family[] {
  const ofEach = (read: (report: Totals["processes"][number]) => number): Sample[] =>
    processes.map((report) => ({ labels: { host: report.host, pid: report.pid, surfaces: report.surfaces.join("+") }, value: read(report) }));
  const can = { yes: 1, no: 0, unknown: null }[canPredict.state];
  return [
    {
      name: "vitrine_request_error_total",
      type: "counter",
      help: "Calls without a result since midnight UTC, by reason and place.",
      samples: errors.map(({ surface, code, route, status, calls }) => ({ labels: { surface, code, route, status }, value: calls })),
    },
    { name: "vitrine_process_up", type: "gauge", help: "Whether a process was heard of lately: 0 when it is silent.", samples: ofEach(({ alive }) => Number(alive)) },
    { name: "vitrine_process_resident_memory_bytes", type: "gauge", help: "Memory of a process.", samples: ofEach((report) => report.rss_bytes) },
    {
      name: "vitrine_process_event_loop_delay_seconds",
      type: "gauge",
      help: "How late a process was at its work, 99th percentile.",
      samples: ofEach((report) => report.loop_delay_ms / 1_000),
    },
    { name: "vitrine_predicting", type: "gauge", help: "Whether customers can predict; absent where that is not known.", samples: can === null ? [] : [{ labels: {}, value: can }] },
    { name: "vitrine_alerts_active", type: "gauge", help: "Alerts that are active.", samples: alerts === null ? [] : [{ labels: {}, value: alerts }] },
  ];
}

/** The totals in the text format of Prometheus, version 0.0.4. @param alerts null where they could not be counted */
export function writeMetrics(totals: Totals, alerts: number | null): string {
  return writeFamilies([...describeCalls(totals.calls), ...describeState(totals, alerts)]);
}
