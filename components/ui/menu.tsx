"use client";

import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";

interface MenuProps {
  /** What the button is called. */
  label: string;
  /** What the button shows. */
  face: ReactNode;
  buttonClass: string;
  /** What stands above the entries. */
  head?: ReactNode;
  /** Entries carry `role="menuitem"` and `tabIndex={-1}`. */
  children: ReactNode;
}

type End = "first" | "last";

/** Where the focus goes from entry `index` of `count`, or null for a key that does not move it. */
function step(key: string, index: number, count: number): number | null {
  if (key === "ArrowDown") return (index + 1) % count;
  if (key === "ArrowUp") return (index - 1 + count) % count;
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  return null;
}

/** Entries of an open menu, in their order. */
function entriesOf(menu: HTMLElement | null): HTMLElement[] {
  return [...(menu?.querySelectorAll<HTMLElement>('[role="menuitem"]') ?? [])];
}

/** Closes what is open when the reader presses, or moves the focus, outside of it. */
function useOutside(open: boolean, close: () => void) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) return;
    const leave = (event: Event) => {
      if (event.target instanceof Node && !box.current?.contains(event.target)) close();
    };
    document.addEventListener("pointerdown", leave);
    document.addEventListener("focusin", leave);
    return () => {
      document.removeEventListener("pointerdown", leave);
      document.removeEventListener("focusin", leave);
    };
  }, [open, close]);
  return box;
}

/** What an open menu does about the keyboard: the arrows move, Escape and a choice close it and give the focus back, Tab closes it. */
function useMenu() {
  const [open, setOpen] = useState<End | null>(null);
  const button = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLDivElement>(null);
  const [close] = useState(() => () => setOpen(null));
  const box = useOutside(open !== null, close);
  useEffect(() => {
    if (open) entriesOf(menu.current).at(open === "first" ? 0 : -1)?.focus();
  }, [open]);
  /** Before the chosen entry acts: a dialog that it opens gives the focus back to the button. */
  const leave = () => {
    close();
    button.current?.focus();
  };
  const openByArrow = (event: KeyboardEvent) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    setOpen(event.key === "ArrowDown" ? "first" : "last");
  };
  const move = (event: KeyboardEvent) => {
    const entries = entriesOf(menu.current);
    const next = step(event.key, entries.findIndex((entry) => entry === document.activeElement), entries.length);
    if (event.key === "Escape") leave();
    if (event.key === "Tab") close();
    if (next === null) return;
    event.preventDefault();
    entries[next]?.focus();
  };
  const toggle = () => setOpen(open ? null : "first");
  return { isOpen: open !== null, box, button, menu, toggle, openByArrow, move, leave };
}

/**
 * A button and its menu (WAI-ARIA menu button): Enter, Space and the arrows open it, arrows, Home and End move, Escape closes it and gives
 * the focus back, Tab and a press elsewhere close it.
 */
export function Menu({ label, face, buttonClass, head, children }: MenuProps) {
  const id = useId();
  const { isOpen, box, button, menu, toggle, openByArrow, move, leave } = useMenu();
  return (
    <div ref={box} className="relative">
      <button
        ref={button}
        type="button"
        className={buttonClass}
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        onClick={toggle}
        onKeyDown={openByArrow}
      >
        {face}
      </button>
      {isOpen && (
        <div className="menu">
          {head && <p className="menu-head">{head}</p>}
          <div ref={menu} id={id} role="menu" aria-label={label} tabIndex={-1} onKeyDown={move} onClick={leave}>
            {children}
          </div>
        </div>
      )}
    </div>
  );
}
