"use client";

import { useRouter } from "next/navigation";
import { useMemo, useState } from "react";
import { CreateKeyForm } from "@/components/keys/create-key-form";
import { RenameKeyForm, RevokeKeyForm, RotateKeyForm } from "@/components/keys/key-forms";
import { type KeyAction, KeysTable } from "@/components/keys/keys-table";
import { NewKeyNotice } from "@/components/keys/new-key-notice";
import { NoKeys } from "@/components/keys/no-keys";
import { useNewKey } from "@/components/keys/use-new-key";
import { AccountFrame } from "@/components/shell/account-frame";
import { Card } from "@/components/ui/card";
import { Dialog } from "@/components/ui/dialog";
import { Icon } from "@/components/ui/icon";
import { Notice } from "@/components/ui/notice";
import { useChange } from "@/components/ui/use-change";
import type { ApiKey, NewKey } from "@/lib/contracts/keys";
import { api } from "@/lib/trpc-client";

interface KeysPanelProps {
  live: ApiKey[];
  ended: ApiKey[];
  limit: number;
  models: { slug: string; name: string; inputs: number }[];
  origin: string;
  now: number;
}

/** What the open dialog is about. */
type Asked = { action: "create" } | { action: Exclude<KeyAction, "switch">; key: ApiKey };

function titleOf(asked: Asked | null): string {
  if (!asked || asked.action === "create") return "Create a key";
  const { name } = asked.key;
  return { rename: `Rename “${name}”`, rotate: `Rotate “${name}”`, revoke: `Revoke “${name}”?` }[asked.action];
}

interface QuestionProps {
  asked: Asked;
  models: KeysPanelProps["models"];
  onCancel: () => void;
  onSecret: (key: NewKey, happened: string) => void;
  onChanged: (told: string) => void;
}

function Question({ asked, models, onCancel, onSecret, onChanged }: QuestionProps) {
  if (asked.action === "create") {
    return <CreateKeyForm models={models} onCancel={onCancel} onCreated={(key) => onSecret(key, "created")} />;
  }
  const shared = { apiKey: asked.key, onCancel };
  if (asked.action === "rename") {
    return <RenameKeyForm {...shared} onDone={({ name }) => onChanged(`The key is called “${name}” now.`)} />;
  }
  if (asked.action === "rotate") return <RotateKeyForm {...shared} onDone={(key) => onSecret(key, "rotated")} />;
  return <RevokeKeyForm {...shared} onDone={({ name }) => onChanged(`“${name}” was revoked. Calls with it are refused from now on.`)} />;
}

/** Everything the page of keys does: the dialogs, what came of them, and the lists. */
function useKeys({ models, origin }: Pick<KeysPanelProps, "models" | "origin">) {
  const router = useRouter();
  const [asked, setAsked] = useState<Asked | null>(null);
  const [told, setTold] = useState<string | null>(null);
  const [happened, setHappened] = useState("created");
  const { shown, show, hide } = useNewKey(models, origin);
  const { refusal, run } = useChange();
  const close = () => setAsked(null);
  const changed = (words: string) => {
    close();
    setTold(words);
    router.refresh();
  };
  const showSecret = (key: NewKey, what: string) => {
    close();
    setTold(null);
    setHappened(what);
    show(key);
    router.refresh();
  };
  const act = (action: KeyAction, key: ApiKey) => {
    setTold(null);
    if (action !== "switch") return setAsked({ action, key });
    const enabled = key.status === "disabled";
    const what = enabled ? "works again." : "is switched off. Calls with it are refused until you switch it on.";
    void run(() => api.keys.update.mutate({ id: key.id, enabled }), () => changed(`“${key.name}” ${what}`));
  };
  return { asked, setAsked, close, told, setTold, happened, shown, hide, refusal, changed, showSecret, act };
}

/** The keys of an account: the list, what can be done with each, and a new one's secret. */
export function KeysPanel({ live, ended, limit, models, origin, now }: KeysPanelProps) {
  const { asked, setAsked, close, told, setTold, happened, shown, hide, refusal, changed, showSecret, act } = useKeys({ models, origin });
  const names = useMemo(() => new Map(models.map(({ slug, name }) => [slug, name])), [models]);
  const full = live.length >= limit;
  const create = () => setAsked({ action: "create" });
  const button = (
    <button type="button" className="btn btn-main" onClick={create} disabled={full}>
      <Icon name="plus" />
      Create key
    </button>
  );
  return (
    <AccountFrame title="Keys" action={button}>
      {shown && <NewKeyNotice shown={shown} happened={happened} onClose={hide} />}
      {told && <Notice tone="ok" title={told} onClose={() => setTold(null)} />}
      {refusal && <Notice tone="bad" title={refusal.message} />}
      {full && (
        <Notice tone="info" title={`There are ${limit} keys, as many as an account may have.`}>
          Revoke one that is not used any more to make room.
        </Notice>
      )}
      {live.length === 0 ? (
        <NoKeys onCreate={create} />
      ) : (
        <Card title="Keys" aside={`${live.length} of ${limit}`} flush>
          <KeysTable label="Table of keys" keys={live} names={names} now={now} onAct={act} />
        </Card>
      )}
      {ended.length > 0 && (
        <details className="card fold">
          <summary>
            <Icon name="chevron-right" />
            Ended keys <span className="help">{ended.length}</span>
          </summary>
          <KeysTable label="Table of ended keys" keys={ended} names={names} now={now} />
        </details>
      )}
      <Dialog open={asked !== null} title={titleOf(asked)} onClose={close}>
        {asked && <Question asked={asked} models={models} onCancel={close} onSecret={showSecret} onChanged={changed} />}
      </Dialog>
    </AccountFrame>
  );
}
