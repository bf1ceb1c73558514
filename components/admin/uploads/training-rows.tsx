"use client";

import { type ChangeEvent, useId, useState } from "react";
import { Baseline } from "@/components/admin/uploads/baseline";
import type { DraftParts } from "@/components/admin/uploads/draft-parts";
import type { DraftStore } from "@/components/admin/uploads/draft-store";
import { RowsFound, type TakenRows } from "@/components/admin/uploads/rows-found";
import { takeFields } from "@/components/admin/uploads/rows-proposal";
import { sendRaw } from "@/components/admin/uploads/send-part";
import { Card } from "@/components/ui/card";
import { Notice } from "@/components/ui/notice";
import { useChange } from "@/components/ui/use-change";
import type { ReadTrainingRows } from "@/lib/contracts/uploads.admin";
import { formatBytes } from "@/lib/format";
import { RefusedError } from "@/lib/refusal";

/** Our own service answered: its procedure has checked the shape. */
function isReadRows(answer: unknown): answer is ReadTrainingRows {
  return typeof answer === "object" && answer !== null && "report" in answer && "schema" in answer && "reference" in answer;
}

const refuse = (message: string) => new RefusedError({ code: "invalid_input", message, fields: {} });

async function readRows(store: DraftStore, file: File, largest: number): Promise<ReadTrainingRows> {
  const sizes = `The file has ${formatBytes(file.size)}; ${formatBytes(largest)} are read at most.`;
  if (file.size > largest) throw refuse(`${sizes} Take a sample of its rows.`);
  if (!(await store.flush())) throw refuse("What is written is not saved yet. Correct what is marked, then choose the file again.");
  const { id, revision } = store.read().draft;
  const address = `/admin/uploads/${id}/rows?revision=${revision}`;
  const answer = await sendRaw({ address, type: "text/csv", body: file, signal: new AbortController().signal });
  if (!isReadRows(answer)) throw refuse("The rows were read, but the answer was not. Load the page again.");
  return answer;
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
  const [found, setFound] = useState<ReadTrainingRows | null>(null);
  const [taken, setTaken] = useState<string | null>(null);
  const { busy, refusal, run } = useChange();
  const choose = (file: File) => {
    setTaken(null);
    setFound(null);
    void run(() => readRows(store, file, largest), setFound);
  };
  const take = (read: ReadTrainingRows, { fields, answers }: TakenRows) => {
    store.change((parts) => ({
      ...(fields.size > 0 && { schema: takeFields(parts.schema, read.schema, fields) }),
      ...(answers && { reference: { ...parts.reference, ...read.reference } }),
    }));
    setFound(null);
    const words = `${fields.size} ${fields.size === 1 ? "field" : "fields"}`;
    setTaken(answers ? (fields.size > 0 ? `${words} and the known answers` : "The known answers") : words);
  };
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
        {found && <RowsFound found={found} schema={schema} disabled={disabled} onTake={(what) => take(found, what)} onLeave={() => setFound(null)} />}
        {taken !== null && <Notice tone="ok" title={`${taken} went into the draft.`} />}
        {drawn.map(({ output, known }) => (
          <Baseline key={output.name} output={output} known={known} />
        ))}
      </div>
    </Card>
  );
}
