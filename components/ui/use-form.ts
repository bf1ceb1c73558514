"use client";

import { type FormEvent, useEffect, useRef, useState } from "react";
import { readRefusal, toSentence } from "@/lib/refusal";

/** Text of one field as it was handed in. */
export function readText(values: FormData, name: string): string {
  const value = values.get(name);
  return typeof value === "string" ? value : "";
}

type Faults = Record<string, string | undefined>;

interface FormOptions {
  /** What each field is called. A fault of a field that is not among them is told above the form. */
  labels: Record<string, string>;
  /** What is wrong before anything is sent, by field; undefined where nothing is. */
  check: (values: FormData) => Faults;
  /** @returns `leaving` when the page is about to change, so that the form stays busy until it does */
  send: (values: FormData) => Promise<"leaving" | "done">;
}

interface Told {
  faults: Faults;
  failure: string | null;
}

const nothing: Told = { faults: {}, failure: null };

/** Only what is wrong, each as a sentence that begins with the field's name. */
function tellFaults(found: Faults, labels: Record<string, string>): Faults {
  const wrong = Object.entries(found).flatMap(([name, fault]) => {
    const label = labels[name];
    return fault && label ? [[name, toSentence(label, fault)] as const] : [];
  });
  return Object.fromEntries(wrong);
}

/** With one fault its field says it all; with more a line above counts them. */
function countFaults(faults: Faults): string | null {
  const count = Object.keys(faults).length;
  return count > 1 ? `${count} fields need another value.` : null;
}

function tellRefusal(error: unknown, labels: Record<string, string>): Told {
  const { message, fields } = readRefusal(error);
  const faults = tellFaults(fields, labels);
  return Object.keys(faults).length > 0 ? { faults, failure: countFaults(faults) } : { faults, failure: message };
}

/**
 * A form that is checked, sent once at a time, and told what was wrong: each fault under its field, the focus in the first of them, the
 * rest above the form. The fields keep their own values.
 */
export function useForm({ labels, check, send }: FormOptions) {
  const form = useRef<HTMLFormElement>(null);
  const [busy, setBusy] = useState(false);
  const [told, setTold] = useState<Told>(nothing);
  useEffect(() => {
    if (told !== nothing) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [told]);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (busy) return;
    const values = new FormData(event.currentTarget);
    const faults = tellFaults(check(values), labels);
    if (Object.keys(faults).length > 0) return setTold({ faults, failure: countFaults(faults) });
    setTold(nothing);
    setBusy(true);
    try {
      if ((await send(values)) === "done") setBusy(false);
    } catch (error) {
      setTold(tellRefusal(error, labels));
      setBusy(false);
    }
  };
  return { form, busy, submit, faults: told.faults, failure: told.failure };
}
