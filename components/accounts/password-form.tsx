"use client";

import { leaveSignedOut } from "@/components/accounts/auth-client";
import { handEmail } from "@/components/accounts/handed-email";
import { PasswordField } from "@/components/accounts/password-field";
import { Notice } from "@/components/ui/notice";
import { SubmitButton } from "@/components/ui/submit-button";
import { readText, useForm } from "@/components/ui/use-form";
import { checkGiven, checkNewPassword } from "@/lib/account-form";
import { api } from "@/lib/trpc-client";

interface PasswordFormProps {
  email: string;
  /** An account of GitHub or Google may have none yet. */
  hasPassword: boolean;
  minLength: number;
}

/** Changes the password, which ends every session, this one too. */
export function PasswordForm({ email, hasPassword, minLength }: PasswordFormProps) {
  const { form, busy, submit, faults, failure } = useForm({
    labels: { current: "Current password", password: "New password" },
    check: (values) => ({
      current: hasPassword ? checkGiven(readText(values, "current")) : undefined,
      password: checkNewPassword(readText(values, "password"), minLength),
    }),
    send: async (values) => {
      const current = hasPassword ? readText(values, "current") : undefined;
      await api.account.changePassword.mutate({ current, password: readText(values, "password") });
      handEmail(email);
      await leaveSignedOut("/sign-in?notice=password");
      return "leaving";
    },
  });
  return (
    <form ref={form} method="post" noValidate className="grid max-w-[440px] gap-3.5" onSubmit={submit}>
      {failure && <Notice tone="bad">{failure}</Notice>}
      {/* Tells a password manager whose password this is. */}
      <input type="text" name="username" autoComplete="username" defaultValue={email} readOnly hidden />
      {hasPassword && <PasswordField label="Current password" name="current" error={faults["current"]} />}
      <PasswordField label="New password" name="password" error={faults["password"]} minLength={minLength} />
      <div>
        <SubmitButton busy={busy} look="plain">
          {hasPassword ? "Change the password" : "Set a password"}
        </SubmitButton>
      </div>
    </form>
  );
}
