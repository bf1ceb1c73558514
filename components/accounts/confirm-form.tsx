"use client";

import { useRouter } from "next/navigation";
import { signIn } from "@/components/accounts/auth-client";
import { AuthPane } from "@/components/accounts/auth-pane";
import { DeadLink } from "@/components/accounts/dead-link";
import { handEmail } from "@/components/accounts/handed-email";
import { PasswordField } from "@/components/accounts/password-field";
import { useLinkToken } from "@/components/accounts/use-link-token";
import { Notice } from "@/components/ui/notice";
import { SubmitButton } from "@/components/ui/submit-button";
import { readText, useForm } from "@/components/ui/use-form";
import { checkGiven } from "@/lib/account-form";
import { readRefusal } from "@/lib/refusal";
import { api } from "@/lib/trpc-client";

/** Makes the account of a mailed link for whoever knows its password, and signs in to it; opening the link alone changes nothing. */
export function ConfirmForm({ given }: { given: string | null }) {
  const router = useRouter();
  const { token, forget, hide } = useLinkToken(given);
  const { form, busy, submit, faults, failure } = useForm({
    labels: { password: "Password" },
    check: (values) => ({ password: checkGiven(readText(values, "password")) }),
    send: async (values) => {
      const password = readText(values, "password");
      try {
        const { email } = await api.account.confirm.mutate({ token: token ?? "", password });
        hide();
        // The account is made and the link used up: what goes wrong from here on is the sign-in page's to tell.
        await signIn(email, password, "/keys").catch(() => {
          handEmail(email);
          router.replace("/sign-in?notice=confirmed");
        });
      } catch (error) {
        if (readRefusal(error).code !== "link_invalid") throw error;
        forget();
        return "done";
      }
      return "leaving";
    },
  });
  if (token === null) return <DeadLink href="/sign-up" action="Sign up again" hours="24 hours" />;
  const question = (
    <form ref={form} method="post" noValidate className="grid gap-3.5" onSubmit={submit}>
      <div>
        <h1 className="auth-title">Confirm your address</h1>
        <p className="mt-1 text-ink-2">Type the password you signed up with, and the account is yours.</p>
      </div>
      {failure && <Notice tone="bad">{failure}</Notice>}
      <PasswordField label="Password" name="password" error={faults["password"]} />
      <SubmitButton busy={busy} wide>
        Confirm and sign in
      </SubmitButton>
    </form>
  );
  const answer = (
    <>
      <h2 className="auth-side-title">Why the password again?</h2>
      <p className="text-[13px] text-ink-2">
        Anybody can sign up with your address, and mail programs open links by themselves. Only who knows the password and reads this mailbox
        gets the account. If you did not sign up, close the page: nothing happens.
      </p>
    </>
  );
  return <AuthPane question={question} answer={answer} plate={["works once", "for 24 hours"]} />;
}
