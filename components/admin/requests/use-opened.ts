"use client";

import { useSearchParams } from "next/navigation";
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef } from "react";

/** Whether keys belong to something else: a field that is typed into, a dialog, a menu that is open. */
function isTaken(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return true;
  const { target } = event;
  return target instanceof Element && target.closest("input, select, textarea, dialog, [role=menu], [contenteditable], details[open].filter-menu") !== null;
}

const linkOf = (list: HTMLElement | null, id: string) => list?.querySelector<HTMLElement>(`tr[data-id="${CSS.escape(id)}"] .row-link`);

/** The address of the page with another entry opened, or none. */
function addressWith(id: string | null): string {
  const address = new URL(window.location.href);
  if (id === null) address.searchParams.delete("open");
  else address.searchParams.set("open", id);
  return address.pathname + address.search;
}

/**
 * Which entry is opened; the address carries it. J and K step through the entries, Escape closes the opened one and gives the focus back
 * to its row.
 * @param ids of the entries on the page, newest first
 */
export function useOpened(list: RefObject<HTMLElement | null>, ids: readonly string[]) {
  const opened = useSearchParams().get("open");
  const state = useRef({ opened, ids });
  // With the drawing itself, not some time after it: a key pressed on what is seen is meant for what is seen.
  useLayoutEffect(() => {
    state.current = { opened, ids };
  });
  // Opening is a step that the browser's own way back undoes; stepping on from there is not.
  const open = (id: string) => {
    if (state.current.opened === null) window.history.pushState(null, "", addressWith(id));
    else window.history.replaceState(null, "", addressWith(id));
  };
  const close = useCallback(() => {
    const id = state.current.opened;
    window.history.replaceState(null, "", addressWith(null));
    if (id !== null) linkOf(list.current, id)?.focus();
  }, [list]);
  useEffect(() => {
    const step = (way: number) => {
      const { opened: at, ids: known } = state.current;
      const focused = document.activeElement?.closest<HTMLElement>("tr[data-id]")?.dataset["id"] ?? null;
      const from = known.indexOf(at ?? focused ?? "");
      const next = known[from < 0 ? 0 : Math.min(known.length - 1, Math.max(0, from + way))];
      if (next === undefined) return;
      const row = linkOf(list.current, next);
      if (at !== null) window.history.replaceState(null, "", addressWith(next));
      if (at === null || focused !== null) row?.focus({ preventScroll: true });
      row?.closest("tr")?.scrollIntoView({ block: "nearest" });
    };
    const press = (event: KeyboardEvent) => {
      if (isTaken(event)) return;
      if (event.key === "j" || event.key === "k") {
        event.preventDefault();
        step(event.key === "j" ? 1 : -1);
      } else if (event.key === "Escape" && state.current.opened !== null) {
        close();
      }
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [list, close]);
  return { opened, open, close };
}
