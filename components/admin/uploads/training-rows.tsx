"use client";

import { type ChangeEvent, useId, useState } from "react";
import { Baseline } from "@/components/admin/uploads/baseline";
import type { DraftParts } from "@/components/admin/uploads/draft-parts";
import type { DraftStore } from "@/components/admin/uploads/draft-store";
import { sendRaw } from "@/components/admin/uploads/send-part";
import { Card } from "@/components/ui/card";
import { Notice } from "@/components/ui/notice";
import { useChange } from "@/components/ui/use-change";
import type { TrainingReport } from "@/lib/contracts/inspection.admin";
import type { Draft } from "@/lib/contracts/uploads.admin";
import { formatBytes, formatNumber } from "@/lib/format";
import { RefusedError } from "@/lib/refusal";

interface ReadRows {
  report: TrainingReport;
  draft: Draft;
}

/** Our own service answered: its procedure has checked the shape. */
function isReadRows(answer: unknown): answer is ReadRows {
  return typeof answer === "object" && answer !== null && "report" in answer && "draft" in answer;
}

const refuse = (message: string) => new RefusedError({ code: "invalid_input", message, fields: {} });

async function readRows(store: DraftStore, file: File, largest: number): Promise<ReadRows> {
  const sizes = `The file has ${formatBytes(file.size)}; ${formatBytes(largest)} are read at most.`;
  if (file.size > largest) throw refuse(`${sizes} Take a sample of its rows.`);
  if (!(await store.flush())) throw refuse("What is written is not saved yet. Correct what is marked, then choose the file again.");
  const { id, revision } = store.read().draft;
  const address = `/admin/uploads/${id}/rows?revision=${revision}`;
  const answer = await sendRaw({ address, type: "text/csv", body: file, signal: new AbortController().signal });
  if (!isReadRows(answer)) throw refuse("The rows were read, but the answer was not. Load the page again.");
  return answer;
}

function Report({ report }: { report: TrainingReport }) {
  const { rows, found, unused, missing, skipped } = report;
  const lists: [string, string[]][] = [
    ["Columns that belong to no field", unused],
    ["Fields without a column", missing],
  ];
  return (
    <div className="grid gap-3" role="status">
      <Notice tone="ok" title={`${formatNumber(rows)} rows were read`}>
        Ranges, categories and defaults of {formatNumber(found.length)} fields come from them now.
        {skipped.rows > 0 && ` ${formatNumber(skipped.rows)} rows could not be asked: ${skipped.reason ?? ""}`}
      </Notice>
      <ul className="change-list max-h-64 overflow-y-auto" tabIndex={0} aria-label="What was found">
        {found.map(({ field, detail }) => (
          <li key={field}>
            <span>
              <b className="font-[550]">{field}</b> {detail}
            </span>
          </li>
        ))}
      </ul>
      {lists
        .filter(([, names]) => names.length > 0)
        .map(([title, names]) => (
          <p key={title} className="text-ink-2">
            {title}: {names.slice(0, 20).join(", ")}
            {names.length > 20 && `, and ${names.length - 20} more`}
          </p>
        ))}
    </div>
  );
}

interface ChooseRowsProps {
  busy: boolean;
  disabled: boolean;
  /** The id of the text that says what may be chosen. */
  help: string;
  onChoose: (file: File) => void;
}

function ChooseRows({ busy, disabled, help, onChoose }: ChooseRowsProps) {
  const choose = (event: ChangeEvent<HTMLInputElement>) => {
    const [file] = event.target.files ?? [];
    event.target.value = "";
    if (file) onChoose(file);
  };
  return (
    <label className="btn focus-within:outline-2 focus-within:outline-offset-2 focus-within:outline-focus">
      {busy && <span className="spinner" aria-hidden="true" />}
      {busy ? "Reading …" : "Choose a CSV file"}
      <input
        type="file"
        accept=".csv,text/csv"
        className="sr-only"
        disabled={disabled || busy}
        aria-describedby={help}
        onChange={choose}
      />
    </label>
  );
}

interface TrainingRowsProps {
  store: DraftStore;
  parts: DraftParts;
  /** Bytes of a file of rows. */
  largest: number;
  disabled: boolean;
}

/** Rows the model was trained on: they give ranges and categories, and the shape of known answers. */
export function TrainingRows({ store, parts: { schema, reference }, largest, disabled }: TrainingRowsProps) {
  const id = useId();
  const [report, setReport] = useState<TrainingReport | null>(null);
  const { busy, refusal, run } = useChange();
  const choose = (file: File) =>
    void run(
      () => readRows(store, file, largest),
      (read) => {
        store.take(read.draft, ["schema", "reference"]);
        setReport(read.report);
      },
    );
  const drawn = schema.outputs.flatMap((output) => {
    const known = reference[output.name];
    return known ? [{ output, known }] : [];
  });
  return (
    <Card title="Training rows" aside="Optional">
      <div className="grid gap-4">
        <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
          <ChooseRows busy={busy} disabled={disabled} help={`${id}-help`} onChoose={choose} />
          <p className="help min-w-0 flex-1" id={`${id}-help`}>
            A line of names first, then up to 50,000 rows, {formatBytes(largest)}. Columns are matched to fields by name or label. The rows
            are not kept.
          </p>
        </div>
        {refusal && (
          <Notice tone="bad" title="The rows were not used">
            {refusal.message}
          </Notice>
        )}
        {report && <Report report={report} />}
        {drawn.map(({ output, known }) => (
          <Baseline key={output.name} output={output} known={known} />
        ))}
      </div>
    </Card>
  );
}
