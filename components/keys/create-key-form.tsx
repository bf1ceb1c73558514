"use client";

import { type FormEvent, useId, useState } from "react";
import { Icon } from "@/components/ui/icon";
import { Notice } from "@/components/ui/notice";
import { SubmitButton } from "@/components/ui/submit-button";
import { TextField } from "@/components/ui/text-field";
import { useChange } from "@/components/ui/use-change";
import type { NewKey } from "@/lib/contracts/keys";
import { api } from "@/lib/trpc-client";

interface ModelChoice {
  slug: string;
  name: string;
}

interface CreateKeyFormProps {
  models: ModelChoice[];
  onCancel: () => void;
  onCreated: (key: NewKey) => void;
}

const EXPIRIES = [
  { days: "", words: "Never" },
  { days: "30", words: "In 30 days" },
  { days: "90", words: "In 90 days" },
  { days: "365", words: "In 365 days" },
];

interface ModelsFieldProps {
  models: ModelChoice[];
  all: boolean;
  onAll: (all: boolean) => void;
  error: string | undefined;
}

/** Every model, also those to come, or some of them. */
function ModelsField({ models, all, onAll, error }: ModelsFieldProps) {
  const id = useId();
  return (
    <fieldset className="field" aria-describedby={error && `${id}-error`}>
      <legend className="field-label mb-1.5">Models it may call</legend>
      <div className="segmented">
        <label>
          <input type="radio" name="scope" value="all" checked={all} onChange={() => onAll(true)} />
          All models
        </label>
        <label>
          <input type="radio" name="scope" value="chosen" checked={!all} onChange={() => onAll(false)} />
          Chosen models
        </label>
      </div>
      {all ? (
        <p className="help">Also models that are published later.</p>
      ) : (
        <div className="check-list">
          {models.map(({ slug, name }) => (
            <label key={slug} className="check">
              <input type="checkbox" name="models" value={slug} />
              {name}
            </label>
          ))}
        </div>
      )}
      {error && (
        <p className="field-error" id={`${id}-error`}>
          <Icon name="alert" size={14} />
          {error}
        </p>
      )}
    </fieldset>
  );
}

interface Wrong {
  name?: string;
  models?: string;
}

/** What the form holds, as the service takes it, or what is wrong with it. */
function readForm(form: FormData, all: boolean) {
  const name = String(form.get("name") ?? "").trim();
  const models = all ? null : form.getAll("models").map(String);
  const days = String(form.get("expiry") ?? "");
  const wrong: Wrong = {
    ...(name === "" && { name: "Give it a name that tells where it is used." }),
    ...(models?.length === 0 && { models: "Choose at least one model." }),
  };
  return { input: { name, models, expires_in_days: days === "" ? null : Number(days) }, wrong };
}

/** Asks what a new key is for, and makes it. */
export function CreateKeyForm({ models, onCancel, onCreated }: CreateKeyFormProps) {
  const [all, setAll] = useState(true);
  const [wrong, setWrong] = useState<Wrong>({});
  const { busy, refusal, run } = useChange();
  const expiry = useId();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const read = readForm(new FormData(form), all);
    setWrong(read.wrong);
    if (read.wrong.name) form.querySelector<HTMLInputElement>("#name")?.focus();
    else if (read.wrong.models) form.querySelector<HTMLInputElement>("input[name=models]")?.focus();
    else void run(() => api.keys.create.mutate(read.input), onCreated);
  };
  return (
    <form className="grid gap-4" onSubmit={submit} noValidate>
      {refusal && <Notice tone="bad" title="The key was not created">{refusal.message}</Notice>}
      <TextField
        label="Name"
        name="name"
        maxLength={60}
        autoComplete="off"
        error={wrong.name}
        help="Such as the program or the computer that uses it."
      />
      <ModelsField models={models} all={all} onAll={setAll} error={wrong.models} />
      <div className="field">
        <label className="field-label" htmlFor={expiry}>
          Ends by itself
        </label>
        <div className="input !pr-1">
          <select id={expiry} name="expiry">
            {EXPIRIES.map(({ days, words }) => (
              <option key={days} value={days}>
                {words}
              </option>
            ))}
          </select>
        </div>
      </div>
      <div className="dialog-actions !mt-1">
        <button type="button" className="btn" onClick={onCancel}>
          Cancel
        </button>
        <SubmitButton busy={busy}>Create key</SubmitButton>
      </div>
    </form>
  );
}
