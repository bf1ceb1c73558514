"use client";

import { useState } from "react";
import { flushSync } from "react-dom";
import { keyOf } from "@/components/admin/uploads/schema-edits";
import type { DraftStore } from "@/components/admin/uploads/draft-store";

/** Puts the focus on the control of a place, or on the nearest one around it. */
function focusPlace(place: string): void {
  for (let path = place; path !== ""; path = path.slice(0, Math.max(0, path.lastIndexOf("/")))) {
    const control = document.querySelector<HTMLElement>(`[data-place="${CSS.escape(path)}"]`);
    if (!control) continue;
    control.scrollIntoView({ block: "center" });
    return control.focus({ preventScroll: true });
  }
}

/** Which fields are open in the editor, and the way to a place of the draft: what is folded there is opened first. */
export function usePlaces(store: DraftStore) {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const go = (place: string) => {
    const [kind, index] = place.split("/");
    const field = kind === "inputs" ? store.read().parts.schema.inputs[Number(index)] : undefined;
    if (field) flushSync(() => setOpen((known) => new Set([...known, keyOf(field)])));
    focusPlace(place);
  };
  return { open, setOpen, go };
}
