"use client";

import { ActDialog } from "@/components/admin/models/act-dialog";
import type { Change } from "@/components/admin/models/changes-list";
import type { ActState } from "@/components/admin/models/use-act";
import type { ConsoleVersion, ReleaseState } from "@/lib/contracts/releases.admin";
import { consoleApi } from "@/lib/trpc-client.admin";

export type LiveRelease = ReleaseState & { live: number };
export type TrialRelease = LiveRelease & { candidate: number };

export const breakingOf = (version: ConsoleVersion | undefined): Change[] => (version?.changes ?? []).filter(({ breaking }) => breaking);

interface DialogProps<Release> {
  release: Release;
  state: ActState;
}

/** Ends a trial: the live version answers everybody. */
export function StopDialog({ release, state }: DialogProps<TrialRelease>) {
  const { slug, revision, live, candidate, share } = release;
  const done = `Rolled back: version ${live} answers everybody.`;
  return (
    <ActDialog
      state={state}
      asks="stop"
      title={`Roll back to version ${live}?`}
      verb="Roll back"
      careful
      onAct={({ reason }) => state.act(() => consoleApi.models.stopCandidate.mutate({ slug, expected: revision, reason }), done)}
    >
      <p>
        Version {candidate} stops answering; its {share === null ? "callers" : `${share} % of the customers`} are back on version {live}{" "}
        within five seconds, in every process.
      </p>
    </ActDialog>
  );
}

/** The candidate answers everybody. */
export function PromoteDialog({ release, state, breaking }: DialogProps<TrialRelease> & { breaking: readonly Change[] }) {
  const { slug, revision, live, candidate } = release;
  const done = `Version ${candidate} answers everybody now.`;
  return (
    <ActDialog
      state={state}
      asks="promote"
      title={`Promote version ${candidate}?`}
      verb="Promote"
      breaking={breaking}
      onAct={(order) => state.act(() => consoleApi.models.promote.mutate({ slug, expected: revision, ...order }), done)}
    >
      <p>
        Version {candidate} answers all customers within five seconds. Version {live} stays; rolling back leads to it.
      </p>
    </ActDialog>
  );
}

/** A trial begins. */
export function StartDialog({ release, state, target, share }: DialogProps<LiveRelease> & { target: ConsoleVersion; share: number }) {
  const { slug, revision, live } = release;
  const { version } = target;
  const input = { slug, expected: revision, version, share };
  const done = `Version ${version} answers ${share} % of the customers now.`;
  return (
    <ActDialog
      state={state}
      asks="start"
      title={`Try version ${version} with ${share} % of the customers?`}
      verb="Start candidate"
      breaking={breakingOf(target)}
      onAct={(order) => state.act(() => consoleApi.models.startCandidate.mutate({ ...input, ...order }), done)}
    >
      <p>
        Version {version} answers {share} % of the customers within five seconds; all others stay on version {live}.
      </p>
    </ActDialog>
  );
}

interface BackProps extends DialogProps<LiveRelease> {
  target: number;
  /** What going back breaks for those who followed. */
  breaking: readonly Change[];
}

/** The version that was live before answers again. */
export function BackDialog({ release, state, target, breaking }: BackProps) {
  const { slug, revision, live } = release;
  const done = `Rolled back: version ${target} answers everybody.`;
  return (
    <ActDialog
      state={state}
      asks="back"
      title={`Roll back to version ${target}?`}
      verb="Roll back"
      careful
      quick
      breaking={breaking}
      onAct={(order) => state.act(() => consoleApi.models.rollBack.mutate({ slug, expected: revision, ...order }), done)}
    >
      <p>
        Version {target} was live before version {live} and answers everybody again within five seconds, in every process.
      </p>
    </ActDialog>
  );
}
