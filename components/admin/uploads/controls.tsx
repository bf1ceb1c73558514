"use client";

import { type KeyboardEvent, type ReactNode, useId, useState } from "react";
import { Icon } from "@/components/ui/icon";

interface ControlFrameProps {
  id: string;
  label: string;
  error: string | undefined;
  help: ReactNode;
  wide: boolean;
  children: ReactNode;
}

/** A label, a control, what is wrong with it and what it means. */
function ControlFrame({ id, label, error, help, wide, children }: ControlFrameProps) {
  return (
    <div className="field" data-span={wide ? "full" : undefined}>
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      {children}
      {error !== undefined && (
        <p className="field-error" id={`${id}-error`}>
          <Icon name="alert" size={14} />
          {error}
        </p>
      )}
      {help && (
        <p className="help" id={`${id}-help`}>
          {help}
        </p>
      )}
    </div>
  );
}

interface ControlProps {
  label: string;
  /** Where in the draft it is, so that a problem can lead here. */
  place: string;
  error?: string | undefined;
  help?: ReactNode;
  wide?: boolean;
}

function useNotes({ error, help }: ControlProps) {
  const id = useId();
  const notes = [error !== undefined && `${id}-error`, help && `${id}-help`].filter(Boolean).join(" ") || undefined;
  return { id, described: { "aria-describedby": notes, "aria-invalid": error !== undefined } };
}

interface TextInputProps extends ControlProps {
  value: string;
  maxLength?: number;
  /** Names that programs read are shown as code. */
  code?: boolean;
  type?: "text" | "date";
  onChange: (value: string) => void;
  onBlur?: () => void;
  onKeyDown?: (event: KeyboardEvent) => void;
}

export function TextInput(props: TextInputProps) {
  const { label, place, error, help, wide = false, value, maxLength, code = false, type = "text", onChange, onBlur, onKeyDown } = props;
  const { id, described } = useNotes(props);
  return (
    <ControlFrame {...{ id, label, error, help, wide }}>
      <div className="input" data-invalid={error !== undefined}>
        <input
          {...described}
          id={id}
          data-place={place}
          type={type}
          className={code ? "font-mono" : undefined}
          value={value}
          maxLength={maxLength}
          autoComplete="off"
          spellCheck={!code}
          onChange={(event) => onChange(event.target.value)}
          onBlur={onBlur}
          onKeyDown={onKeyDown}
        />
      </div>
    </ControlFrame>
  );
}

interface NameInputProps extends Omit<TextInputProps, "type" | "code" | "error" | "onBlur" | "onKeyDown"> {
  /** Why this text cannot be taken, or null. */
  check: (value: string) => string | null;
}

/** Text that is taken as a whole, when the field is left or Enter is pressed: half a name is another name. */
export function NameInput({ check, value, onChange, ...rest }: NameInputProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const text = typed ?? value;
  const fault = typed === null || typed === value ? null : check(typed);
  const commit = () => {
    if (typed === null || fault !== null) return;
    setTyped(null);
    if (typed !== value) onChange(typed);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter") commit();
    if (event.key === "Escape") setTyped(null);
  };
  return <TextInput {...rest} code value={text} error={fault ?? undefined} onChange={setTyped} onBlur={commit} onKeyDown={onKeyDown} />;
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

interface NumberInputProps extends ControlProps {
  value: number | undefined;
  whole?: boolean;
  onChange: (value: number | undefined) => void;
}

/** A number or nothing. Text that is no number stays as it was typed, is marked, and changes nothing. */
export function NumberInput({ value, whole = false, error, onChange, ...rest }: NumberInputProps) {
  const [typed, setTyped] = useState<{ text: string; shown: number | undefined } | null>(null);
  const text = typed && typed.shown === value ? typed.text : value === undefined ? "" : String(value);
  const parse = (raw: string) => (NUMBER.test(raw.trim()) ? Number(raw) : Number.NaN);
  const isFine = (number: number) => Number.isFinite(number) && (!whole || Number.isInteger(number));
  const fault = text.trim() === "" || isFine(parse(text)) ? undefined : whole ? "Must be a whole number." : "Must be a number.";
  const change = (raw: string) => {
    const next = raw.trim() === "" ? undefined : parse(raw);
    const taken = next === undefined || isFine(next);
    setTyped({ text: raw, shown: taken ? next : value });
    if (taken) onChange(next);
  };
  return <TextInput {...rest} value={text} error={fault ?? error} onChange={change} />;
}

interface AreaInputProps extends ControlProps {
  value: string;
  rows: number;
  maxLength: number;
  onChange: (value: string) => void;
}

export function AreaInput(props: AreaInputProps) {
  const { label, place, error, help, wide = true, value, rows, maxLength, onChange } = props;
  const { id, described } = useNotes(props);
  return (
    <ControlFrame {...{ id, label, error, help, wide }}>
      <div className="input input-area" data-invalid={error !== undefined}>
        <textarea
          {...described}
          id={id}
          data-place={place}
          rows={rows}
          maxLength={maxLength}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      </div>
    </ControlFrame>
  );
}

interface SelectInputProps extends ControlProps {
  value: string;
  options: readonly { value: string; label: string }[];
  onChange: (value: string) => void;
}

export function SelectInput(props: SelectInputProps) {
  const { label, place, error, help, wide = false, value, options, onChange } = props;
  const { id, described } = useNotes(props);
  return (
    <ControlFrame {...{ id, label, error, help, wide }}>
      <div className="input !pr-1" data-invalid={error !== undefined}>
        <select {...described} id={id} data-place={place} value={value} onChange={(event) => onChange(event.target.value)}>
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      </div>
    </ControlFrame>
  );
}
