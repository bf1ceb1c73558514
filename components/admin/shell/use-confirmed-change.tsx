"use client";

import { type FormEvent, type ReactNode, useRef, useState } from "react";
import { PasswordField } from "@/components/accounts/password-field";
import { Dialog } from "@/components/ui/dialog";
import { Notice } from "@/components/ui/notice";
import { SubmitButton } from "@/components/ui/submit-button";
import { useChange } from "@/components/ui/use-change";
import { readRefusal, type Refusal } from "@/lib/refusal";
import { consoleApi } from "@/lib/trpc-client.admin";

/** Asked instead of an act that wants the password again; what to do once it was typed. */
interface Waiting {
  again: () => void;
  cancel: () => void;
}

interface PasswordFormProps {
  onCancel: () => void;
  onConfirmed: () => void;
}

function PasswordForm({ onCancel, onConfirmed }: PasswordFormProps) {
  const { busy, refusal, run } = useChange();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const password = String(new FormData(event.currentTarget).get("password") ?? "");
    void run(() => consoleApi.me.confirmPassword.mutate({ password }), onConfirmed);
  };
  const fault = refusal?.fields["password"];
  return (
    <form className="mt-2 grid gap-4" onSubmit={submit} noValidate>
      <p className="text-ink-2">This act takes effect at once, so it asks for your password again. That is good for ten minutes.</p>
      {refusal && !fault && <Notice tone="bad">{refusal.message}</Notice>}
      <PasswordField label="Password" name="password" scope="confirm" error={fault && `Password ${fault}.`} />
      <div className="dialog-actions !mt-1">
        <button type="button" className="btn" onClick={onCancel}>
          Cancel
        </button>
        <SubmitButton busy={busy}>Confirm</SubmitButton>
      </div>
    </form>
  );
}

/**
 * A change that may want the password again: as `useChange`, and where the service asks for it, a dialog does, and the change is sent
 * once more. `dialog` belongs somewhere on the page.
 */
export function useConfirmedChange() {
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [waiting, setWaiting] = useState<Waiting | null>(null);
  const running = useRef(false);
  const end = (found: Refusal | null) => {
    running.current = false;
    setBusy(false);
    setRefusal(found);
  };
  const attempt = async <Result,>(work: () => Promise<Result>, then: (result: Result) => void): Promise<void> => {
    try {
      const result = await work();
      end(null);
      then(result);
    } catch (error) {
      const found = readRefusal(error);
      if (found.code !== "confirmation_needed") return end(found);
      setWaiting({ again: () => void attempt(work, then), cancel: () => end(null) });
    }
  };
  const run = async <Result,>(work: () => Promise<Result>, then: (result: Result) => void): Promise<void> => {
    if (running.current) return;
    running.current = true;
    setBusy(true);
    setRefusal(null);
    await attempt(work, then);
  };
  const close = (next: "again" | "cancel") => {
    setWaiting(null);
    waiting?.[next]();
  };
  const dialog: ReactNode = (
    <Dialog open={waiting !== null} title="Type your password again" onClose={() => close("cancel")}>
      <PasswordForm onCancel={() => close("cancel")} onConfirmed={() => close("again")} />
    </Dialog>
  );
  /** For a dialog that opens afresh: what was refused in it before is of no interest any more. */
  const forget = () => setRefusal(null);
  return { busy, refusal, run, dialog, forget };
}
