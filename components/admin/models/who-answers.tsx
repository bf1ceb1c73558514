"use client";

import { ActResult } from "@/components/admin/models/act-result";
import { breakingOf } from "@/components/admin/models/candidate-dialogs";
import { CandidateRunning } from "@/components/admin/models/candidate-running";
import { CandidateStart } from "@/components/admin/models/candidate-start";
import { SplitBar } from "@/components/admin/models/split-bar";
import { Unpublished } from "@/components/admin/models/unpublished";
import { type ActState, useAct } from "@/components/admin/models/use-act";
import { Card } from "@/components/ui/card";
import type { ConsoleVersion, ReleaseState } from "@/lib/contracts/releases.admin";

interface WhoAnswersProps {
  release: ReleaseState;
  /** Newest first. */
  versions: readonly ConsoleVersion[];
  callsPerHour: number | null;
  canAct: boolean;
}

/** What can be done as things stand: publish, start a trial, or steer the one that runs. */
function Acts({ release, versions, callsPerHour, canAct, state }: WhoAnswersProps & { state: ActState }) {
  const { live, candidate, revision } = release;
  const versionOf = (wanted: number | null) => versions.find(({ version }) => version === wanted);
  if (live === null) {
    const target = versionOf(release.roll_back_to) ?? versions[0];
    return target ? <Unpublished release={release} target={target} canAct={canAct} state={state} /> : null;
  }
  if (candidate === null) {
    const others = versions.filter(({ version }) => version !== live);
    return <CandidateStart key={revision} release={{ ...release, live }} others={others} canAct={canAct} state={state} />;
  }
  const trial = { release: { ...release, live, candidate }, breaking: breakingOf(versionOf(candidate)) };
  return <CandidateRunning key={revision} {...trial} callsPerHour={callsPerHour} canAct={canAct} state={state} />;
}

/** Which version answers whom, and the acts that change it. */
export function WhoAnswers(props: WhoAnswersProps) {
  const { release, versions, canAct } = props;
  const state = useAct();
  const { live, candidate, share } = release;
  const algorithm = versions.find(({ version }) => version === live)?.algorithm ?? "";
  const trial = candidate === null ? null : { version: candidate, share: share ?? 0 };
  const aside = candidate === null ? undefined : "A customer stays on one version while the candidate runs";
  return (
    <Card title="Who answers" aside={aside}>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
        <ActResult state={state} />
        {live !== null && <SplitBar live={{ version: live, algorithm }} candidate={trial} />}
        <Acts {...props} state={state} />
        {!canAct && <p className="help">Your role may look. Moving versions takes the role operator.</p>}
      </div>
      {state.dialog}
    </Card>
  );
}
