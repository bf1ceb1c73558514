import { ScrollRegion } from "@/components/ui/scroll-region";
import type { VersionSummary } from "@/lib/contracts/catalog";
import { formatBytes, formatDay, formatMilliseconds, formatNumber } from "@/lib/format";
import { describeTrackRecord } from "@/lib/track-record";

/** Figures worth a line of their own, with the plain word first and the term after it. */
const known: Record<string, { words: string; digits: number }> = {
  accuracy: { words: "Right answers (accuracy)", digits: 3 },
  top3Accuracy: { words: "Right among the first three", digits: 3 },
  rocAuc: { words: "Puts cases in the right order (ROC AUC)", digits: 3 },
  precision: { words: "Right when it says yes (precision)", digits: 3 },
  recall: { words: "Finds of what there is (recall)", digits: 3 },
  logLoss: { words: "Cost of wrong certainty (log loss)", digits: 3 },
  calibrationError: { words: "Gap between said and seen (calibration error)", digits: 4 },
  mae: { words: "Usual error (mean absolute error)", digits: 0 },
  medianAbsolutePercentError: { words: "Half of the errors are below, in percent", digits: 1 },
  r2: { words: "Explained differences (R²)", digits: 3 },
  intervalCoverage: { words: "Cases inside the range it gives", digits: 3 },
  rows: { words: "Unseen cases", digits: 0 },
};

function figureOf(version: VersionSummary, name: string): string {
  const value = version.metrics[name];
  return typeof value === "number" ? formatNumber(value, known[name]?.digits ?? 3) : "";
}

/** What is not a metric, by its heading. */
const facts: [string, (version: VersionSummary) => string][] = [
  ["Algorithm", (version) => version.algorithm],
  ["Trained", (version) => formatDay(version.trained_on)],
  ["Answers in (median)", (version) => formatMilliseconds(version.latency.p50_ms)],
  ["What is new", (version) => version.release_notes],
  ["Size", (version) => formatBytes(version.bytes)],
  ["SHA-256", (version) => version.sha256],
];

/** The versions side by side: what each one is, and how it did on unseen cases. */
export function MetricsTable({ versions, live }: { versions: VersionSummary[]; live: number }) {
  const names = Object.keys(known).filter((name) => versions.some((version) => typeof version.metrics[name] === "number"));
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
          {names.map((name) => (
            <tr key={name}>
              <th scope="row">{known[name]?.words}</th>
              {versions.map((version) => (
                <td key={version.version} className="tabular">
                  {figureOf(version, name)}
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
