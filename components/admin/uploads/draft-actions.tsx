"use client";

import { DiscardDraft } from "@/components/admin/uploads/discard-draft";
import type { Problem } from "@/components/admin/uploads/draft-problems";
import type { DraftStore, SaveStatus } from "@/components/admin/uploads/draft-store";
import { SaveState } from "@/components/admin/uploads/save-state";
import type { Draft } from "@/lib/contracts/uploads.admin";

interface DraftActionsProps {
  store: DraftStore;
  draft: Draft;
  status: SaveStatus;
  problems: readonly Problem[];
  barred: string | null;
  onPublish: () => void;
  onDiscarded: () => void;
}

const UNTRIED = "Try it first, as it is now.";

/** Why the draft cannot be published yet, in words; null when it can. */
function findObstacle({ store, draft, status, problems, barred }: Omit<DraftActionsProps, "onPublish" | "onDiscarded">): string | null {
  if (barred !== null) return "Publishing takes the role operator.";
  if (problems.length > 0) return "Correct what is marked first.";
  if (status.kind !== "saved" && status.kind !== "saving") return "Not everything is saved.";
  return draft.tried?.current === true && !store.isDirty(["schema"]) ? null : UNTRIED;
}

/** What can be done with the draft as a whole, and whether all of it is saved. */
export function DraftActions(props: DraftActionsProps) {
  const { draft, status, barred, onPublish, onDiscarded } = props;
  if (draft.published_as) return null;
  const obstacle = findObstacle(props);
  return (
    <>
      {barred === null && <SaveState status={status} />}
      <DiscardDraft draft={draft} disabled={barred !== null} onDiscarded={onDiscarded} />
      {obstacle !== null && (
        <p className="help" id="publish-obstacle">
          {obstacle === UNTRIED ? (
            <a href="#preview" className="link">
              {obstacle}
            </a>
          ) : (
            obstacle
          )}
        </p>
      )}
      <button
        type="button"
        className="btn btn-main"
        disabled={obstacle !== null}
        aria-describedby={obstacle === null ? undefined : "publish-obstacle"}
        onClick={onPublish}
      >
        Publish
      </button>
    </>
  );
}
