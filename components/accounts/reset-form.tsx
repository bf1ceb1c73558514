"use client";

import { useRouter } from "next/navigation";
import { AuthPane } from "@/components/accounts/auth-pane";
import { DeadLink } from "@/components/accounts/dead-link";
import { PasswordField } from "@/components/accounts/password-field";
import { useLinkToken } from "@/components/accounts/use-link-token";
import { Notice } from "@/components/ui/notice";
import { SubmitButton } from "@/components/ui/submit-button";
import { readText, useForm } from "@/components/ui/use-form";
import { checkNewPassword } from "@/lib/account-form";
import { readRefusal } from "@/lib/refusal";
import { api } from "@/lib/trpc-client";

interface ResetFormProps {
  /** The link's token, or null for one that is not whole. */
  given: string | null;
  minPasswordLength: number;
}

/** Takes the new password that a mailed link stands for. */
export function ResetForm({ given, minPasswordLength }: ResetFormProps) {
  const router = useRouter();
  const { token, forget } = useLinkToken(given);
  const { form, busy, submit, faults, failure } = useForm({
    labels: { password: "New password" },
    check: (values) => ({ password: checkNewPassword(readText(values, "password"), minPasswordLength) }),
    send: async (values) => {
      try {
        await api.account.resetPassword.mutate({ token: token ?? "", password: readText(values, "password") });
      } catch (error) {
        if (readRefusal(error).code !== "link_invalid") throw error;
        forget();
        return "done";
      }
      router.replace("/sign-in?notice=password");
      return "leaving";
    },
  });
  if (token === null) return <DeadLink href="/reset" action="Ask for a new link" hours="one hour" />;
  const question = (
    <>
      <h1 className="auth-title">Choose a new password</h1>
      <p className="mt-1 mb-5 text-ink-2">It is the only one from then on.</p>
      <form ref={form} method="post" noValidate className="grid gap-3.5" onSubmit={submit}>
        {failure && <Notice tone="bad">{failure}</Notice>}
        <PasswordField label="New password" name="password" error={faults["password"]} minLength={minPasswordLength} />
        <SubmitButton busy={busy} wide>
          Set this password
        </SubmitButton>
      </form>
    </>
  );
  const answer = (
    <>
      <h2 className="auth-side-title">A good one</h2>
      <ul className="grid list-disc gap-2 pl-4 text-[13px] text-ink-2">
        <li>Length counts, signs do not: four words are better than one with a digit in it.</li>
        <li>It is not in use anywhere else.</li>
        <li>A password manager keeps it for you.</li>
      </ul>
    </>
  );
  return <AuthPane question={question} answer={answer} plate={["ends every session", "keys go on working"]} />;
}
