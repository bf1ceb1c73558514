"use client";

import { useState } from "react";
import { Icon } from "@/components/ui/icon";
import { TextField } from "@/components/ui/text-field";

interface PasswordFieldProps {
  label: string;
  name: string;
  /** Keeps ids apart where several forms stand on one page. */
  scope?: string;
  error: string | undefined;
  /** Set where a password is chosen: the help then counts towards it. */
  minLength?: number;
  /** Where the browser checks the form. */
  required?: boolean;
}

function Rule({ length, minLength }: { length: number; minLength: number }) {
  const missing = minLength - length;
  if (length > 0 && missing <= 0) {
    return (
      <span className="flex items-center gap-1 text-ok">
        <Icon name="check" size={12} />
        Long enough
      </span>
    );
  }
  const left = length > 0 ? `: ${missing} more to go` : "";
  return <>{`At least ${minLength} characters${left}`}</>;
}

/** A password, hidden until its reader wants to see it; on a choice of a new one with the rule and how much of it is met. */
export function PasswordField({ label, name, scope, error, minLength, required = false }: PasswordFieldProps) {
  const [shown, setShown] = useState(false);
  const [length, setLength] = useState(0);
  const toggle = (
    <button
      type="button"
      className="icon-btn"
      aria-label={shown ? "Hide the password" : "Show the password"}
      aria-pressed={shown}
      onClick={() => setShown(!shown)}
    >
      <Icon name={shown ? "eye-off" : "eye"} />
    </button>
  );
  return (
    <TextField
      label={label}
      name={name}
      scope={scope}
      error={error}
      type={shown ? "text" : "password"}
      autoComplete={minLength ? "new-password" : "current-password"}
      maxLength={200}
      required={required}
      spellCheck={false}
      onInput={(value) => setLength(value.length)}
      help={minLength && <Rule length={length} minLength={minLength} />}
      end={toggle}
    />
  );
}
