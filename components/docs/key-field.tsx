import Link from "next/link";
import { useId } from "react";

interface KeyFieldProps {
  value: string;
  onChange: (value: string) => void;
}

/**
 * The reader's key, for trying the addresses that take one. Only the memory of this page holds it: plain text outside a form is
 * neither filled in nor kept by a browser, and it is hidden from who looks on.
 */
export function KeyField({ value, onChange }: KeyFieldProps) {
  const id = useId();
  return (
    <div className="field max-w-[460px]">
      <label htmlFor={id} className="field-label">
        API key
      </label>
      <div className="input">
        <input
          id={id}
          type="text"
          className="[-webkit-text-security:disc]"
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          value={value}
          aria-describedby={`${id}-help`}
          onChange={(event) => onChange(event.target.value)}
        />
      </div>
      <p id={`${id}-help`} className="help">
        Sent along where an address takes a key, and forgotten with this page. You make one under{" "}
        <Link href="/keys" className="link" prefetch={false}>
          Keys
        </Link>
        .
      </p>
    </div>
  );
}
