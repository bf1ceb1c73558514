"use client";

import { PasswordField } from "@/components/accounts/password-field";
import { Notice } from "@/components/ui/notice";
import { SubmitButton } from "@/components/ui/submit-button";
import { readText, useForm } from "@/components/ui/use-form";
import { consoleApi } from "@/lib/trpc-client.admin";

const MIN_LENGTH = 10;
const labels = { current: "Current password", password: "New password" };

function check(values: FormData): Record<string, string | undefined> {
  return {
    current: readText(values, "current") === "" ? "is missing" : undefined,
    password: [...readText(values, "password")].length < MIN_LENGTH ? `needs at least ${MIN_LENGTH} characters` : undefined,
  };
}

interface NewPasswordFormProps {
  /** What the password is called that is typed first. */
  currentLabel?: string;
  onDone: () => void;
}

/** Changes the reader's own password; every other session of theirs ends. */
export function NewPasswordForm({ currentLabel = labels.current, onDone }: NewPasswordFormProps) {
  const send = async (values: FormData) => {
    await consoleApi.me.changePassword.mutate({ current: readText(values, "current"), password: readText(values, "password") });
    onDone();
    return "done" as const;
  };
  const { form, busy, submit, faults, failure } = useForm({ labels: { ...labels, current: currentLabel }, check, send });
  return (
    <form ref={form} className="grid gap-4" onSubmit={submit} noValidate>
      {failure && <Notice tone="bad">{failure}</Notice>}
      <PasswordField label={currentLabel} name="current" error={faults["current"]} />
      <PasswordField label={labels.password} name="password" minLength={MIN_LENGTH} error={faults["password"]} />
      <div>
        <SubmitButton busy={busy}>Change password</SubmitButton>
      </div>
    </form>
  );
}
