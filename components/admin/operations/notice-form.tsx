"use client";

import { useState } from "react";
import { Icon } from "@/components/ui/icon";
import { Notice } from "@/components/ui/notice";
import { SubmitButton } from "@/components/ui/submit-button";
import { readText, useForm } from "@/components/ui/use-form";
import type { NoticeState, SetNotice } from "@/lib/contracts/operations.admin";
import { readRefusal } from "@/lib/refusal";
import { consoleApi } from "@/lib/trpc-client.admin";

const MOST = 300;
const labels = { text: "Text", from: "From", to: "Until" };

const twoDigits = (value: number) => String(value).padStart(2, "0");

/** A moment as the browser's own field for dates takes it, on the reader's clock: `2026-11-22T14:03`. */
function toLocal(iso: string | null): string {
  if (iso === null) return "";
  const at = new Date(iso);
  const day = [at.getFullYear(), twoDigits(at.getMonth() + 1), twoDigits(at.getDate())].join("-");
  return `${day}T${twoDigits(at.getHours())}:${twoDigits(at.getMinutes())}`;
}

function fromLocal(text: string): string | null {
  return text === "" || Number.isNaN(Date.parse(text)) ? null : new Date(text).toISOString();
}

function readNotice(values: FormData): Omit<SetNotice, "seen"> {
  return {
    text: readText(values, "text").replaceAll(/\s+/g, " ").trim(),
    tone: readText(values, "tone") === "warn" ? "warn" : "info",
    from: fromLocal(readText(values, "from")),
    to: fromLocal(readText(values, "to")),
  };
}

function check(values: FormData): Record<string, string | undefined> {
  const { text, from, to } = readNotice(values);
  const begins = from === null ? Date.now() : Date.parse(from);
  return {
    text: text === "" ? "is missing" : undefined,
    to: to !== null && Date.parse(to) <= begins ? "must be later than the beginning" : undefined,
  };
}

function Fault({ id, words }: { id: string; words: string | undefined }) {
  if (!words) return null;
  return (
    <p className="field-error" id={id}>
      <Icon name="alert" size={14} />
      {words}
    </p>
  );
}

interface MomentFieldProps {
  label: string;
  name: "from" | "to";
  value: string | null;
  help: string;
  error: string | undefined;
}

function MomentField({ label, name, value, help, error }: MomentFieldProps) {
  const id = `notice-${name}`;
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      <div className="input" data-invalid={error !== undefined}>
        <input
          id={id}
          name={name}
          type="datetime-local"
          defaultValue={toLocal(value)}
          aria-invalid={error !== undefined}
          aria-describedby={`${id}-help ${id}-error`}
        />
      </div>
      <Fault id={`${id}-error`} words={error} />
      <p className="help" id={`${id}-help`}>
        {help}
      </p>
    </div>
  );
}

function WordsField({ value, error }: { value: string; error: string | undefined }) {
  return (
    <div className="field">
      <label className="field-label" htmlFor="notice-text">
        Text
      </label>
      <div className="input input-area" data-invalid={error !== undefined}>
        <textarea
          id="notice-text"
          name="text"
          rows={3}
          maxLength={MOST}
          defaultValue={value}
          aria-invalid={error !== undefined}
          aria-describedby="notice-text-help notice-text-error"
        />
      </div>
      <Fault id="notice-text-error" words={error} />
      <p className="help" id="notice-text-help">
        One or two sentences, at most {MOST} characters. Everybody reads it, without signing in.
      </p>
    </div>
  );
}

interface NoticeFormProps {
  /** The one there is; null: a new one. */
  notice: NoticeState | null;
  onCancel: () => void;
  onDone: (notice: NoticeState) => void;
}

/** Asks what customers are to be told, and when. */
export function NoticeForm({ notice, onCancel, onDone }: NoticeFormProps) {
  // As the form began with: what the page reads meanwhile has not been seen by who types. What a refusal told has.
  const [{ seen, isTold }, setSeen] = useState({ seen: notice?.changed_at ?? null, isTold: false });
  const send = async (values: FormData) => {
    try {
      onDone(await consoleApi.operations.setNotice.mutate({ ...readNotice(values), seen }));
    } catch (error) {
      if (readRefusal(error).code === "conflict") {
        setSeen({ seen: (await consoleApi.operations.notice.query())?.changed_at ?? null, isTold: true });
      }
      throw error;
    }
    return "done" as const;
  };
  const { form, busy, submit, faults, failure } = useForm({ labels, check, send });
  return (
    <form ref={form} className="grid gap-4" onSubmit={submit} noValidate>
      {failure && <Notice tone="bad">{failure}</Notice>}
      {failure && isTold && <p className="help">What you typed is still here. Sent once more, it takes the place of that.</p>}
      <WordsField value={notice?.text ?? ""} error={faults["text"]} />
      <fieldset className="field">
        <legend className="field-label mb-1.5">Look</legend>
        <div className="segmented">
          <label>
            <input type="radio" name="tone" value="info" defaultChecked={notice?.tone !== "warn"} />
            News
          </label>
          <label>
            <input type="radio" name="tone" value="warn" defaultChecked={notice?.tone === "warn"} />
            Warning
          </label>
        </div>
      </fieldset>
      <div className="alert-form-row">
        <MomentField label="From" name="from" value={notice?.from ?? null} help="On your clock. Empty: now." error={faults["from"]} />
        <MomentField label="Until" name="to" value={notice?.to ?? null} help="Empty: until you take it away." error={faults["to"]} />
      </div>
      <div className="dialog-actions !mt-1">
        <button type="button" className="btn" onClick={onCancel}>
          Cancel
        </button>
        <SubmitButton busy={busy}>Show notice</SubmitButton>
      </div>
    </form>
  );
}
