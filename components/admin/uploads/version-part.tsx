"use client";

import { useState } from "react";
import { AreaInput, TextInput } from "@/components/admin/uploads/controls";
import type { DraftParts } from "@/components/admin/uploads/draft-parts";
import type { Problem } from "@/components/admin/uploads/draft-problems";
import type { DraftStore } from "@/components/admin/uploads/draft-store";
import { Card } from "@/components/ui/card";
import { Icon } from "@/components/ui/icon";
import type { VersionMetrics } from "@/lib/contracts/catalog";

/** Figures that pages explain. */
const KNOWN = ["accuracy", "rocAuc", "precision", "recall", "logLoss", "calibrationError", "mae", "r2", "rows"];

interface Row {
  name: string;
  value: string;
}

/** Figures that are one number or a word; what is nested stays as it is and is not shown. */
const isPlain = (value: VersionMetrics[string]): value is number | string => typeof value === "number" || typeof value === "string";

function toRows(metrics: VersionMetrics): Row[] {
  return Object.entries(metrics).flatMap(([name, value]) => (isPlain(value) ? [{ name, value: String(value) }] : []));
}

function toMetrics(rows: Row[], before: VersionMetrics): VersionMetrics {
  const nested = Object.entries(before).filter(([, value]) => !isPlain(value));
  const written = rows
    .filter(({ name, value }) => name.trim() !== "" && value.trim() !== "")
    .map(({ name, value }) => [name.trim(), Number.isFinite(Number(value)) ? Number(value) : value.trim()]);
  return Object.fromEntries([...nested, ...written]);
}

interface MetricRowProps {
  row: Row;
  number: number;
  onChange: (row: Row) => void;
  onRemove: () => void;
}

function MetricRow({ row, number, onChange, onRemove }: MetricRowProps) {
  return (
    <li className="value-row">
      <div className="input">
        <input
          aria-label={`Name of figure ${number}`}
          list="metric-names"
          value={row.name}
          maxLength={60}
          onChange={(event) => onChange({ ...row, name: event.target.value })}
        />
      </div>
      <div className="input">
        <input
          aria-label={`Value of figure ${number}`}
          value={row.value}
          maxLength={60}
          onChange={(event) => onChange({ ...row, value: event.target.value })}
        />
      </div>
      <button type="button" className="icon-btn" aria-label={`Remove figure ${number}`} onClick={onRemove}>
        <Icon name="trash" size={14} />
      </button>
    </li>
  );
}

interface MetricsEditorProps {
  metrics: VersionMetrics;
  onChange: (change: (before: VersionMetrics) => VersionMetrics) => void;
}

/** How the version did on cases it had not seen: a name and a figure a line. */
function MetricsEditor({ metrics, onChange }: MetricsEditorProps) {
  const [rows, setRows] = useState(() => toRows(metrics));
  const write = (next: Row[]) => {
    setRows(next);
    onChange((before) => toMetrics(next, before));
  };
  const numbered = rows.map((row, index) => ({ row, number: index + 1 }));
  return (
    <fieldset className="field" data-span="full" data-place="metrics" tabIndex={-1}>
      <legend className="field-label mb-1.5">Figures on unseen cases</legend>
      {rows.length === 0 && <p className="help">Such as accuracy 0.803, or rows 1761. Known names are explained to customers.</p>}
      <ul className="grid gap-1.5">
        {numbered.map(({ row, number }) => (
          <MetricRow
            key={number}
            row={row}
            number={number}
            onChange={(changed) => write(rows.with(number - 1, changed))}
            onRemove={() => write(rows.toSpliced(number - 1, 1))}
          />
        ))}
      </ul>
      <datalist id="metric-names">
        {KNOWN.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </datalist>
      <div>
        <button type="button" className="btn btn-small" onClick={() => setRows([...rows, { name: "", value: "" }])}>
          <Icon name="plus" size={14} />
          Add a figure
        </button>
      </div>
    </fieldset>
  );
}

interface VersionPartProps {
  store: DraftStore;
  parts: DraftParts;
  problems: readonly Problem[];
}

/** What there is to say about this version alone. */
export function VersionPart({ store, parts, problems }: VersionPartProps) {
  const faultAt = (place: string) => problems.find((problem) => problem.place === place)?.words;
  return (
    <Card title="This version">
      <div className="draft-fields !p-0">
        <TextInput
          label="Algorithm"
          place="algorithm"
          value={parts.algorithm}
          maxLength={200}
          error={faultAt("algorithm")}
          onChange={(algorithm) => store.change(() => ({ algorithm }))}
        />
        <TextInput
          label="Trained on"
          place="trained_on"
          type="date"
          value={parts.trained_on}
          help="Customers read it. Leave it empty where nobody knows."
          error={faultAt("trained_on")}
          onChange={(trained_on) => store.change(() => ({ trained_on }))}
        />
        <AreaInput
          label="Release notes"
          place="release_notes"
          rows={3}
          maxLength={4_000}
          value={parts.release_notes}
          help="What is new for customers."
          onChange={(release_notes) => store.change(() => ({ release_notes }))}
        />
        <MetricsEditor metrics={parts.metrics} onChange={(change) => store.change(({ metrics }) => ({ metrics: change(metrics) }))} />
      </div>
    </Card>
  );
}
