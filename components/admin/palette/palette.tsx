"use client";

import Link from "next/link";
import { useRouter } from "next/navigation";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { type Entry, listEntries } from "@/components/admin/palette/entries";
import { useFound } from "@/components/admin/palette/use-found";
import { Icon } from "@/components/ui/icon";

interface OptionsProps {
  id: string;
  entries: Entry[];
  active: number;
  onLeave: () => void;
  onPoint: (index: number) => void;
}

function Options({ id, entries, active, onLeave, onPoint }: OptionsProps) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Newer browsers give back a promise, which an effect must not.
    void list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [active, entries]);
  const groups = [...new Set(entries.map(({ group }) => group))];
  return (
    <div ref={list} id={id} role="listbox" aria-label="Found" className="palette-list">
      {groups.map((group) => (
        <div key={group} role="group" aria-labelledby={`${id}-${group}`}>
          <div id={`${id}-${group}`} className="palette-group" role="presentation">
            {group}
          </div>
          {entries.map((entry, index) =>
            entry.group === group ? (
              <Link
                key={`${entry.href} ${entry.title} ${entry.detail}`}
                id={`${id}-${index}`}
                href={entry.href}
                role="option"
                aria-selected={index === active}
                tabIndex={-1}
                className="palette-option"
                prefetch={false}
                onClick={onLeave}
                onMouseMove={() => onPoint(index)}
              >
                <Icon name={entry.icon} />
                <span className="palette-title">{entry.title}</span>
                <span className="palette-detail">{entry.detail}</span>
              </Link>
            ) : null,
          )}
        </div>
      ))}
    </div>
  );
}

/** What the list says about itself, for readers who do not see it. */
function sayCount(count: number, pending: boolean, failed: boolean): string {
  if (failed) return "The service could not be asked; only the console's own pages are listed.";
  if (pending) return "Looking";
  return count === 0 ? "Nothing found. Try a model, a customer's address, or a request id." : `${count} found`;
}

function step(key: string, active: number, count: number): number | null {
  if (key === "ArrowDown") return (active + 1) % count;
  if (key === "ArrowUp") return (active - 1 + count) % count;
  return null;
}

/** What is typed, what it finds, which line is chosen, and what keys do about it. */
function usePalette(onLeave: () => void) {
  const router = useRouter();
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  const { items, pending, failed } = useFound(query);
  const entries = listEntries(query, items);
  const active = Math.min(at, Math.max(0, entries.length - 1));
  const choose = (entry: Entry) => {
    onLeave();
    router.push(entry.href);
  };
  const press = (event: KeyboardEvent) => {
    const entry = entries[active];
    if (event.key === "Enter" && entry) {
      event.preventDefault();
      return choose(entry);
    }
    const next = entries.length === 0 ? null : step(event.key, active, entries.length);
    if (next === null) return;
    event.preventDefault();
    setAt(next);
  };
  const type = (words: string) => {
    setQuery(words);
    setAt(0);
  };
  return { query, type, entries, active, point: setAt, press, failed, told: sayCount(entries.length, pending, failed) };
}

/** The field and what it finds (WAI-ARIA combobox with a listbox): arrows move, Enter goes. */
export function Palette({ onLeave }: { onLeave: () => void }) {
  const id = useId();
  const { query, type, entries, active, point, press, failed, told } = usePalette(onLeave);
  return (
    <div className="palette">
      <div className="palette-field">
        <Icon name="search" />
        <input
          type="text"
          role="combobox"
          aria-label="Search the console"
          aria-expanded="true"
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={entries.length > 0 ? `${id}-list-${active}` : undefined}
          placeholder="Section, model, act, customer, request id"
          autoComplete="off"
          spellCheck={false}
          maxLength={140}
          value={query}
          onChange={(event) => type(event.target.value)}
          onKeyDown={press}
        />
        <kbd>Esc</kbd>
      </div>
      <Options id={`${id}-list`} entries={entries} active={active} onLeave={onLeave} onPoint={point} />
      <p className={entries.length === 0 || failed ? "palette-told" : "sr-only"} role="status">
        {told}
      </p>
    </div>
  );
}
