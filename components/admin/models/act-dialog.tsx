"use client";

import { type FormEvent, type ReactNode, useState } from "react";
import { type Change, ChangesList } from "@/components/admin/models/changes-list";
import type { ActState, Asked } from "@/components/admin/models/use-act";
import { Dialog } from "@/components/ui/dialog";
import { Icon } from "@/components/ui/icon";
import { Notice } from "@/components/ui/notice";
import { SubmitButton } from "@/components/ui/submit-button";
import { TextField } from "@/components/ui/text-field";
import { readText } from "@/components/ui/use-form";

export interface ActOrder {
  reason: string;
  accept_breaking: boolean;
}

interface ActDialogProps {
  state: ActState;
  /** Which of the dialogs this one is. */
  asks: Asked;
  title: string;
  /** The word on the button, which is also the name of the act. */
  verb: string;
  /** For what takes something away from customers. */
  careful?: boolean;
  /** What this act would break. */
  breaking?: readonly Change[];
  /** Going back must be quick: it names what breaks and asks for no box to be ticked. */
  quick?: boolean;
  onAct: (order: ActOrder) => void;
  /** What happens, in words. */
  children: ReactNode;
}

function BreakingBox({ breaking, quick, missing }: { breaking: readonly Change[]; quick: boolean; missing: boolean }) {
  if (breaking.length === 0) return null;
  return (
    <div className="grid gap-2">
      <p className="font-[550]">{breaking.length === 1 ? "One change breaks calls" : `${breaking.length} changes break calls`} that work now:</p>
      <ChangesList changes={breaking} />
      {!quick && (
        <label className="check">
          <input type="checkbox" name="accept" aria-invalid={missing} aria-describedby={missing ? "accept-error" : undefined} />
          Do it although calls break
        </label>
      )}
      {missing && (
        <p className="field-error" id="accept-error" role="alert">
          <Icon name="alert" size={14} />
          Say that calls may break, or close this window.
        </p>
      )}
    </div>
  );
}

function ActForm({ state, verb, careful = false, breaking = [], quick = false, onAct, children }: ActDialogProps) {
  const { busy, refusal, ask } = state;
  const [missing, setMissing] = useState(false);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const values = new FormData(event.currentTarget);
    const isRefused = breaking.length > 0 && !quick && values.get("accept") === null;
    setMissing(isRefused);
    if (!busy && !isRefused) onAct({ reason: readText(values, "reason").trim(), accept_breaking: breaking.length > 0 });
  };
  return (
    <form className="grid gap-4" onSubmit={submit} noValidate>
      <div className="grid gap-2 text-ink-2">{children}</div>
      <BreakingBox breaking={breaking} quick={quick} missing={missing} />
      {refusal && <Notice tone="bad">{refusal.message}</Notice>}
      <TextField label="Reason" name="reason" scope="act" maxLength={300} autoComplete="off" help="Kept in the history and in the audit." />
      <div className="dialog-actions !mt-1">
        <button type="button" className="btn" onClick={() => ask(null)}>
          Cancel
        </button>
        <SubmitButton busy={busy} look={careful ? "careful" : "main"}>
          {verb}
        </SubmitButton>
      </div>
    </form>
  );
}

/** Asks before an act: what happens, what it breaks, and why it is done. */
export function ActDialog(props: ActDialogProps) {
  const { state, asks, title, breaking = [] } = props;
  return (
    <Dialog open={state.asking === asks} title={title} onClose={() => state.ask(null)} wide={breaking.length > 0}>
      <ActForm {...props} />
    </Dialog>
  );
}
