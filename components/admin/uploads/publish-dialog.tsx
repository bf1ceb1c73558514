"use client";

import { type FormEvent, useId, useState } from "react";
import { type Change, ChangesList } from "@/components/admin/models/changes-list";
import { type Release, type PublishOrder, useRelease } from "@/components/admin/uploads/use-publish";
import { Dialog } from "@/components/ui/dialog";
import { Icon } from "@/components/ui/icon";
import { Notice } from "@/components/ui/notice";
import { SubmitButton } from "@/components/ui/submit-button";
import { TextField } from "@/components/ui/text-field";
import type { ReleaseState } from "@/lib/contracts/releases.admin";
import type { Draft } from "@/lib/contracts/uploads.admin";
import type { Refusal } from "@/lib/refusal";

interface Choice {
  release: Release;
  title: string;
  words: string;
}

/** What can become of the version, by who answers now. */
function choicesFor(slug: string, known: ReleaseState | null): Choice[] {
  const live = known?.live ?? null;
  const store: Choice = {
    release: "store",
    title: "Only store it",
    words: "It gets a number and waits. Nobody is answered by it; release it on the model’s page.",
  };
  if (live === null) {
    const words = `From that moment the page /models/${slug} and its address in the API are there, for everybody.`;
    return [{ release: "live", title: "Open it to customers", words }, store];
  }
  const candidate: Choice = {
    release: "candidate",
    title: "Start it as a candidate",
    words: `A share of the customers is answered by it, each always the same way; version ${live} answers the others.`,
  };
  const everybody: Choice = {
    release: "live",
    title: "Take it live",
    words: `It answers everybody in place of version ${live}, within five seconds.`,
  };
  return (known?.candidate ?? null) === null ? [candidate, everybody, store] : [store];
}

interface ShareFieldProps {
  value: string;
  onChange: (value: string) => void;
}

function ShareField({ value, onChange }: ShareFieldProps) {
  const id = useId();
  return (
    <div className="field ml-6 max-w-40">
      <label className="field-label" htmlFor={id}>
        Share of customers
      </label>
      <div className="input">
        <input
          id={id}
          type="number"
          min={1}
          max={50}
          step={1}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          aria-describedby={`${id}-help`}
        />
        <span className="unit">%</span>
      </div>
      <p className="help" id={`${id}-help`}>
        1 to 50
      </p>
    </div>
  );
}

function BreakingBox({ breaking, missing }: { breaking: readonly Change[]; missing: boolean }) {
  return (
    <div className="grid gap-2">
      <p className="font-[550]">{breaking.length === 1 ? "One change breaks calls" : `${breaking.length} changes break calls`} that work now:</p>
      <ChangesList changes={breaking} />
      <label className="check">
        <input type="checkbox" name="accept" aria-invalid={missing} aria-describedby={missing ? "accept-error" : undefined} />
        Do it although calls break
      </label>
      {missing && (
        <p className="field-error" id="accept-error" role="alert">
          <Icon name="alert" size={14} />
          Say that calls may break, or choose to store it only.
        </p>
      )}
    </div>
  );
}

interface PublishFormProps {
  draft: Draft;
  breaking: readonly Change[];
  busy: boolean;
  refusal: Refusal | null;
  onPublish: (order: PublishOrder, seen: ReleaseState | null) => void;
  onClose: () => void;
}

interface ReleaseFieldProps {
  choices: Choice[];
  release: Release;
  share: string;
  onRelease: (release: Release) => void;
  onShare: (share: string) => void;
}

function ReleaseField({ choices, release, share, onRelease, onShare }: ReleaseFieldProps) {
  return (
    <fieldset className="grid gap-2">
      <legend className="field-label mb-2">What becomes of it</legend>
      {choices.map((choice) => (
        <div key={choice.release} className="grid gap-2">
          <label className="publish-choice">
            <input
              type="radio"
              name="release"
              value={choice.release}
              checked={release === choice.release}
              onChange={() => onRelease(choice.release)}
            />
            <b className="font-[550]">{choice.title}</b>
            <span className="text-ink-2">{choice.words}</span>
          </label>
          {choice.release === "candidate" && release === "candidate" && <ShareField value={share} onChange={onShare} />}
        </div>
      ))}
    </fieldset>
  );
}

