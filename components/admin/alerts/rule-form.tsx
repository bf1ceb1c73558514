"use client";

import { useState } from "react";
import { checkDraft, metricDefaults, placeOf, readDraft } from "@/components/admin/alerts/rule-draft";
import { RulePreviewLine } from "@/components/admin/alerts/rule-preview";
import { Notice } from "@/components/ui/notice";
import { SubmitButton } from "@/components/ui/submit-button";
import { TextField } from "@/components/ui/text-field";
import { useForm } from "@/components/ui/use-form";
import { metricNames } from "@/lib/alert-words.admin";
import type { AlertMetric, AlertRule, AlertRuleInput } from "@/lib/contracts/alerts.admin";
import { consoleApi } from "@/lib/trpc-client.admin";

export interface ModelChoice {
  slug: string;
  name: string;
}

const labels = { name: "Name", threshold: "Threshold", window_minutes: "Window", min_calls: "From", mail_to: "Addresses" };

/** How a rule begins that is made from nothing. */
const fresh: AlertRuleInput = {
  name: "",
  metric: "error_rate",
  surface: "api",
  model: null,
  threshold: metricDefaults.error_rate.threshold,
  window_minutes: metricDefaults.error_rate.window,
  min_calls: metricDefaults.error_rate.least,
  enabled: true,
  mail_to: null,
};

interface SelectProps {
  label: string;
  name: string;
  value: string;
  options: readonly (readonly [value: string, words: string])[];
  onChange?: (value: string) => void;
}

function Select({ label, name, value, options, onChange }: SelectProps) {
  return (
    <div className="field">
      <label className="field-label" htmlFor={`rule-${name}`}>
        {label}
      </label>
      <div className="input !pr-1">
        <select id={`rule-${name}`} name={name} defaultValue={value} onChange={(event) => onChange?.(event.currentTarget.value)}>
          {options.map(([option, words]) => (
            <option key={option} value={option}>
              {words}
            </option>
          ))}
        </select>
      </div>
    </div>
  );
}

const metricOptions = Object.entries(metricNames);
const mailOptions = [
  ["team", "Everybody who runs models"],
  ["these", "These addresses"],
  ["nobody", "Nobody"],
] as const;

function placesFrom(models: readonly ModelChoice[], chosen: AlertRuleInput): [string, string][] {
  const listed = models.map(({ slug, name }): [string, string] => [`model:${slug}`, name]);
  const places: [string, string][] = [["api", "Customers' API, all of it"], ...listed, ["console", "The console"]];
  const own = placeOf(chosen);
  return places.some(([place]) => place === own) ? places : [...places, [own, chosen.model ?? own]];
}

interface FiguresProps {
  metric: AlertMetric;
  start: AlertRuleInput;
  faults: Record<string, string | undefined>;
}

/** Where the line is, over how long, and from how many calls on. A kind of its own begins with figures of its own. */
function Figures({ metric, start, faults }: FiguresProps) {
  const { threshold, window, least, unit } = metricDefaults[metric];
  const own = start.metric === metric;
  const text = (value: number) => String(value);
  const unitOf = (words: string) => <span className="unit">{words}</span>;
  return (
    <div key={metric} className="alert-form-row">
      <TextField
        label={metric === "silence" ? "Fewer than" : "Above"}
        name="threshold"
        defaultValue={text(own ? start.threshold : threshold)}
        autoComplete="off"
        error={faults["threshold"]}
        end={unitOf(unit)}
      />
      <TextField
        label="Over the last"
        name="window_minutes"
        defaultValue={text(own ? start.window_minutes : window)}
        autoComplete="off"
        error={faults["window_minutes"]}
        end={unitOf("min")}
      />
      {metric !== "silence" && (
        <TextField
          label="From"
          name="min_calls"
          defaultValue={text(own ? start.min_calls : least)}
          autoComplete="off"
          error={faults["min_calls"]}
          end={unitOf("calls on")}
        />
      )}
    </div>
  );
}

interface RuleFormProps {
  /** The rule to change; null: a new one. */
  rule: AlertRule | null;
  models: readonly ModelChoice[];
  mails: boolean;
  onCancel: () => void;
  onDone: (rule: AlertRule) => void;
}

function mailsOf({ mail_to }: AlertRuleInput): string {
  if (mail_to === null) return "team";
  return mail_to.length === 0 ? "nobody" : "these";
}

function Recipients({ start, mails, error }: { start: AlertRuleInput; mails: boolean; error: string | undefined }) {
  const [chosen, setChosen] = useState(mailsOf(start));
  return (
    <div className="grid gap-3">
      <Select label="Mail it to" name="mails" value={chosen} options={mailOptions} onChange={setChosen} />
      {chosen === "these" && (
        <TextField
          label="Addresses"
          name="mail_to"
          defaultValue={start.mail_to?.join(", ") ?? ""}
          autoComplete="off"
          spellCheck={false}
          error={error}
          help="With commas between."
        />
      )}
      {!mails && chosen !== "nobody" && <p className="help">Mail is not configured on this server: alerts are shown here alone.</p>}
    </div>
  );
}

/** Asks what a rule looks at, with what it would have done in the last day. */
export function RuleForm({ rule, models, mails, onCancel, onDone }: RuleFormProps) {
  const start: AlertRuleInput = rule ?? fresh;
  const enabled = rule?.enabled ?? true;
  const [metric, setMetric] = useState(start.metric);
  const [draft, setDraft] = useState(start);
  const send = async (values: FormData) => {
    const input = readDraft(values, enabled);
    const { changeRule, createRule } = consoleApi.alerts;
    onDone(await (rule ? changeRule.mutate({ id: rule.id, revision: rule.revision, rule: input }) : createRule.mutate(input)));
    return "done" as const;
  };
  const { form, busy, submit, faults, failure } = useForm({ labels, check: (values) => checkDraft(readDraft(values, enabled)), send });
  const follow = (current: HTMLFormElement) => {
    const read = readDraft(new FormData(current), enabled);
    if (read.metric !== metric) setMetric(read.metric);
    setDraft(read.metric === metric ? read : { ...read, ...figuresOf(read.metric, start) });
  };
  return (
    <form ref={form} className="grid gap-4" onSubmit={submit} onChange={(event) => follow(event.currentTarget)} noValidate>
      {failure && <Notice tone="bad">{failure}</Notice>}
      <TextField
        label="Name"
        name="name"
        defaultValue={start.name}
        maxLength={80}
        autoComplete="off"
        error={faults["name"]}
        help="What a mail about it is called."
      />
      <div className="alert-form-row">
        <Select label="Watch" name="metric" value={start.metric} options={metricOptions} />
        <Select label="Of" name="place" value={placeOf(start)} options={placesFrom(models, start)} />
      </div>
      <Figures metric={metric} start={start} faults={faults} />
      <RulePreviewLine draft={draft} />
      <Recipients start={start} mails={mails} error={faults["mail_to"]} />
      <div className="dialog-actions !mt-1">
        <button type="button" className="btn" onClick={onCancel}>
          Cancel
        </button>
        <SubmitButton busy={busy}>{rule ? "Save rule" : "Add rule"}</SubmitButton>
      </div>
    </form>
  );
}

/** The figures that the form shows once another kind was chosen. */
function figuresOf(metric: AlertMetric, start: AlertRuleInput): Pick<AlertRuleInput, "threshold" | "window_minutes" | "min_calls"> {
  if (metric === start.metric) return { threshold: start.threshold, window_minutes: start.window_minutes, min_calls: start.min_calls };
  const { threshold, window, least } = metricDefaults[metric];
  return { threshold, window_minutes: window, min_calls: least };
}
