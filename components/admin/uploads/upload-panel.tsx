"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useId, useRef, useState } from "react";
import { DropZone } from "@/components/admin/uploads/drop-zone";
import { LookingInside, SendingProgress } from "@/components/admin/uploads/upload-progress";
import { type UploadStep, useUpload } from "@/components/admin/uploads/use-upload";
import { Card } from "@/components/ui/card";
import { Notice } from "@/components/ui/notice";
import { useHydrated } from "@/components/ui/use-hydrated";
import { formatBytes } from "@/lib/format";

export interface ModelChoice {
  slug: string;
  name: string;
}

/** Why a file is not worth sending, or null. */
function faultOf(file: File | null, largest: number): string | null {
  if (!file) return "Choose a file first.";
  return file.size > largest ? `The file has ${formatBytes(file.size)}; a model may have ${sayLargest(largest)}.` : null;
}

/** In the unit the limit was set in; files are told in decimal ones. */
const sayLargest = (bytes: number) => `${Math.floor(bytes / 1024 / 1024)} MiB`;

interface ModelSelectProps {
  models: ModelChoice[];
  slug: string;
  disabled: boolean;
  onSlug: (slug: string) => void;
}

function ModelSelect({ models, slug, disabled, onSlug }: ModelSelectProps) {
  const id = useId();
  return (
    <div className="field max-w-md">
      <label className="field-label" htmlFor={id}>
        For which model
      </label>
      <div className="input !pr-1">
        <select id={id} value={slug} disabled={disabled} onChange={(event) => onSlug(event.target.value)} aria-describedby={`${id}-help`}>
          <option value="">A new model</option>
          {models.map((model) => (
            <option key={model.slug} value={model.slug}>
              {model.name} ({model.slug})
            </option>
          ))}
        </select>
      </div>
      <p className="help" id={`${id}-help`}>
        {slug === "" ? "Its card and its address are written in the next step." : "Names, labels and the card of its live version are kept where they fit."}
      </p>
    </div>
  );
}

interface ChooseFormProps {
  models: ModelChoice[];
  file: File | null;
  slug: string;
  /** Bytes that a file may have. */
  largest: number;
  /** Why this reader may not upload, in words; null for those who may. */
  barred: string | null;
  onFile: (file: File) => void;
  onSlug: (slug: string) => void;
  onUpload: (file: File) => void;
}

function ChooseForm({ models, file, slug, largest, barred, onFile, onSlug, onUpload }: ChooseFormProps) {
  const id = useId();
  const form = useRef<HTMLFormElement>(null);
  const hydrated = useHydrated();
  const [error, setError] = useState<string | null>(null);
  const choose = (chosen: File) => {
    setError(null);
    onFile(chosen);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const fault = faultOf(file, largest);
    setError(fault);
    if (file && fault === null) onUpload(file);
    else form.current?.querySelector<HTMLElement>("input[type=file]")?.focus();
  };
  return (
    <form ref={form} className="grid gap-4" onSubmit={submit} noValidate>
      <DropZone
        file={file}
        error={error}
        help={`Up to ${sayLargest(largest)}, everything in one file.`}
        disabled={barred !== null}
        onChoose={choose}
      />
      <ModelSelect models={models} slug={slug} disabled={barred !== null} onSlug={onSlug} />
      <div className="flex flex-wrap items-center gap-3">
        <button type="submit" className="btn btn-main" disabled={barred !== null || !hydrated} aria-describedby={barred === null ? undefined : `${id}-barred`}>
          Upload model
        </button>
        {barred !== null && (
          <p className="help" id={`${id}-barred`}>
            {barred}
          </p>
        )}
      </div>
    </form>
  );
}

/** What was just shown takes the focus, because what had it is gone. */
const takeFocus = (element: HTMLElement | null) => element?.focus();

type Stopped = Extract<UploadStep, { kind: "interrupted" | "refused" }>;

interface StoppedUploadProps {
  step: Stopped;
  onGoOn: (file: File) => void;
  onAnother: () => void;
}

/** Why there is no draft, and what can be done. */
function StoppedUpload({ step, onGoOn, onAnother }: StoppedUploadProps) {
  const { file } = step;
  const isRefused = step.kind === "refused";
  return (
    <div className="grid gap-3">
      <Notice tone="bad" title={isRefused ? `${file.name} cannot be used` : `${file.name} is not there yet`}>
        {isRefused ? step.refusal.message : step.message}
        {isRefused && Object.entries(step.refusal.fields).map(([name, detail]) => <p key={name}>{detail}</p>)}
      </Notice>
      <div className="flex flex-wrap gap-2">
        {!isRefused && (
          <button ref={takeFocus} type="button" className="btn btn-main" onClick={() => onGoOn(file)}>
            Go on
          </button>
        )}
        <button ref={isRefused ? takeFocus : undefined} type="button" className={isRefused ? "btn btn-main" : "btn"} onClick={onAnother}>
          Choose another file
        </button>
      </div>
    </div>
  );
}

interface UploadPanelProps {
  models: ModelChoice[];
  /** The model a new version is for; empty for a new model. */
  chosen: string;
  largest: number;
  barred: string | null;
}

/** A model file, from choosing it to the draft that is made of it. */
export function UploadPanel({ models, chosen, largest, barred }: UploadPanelProps) {
  const router = useRouter();
  const [file, setFile] = useState<File | null>(null);
  const [slug, setSlug] = useState(chosen);
  const { step, start, stop } = useUpload((id) => router.push(`/admin/models/drafts/${id}`));
  const upload = (wanted: File) => void start(wanted, slug === "" ? undefined : slug);
  const chooseAnother = () => {
    setFile(null);
    stop();
  };
  return (
    <Card title="A file to publish">
      {step.kind === "choosing" && (
        <ChooseForm {...{ models, file, slug, largest, barred }} onFile={setFile} onSlug={setSlug} onUpload={upload} />
      )}
      {step.kind === "sending" && <SendingProgress step={step} onStop={stop} />}
      {step.kind === "looking" && <LookingInside filename={step.file.name} />}
      {(step.kind === "interrupted" || step.kind === "refused") && <StoppedUpload step={step} onGoOn={upload} onAnother={chooseAnother} />}
    </Card>
  );
}
