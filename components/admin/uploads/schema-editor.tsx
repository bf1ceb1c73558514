"use client";

import { type ReactNode, useId, useMemo, useState } from "react";
import { flushSync } from "react-dom";
import type { DraftParts } from "@/components/admin/uploads/draft-parts";
import type { Problem } from "@/components/admin/uploads/draft-problems";
import type { DraftStore } from "@/components/admin/uploads/draft-store";
import type { Faults } from "@/components/admin/uploads/field-editor";
import { type FieldActs, FieldRow } from "@/components/admin/uploads/field-row";
import { keyOf, moveField, renameField, renameKey, replaceField } from "@/components/admin/uploads/schema-edits";
import { Card } from "@/components/ui/card";
import type { InputField, InputTensor, ModelSchema } from "@/lib/contracts/model-schema";
import { formatNumber } from "@/lib/format";

/** From this many fields on there is a search, and only a part of the list is drawn. */
const MANY = 25;
const SHOWN = 100;

/** What is wrong with each field, by its place and the part of it. */
function faultsByPlace(problems: readonly Problem[]): Map<string, Faults> {
  const faults = new Map<string, Record<string, string>>();
  for (const { place, words } of problems) {
    const [kind, index, part = "name"] = place.split("/");
    const key = `${kind}/${index}`;
    faults.set(key, { ...faults.get(key), [part]: words });
  }
  return faults;
}

/** Puts the focus back on the button that moved a field: its row was taken out and put in elsewhere. */
function keepFocus(name: string, by: -1 | 1): void {
  const words = by === -1 ? ["up", "down"] : ["down", "up"];
  const wanted = words.map((word) => document.querySelector<HTMLButtonElement>(`[aria-label="Move ${name} ${word}"]`));
  wanted.find((button) => button && !button.disabled)?.focus();
}

interface ActOptions {
  store: DraftStore;
  setOpen: (change: (open: ReadonlySet<string>) => ReadonlySet<string>) => void;
  onRename: (from: string, to: string) => void;
}

/** The editor's acts. They read the draft when they are called, so that they stay the same and rows need not be drawn again. */
function createActs({ store, setOpen, onRename }: ActOptions): FieldActs {
  const readField = (index: number) => store.read().parts.schema.inputs[index];
  return {
    open: (index, isOpen) => {
      const field = readField(index);
      if (!field) return;
      setOpen((open) => {
        if (open.has(keyOf(field)) === isOpen) return open;
        return isOpen ? new Set([...open, keyOf(field)]) : new Set([...open].filter((key) => key !== keyOf(field)));
      });
    },
    change: (index, field) => store.change(({ schema }) => ({ schema: replaceField(schema, index, field) })),
    rename: (index, name) => {
      const from = readField(index)?.name ?? name;
      store.change(({ schema, examples }) => ({
        schema: renameField(schema, index, name),
        examples: examples.map((example) => ({ ...example, input: renameKey(example.input, from, name) })),
      }));
      onRename(from, name);
    },
    move: (index, by) => {
      const name = readField(index)?.name ?? "";
      flushSync(() => store.change(({ schema }) => ({ schema: moveField(schema, index, by) })));
      keepFocus(name, by);
    },
    readOthers: (index) => store.read().parts.schema.inputs.filter((_field, at) => at !== index).map(({ name }) => name),
  };
}

interface Found {
  field: InputField;
  index: number;
}

function findFields(inputs: InputField[], words: string): Found[] {
  const wanted = words.trim().toLowerCase();
  const all = inputs.map((field, index) => ({ field, index }));
  if (wanted === "") return all;
  return all.filter(({ field }) => [field.name, field.label, field.group ?? ""].some((text) => text.toLowerCase().includes(wanted)));
}

function Search({ value, count, onChange }: { value: string; count: string; onChange: (value: string) => void }) {
  const id = useId();
  return (
    <div className="flex flex-wrap items-center gap-3 border-b border-line px-3.5 py-2">
      <label htmlFor={id} className="text-[13px] text-ink-2">
        Find a field
      </label>
      <div className="input !w-56">
        <input id={id} type="search" value={value} autoComplete="off" onChange={(event) => onChange(event.target.value)} />
      </div>
      <span className="help" role="status">
        {count}
      </span>
    </div>
  );
}

function tensorsByField(schema: ModelSchema): Map<string, InputTensor> {
  return new Map(schema.tensors.inputs.flatMap((tensor) => tensor.fields.map((name) => [name, tensor] as const)));
}

interface SchemaEditorProps {
  store: DraftStore;
  parts: DraftParts;
  problems: readonly Problem[];
  /** Places of fields that somebody was led to. */
  open: ReadonlySet<string>;
  setOpen: ActOptions["setOpen"];
  onRename: (from: string, to: string) => void;
  aside: ReactNode;
}

/** What customers fill in: every field with its name, its words and its range, in the order of the form. */
export function SchemaEditor({ store, parts: { schema }, problems, open, setOpen, onRename, aside }: SchemaEditorProps) {
  const [acts] = useState(() => createActs({ store, setOpen, onRename }));
  const [words, setWords] = useState("");
  const [limit, setLimit] = useState(SHOWN);
  const faults = useMemo(() => faultsByPlace(problems), [problems]);
  const tensors = useMemo(() => tensorsByField(schema), [schema]);
  const found = findFields(schema.inputs, words);
  const drawn = new Set(found.slice(0, limit).map(({ index }) => index));
  // A field that is open stays on the page, wherever it stands and whatever is searched for.
  const shown = findFields(schema.inputs, "").filter(({ field, index }) => drawn.has(index) || open.has(keyOf(field)));
  const all = formatNumber(schema.inputs.length);
  const count = words.trim() === "" ? `${all} fields` : `${formatNumber(found.length)} of ${all}`;
  return (
    <Card title="Fields" aside={aside} flush>
      {schema.inputs.length >= MANY && <Search value={words} count={count} onChange={setWords} />}
      <ul className="field-list" data-place="inputs" tabIndex={-1} aria-label="Fields">
        {shown.map(({ field, index }) => (
          <FieldRow
            key={keyOf(field)}
            field={field}
            index={index}
            isLast={index === schema.inputs.length - 1}
            isOpen={open.has(keyOf(field))}
            tensor={tensors.get(field.name)}
            faults={faults.get(`inputs/${index}`)}
            acts={acts}
          />
        ))}
      </ul>
      {found.length > limit && (
        <div className="px-3.5 py-2">
          <button type="button" className="btn btn-small" onClick={() => setLimit(limit + SHOWN)}>
            Show {formatNumber(Math.min(SHOWN, found.length - limit))} more of {formatNumber(found.length)}
          </button>
        </div>
      )}
    </Card>
  );
}
