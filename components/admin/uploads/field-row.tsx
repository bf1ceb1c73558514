"use client";

import { memo } from "react";
import { FieldEditor, type Faults } from "@/components/admin/uploads/field-editor";
import { Icon } from "@/components/ui/icon";
import type { InputField, InputTensor } from "@/lib/contracts/model-schema";
import { formatNumber } from "@/lib/format";

/** What a field takes, in a few words. */
function sayField(field: InputField): string {
  if (field.type === "category") return `${formatNumber(field.categories.length)} categories`;
  if (field.type === "text") return `text, ${formatNumber(field.maxLength)} characters`;
  if (field.type === "image") return `picture, ${field.width} × ${field.height}`;
  const { min, max, unit } = field;
  const range = min !== undefined && max !== undefined ? `${formatNumber(min, 4)} to ${formatNumber(max, 4)}` : "";
  return [field.type === "integer" ? "whole number" : "number", `${range} ${unit ?? ""}`.trim()].filter(Boolean).join(", ");
}

interface FieldRowProps {
  field: InputField;
  index: number;
  isLast: boolean;
  isOpen: boolean;
  tensor: InputTensor | undefined;
  faults: Faults | undefined;
  /** The same functions for every row and every time. */
  acts: FieldActs;
}

export interface FieldActs {
  open: (index: number, isOpen: boolean) => void;
  change: (index: number, field: InputField) => void;
  rename: (index: number, name: string) => void;
  move: (index: number, by: -1 | 1) => void;
  readOthers: (index: number) => string[];
}

const none: Faults = {};

interface MoveButtonProps {
  way: "up" | "down";
  name: string;
  disabled: boolean;
  onMove: () => void;
}

function MoveButton({ way, name, disabled, onMove }: MoveButtonProps) {
  return (
    <button type="button" className="icon-btn" disabled={disabled} aria-label={`Move ${name} ${way}`} onClick={onMove}>
      <Icon name={`arrow-${way}`} size={14} />
    </button>
  );
}

/** One field of the schema: a line that opens into its editor, and its place in the form. */
export const FieldRow = memo(function FieldRow({ field, index, isLast, isOpen, tensor, faults, acts }: FieldRowProps) {
  const place = `inputs/${index}`;
  return (
    <li className="field-row">
      <details className="fold" open={isOpen} onToggle={(event) => acts.open(index, event.currentTarget.open)}>
        <summary data-place={place}>
          <Icon name="chevron-right" size={12} />
          <code>{field.name}</code>
          <span className="min-w-0 truncate">{field.label}</span>
          {faults && <Icon name="alert" size={14} />}
          {faults && <span className="sr-only">has a problem</span>}
          <span className="field-kind">{sayField(field)}</span>
        </summary>
        {isOpen && (
          <FieldEditor
            field={field}
            place={place}
            faults={faults ?? none}
            tensor={tensor}
            readOthers={() => acts.readOthers(index)}
            onRename={(name) => acts.rename(index, name)}
            onChange={(changed) => acts.change(index, changed)}
          />
        )}
      </details>
      <div className="field-moves">
        <MoveButton way="up" name={field.name} disabled={index === 0} onMove={() => acts.move(index, -1)} />
        <MoveButton way="down" name={field.name} disabled={isLast} onMove={() => acts.move(index, 1)} />
      </div>
    </li>
  );
});
