"use client";

import type { FormEvent } from "react";
import { Notice } from "@/components/ui/notice";
import { SubmitButton } from "@/components/ui/submit-button";
import { useChange } from "@/components/ui/use-change";
import { api } from "@/lib/trpc-client";

interface DeleteFormProps {
  ids: string[];
  onCancel: () => void;
  onDeleted: (count: number) => void;
}

/** Asks before predictions are deleted for good. */
export function DeleteForm({ ids, onCancel, onDeleted }: DeleteFormProps) {
  const { busy, refusal, run } = useChange();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void run(() => api.history.delete.mutate({ ids }), ({ deleted }) => onDeleted(deleted));
  };
  return (
    <form className="grid gap-4" onSubmit={submit}>
      {refusal && <Notice tone="bad">{refusal.message}</Notice>}
      <p className="text-ink-2">
        {ids.length === 1 ? "Its" : "Their"} inputs and answers cannot be brought back. What was counted as used stays counted.
      </p>
      <div className="dialog-actions !mt-1">
        <button type="button" className="btn" onClick={onCancel}>
          Cancel
        </button>
        <SubmitButton busy={busy} look="careful">
          Delete
        </SubmitButton>
      </div>
    </form>
  );
}

/** The question over {@link DeleteForm}. */
export function askToDelete(count: number): string {
  return count === 1 ? "Delete this prediction?" : `Delete ${count} predictions?`;
}
