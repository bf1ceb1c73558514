"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { Icon } from "@/components/ui/icon";
import { Notice } from "@/components/ui/notice";
import { SubmitButton } from "@/components/ui/submit-button";
import { TextField } from "@/components/ui/text-field";
import { readText, useForm } from "@/components/ui/use-form";
import { checkGiven } from "@/lib/account-form";
import { api } from "@/lib/trpc-client";

/** Changes the name; the bar on top takes it over at once. */
export function ProfileForm({ name }: { name: string }) {
  const router = useRouter();
  const [saved, setSaved] = useState(false);
  const { form, busy, submit, faults, failure } = useForm({
    labels: { name: "Name" },
    check: (values) => {
      setSaved(false);
      return { name: checkGiven(readText(values, "name")) };
    },
    send: async (values) => {
      await api.account.update.mutate({ name: readText(values, "name") });
      setSaved(true);
      router.refresh();
      return "done";
    },
  });
  return (
    <form ref={form} method="post" noValidate className="grid max-w-[440px] gap-3.5" onSubmit={submit}>
      {failure && <Notice tone="bad">{failure}</Notice>}
      <TextField
        label="Name"
        name="name"
        error={faults["name"]}
        defaultValue={name}
        autoComplete="name"
        maxLength={80}
        spellCheck={false}
        onInput={() => setSaved(false)}
      />
      <div className="flex items-center gap-3">
        <SubmitButton busy={busy} look="plain">
          Save the name
        </SubmitButton>
        <span role="status" className="text-[13px] text-ok">
          {saved && (
            <span className="flex items-center gap-1.5">
              <Icon name="check" size={14} />
              Saved
            </span>
          )}
        </span>
      </div>
    </form>
  );
}
