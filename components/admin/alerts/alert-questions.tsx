"use client";

import type { FormEvent } from "react";
import { Notice } from "@/components/ui/notice";
import { SubmitButton } from "@/components/ui/submit-button";
import { TextField } from "@/components/ui/text-field";
import { useChange } from "@/components/ui/use-change";
import type { Alert, AlertRule } from "@/lib/contracts/alerts.admin";
import { consoleApi } from "@/lib/trpc-client.admin";

interface QuestionProps {
  onCancel: () => void;
  onDone: (words: string) => void;
}

/** Says that somebody looks after an alert, and what they know. */
export function AcknowledgeForm({ alert, onCancel, onDone }: QuestionProps & { alert: Alert }) {
  const { busy, refusal, run } = useChange();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const note = String(new FormData(event.currentTarget).get("note") ?? "").trim();
    void run(() => consoleApi.alerts.acknowledge.mutate({ id: alert.id, note }), () => onDone(`You look after “${alert.rule.name}”.`));
  };
  return (
    <form className="grid gap-4" onSubmit={submit} noValidate>
      {refusal && <Notice tone="bad">{refusal.message}</Notice>}
      <p className="text-ink-2">The team sees that you look after it. The alert stays until the value is back.</p>
      <TextField
        label="Note (optional)"
        name="note"
        maxLength={300}
        autoComplete="off"
        error={undefined}
        help="What you know, or what you do."
      />
      <div className="dialog-actions !mt-1">
        <button type="button" className="btn" onClick={onCancel}>
          Cancel
        </button>
        <SubmitButton busy={busy}>Acknowledge</SubmitButton>
      </div>
    </form>
  );
}

/** Asks before a rule goes for good. */
export function DeleteRuleForm({ rule, onCancel, onDone }: QuestionProps & { rule: AlertRule }) {
  const { busy, refusal, run } = useChange();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    void run(() => consoleApi.alerts.deleteRule.mutate({ id: rule.id }), () => onDone(`The rule “${rule.name}” was deleted.`));
  };
  return (
    <form className="grid gap-4" onSubmit={submit} noValidate>
      {refusal && <Notice tone="bad">{refusal.message}</Notice>}
      <p className="text-ink-2">
        Nobody is told any more when it is broken. What happened under it stays in the history. To have it back later, switch it off
        instead.
      </p>
      <div className="dialog-actions !mt-1">
        <button type="button" className="btn" onClick={onCancel}>
          Cancel
        </button>
        <SubmitButton busy={busy} look="careful">
          Delete rule
        </SubmitButton>
      </div>
    </form>
  );
}
