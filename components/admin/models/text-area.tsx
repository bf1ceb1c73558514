import type { ReactNode } from "react";
import { Icon } from "@/components/ui/icon";

interface TextAreaProps {
  label: string;
  name: string;
  defaultValue: string;
  rows: number;
  maxLength: number;
  error: string | undefined;
  help: ReactNode;
  onInput?: (value: string) => void;
}

/** Several lines of text with their label, their help and what is wrong with them. */
export function TextArea({ label, name, defaultValue, rows, maxLength, error, help, onInput }: TextAreaProps) {
  const id = `card-${name}`;
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      <div className="input input-area" data-invalid={error !== undefined}>
        <textarea
          id={id}
          name={name}
          rows={rows}
          maxLength={maxLength}
          defaultValue={defaultValue}
          aria-invalid={error !== undefined}
          aria-describedby={`${error ? `${id}-error ` : ""}${id}-help`}
          onInput={onInput && ((event) => onInput(event.currentTarget.value))}
        />
      </div>
      {error && (
        <p className="field-error" id={`${id}-error`}>
          <Icon name="alert" size={14} />
          {error}
        </p>
      )}
      <p className="help" id={`${id}-help`}>
        {help}
      </p>
    </div>
  );
}
