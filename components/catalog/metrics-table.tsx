import { ScrollRegion } from "@/components/ui/scroll-region";
import type { VersionSummary } from "@/lib/contracts/catalog";
import { formatBytes, formatDay, formatMilliseconds, formatNumber } from "@/lib/format";
import { type KnownMetric, knownMetrics } from "@/lib/known-metrics";
import { describeTrackRecord } from "@/lib/track-record";

function figureOf(version: VersionSummary, { name, digits }: KnownMetric): string {
  const value = version.metrics[name];
  return typeof value === "number" ? formatNumber(value, digits) : "";
}

/** What is not a metric, by its heading. */
const facts: [string, (version: VersionSummary) => string][] = [
  ["Algorithm", (version) => version.algorithm],
  ["Trained", (version) => formatDay(version.trained_on) || "not said"],
  ["Answers in (median)", (version) => formatMilliseconds(version.latency.p50_ms)],
  ["What is new", (version) => version.release_notes],
  ["Size", (version) => formatBytes(version.bytes)],
  ["SHA-256", (version) => version.sha256],
];

/** The versions side by side: what each one is, and how it did on unseen cases. */
export function MetricsTable({ versions, live }: { versions: VersionSummary[]; live: number }) {
  const metrics = knownMetrics.filter(({ name }) => versions.some((version) => typeof version.metrics[name] === "number"));
  return (
    <ScrollRegion label="Versions">
      <table className="table min-w-[520px]">
        <thead>
          <tr>
            <th scope="col">On unseen cases</th>
            {versions.map((version) => (
              <th key={version.version} scope="col">
                Version {version.version} {version.version === live && <span className="chip ml-1">live</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">In a word</th>
            {versions.map((version) => (
              <td key={version.version}>{describeTrackRecord(version.metrics)}</td>
            ))}
          </tr>
          {metrics.map((metric) => (
            <tr key={metric.name}>
              <th scope="row">{metric.words}</th>
              {versions.map((version) => (
                <td key={version.version} className="tabular">
                  {figureOf(version, metric)}
                </td>
              ))}
            </tr>
          ))}
          {facts.map(([term, say]) => (
            <tr key={term}>
              <th scope="row">{term}</th>
              {versions.map((version) => (
                <td key={version.version} className={term === "SHA-256" ? "font-mono text-[11px] break-all" : ""}>
                  {say(version)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}
