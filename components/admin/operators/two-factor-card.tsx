"use client";

import Image from "next/image";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { RecoveryCodes } from "@/components/admin/operators/recovery-codes";
import { useConfirmedChange } from "@/components/admin/shell/use-confirmed-change";
import { Card } from "@/components/ui/card";
import { CopyButton } from "@/components/ui/copy-button";
import { Dialog } from "@/components/ui/dialog";
import { Icon } from "@/components/ui/icon";
import { Notice } from "@/components/ui/notice";
import { SubmitButton } from "@/components/ui/submit-button";
import { TextField } from "@/components/ui/text-field";
import { readText } from "@/components/ui/use-form";
import type { TwoFactorSetup } from "@/lib/contracts/operators.admin";
import { consoleApi } from "@/lib/trpc-client.admin";

type Change = ReturnType<typeof useConfirmedChange>;

interface CodeFormProps {
  verb: string;
  look?: "main" | "careful";
  help?: string;
  change: Change;
  onCancel: () => void;
  onCode: (code: string) => void;
}

function CodeForm({ verb, look = "main", help, change, onCancel, onCode }: CodeFormProps) {
  const [missing, setMissing] = useState(false);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const code = readText(new FormData(event.currentTarget), "code").trim();
    setMissing(code.length < 6);
    if (code.length >= 6) onCode(code);
  };
  const error = missing ? "Type the six digits that the authenticator shows." : change.refusal?.message;
  return (
    <form className="grid gap-4" onSubmit={submit} noValidate>
      <TextField label="Code" name="code" scope="two-factor" autoComplete="one-time-code" spellCheck={false} error={error} help={help} />
      <div className="dialog-actions !mt-1">
        <button type="button" className="btn" onClick={onCancel}>
          Cancel
        </button>
        <SubmitButton busy={change.busy} look={look}>
          {verb}
        </SubmitButton>
      </div>
    </form>
  );
}

/** The secret as a picture to read with a camera, and as text to type. */
function Secret({ setup: { qr_svg: svg, secret } }: { setup: TwoFactorSetup }) {
  return (
    <>
      <p className="text-ink-2">Read this with an authenticator, or type the secret into it. Then type the code that it shows.</p>
      <Image
        className="two-factor-qr"
        alt="The secret below, to read with a camera"
        src={`data:image/svg+xml,${encodeURIComponent(svg)}`}
        width={196}
        height={196}
        unoptimized
      />
      <div className="my-4 flex flex-wrap items-center gap-2">
        <code className="secret">{secret.match(/.{1,4}/g)?.join(" ")}</code>
        <CopyButton label="Copy secret" text={secret} small />
      </div>
    </>
  );
}

type Asked = { setup: TwoFactorSetup } | "remove";

function useTwoFactor() {
  const router = useRouter();
  const change = useConfirmedChange();
  const [asked, setAsked] = useState<Asked | null>(null);
  const [codes, setCodes] = useState<string[] | null>(null);
  const close = () => {
    change.forget();
    setAsked(null);
  };
  const begin = () => void change.run(() => consoleApi.me.beginTwoFactor.mutate({}), (setup) => setAsked({ setup }));
  const finish = (code: string) =>
    void change.run(() => consoleApi.me.finishTwoFactor.mutate({ code }), (made) => {
      close();
      setCodes(made.codes);
      router.refresh();
    });
  const remove = (code: string) =>
    void change.run(() => consoleApi.me.endTwoFactor.mutate({ code }), () => {
      close();
      router.refresh();
    });
  return { change, asked, setAsked, codes, forgetCodes: () => setCodes(null), close, begin, finish, remove };
}

interface TwoFactorCardProps {
  on: boolean;
  recoveryCodesLeft: number;
}

/** The authenticator that sign-in asks for besides the password: set up with a first code, removed with one. */
export function TwoFactorCard({ on, recoveryCodesLeft }: TwoFactorCardProps) {
  const { change, asked, setAsked, codes, forgetCodes, close, begin, finish, remove } = useTwoFactor();
  const left = recoveryCodesLeft === 1 ? "One recovery code is left." : `${recoveryCodesLeft} recovery codes are left.`;
  return (
    <Card title="Second step">
      <div className="grid gap-4">
        {codes && <RecoveryCodes codes={codes} onClose={forgetCodes} />}
        {change.refusal && !asked && <Notice tone="bad">{change.refusal.message}</Notice>}
        <div>
          <span className="status font-[550]" data-tone={on ? "ok" : "off"}>
            <Icon name={on ? "done" : "info"} />
            {on ? "Sign-in asks for a code of your authenticator." : "Sign-in asks for your password alone."}
          </span>
          <p className="mt-1 text-ink-2">
            {on ? `${left} Remove the authenticator and set it up again for new ones.` : "With an authenticator, a password that leaked opens nothing."}
          </p>
        </div>
        <div>
          {on ? (
            <button type="button" className="btn btn-careful" onClick={() => setAsked("remove")}>
              Remove the authenticator
            </button>
          ) : (
            <button type="button" className="btn" onClick={begin} aria-busy={change.busy}>
              Set up an authenticator
            </button>
          )}
        </div>
      </div>
      <Dialog open={asked !== null} title={asked === "remove" ? "Remove the authenticator?" : "Set up an authenticator"} onClose={close}>
        {asked === "remove" ? (
          <CodeForm verb="Remove" look="careful" help="Of the authenticator, or a recovery code." change={change} onCancel={close} onCode={remove} />
        ) : (
          asked && (
            <>
              <Secret setup={asked.setup} />
              <CodeForm verb="Switch on" change={change} onCancel={close} onCode={finish} />
            </>
          )
        )}
      </Dialog>
      {change.dialog}
    </Card>
  );
}
