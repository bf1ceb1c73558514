"use client";

import { type FormEvent, useMemo, useState } from "react";
import { type FieldProposal, proposeFields } from "@/components/admin/uploads/rows-proposal";
import { Notice } from "@/components/ui/notice";
import type { ModelSchema } from "@/lib/contracts/model-schema";
import type { ReadTrainingRows } from "@/lib/contracts/uploads.admin";
import { formatNumber } from "@/lib/format";

/** What an operator takes of what was found. */
export interface TakenRows {
  /** The keys of fields. */
  fields: ReadonlySet<string>;
  /** Whether the shape of known answers is taken. */
  answers: boolean;
}

interface ChoiceProps {
  title: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
  changes: FieldProposal["changes"];
  detail: string | undefined;
}

function Choice({ title, checked, onChange, changes, detail }: ChoiceProps) {
  return (
    <li>
      <label className="rows-choice">
        <input type="checkbox" checked={checked} onChange={(event) => onChange(event.target.checked)} />
        <span className="min-w-0">
          <b className="mr-3 font-[550]">{title}</b>
          {changes.map(({ what, from, to }) => (
            <span key={what} className="rows-change">
              {what} <s>{from}</s> <span className="sr-only">becomes</span>
              <span aria-hidden="true">→</span> <b className="font-[550]">{to}</b>
            </span>
          ))}
          {detail !== undefined && <span className="help block">{detail}</span>}
        </span>
      </label>
    </li>
  );
}

function Leftovers({ found, proposals, schema }: { found: ReadTrainingRows; proposals: readonly FieldProposal[]; schema: ModelSchema }) {
  const changed = new Set(proposals.map(({ name }) => name));
  const missing = new Set(found.report.missing);
  const same = schema.inputs.map(({ name }) => name).filter((name) => !changed.has(name) && !missing.has(name));
  const lists: [string, string[]][] = [
    ["As the draft says already", same],
    ["Columns that belong to no field", found.report.unused],
    ["Fields without a column", found.report.missing],
  ];
  return lists
    .filter(([, names]) => names.length > 0)
    .map(([title, names]) => (
      <p key={title} className="help">
        {title}: {names.slice(0, 20).join(", ")}
        {names.length > 20 && `, and ${names.length - 20} more`}
      </p>
    ));
}

interface RowsFoundProps {
  found: ReadTrainingRows;
  /** As it stands now: what would change is told against it. */
  schema: ModelSchema;
  disabled: boolean;
  onTake: (taken: TakenRows) => void;
  onLeave: () => void;
}

/** What training rows would change in the draft, to be taken field by field or left. */
export function RowsFound({ found, schema, disabled, onTake, onLeave }: RowsFoundProps) {
  const { report } = found;
  const proposals = useMemo(() => proposeFields(schema, found.schema), [schema, found]);
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [answers, setAnswers] = useState(true);
  const details = new Map(report.found.map(({ field, detail }) => [field, detail]));
  const fields = proposals.filter(({ key }) => !left.has(key));
  const takesAnswers = answers && report.reference.length > 0;
  const count = fields.length + Number(takesAnswers);
  const toggle = (key: string, checked: boolean) => setLeft((known) => new Set([...known].filter((one) => one !== key).concat(checked ? [] : key)));
  const take = (event: FormEvent) => {
    event.preventDefault();
    onTake({ fields: new Set(fields.map(({ key }) => key)), answers: takesAnswers });
  };
  return (
    <form className="grid gap-3" onSubmit={take}>
      <Notice tone="info" title={`${formatNumber(report.rows)} rows were read. The draft is as it was.`}>
        {proposals.length === 0 ? "It says of every field what the rows say." : "Choose what of this goes into it."}
        {report.skipped.rows > 0 && ` ${formatNumber(report.skipped.rows)} rows could not be asked: ${report.skipped.reason ?? ""}`}
      </Notice>
      <ul className="rows-choices" aria-label="What the rows would change" tabIndex={0}>
        {proposals.map(({ key, name, changes }) => (
          <Choice key={key} title={name} checked={!left.has(key)} onChange={(checked) => toggle(key, checked)} changes={changes} detail={details.get(name)} />
        ))}
        {report.reference.length > 0 && (
          <Choice
            title="Known answers"
            checked={answers}
            onChange={setAnswers}
            changes={[]}
            detail="The shape of the model’s answers to these rows, which pages draw in grey behind an answer."
          />
        )}
      </ul>
      <Leftovers found={found} proposals={proposals} schema={schema} />
      <div className="flex flex-wrap gap-2">
        <button type="submit" className="btn btn-main btn-small" disabled={disabled || count === 0}>
          {count === 1 ? "Take this one" : `Take these ${count}`}
        </button>
        <button type="button" className="btn btn-small" onClick={onLeave}>
          Leave the draft as it is
        </button>
      </div>
    </form>
  );
}
