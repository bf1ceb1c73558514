import type { HTMLInputAutoCompleteAttribute, ReactNode } from "react";
import { Icon } from "@/components/ui/icon";

export interface TextFieldProps {
  label: string;
  /** Under which the form hands the value in. */
  name: string;
  /** Keeps ids apart where several forms stand on one page. */
  scope?: string | undefined;
  /** What is wrong with it, in words. */
  error?: string | undefined;
  help?: ReactNode;
  type?: "text" | "email" | "password";
  defaultValue?: string;
  autoComplete?: HTMLInputAutoCompleteAttribute;
  maxLength?: number;
  /** Where the browser checks the form: pages that work without scripts. */
  required?: boolean;
  /** Names and addresses are not words of a language. */
  spellCheck?: boolean;
  onInput?: (value: string) => void;
  /** What stands inside the field at its end. */
  end?: ReactNode;
}

/**
 * One line of text with its label, its help and what is wrong with it. The browser keeps the value, so what a password manager filled
 * in, or what was typed before the scripts ran, is handed in like everything else.
 */
export function TextField({ label, name, scope, error, help, end, onInput, type = "text", ...rest }: TextFieldProps) {
  const id = scope ? `${scope}-${name}` : name;
  const notes = [error && `${id}-error`, help && `${id}-help`].filter(Boolean).join(" ") || undefined;
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      <div className="input" data-invalid={error !== undefined}>
        <input
          {...rest}
          id={id}
          name={name}
          type={type}
          aria-invalid={error !== undefined}
          aria-describedby={notes}
          onInput={onInput && ((event) => onInput(event.currentTarget.value))}
        />
        {end}
      </div>
      {error && (
        <p className="field-error" id={`${id}-error`}>
          <Icon name="alert" size={14} />
          {error}
        </p>
      )}
      {help && (
        <div className="help" id={`${id}-help`}>
          {help}
        </div>
      )}
    </div>
  );
}
