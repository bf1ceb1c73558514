"use client";

import { useRouter } from "next/navigation";
import { useEffect, useRef, useState } from "react";
import { jumps } from "@/components/admin/palette/entries";
import { KeyList } from "@/components/admin/palette/key-list";
import { Palette } from "@/components/admin/palette/palette";
import { Dialog } from "@/components/ui/dialog";
import { Icon } from "@/components/ui/icon";
import { useHydrated } from "@/components/ui/use-hydrated";

/** The second key of two must follow within this time. */
const PAIR_MS = 1_200;

type Open = "palette" | "keys" | null;

/** Whether keys belong to what has the focus: somebody types, or a dialog or a menu is open. */
function isTaken(target: EventTarget | null): boolean {
  if (document.querySelector("dialog[open]")) return true;
  return target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable="true"], [role="menu"]') !== null;
}

function isPaletteKey(event: KeyboardEvent): boolean {
  return event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
}

/** A search of the page itself comes first. */
function focusOwnSearch(): boolean {
  const own = document.querySelector<HTMLElement>('main input[type="search"]');
  own?.focus();
  return own !== null;
}

function useConsoleKeys(open: (what: Open) => void) {
  const router = useRouter();
  const pairedAt = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented) return;
      if (isPaletteKey(event)) {
        event.preventDefault();
        if (!document.querySelector("dialog[open]")) open("palette");
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isTaken(event.target)) return;
      const isSecond = event.timeStamp - pairedAt.current < PAIR_MS;
      pairedAt.current = event.key === "g" && !isSecond ? event.timeStamp : Number.NEGATIVE_INFINITY;
      const place = isSecond ? jumps[event.key] : undefined;
      if (place !== undefined) router.push(place);
      else if (event.key === "?") open("keys");
      else if (event.key === "/" && !focusOwnSearch()) open("palette");
      else if (event.key !== "/") return;
      event.preventDefault();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [router, open]);
}

/** The console's search: a button, and the keys that open it and lead around. The button can be pressed as soon as the keys are heard. */
export function ConsoleSearch() {
  const hydrated = useHydrated();
  const [open, setOpen] = useState<Open>(null);
  useConsoleKeys(setOpen);
  const close = () => setOpen(null);
  return (
    <>
      <button
        type="button"
        className="console-search"
        aria-label="Search the console"
        aria-keyshortcuts="Control+K"
        disabled={!hydrated}
        onClick={() => setOpen("palette")}
      >
        <Icon name="search" />
        <span className="console-word flex-1">Search</span>
        <kbd className="console-word" aria-hidden="true">
          Ctrl K
        </kbd>
      </button>
      <Dialog open={open === "palette"} title="Search the console" onClose={close} wide>
        <Palette onLeave={close} />
      </Dialog>
      <Dialog open={open === "keys"} title="Keys" onClose={close}>
        <KeyList onClose={close} />
      </Dialog>
    </>
  );
}
