"use client";

import { useState } from "react";
import { Dialog } from "@/components/ui/dialog";
import { Notice } from "@/components/ui/notice";
import { useChange } from "@/components/ui/use-change";
import type { DraftSummary } from "@/lib/contracts/uploads.admin";
import { formatBytes } from "@/lib/format";
import { consoleApi } from "@/lib/trpc-client.admin";

interface DiscardDraftProps {
  draft: Pick<DraftSummary, "id" | "slug" | "file">;
  disabled?: boolean;
  /** In a list the button says which draft it is about. */
  named?: boolean;
  onDiscarded: () => void;
}

/** Throws a draft away, once it was said what goes with it. */
export function DiscardDraft({ draft, disabled = false, named = false, onDiscarded }: DiscardDraftProps) {
  const [open, setOpen] = useState(false);
  const { busy, refusal, run } = useChange();
  const discard = () =>
    run(
      () => consoleApi.uploads.discard.mutate({ id: draft.id }),
      () => {
        setOpen(false);
        onDiscarded();
      },
    );
  return (
    <>
      <button
        type="button"
        className={`btn ${named ? "btn-small" : ""} ${disabled ? "" : "btn-careful"}`}
        disabled={disabled}
        aria-label={named ? `Discard ${draft.slug}` : undefined}
        onClick={() => setOpen(true)}
      >
        Discard
      </button>
      <Dialog open={open} title={`Discard the draft of ${draft.slug}?`} onClose={() => setOpen(false)}>
        <p className="text-ink-2">
          The uploaded file ({draft.file.filename}, {formatBytes(draft.file.bytes)}) and all that was written about it are deleted.
          Customers notice nothing: it was never published.
        </p>
        {refusal && <Notice tone="bad">{refusal.message}</Notice>}
        <div className="dialog-actions">
          <button type="button" className="btn" onClick={() => setOpen(false)}>
            Keep it
          </button>
          <button type="button" className="btn btn-careful" aria-disabled={busy} onClick={() => void discard()}>
            Discard
          </button>
        </div>
      </Dialog>
    </>
  );
}
