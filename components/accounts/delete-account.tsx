"use client";

import { useState } from "react";
import { leaveSignedOut } from "@/components/accounts/auth-client";
import { PasswordField } from "@/components/accounts/password-field";
import { Dialog } from "@/components/ui/dialog";
import { Notice } from "@/components/ui/notice";
import { SubmitButton } from "@/components/ui/submit-button";
import { TextField } from "@/components/ui/text-field";
import { readText, useForm } from "@/components/ui/use-form";
import { checkGiven } from "@/lib/account-form";
import { api } from "@/lib/trpc-client";

interface DeleteAccountProps {
  email: string;
  hasPassword: boolean;
  /** Keys that would stop working. */
  keys: number;
}

/** What goes with the account, by name. */
function sayLosses(keys: number): string[] {
  const stopping = keys === 1 ? "Your key: it stops working at once." : `Your ${keys} keys: they stop working at once.`;
  const rest = ["Every prediction in your history, with its inputs.", "Your usage figures.", "Your name, address and password."];
  return keys > 0 ? [stopping, ...rest] : rest;
}

function DeleteForm({ email, hasPassword, keys, onCancel }: DeleteAccountProps & { onCancel: () => void }) {
  const { form, busy, submit, faults, failure } = useForm({
    labels: { email: "Email", password: "Password" },
    check: (values) => {
      const typed = readText(values, "email").trim().toLowerCase();
      return {
        email: typed === email.toLowerCase() ? undefined : "is not the one of this account",
        password: hasPassword ? checkGiven(readText(values, "password")) : undefined,
      };
    },
    send: async (values) => {
      const password = hasPassword ? readText(values, "password") : undefined;
      await api.account.delete.mutate({ email: readText(values, "email"), password });
      await leaveSignedOut("/sign-in?notice=deleted");
      return "leaving";
    },
  });
  return (
    <form ref={form} method="post" noValidate className="grid gap-3.5" onSubmit={submit}>
      <div className="text-[13px] text-ink-2">
        <p>This removes for good:</p>
        <ul className="mt-1 grid list-disc gap-0.5 pl-4">
          {sayLosses(keys).map((loss) => (
            <li key={loss}>{loss}</li>
          ))}
        </ul>
      </div>
      {failure && <Notice tone="bad">{failure}</Notice>}
      <TextField
        label="Email"
        name="email"
        type="email"
        error={faults["email"]}
        autoComplete="off"
        maxLength={254}
        help={<>Type <b className="font-[550] text-ink">{email}</b> so that nothing goes by a slip.</>}
      />
      {hasPassword && <PasswordField label="Password" name="password" error={faults["password"]} scope="delete" />}
      <div className="dialog-actions !mt-1.5">
        <button type="button" className="btn" onClick={onCancel} disabled={busy}>
          Keep the account
        </button>
        <SubmitButton busy={busy} look="careful">
          Delete the account
        </SubmitButton>
      </div>
    </form>
  );
}

/** The last step: asks for the address and the password, and says what goes. */
export function DeleteAccount(props: DeleteAccountProps) {
  const [open, setOpen] = useState(false);
  const close = () => setOpen(false);
  return (
    <>
      <button type="button" className="btn btn-careful" onClick={() => setOpen(true)}>
        Delete the account…
      </button>
      <Dialog open={open} title="Delete this account?" onClose={close}>
        <DeleteForm {...props} onCancel={close} />
      </Dialog>
    </>
  );
}
