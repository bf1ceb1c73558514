"use client";

import { type FormEvent, type ReactNode, useState } from "react";
import { Notice } from "@/components/ui/notice";
import { SubmitButton } from "@/components/ui/submit-button";
import { TextField } from "@/components/ui/text-field";
import { useChange } from "@/components/ui/use-change";
import type { ApiKey, NewKey, RotationGrace } from "@/lib/contracts/keys";
import { formatNumber } from "@/lib/format";
import type { Refusal } from "@/lib/refusal";
import { api } from "@/lib/trpc-client";

interface KeyFormProps<Result> {
  apiKey: ApiKey;
  onCancel: () => void;
  onDone: (result: Result) => void;
}

interface FrameProps {
  /** What the button says that does it. */
  verb: string;
  look?: "main" | "careful";
  busy: boolean;
  refusal: Refusal | null;
  onCancel: () => void;
  onSubmit: (form: HTMLFormElement) => void;
  children: ReactNode;
}

/** A question about one key, with a way back and a button that does it. */
function Frame({ verb, look = "main", busy, refusal, onCancel, onSubmit, children }: FrameProps) {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    onSubmit(event.currentTarget);
  };
  return (
    <form className="grid gap-4" onSubmit={submit} noValidate>
      {refusal && <Notice tone="bad">{refusal.message}</Notice>}
      {children}
      <div className="dialog-actions !mt-1">
        <button type="button" className="btn" onClick={onCancel}>
          Cancel
        </button>
        <SubmitButton busy={busy} look={look}>
          {verb}
        </SubmitButton>
      </div>
    </form>
  );
}

export function RenameKeyForm({ apiKey, onCancel, onDone }: KeyFormProps<ApiKey>) {
  const { busy, refusal, run } = useChange();
  const [wrong, setWrong] = useState<string>();
  const submit = (form: HTMLFormElement) => {
    const name = String(new FormData(form).get("name") ?? "").trim();
    setWrong(name === "" ? "Give it a name that tells where it is used." : undefined);
    if (name !== "") void run(() => api.keys.update.mutate({ id: apiKey.id, name }), onDone);
  };
  return (
    <Frame verb="Rename" busy={busy} refusal={refusal} onCancel={onCancel} onSubmit={submit}>
      <TextField label="Name" name="name" maxLength={60} autoComplete="off" defaultValue={apiKey.name} error={wrong} />
    </Frame>
  );
}

const GRACES: { value: RotationGrace; words: string }[] = [
  { value: "now", words: "Not at all" },
  { value: "1h", words: "1 hour" },
  { value: "24h", words: "24 hours" },
];

/** A new secret in place of the old one, which goes on for as long as programs need to learn the new one. */
export function RotateKeyForm({ apiKey, onCancel, onDone }: KeyFormProps<NewKey>) {
  const [grace, setGrace] = useState<RotationGrace>("1h");
  const { busy, refusal, run } = useChange();
  const submit = () => void run(() => api.keys.rotate.mutate({ id: apiKey.id, grace }), onDone);
  return (
    <Frame verb="Rotate" busy={busy} refusal={refusal} onCancel={onCancel} onSubmit={submit}>
      <p className="text-ink-2">You get a new key with the same name and models. Put it in place of the old one before the old one ends.</p>
      <fieldset className="field">
        <legend className="field-label mb-1.5">The old key goes on for</legend>
        <div className="segmented">
          {GRACES.map(({ value, words }) => (
            <label key={value}>
              <input type="radio" name="grace" value={value} checked={grace === value} onChange={() => setGrace(value)} />
              {words}
            </label>
          ))}
        </div>
      </fieldset>
    </Frame>
  );
}

/** What the last day saw, because all of it will be refused. */
function sayLoss({ calls_24h: calls }: ApiKey): ReactNode {
  if (calls === 0) return "Nobody called with it in the last 24 hours.";
  return (
    <>
      <b>{calls === 1 ? "1 call" : `${formatNumber(calls)} calls`}</b> came with it in the last 24 hours. Such calls will be refused from
      now on.
    </>
  );
}

/** Ends a key for good, after naming what will not work any more. */
export function RevokeKeyForm({ apiKey, onCancel, onDone }: KeyFormProps<ApiKey>) {
  const { busy, refusal, run } = useChange();
  const submit = () => void run(() => api.keys.revoke.mutate({ id: apiKey.id }), onDone);
  return (
    <Frame verb="Revoke" look="careful" busy={busy} refusal={refusal} onCancel={onCancel} onSubmit={submit}>
      <p>{sayLoss(apiKey)}</p>
      <p className="text-ink-2">
        The key <code>{apiKey.hint}</code> cannot be brought back. To pause it instead, switch it off.
      </p>
    </Frame>
  );
}
