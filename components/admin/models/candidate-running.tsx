"use client";

import { useState } from "react";
import { PromoteDialog, StopDialog, type TrialRelease } from "@/components/admin/models/candidate-dialogs";
import type { Change } from "@/components/admin/models/changes-list";
import { readShare, ShareControl } from "@/components/admin/models/share-control";
import type { ActState } from "@/components/admin/models/use-act";
import { formatNumber } from "@/lib/format";
import { consoleApi } from "@/lib/trpc-client.admin";

interface CandidateRunningProps {
  release: TrialRelease;
  /** What the candidate breaks. */
  breaking: readonly Change[];
  /** Calls of both arms in an hour, or null where too few came to say. */
  callsPerHour: number | null;
  canAct: boolean;
  state: ActState;
}

function sayEffect(wanted: number | null, { candidate, share }: TrialRelease, callsPerHour: number | null): string {
  const now = share === null ? `Version ${candidate} answers those who ask for it by name.` : `Now ${share} %.`;
  const hasEffect = wanted !== null && callsPerHour !== null;
  const effect = hasEffect ? ` ${wanted} % is about ${formatNumber((callsPerHour * wanted) / 100, 0)} calls an hour.` : "";
  return `${now}${effect} A growing share keeps everybody who is in.`;
}

/** A trial that runs: its share, and the two ways out of it. */
export function CandidateRunning({ release, breaking, callsPerHour, canAct, state }: CandidateRunningProps) {
  const { slug, revision, live, candidate, share } = release;
  const [value, setValue] = useState(String(share ?? 10));
  const wanted = readShare(value);
  const isSame = wanted === null || wanted === share;
  const setShare = () => {
    if (wanted === null) return;
    const done = `Version ${candidate} answers ${wanted} % of the customers now.`;
    state.act(() => consoleApi.models.setShare.mutate({ slug, expected: revision, share: wanted }), done);
  };
  const label = `Share of customers for version ${candidate}`;
  return (
    <>
      <ShareControl label={label} value={value} was={share} disabled={!canAct} onChange={setValue} />
      <div className="act-row">
        <p className="help">{sayEffect(wanted, release, callsPerHour)}</p>
        <div className="act-buttons">
          <button type="button" className="btn btn-careful" disabled={!canAct} onClick={() => state.ask("stop")}>
            Roll back to version {live}
          </button>
          <button type="button" className="btn" disabled={!canAct} onClick={() => state.ask("promote")}>
            Promote version {candidate}
          </button>
          <button type="button" className="btn btn-main" disabled={!canAct || isSame} aria-busy={state.busy} onClick={setShare}>
            Set to {wanted ?? "…"} %
          </button>
        </div>
      </div>
      <StopDialog release={release} state={state} />
      <PromoteDialog release={release} state={state} breaking={breaking} />
    </>
  );
}
