"use client";

import Link from "next/link";
import { useState } from "react";
import { AuthPane } from "@/components/accounts/auth-pane";
import { MailSent } from "@/components/accounts/mail-sent";
import { Notice } from "@/components/ui/notice";
import { SubmitButton } from "@/components/ui/submit-button";
import { TextField } from "@/components/ui/text-field";
import { readText, useForm } from "@/components/ui/use-form";
import { checkEmail } from "@/lib/account-form";
import { api } from "@/lib/trpc-client";

const PURPOSE = "sets a new password. It works once, for one hour.";
const EXCEPTION = "An address without an account gets a mail that says so.";

const steps = [
  "We mail a link to that address.",
  "The link leads to a page that takes a new password.",
  "The new password ends every session. Keys go on working.",
];

/** Asks for the address that gets a link to set a new password. */
export function AskReset({ outbox }: { outbox: boolean }) {
  const [sentTo, setSentTo] = useState<string | null>(null);
  const { form, busy, submit, faults, failure } = useForm({
    labels: { email: "Email" },
    check: (values) => ({ email: checkEmail(readText(values, "email")) }),
    send: async (values) => {
      const email = readText(values, "email").trim();
      await api.account.requestReset.mutate({ email });
      setSentTo(email);
      return "done";
    },
  });
  const question = (
    <>
      <h1 className="auth-title">Set a new password</h1>
      <p className="mt-1 mb-5 text-ink-2">
        Remembered it? <Link href="/sign-in" className="link" prefetch={false}>Sign in</Link>
      </p>
      <form ref={form} method="post" noValidate className="grid gap-3.5" onSubmit={submit}>
        {failure && <Notice tone="bad">{failure}</Notice>}
        <TextField label="Email" name="email" type="email" error={faults["email"]} autoComplete="username" maxLength={254} />
        <SubmitButton busy={busy} wide>
          Mail me a link
        </SubmitButton>
      </form>
    </>
  );
  const answer = (
    <>
      <h2 className="auth-side-title">What happens then</h2>
      <ol className="grid list-decimal gap-2 pl-4 text-[13px] text-ink-2">
        {steps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
    </>
  );
  return (
    <>
      <div hidden={sentTo !== null}>
        <AuthPane question={question} answer={answer} />
      </div>
      {sentTo !== null && (
        <MailSent address={sentTo} purpose={PURPOSE} exception={EXCEPTION} outbox={outbox} onBack={() => setSentTo(null)} />
      )}
    </>
  );
}
