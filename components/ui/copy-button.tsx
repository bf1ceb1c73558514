"use client";

import { useEffect, useState } from "react";
import { Icon, type IconName } from "@/components/ui/icon";

const DONE_MS = 1_600;

interface CopyButtonProps {
  label: string;
  /** What is copied, asked for when the button is pressed. */
  text: string | (() => string);
  icon?: IconName;
  small?: boolean;
}

/** Copies text and says so; where the clipboard is out of reach it says that instead. */
export function CopyButton({ label, text, icon = "copy", small = false }: CopyButtonProps) {
  const [state, setState] = useState<"rest" | "done" | "failed">("rest");
  useEffect(() => {
    if (state === "rest") return;
    const timer = setTimeout(() => setState("rest"), DONE_MS);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(typeof text === "string" ? text : text());
      setState("done");
    } catch {
      setState("failed");
    }
  };
  const shown = { rest: label, done: "Copied", failed: "Not allowed to copy" }[state];
  return (
    <button type="button" className={`btn ${small ? "btn-small" : ""}`} onClick={copy}>
      <Icon name={state === "done" ? "check" : icon} size={small ? 14 : 16} />
      <span aria-live="polite">{shown}</span>
    </button>
  );
}
