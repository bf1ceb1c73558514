"use client";

import { useState } from "react";
import { type CallForm, findFaults, startForm } from "@/lib/openapi-call";
import type { OperationView } from "@/lib/openapi-view";

/** What is typed for a call and what is wrong with it. A fault is told when the form is checked and forgiven when the field is mended. */
export function useCallForm(operation: OperationView) {
  const [form, setForm] = useState<CallForm>(() => startForm(operation));
  const [faults, setFaults] = useState<Map<string, string>>(new Map());
  const change = (name: string, next: CallForm) => {
    setForm(next);
    setFaults(new Map([...faults].filter(([other]) => other !== name)));
  };
  /** Tells the faults at their fields; the answer is the name of the first, or undefined when the form may be sent. */
  const check = (): string | undefined => {
    const found = findFaults(operation, form);
    setFaults(found);
    return found.keys().next().value;
  };
  return {
    form,
    faults,
    check,
    setValue: (name: string, value: string) => change(name, { ...form, values: { ...form.values, [name]: value } }),
    setBody: (body: string) => change("body", { ...form, body }),
  };
}
