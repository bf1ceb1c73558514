import { Icon } from "@/components/ui/icon";
import type { ConsoleVersion, ReleaseState } from "@/lib/contracts/releases.admin";
import { formatBytes, formatDay } from "@/lib/format";
import { describeTrackRecord } from "@/lib/track-record";

function VersionState({ version, release }: { version: ConsoleVersion; release: ReleaseState }) {
  const breaks = (version.changes ?? []).filter(({ breaking }) => breaking).length;
  const isReleased = release.live === version.version || release.candidate === version.version;
  const share = release.share === null ? "" : ` ${release.share} %`;
  return (
    <span className="flex flex-wrap gap-1.5">
      {release.live === version.version && (
        <span className="chip chip-live">
          <Icon name="check" size={12} />
          Live
        </span>
      )}
      {release.candidate === version.version && <span className="chip chip-candidate">Candidate{share}</span>}
      {!isReleased && <span className="text-ink-3">Stored</span>}
      {breaks > 0 && <span className="chip chip-warn">{breaks === 1 ? "1 change breaks calls" : `${breaks} changes break calls`}</span>}
    </span>
  );
}

interface VersionRowProps {
  version: ConsoleVersion;
  release: ReleaseState;
  canPublish: boolean;
  onInspect: () => void;
  onPublish: () => void;
}

/** One version in the table of versions. */
export function VersionRow({ version, release, canPublish, onInspect, onPublish }: VersionRowProps) {
  return (
    <tr>
      <th scope="row" className="whitespace-nowrap">
        Version {version.version}
      </th>
      <td data-label="State">
        <VersionState version={version} release={release} />
      </td>
      <td data-label="Algorithm" className="text-ink-2">{version.algorithm}</td>
      <td data-label="On unseen cases" className="text-ink-2">{describeTrackRecord(version.metrics) ?? <span className="text-ink-3">no figures</span>}</td>
      <td data-label="Size" className="number">{formatBytes(version.bytes)}</td>
      <td data-label="SHA-256" className="font-mono text-[11px] text-ink-2">{version.sha256.slice(0, 12)}</td>
      <td data-label="Added" className="whitespace-nowrap text-ink-2">{formatDay(version.created_at)}</td>
      <td data-label="By" className="text-ink-2">{version.created_by}</td>
      <td>
        <span className="row-actions">
          <button type="button" className="btn btn-small btn-quiet" onClick={onInspect} aria-label={`Inspect version ${version.version}`}>
            Inspect
          </button>
          {canPublish && (
            <button type="button" className="btn btn-small" onClick={onPublish} aria-label={`Publish version ${version.version}`}>
              Publish
            </button>
          )}
        </span>
      </td>
    </tr>
  );
}
