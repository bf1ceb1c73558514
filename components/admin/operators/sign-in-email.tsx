"use client";

import { useEffect, useRef } from "react";
import { TextField } from "@/components/ui/text-field";

const SLOT = "console-signing-in";

/** The address that was kept, once. */
function takeKept(): string | null {
  const email = window.sessionStorage.getItem(SLOT);
  window.sessionStorage.removeItem(SLOT);
  return email;
}

/**
 * The email address of the console's sign-in. A refusal is a page of its own, so the address is kept in this tab meanwhile: in the
 * page's own address it would end up in logs. Where it is there again, the password is what is left to type.
 */
export function SignInEmail({ refused }: { refused: boolean }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const field = place.current?.querySelector("input");
    const form = field?.form;
    if (!field || !form) return;
    const kept = takeKept();
    if (refused && kept && field.value === "") field.value = kept;
    const isUntouched = document.activeElement === document.body;
    const next = refused && field.value !== "" ? form.querySelector<HTMLInputElement>("input[type=password]") : field;
    if (isUntouched) next?.focus();
    const keep = () => window.sessionStorage.setItem(SLOT, field.value);
    form.addEventListener("submit", keep);
    return () => form.removeEventListener("submit", keep);
  }, [refused]);
  return (
    <div ref={place}>
      <TextField label="Email" name="email" type="email" autoComplete="username" maxLength={254} required />
    </div>
  );
}
