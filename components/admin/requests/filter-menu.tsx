"use client";

import Link from "next/link";
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from "react";
import { Icon } from "@/components/ui/icon";

interface FilterMenuProps {
  label: string;
  /** What is offered, as addresses. */
  choices?: readonly { text: string; href: string }[];
  /** Something to type in, under the choices. */
  children?: ReactNode;
}

/** A filter that is not set: a button that opens what it can be set to. Escape, a choice and a press elsewhere close it. */
export function FilterMenu({ label, choices = [], children }: FilterMenuProps) {
  const element = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const leave = (event: Event) => {
      const details = element.current;
      if (details?.open && event.target instanceof Node && !details.contains(event.target)) details.open = false;
    };
    document.addEventListener("pointerdown", leave);
    document.addEventListener("focusin", leave);
    return () => {
      document.removeEventListener("pointerdown", leave);
      document.removeEventListener("focusin", leave);
    };
  }, []);
  const close = () => {
    if (element.current) element.current.open = false;
  };
  const press = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !element.current?.open) return;
    event.stopPropagation();
    close();
    element.current.querySelector("summary")?.focus();
  };
  return (
    <details ref={element} className="filter-menu" onKeyDown={press}>
      <summary className="filter">
        {label}
        <Icon name="chevron-down" size={12} />
      </summary>
      <div className="filter-panel">
        {choices.map(({ text, href }) => (
          <Link key={href} href={href} prefetch={false} onClick={close}>
            {text}
          </Link>
        ))}
        {children}
      </div>
    </details>
  );
}
