import { ChangesList } from "@/components/admin/models/changes-list";
import { LocalTime } from "@/components/ui/local-time";
import type { ConsoleVersion } from "@/lib/contracts/releases.admin";
import { formatBytes, formatDay, formatMilliseconds, formatNumber } from "@/lib/format";
import { knownMetrics } from "@/lib/known-metrics";

interface VersionDetailsProps {
  version: ConsoleVersion;
  /** The version that customers wrote their calls for. */
  comparedTo: number | null;
}

function Changes({ version: { version, changes }, comparedTo }: VersionDetailsProps) {
  if (comparedTo === null || changes === null) {
    return <p className="text-ink-2">No version was live yet, so there is nothing to compare with.</p>;
  }
  if (comparedTo === version) return <p className="text-ink-2">This is the version that customers wrote their calls for.</p>;
  if (changes.length === 0) return <p className="text-ink-2">Takes and gives exactly what version {comparedTo} does.</p>;
  return <ChangesList changes={changes} />;
}

type Fact = readonly [term: string, fact: string];

/** What is known of a version, in the order in which it matters; what nobody noted is left out. */
function listFacts(version: ConsoleVersion): Fact[] {
  const metrics = knownMetrics.flatMap(({ name, words, digits }): Fact[] => {
    const value = version.metrics[name];
    return typeof value === "number" ? [[words, formatNumber(value, digits)]] : [];
  });
  const facts: Fact[] = [
    ["Algorithm", version.algorithm],
    ["Trained", formatDay(version.trained_on) || "not said"],
    ["What is new", version.release_notes],
    ["Opset", version.opset === null ? "" : String(version.opset)],
    ["Inputs and outputs", `${version.inputs} and ${version.outputs.length}`],
    ["Time inside the model", `${formatMilliseconds(version.latency.p50_ms)} median, measured on the way in`],
    ["Size", formatBytes(version.bytes)],
    ...metrics,
  ];
  return facts.filter(([, fact]) => fact !== "");
}

function Hashes({ sha256, uploaded_sha256: uploaded }: ConsoleVersion) {
  const hashes: Fact[] = [["SHA-256 of the file that runs", sha256]];
  if (uploaded !== sha256) hashes.push(["SHA-256 of the upload, before it was repaired", uploaded]);
  return hashes.map(([term, hash]) => (
    <div key={term}>
      <dt>{term}</dt>
      <dd className="font-mono text-[11px] break-all">{hash}</dd>
    </div>
  ));
}

/** One version in full: what changes for customers when it takes the place of the one they know, and what it is. */
export function VersionDetails({ version, comparedTo, onClose }: VersionDetailsProps & { onClose: () => void }) {
  return (
    <div className="grid gap-4">
      <section className="grid gap-2" aria-label="Differences">
        <h3>{comparedTo === null ? "Differences" : `Against version ${comparedTo}`}</h3>
        <Changes version={version} comparedTo={comparedTo} />
      </section>
      <dl className="version-facts">
        {listFacts(version).map(([term, fact]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{fact}</dd>
          </div>
        ))}
        <div>
          <dt>Added</dt>
          <dd>
            <LocalTime iso={version.created_at} />, by {version.created_by}
          </dd>
        </div>
        <Hashes {...version} />
      </dl>
      <div className="dialog-actions !mt-1">
        <button type="button" className="btn" onClick={onClose}>
          Close
        </button>
      </div>
    </div>
  );
}
