"use client";

import { useState } from "react";
import { Icon } from "@/components/ui/icon";
import type { CategoryField } from "@/lib/contracts/model-schema";
import { formatNumber } from "@/lib/format";

/** How many values are shown before the rest is asked for. */
const SHOWN = 30;

type Valued = CategoryField["categories"][number];

interface CategoryListProps {
  /** `category` or `class`. */
  noun: string;
  /** Whom they belong to, for names of the controls. */
  of: string;
  place: string;
  values: Valued[];
  error?: string | undefined;
  /** Whether values are numbers; absent where they are the file's own and only their labels can be written. */
  numeric?: boolean;
  onChange: (values: Valued[]) => void;
}

function nextValue(values: Valued[], numeric: boolean): string | number {
  if (numeric) return Math.max(-1, ...values.map(({ value }) => Number(value))) + 1;
  const taken = new Set(values.map(({ value }) => value));
  for (let number = values.length + 1; ; number++) if (!taken.has(`value ${number}`)) return `value ${number}`;
}

interface ValueRowProps {
  entry: Valued;
  number: number;
  noun: string;
  numeric: boolean | undefined;
  onChange: (entry: Valued) => void;
  onRemove: () => void;
}

function ValueRow({ entry, number, noun, numeric, onChange, onRemove }: ValueRowProps) {
  const setValue = (text: string) => {
    const value = numeric ? Number(text) : text;
    if (typeof value === "string" || Number.isFinite(value)) onChange({ ...entry, value });
  };
  return (
    <li className="value-row">
      {numeric === undefined ? (
        <code className="min-w-0 truncate">{String(entry.value)}</code>
      ) : (
        <div className="input">
          <input
            type={numeric ? "number" : "text"}
            className="font-mono"
            aria-label={`Value of ${noun} ${number}`}
            value={entry.value}
            step="any"
            onChange={(event) => setValue(event.target.value)}
          />
        </div>
      )}
      <div className="input">
        <input
          aria-label={`Label of ${noun} ${number}`}
          value={entry.label}
          maxLength={200}
          onChange={(event) => onChange({ ...entry, label: event.target.value })}
        />
      </div>
      {numeric !== undefined && (
        <button type="button" className="icon-btn" aria-label={`Remove ${noun} ${number}`} onClick={onRemove}>
          <Icon name="trash" size={14} />
        </button>
      )}
    </li>
  );
}

/** Values by their place in the list, which is all that tells them apart while they are written. */
const numbered = (values: Valued[]) => values.map((entry, index) => ({ entry, number: index + 1 }));

interface MoreProps extends Pick<CategoryListProps, "noun" | "values" | "numeric" | "onChange"> {
  shown: number;
  onShow: (count: number) => void;
}

/** What can be done with the list as a whole. */
function ListActs({ noun, values, numeric, shown, onShow, onChange }: MoreProps) {
  const rest = values.length - shown;
  const add = () => {
    const value = nextValue(values, numeric === true);
    onShow(Math.max(shown, values.length + 1));
    onChange([...values, { value, label: String(value) }]);
  };
  if (rest <= 0 && numeric === undefined) return null;
  return (
    <div className="flex flex-wrap gap-2">
      {rest > 0 && (
        <button type="button" className="btn btn-small" onClick={() => onShow(shown + 100)}>
          Show {formatNumber(Math.min(rest, 100))} more of {formatNumber(values.length)}
        </button>
      )}
      {numeric !== undefined && (
        <button type="button" className="btn btn-small" onClick={add}>
          <Icon name="plus" size={14} />
          Add a {noun}
        </button>
      )}
    </div>
  );
}

/** Values with what customers read for them; a long list is shown piece by piece. */
export function CategoryList({ noun, of, place, values, error, numeric, onChange }: CategoryListProps) {
  const [shown, setShown] = useState(SHOWN);
  return (
    <fieldset className="field" data-span="full" data-place={place} tabIndex={-1}>
      <legend className="field-label mb-1.5">
        {noun === "class" ? "Classes" : "Categories"} <span className="font-normal text-ink-3">of {of}: value, and what customers read</span>
      </legend>
      <ul className="grid gap-1.5">
        {numbered(values.slice(0, shown)).map(({ entry, number }) => (
          <ValueRow
            key={number}
            entry={entry}
            number={number}
            noun={noun}
            numeric={numeric}
            onChange={(changed) => onChange(values.with(number - 1, changed))}
            onRemove={() => onChange(values.toSpliced(number - 1, 1))}
          />
        ))}
      </ul>
      {error !== undefined && (
        <p className="field-error">
          <Icon name="alert" size={14} />
          {error}
        </p>
      )}
      <ListActs {...{ noun, values, numeric, shown, onChange }} onShow={setShown} />
    </fieldset>
  );
}
