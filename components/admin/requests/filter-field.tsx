"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useId, useState } from "react";
import { type RequestsAddress, REQUESTS_PATH, requestsHref } from "@/lib/requests-address.admin";

interface FilterFieldProps {
  label: string;
  help: string;
  name: "customer" | "key" | "code" | "status" | "slower_than_ms" | "version";
  /** The filters that stay. */
  address: RequestsAddress;
  /** What the text must be like to mean something. */
  pattern: RegExp;
  numeric?: boolean;
}

/** A filter that is typed in. */
export function FilterField({ label, help, name, address, pattern, numeric = false }: FilterFieldProps) {
  const router = useRouter();
  const id = useId();
  const [isWrong, setWrong] = useState(false);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const text = String(new FormData(event.currentTarget).get(name) ?? "").trim();
    setWrong(!pattern.test(text));
    if (!pattern.test(text)) return;
    event.currentTarget.closest("details")?.removeAttribute("open");
    router.push(requestsHref({ ...address, [name]: text }));
  };
  return (
    <form className="filter-form" action={REQUESTS_PATH} onSubmit={submit} noValidate>
      {Object.entries(address).map(([kept, value]) => value !== undefined && <input key={kept} type="hidden" name={kept} value={value} />)}
      <label htmlFor={id} className="field-label">
        {label}
      </label>
      <div className="flex gap-2">
        <div className="input" data-invalid={isWrong}>
          <input
            id={id}
            name={name}
            inputMode={numeric ? "decimal" : undefined}
            autoComplete="off"
            spellCheck={false}
            aria-invalid={isWrong}
            aria-describedby={`${id}-help`}
          />
        </div>
        <button type="submit" className="btn">
          Set
        </button>
      </div>
      <p id={`${id}-help`} className={isWrong ? "field-error" : "help"} role={isWrong ? "alert" : undefined}>
        {help}
      </p>
    </form>
  );
}
