"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { Icon } from "@/components/ui/icon";
import { Notice } from "@/components/ui/notice";
import { SubmitButton } from "@/components/ui/submit-button";
import { TextField } from "@/components/ui/text-field";
import { readText, useForm } from "@/components/ui/use-form";
import { consoleApi } from "@/lib/trpc-client.admin";

const check = (values: FormData) => ({ name: readText(values, "name").trim() === "" ? "is missing" : undefined });

/** The name that the others and the audit know the reader by. */
export function OwnNameForm({ name }: { name: string }) {
  const router = useRouter();
  const [saved, setSaved] = useState(false);
  const send = async (values: FormData) => {
    await consoleApi.me.rename.mutate({ name: readText(values, "name") });
    setSaved(true);
    router.refresh();
    return "done" as const;
  };
  const { form, busy, submit, faults, failure } = useForm({ labels: { name: "Name" }, check, send });
  return (
    <form ref={form} className="grid gap-4" onSubmit={submit} onInput={() => setSaved(false)} noValidate>
      {failure && <Notice tone="bad">{failure}</Notice>}
      <TextField label="Name" name="name" defaultValue={name} maxLength={80} autoComplete="name" error={faults["name"]} />
      <div className="flex items-center gap-3">
        <SubmitButton busy={busy} look="plain">
          Save the name
        </SubmitButton>
        <span className="flex items-center gap-1 text-ok" role="status">
          {saved && (
            <>
              <Icon name="check" size={14} />
              Saved
            </>
          )}
        </span>
      </div>
    </form>
  );
}
