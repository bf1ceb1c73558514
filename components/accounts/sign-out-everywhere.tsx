"use client";

import { leaveSignedOut } from "@/components/accounts/auth-client";
import { Notice } from "@/components/ui/notice";
import { SubmitButton } from "@/components/ui/submit-button";
import { useForm } from "@/components/ui/use-form";
import { api } from "@/lib/trpc-client";

/** Ends every session of the customer, this one too. */
export function SignOutEverywhere() {
  const { form, busy, submit, failure } = useForm({
    labels: {},
    check: () => ({}),
    send: async () => {
      await api.account.signOutEverywhere.mutate();
      await leaveSignedOut("/sign-in?notice=everywhere");
      return "leaving";
    },
  });
  return (
    <form ref={form} method="post" className="grid max-w-[440px] gap-3.5" onSubmit={submit}>
      {failure && <Notice tone="bad">{failure}</Notice>}
      <div>
        <SubmitButton busy={busy} look="plain">
          Sign out everywhere
        </SubmitButton>
      </div>
    </form>
  );
}
