"use client";

import { ActDialog } from "@/components/admin/models/act-dialog";
import { breakingOf } from "@/components/admin/models/candidate-dialogs";
import type { ActState } from "@/components/admin/models/use-act";
import type { ConsoleVersion, ReleaseState } from "@/lib/contracts/releases.admin";
import { consoleApi } from "@/lib/trpc-client.admin";

interface UnpublishedProps {
  release: ReleaseState;
  /** The version that would be published: the one that was live last, or the newest. */
  target: ConsoleVersion;
  canAct: boolean;
  state: ActState;
}

/** Customers do not see this model: one act changes that. */
export function Unpublished({ release, target, canAct, state }: UnpublishedProps) {
  const { version, algorithm } = target;
  const input = { slug: release.slug, expected: release.revision, version };
  const done = `Version ${version} answers everybody now.`;
  return (
    <>
      <div className="act-row">
        <p className="text-ink-2">
          Customers do not see this model, and calls find nothing. Version {version} ({algorithm}) can be published.
        </p>
        <div className="act-buttons">
          <button type="button" className="btn btn-main" disabled={!canAct} onClick={() => state.ask("publish")}>
            Publish version {version}
          </button>
        </div>
      </div>
      <ActDialog
        state={state}
        asks="publish"
        title={`Publish version ${version}?`}
        verb="Publish"
        breaking={breakingOf(target)}
        onAct={(order) => state.act(() => consoleApi.models.setLive.mutate({ ...input, ...order }), done)}
      >
        <p>The model appears in the catalog, and its page and its address answer within five seconds.</p>
      </ActDialog>
    </>
  );
}
