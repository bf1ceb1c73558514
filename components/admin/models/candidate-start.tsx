"use client";

import { useId, useState } from "react";
import { BackDialog, breakingOf, type LiveRelease, StartDialog } from "@/components/admin/models/candidate-dialogs";
import { readShare, ShareControl } from "@/components/admin/models/share-control";
import type { ActState } from "@/components/admin/models/use-act";
import type { ConsoleVersion } from "@/lib/contracts/releases.admin";

const FIRST_SHARE = "10";

interface PickProps {
  others: readonly ConsoleVersion[];
  value: string;
  disabled: boolean;
  onChange: (value: string) => void;
}

function PickVersion({ others, value, disabled, onChange }: PickProps) {
  const id = useId();
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        Candidate
      </label>
      <div className="input">
        <select id={id} value={value} disabled={disabled} onChange={(event) => onChange(event.target.value)}>
          {others.map(({ version, algorithm }) => (
            <option key={version} value={version}>
              Version {version}, {algorithm}
            </option>
          ))}
        </select>
      </div>
    </div>
  );
}

interface CandidateStartProps {
  release: LiveRelease;
  /** What could be tried: every version but the live one, newest first. */
  others: readonly ConsoleVersion[];
  canAct: boolean;
  state: ActState;
}

/** No trial runs: one can be started with another version, or the version before taken back. */
export function CandidateStart({ release, others, canAct, state }: CandidateStartProps) {
  const { roll_back_to: before } = release;
  const [picked, setPicked] = useState(String(others[0]?.version ?? ""));
  const [value, setValue] = useState(FIRST_SHARE);
  const share = readShare(value);
  const target = others.find(({ version }) => String(version) === picked);
  const previous = others.find(({ version }) => version === before);
  return (
    <>
      {target ? (
        <div className="grid grid-cols-[minmax(0,1fr)] gap-3 min-[900px]:grid-cols-[minmax(0,280px)_minmax(0,1fr)]">
          <PickVersion others={others} value={picked} disabled={!canAct} onChange={setPicked} />
          <ShareControl label="Share of customers" value={value} was={null} disabled={!canAct} onChange={setValue} />
        </div>
      ) : (
        <p className="text-ink-2">Upload another version to try it with a part of the customers before all of them get it.</p>
      )}
      <div className="act-row">
        <p className="help">A customer who is drawn stays on the candidate for as long as it runs. Calls that name a version are not split.</p>
        <div className="act-buttons">
          {before !== null && (
            <button type="button" className="btn btn-careful" disabled={!canAct} onClick={() => state.ask("back")}>
              Roll back to version {before}
            </button>
          )}
          {target && (
            <button type="button" className="btn btn-main" disabled={!canAct || share === null} onClick={() => state.ask("start")}>
              Start candidate
            </button>
          )}
        </div>
      </div>
      {target && share !== null && <StartDialog release={release} state={state} target={target} share={share} />}
      {before !== null && <BackDialog release={release} state={state} target={before} breaking={breakingOf(previous)} />}
    </>
  );
}
