"use client";

import { type FormEvent, type ReactNode, useEffect, useState } from "react";
import { Notice } from "@/components/ui/notice";
import { SubmitButton } from "@/components/ui/submit-button";
import { TextField } from "@/components/ui/text-field";
import { readRefusal, type Refusal, toSentence } from "@/lib/refusal";

const SHORTEST = 3;

/** A reason as it was typed, and what is wrong with it before anything is sent. */
export function readReason(form: HTMLFormElement): { reason: string; fault: string | undefined } {
  const reason = String(new FormData(form).get("reason") ?? "").trim();
  return { reason, fault: reason.length < SHORTEST ? "Say in a few words why." : undefined };
}

export function ReasonField({ error }: { error: string | undefined }) {
  const help = "Stands in the audit.";
  return <TextField label="Reason" name="reason" scope="act" maxLength={300} autoComplete="off" error={error} help={help} />;
}

type Loaded = { kind: "loading" } | { kind: "told"; sentences: string[] } | { kind: "failed"; message: string };

/** What the act will break, counted when the dialog opens. */
function Consequences({ load }: { load: () => Promise<string[]> }) {
  const [loaded, setLoaded] = useState<Loaded>({ kind: "loading" });
  const [first] = useState(() => load);
  useEffect(() => {
    let isCurrent = true;
    first().then(
      (sentences) => isCurrent && setLoaded({ kind: "told", sentences }),
      (error: unknown) => isCurrent && setLoaded({ kind: "failed", message: readRefusal(error).message }),
    );
    return () => {
      isCurrent = false;
    };
  }, [first]);
  return (
    <div className="consequences" aria-live="polite" aria-busy={loaded.kind === "loading"}>
      {loaded.kind === "loading" && <p className="text-ink-3">Counting what this stops …</p>}
      {loaded.kind === "told" && loaded.sentences.map((sentence) => <p key={sentence}>{sentence}</p>)}
      {loaded.kind === "failed" && <p className="text-bad">It could not be counted what this stops. {loaded.message}</p>}
    </div>
  );
}

interface ReasonFormProps {
  verb: string;
  careful?: boolean;
  busy: boolean;
  refusal: Refusal | null;
  /** Counts what the act breaks, in sentences; left out where nothing can break. */
  load?: () => Promise<string[]>;
  onAct: (reason: string) => void;
  onCancel: () => void;
  /** What happens. */
  children: ReactNode;
}

/** Asks before an act on a customer: what it breaks, what happens, and why it is done. */
export function ReasonForm({ verb, careful = false, busy, refusal, load, onAct, onCancel, children }: ReasonFormProps) {
  const [wrong, setWrong] = useState<string>();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const { reason, fault } = readReason(event.currentTarget);
    setWrong(fault);
    if (fault !== undefined) event.currentTarget.querySelector<HTMLElement>('[name="reason"]')?.focus();
    else if (!busy) onAct(reason);
  };
  const refused = refusal?.fields["reason"];
  return (
    <form className="grid gap-4" onSubmit={submit} noValidate>
      {load && <Consequences load={load} />}
      <div className="text-ink-2">{children}</div>
      {refusal && !refused && <Notice tone="bad">{refusal.message}</Notice>}
      <ReasonField error={wrong ?? (refused && toSentence("Reason", refused))} />
      <div className="dialog-actions !mt-1">
        <button type="button" className="btn" onClick={onCancel}>
          Cancel
        </button>
        <SubmitButton busy={busy} look={careful ? "careful" : "main"}>
          {verb}
        </SubmitButton>
      </div>
    </form>
  );
}