/** What the operator has to know about what is there already. */
function Standing({ draft, known, busy }: { draft: Draft; known: ReleaseState | null; busy: boolean }) {
  const candidate = known?.candidate ?? null;
  return (
    <>
      {!busy && draft.published_as && <Notice tone="info">Stored as version {draft.published_as.version}, and not released yet.</Notice>}
      {candidate !== null && (
        <Notice tone="info">Version {candidate} is a candidate at the moment. This one can be released once that trial is over.</Notice>
      )}
    </>
  );
}

interface ReadyFormProps extends PublishFormProps {
  known: ReleaseState | null;
}

/** The order as it is filled in, and what is missing in it. */
function useOrder({ draft, known, breaking, busy, onPublish }: ReadyFormProps) {
  const choices = choicesFor(draft.slug, known);
  const [release, setRelease] = useState<Release>(choices[0]?.release ?? "store");
  const [share, setShare] = useState("10");
  const [missing, setMissing] = useState(false);
  const broken = release === "store" ? [] : breaking;
  const percent = Number(share);
  const isShare = release !== "candidate" || (Number.isInteger(percent) && percent >= 1 && percent <= 50);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const values = new FormData(event.currentTarget);
    const isAccepted = broken.length === 0 || values.get("accept") !== null;
    setMissing(!isAccepted);
    if (busy || !isAccepted || !isShare) return;
    const reason = String(values.get("reason") ?? "").trim();
    onPublish({ release, share: percent, reason, acceptBreaking: broken.length > 0, keepCase: values.get("case") !== null }, known);
  };
  return { choices, release, setRelease, share, setShare, missing, broken, isShare, submit };
}

function ReadyForm(props: ReadyFormProps) {
  const { draft, known, busy, refusal, onClose } = props;
  const { choices, release, setRelease, share, setShare, missing, broken, isShare, submit } = useOrder(props);
  return (
    <form className="grid gap-4" onSubmit={submit} noValidate>
      <Standing draft={draft} known={known} busy={busy} />
      <ReleaseField {...{ choices, release, share }} onRelease={setRelease} onShare={setShare} />
      {!isShare && <p className="field-error">The share is a whole number from 1 to 50.</p>}
      {broken.length > 0 && <BreakingBox breaking={broken} missing={missing} />}
      {draft.examples.length === 0 && (
        <label className="check">
          <input type="checkbox" name="case" defaultChecked />
          Open the customers’ page with the case that was tried
        </label>
      )}
      {refusal && <Notice tone="bad">{refusal.message}</Notice>}
      {release !== "store" && (
        <TextField label="Reason" name="reason" scope="publish" maxLength={300} autoComplete="off" help="Kept in the history and in the audit." />
      )}
      <div className="dialog-actions !mt-1">
        <button type="button" className="btn" onClick={onClose}>
          Cancel
        </button>
        <SubmitButton busy={busy}>Publish</SubmitButton>
      </div>
    </form>
  );
}

function PublishForm(props: PublishFormProps) {
  const { known, failure } = useRelease(props.draft.slug);
  if (failure !== null) return <Notice tone="bad">{failure}</Notice>;
  if (known === undefined) return <p className="help">Looking what answers now …</p>;
  return <ReadyForm {...props} known={known} />;
}

interface PublishDialogProps extends PublishFormProps {
  open: boolean;
}

/** Asks what becomes of the version, and says what happens then. */
export function PublishDialog({ open, ...form }: PublishDialogProps) {
  return (
    <Dialog open={open} title={`Publish ${form.draft.card.name}`} onClose={form.onClose} wide>
      <PublishForm {...form} />
    </Dialog>
  );
}
