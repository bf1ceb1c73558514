"use client";

import Link from "next/link";
import { useEffect } from "react";
import { signIn } from "@/components/accounts/auth-client";
import { takeEmail } from "@/components/accounts/handed-email";
import { PasswordField } from "@/components/accounts/password-field";
import { Notice } from "@/components/ui/notice";
import { SubmitButton } from "@/components/ui/submit-button";
import { TextField } from "@/components/ui/text-field";
import { readText, useForm } from "@/components/ui/use-form";
import { checkEmail, checkGiven } from "@/lib/account-form";

const labels = { email: "Email", password: "Password" };

interface SignInFormProps {
  /** Where to go on, on this site. */
  next: string;
  /** What just happened; it makes room for what is wrong now. */
  notice?: string | undefined;
}

/** Signs in and goes on to `next`; the address is filled in where the page before knew it. */
export function SignInForm({ next, notice }: SignInFormProps) {
  const { form, busy, submit, faults, failure } = useForm({
    labels,
    check: (values) => ({ email: checkEmail(readText(values, "email")), password: checkGiven(readText(values, "password")) }),
    send: async (values) => {
      await signIn(readText(values, "email").trim(), readText(values, "password"), next);
      return "leaving";
    },
  });
  useEffect(() => {
    const handed = takeEmail();
    const field = form.current?.elements.namedItem("email");
    if (!handed || !(field instanceof HTMLInputElement)) return;
    field.value = handed;
    document.getElementById("password")?.focus();
  }, [form]);
  return (
    <form ref={form} method="post" noValidate className="grid gap-3.5" onSubmit={submit}>
      {failure ? <Notice tone="bad">{failure}</Notice> : notice && <Notice tone="ok">{notice}</Notice>}
      <TextField label="Email" name="email" type="email" error={faults["email"]} autoComplete="username" maxLength={254} />
      <PasswordField label="Password" name="password" error={faults["password"]} />
      <SubmitButton busy={busy} wide>
        Sign in
      </SubmitButton>
      <p className="help">
        Password forgotten? <Link href="/reset" className="link" prefetch={false}>Set a new one</Link>
      </p>
    </form>
  );
}
