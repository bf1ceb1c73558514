"use client";

import { type FormEvent, useState } from "react";
import { sayLimits } from "@/components/admin/customers/consequence-words";
import { ReasonField, readReason } from "@/components/admin/customers/reason-form";
import { Notice } from "@/components/ui/notice";
import { SubmitButton } from "@/components/ui/submit-button";
import { TextField } from "@/components/ui/text-field";
import { useChange } from "@/components/ui/use-change";
import type { AgreedLimits, CustomerDetail, LimitsChange, LimitsPreview } from "@/lib/contracts/customers.admin";
import { formatNumber } from "@/lib/format";
import { type Plan, planNames, plans } from "@/lib/plans";
import { type Refusal, toSentence } from "@/lib/refusal";
import { consoleApi } from "@/lib/trpc-client.admin";

type LimitName = keyof AgreedLimits;

/** The limits in the order in which they are shown. */
export const limitFields: readonly { name: LimitName; label: string; of: (plan: Plan) => number }[] = [
  { name: "rows_per_minute", label: "Rows a minute", of: ({ rowsPerMinute }) => rowsPerMinute },
  { name: "rows_per_month", label: "Rows a month", of: ({ rowsPerMonth }) => rowsPerMonth },
  { name: "rows_per_call", label: "Rows in a call", of: ({ rowsPerCall }) => rowsPerCall },
  { name: "retention_days", label: "Days history is kept", of: ({ retentionDays }) => retentionDays },
];

type Faults = Partial<Record<LimitName, string>>;

/** A typed number: null for none, NaN for what is none. Commas and spaces between digits are how people write them. */
function readNumber(text: string): number | null {
  const digits = text.replaceAll(/[,\s]/g, "");
  if (digits === "") return null;
  return /^\d{1,15}$/.test(digits) ? Number(digits) : Number.NaN;
}

function readChange(form: HTMLFormElement): { change: LimitsChange; faults: Faults } {
  const data = new FormData(form);
  const read = (name: LimitName) => readNumber(String(data.get(name) ?? ""));
  const agreed: AgreedLimits = {
    rows_per_minute: read("rows_per_minute"),
    rows_per_month: read("rows_per_month"),
    rows_per_call: read("rows_per_call"),
    retention_days: read("retention_days"),
  };
  const wrong = limitFields.filter(({ name }) => Number.isNaN(agreed[name]));
  const plan = planNames.find((name) => name === data.get("plan")) ?? "free";
  return { change: { plan, agreed }, faults: Object.fromEntries(wrong.map(({ name }) => [name, "Type a whole number, or nothing."])) };
}

interface FieldsProps {
  customer: CustomerDetail;
  faults: Faults;
}

function Fields({ customer, faults }: FieldsProps) {
  const [plan, setPlan] = useState(customer.account.plan);
  return (
    <>
      <div className="field">
        <label className="field-label" htmlFor="limits-plan">
          Plan
        </label>
        <div className="input !pr-1">
          <select
            id="limits-plan"
            name="plan"
            defaultValue={plan}
            onChange={({ currentTarget }) => setPlan(planNames.find((name) => name === currentTarget.value) ?? plan)}
          >
            {planNames.map((name) => (
              <option key={name} value={name}>
                {plans[name].title}
              </option>
            ))}
          </select>
        </div>
      </div>
      <div className="limits-fields">
        {limitFields.map(({ name, label, of }) => (
          <TextField
            key={name}
            label={label}
            name={name}
            scope="limits"
            defaultValue={customer.agreed[name] === null ? "" : String(customer.agreed[name])}
            autoComplete="off"
            maxLength={20}
            error={faults[name]}
            help={`Empty: ${formatNumber(of(plans[plan]))} as the plan has.`}
          />
        ))}
      </div>
    </>
  );
}

function Preview({ preview }: { preview: LimitsPreview }) {
  return (
    <div className="consequences" data-tone={preview.minutes_over > 0 || preview.month_over ? "warn" : undefined} role="status">
      {sayLimits(preview).map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
    </div>
  );
}

function faultsOf(refusal: Refusal | null): Faults {
  // What somebody else changed is no fault of what was typed.
  if (refusal?.code === "conflict") return {};
  const wrong = limitFields.flatMap(({ name, label }) => {
    const fault = refusal?.fields[name];
    return fault === undefined ? [] : [[name, toSentence(label, fault)] as const];
  });
  return Object.fromEntries(wrong);
}

/** Why it was not saved; where somebody else was faster, with what is there now. */
function Refused({ refusal: { code, message, fields } }: { refusal: Refusal }) {
  const labels = [{ name: "plan", label: "Plan" }, ...limitFields];
  const now = labels.flatMap(({ name, label }) => (fields[name] === undefined ? [] : [toSentence(label, fields[name])]));
  if (code !== "conflict" || now.length === 0) return <Notice tone="bad">{message}</Notice>;
  return (
    <Notice tone="bad" title={message}>
      <ul className="list-disc pl-5">
        {now.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      <p>What you typed is still here: apply again to put it in place of that, or cancel to leave it.</p>
    </Notice>
  );
}

interface LimitsFormProps {
  customer: CustomerDetail;
  busy: boolean;
  refusal: Refusal | null;
  onApply: (change: LimitsChange, reason: string) => void;
  onCancel: () => void;
}

/** Another plan, or limits of this customer's own: first what they would have meant, then they hold. */
export function LimitsForm({ customer, busy, refusal, onApply, onCancel }: LimitsFormProps) {
  const look = useChange();
  const [preview, setPreview] = useState<LimitsPreview | null>(null);
  const [wrong, setWrong] = useState<{ faults: Faults; reason?: string | undefined }>({ faults: {} });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const { change, faults } = readChange(event.currentTarget);
    const { reason, fault } = readReason(event.currentTarget);
    const isWhole = Object.keys(faults).length === 0;
    setWrong({ faults, reason: preview ? fault : undefined });
    if (!isWhole || busy) return;
    if (preview === null) void look.run(() => consoleApi.customers.previewLimits.query({ id: customer.account.id, ...change }), setPreview);
    else if (fault === undefined) onApply(change, reason);
  };
  const refused = look.refusal ?? refusal;
  const faults = { ...faultsOf(refused), ...wrong.faults };
  const forget = (event: FormEvent<HTMLFormElement>) => {
    if (!(event.target instanceof HTMLInputElement && event.target.name === "reason")) setPreview(null);
  };
  return (
    <form className="grid gap-4" onSubmit={submit} onInput={forget} noValidate>
      <Fields customer={customer} faults={faults} />
      {preview && <Preview preview={preview} />}
      {refused && Object.keys(faults).length === 0 && <Refused refusal={refused} />}
      {preview && <ReasonField error={wrong.reason} />}
      <div className="dialog-actions !mt-1">
        <button type="button" className="btn" onClick={onCancel}>
          Cancel
        </button>
        <SubmitButton busy={busy || look.busy}>{preview ? "Apply" : "See what it changes"}</SubmitButton>
      </div>
    </form>
  );
}
