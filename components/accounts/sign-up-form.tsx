"use client";

import Link from "next/link";
import { useState } from "react";
import { AuthPane } from "@/components/accounts/auth-pane";
import { MailSent } from "@/components/accounts/mail-sent";
import { PasswordField } from "@/components/accounts/password-field";
import { WithAccount } from "@/components/accounts/with-account";
import { Notice } from "@/components/ui/notice";
import { SubmitButton } from "@/components/ui/submit-button";
import { TextField } from "@/components/ui/text-field";
import { readText, useForm } from "@/components/ui/use-form";
import { checkEmail, checkGiven, checkNewPassword } from "@/lib/account-form";
import { api } from "@/lib/trpc-client";

interface SignUpFormProps {
  minPasswordLength: number;
  outbox: boolean;
}

const PURPOSE = "makes your account. It works once, for 24 hours.";
const EXCEPTION = "An address that has an account already gets a mail that says so.";
const labels = { name: "Name", email: "Email", password: "Password" };

/** Asks for what an account needs. @param onSent is told the address a link was mailed to */
function Question({ minPasswordLength, onSent }: { minPasswordLength: number; onSent: (email: string) => void }) {
  const { form, busy, submit, faults, failure } = useForm({
    labels,
    check: (values) => ({
      name: checkGiven(readText(values, "name")),
      email: checkEmail(readText(values, "email")),
      password: checkNewPassword(readText(values, "password"), minPasswordLength),
    }),
    send: async (values) => {
      const email = readText(values, "email").trim();
      await api.account.signUp.mutate({ name: readText(values, "name"), email, password: readText(values, "password") });
      onSent(email);
      return "done";
    },
  });
  return (
    <>
      <h1 className="auth-title">Sign up</h1>
      <p className="mt-1 mb-5 text-ink-2">
        Have an account? <Link href="/sign-in" className="link" prefetch={false}>Sign in</Link>
      </p>
      <form ref={form} method="post" noValidate className="grid gap-3.5" onSubmit={submit}>
        {failure && <Notice tone="bad">{failure}</Notice>}
        <TextField label="Name" name="name" error={faults["name"]} autoComplete="name" maxLength={80} spellCheck={false} />
        <TextField label="Email" name="email" type="email" error={faults["email"]} autoComplete="email" maxLength={254} />
        <PasswordField label="Password" name="password" error={faults["password"]} minLength={minPasswordLength} />
        <SubmitButton busy={busy} wide>
          Sign up
        </SubmitButton>
      </form>
    </>
  );
}

/** The way to an account. The form stays as it is behind the message, so that going back finds everything typed. */
export function SignUpForm({ minPasswordLength, outbox }: SignUpFormProps) {
  const [sentTo, setSentTo] = useState<string | null>(null);
  const answer = (
    <>
      <h2 className="auth-side-title">With an account</h2>
      <WithAccount />
    </>
  );
  return (
    <>
      <div hidden={sentTo !== null}>
        <AuthPane
          question={<Question minPasswordLength={minPasswordLength} onSent={setSentTo} />}
          answer={answer}
          plate={["no card asked for", "delete it whenever you like"]}
        />
      </div>
      {sentTo !== null && (
        <MailSent address={sentTo} purpose={PURPOSE} exception={EXCEPTION} outbox={outbox} onBack={() => setSentTo(null)} />
      )}
    </>
  );
}
