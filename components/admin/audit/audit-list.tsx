"use client";

import Link from "next/link";
import { useRouter } from "next/navigation";
import { type KeyboardEvent, type ReactNode } from "react";
import { lookOfOutcome, nameTarget } from "@/components/admin/audit/act-words";
import { Icon } from "@/components/ui/icon";
import { LocalTime } from "@/components/ui/local-time";
import { ScrollRegion } from "@/components/ui/scroll-region";
import type { AuditEntry } from "@/lib/contracts/audit.admin";

interface AuditListProps {
  entries: AuditEntry[];
  /** The number of the entry that is open. */
  opened: number | null;
  /** Names of the operators by id. */
  team: ReadonlyMap<string, string>;
  /** The address of the list without an open entry. */
  here: string;
  /** The open entry, beside the list. */
  children: ReactNode;
}

function addressOf(here: string, number: number): string {
  return `${here}${here.includes("?") ? "&" : "?"}entry=${number}`;
}


function Row({ entry, opened, here, team }: { entry: AuditEntry; opened: boolean; here: string; team: ReadonlyMap<string, string> }) {
  const { icon, tone, word } = lookOfOutcome(entry);
  return (
    <tr data-picked={opened}>
      <td className="when">
        <Link href={addressOf(here, entry.number)} className="row-link" prefetch={false} scroll={false} aria-current={opened ? "true" : undefined}>
          <LocalTime iso={entry.at} />
        </Link>
      </td>
      <td className="who" title={entry.operator?.name}>
        {entry.operator?.email ?? "Nobody"}
      </td>
      <td className="act">{entry.action}</td>
      <td className="target" title={entry.target.id}>
        {nameTarget(entry, team)}
      </td>
      <td className="end">
        <span className="status" data-tone={tone}>
          <Icon name={icon} size={14} />
          {word}
        </span>
      </td>
      <td className="number">{entry.number}</td>
    </tr>
  );
}

/** J and K, and the arrows, step through the rows once one of them has the focus; where an entry is open, the next one opens. */
function useSteps(here: string, opened: number | null) {
  const router = useRouter();
  return (event: KeyboardEvent<HTMLElement>) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target instanceof HTMLInputElement) return;
    if (event.key === "Escape" && opened !== null) {
      event.currentTarget.querySelector<HTMLElement>(".row-link[aria-current]")?.focus();
      return router.push(here, { scroll: false });
    }
    const way = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
    const links = [...event.currentTarget.querySelectorAll<HTMLAnchorElement>(".row-link")];
    const at = links.findIndex((link) => link === document.activeElement || (opened !== null && link.ariaCurrent === "true"));
    if (way === undefined || at < 0) return;
    event.preventDefault();
    links[at + way]?.focus();
    if (opened !== null) links[at + way]?.click();
  };
}

/** A page of the audit, newest first; the whole row opens. */
export function AuditList({ entries, opened, team, here, children }: AuditListProps) {
  const step = useSteps(here, opened);
  return (
    <section className="card audit-split" data-open={opened !== null} aria-label="Entries" onKeyDown={step}>
      <ScrollRegion label="Table of entries">
        <table className="table list-table audit-table">
          <thead>
            <tr>
              <th scope="col">Time, newest first</th>
              <th scope="col">Operator</th>
              <th scope="col">Act</th>
              <th scope="col">Done to</th>
              <th scope="col">How it ended</th>
              <th scope="col" className="number">
                No.
              </th>
            </tr>
          </thead>
          <tbody>
            {entries.map((entry) => (
              <Row key={entry.id} entry={entry} opened={entry.number === opened} here={here} team={team} />
            ))}
          </tbody>
        </table>
      </ScrollRegion>
      {children}
    </section>
  );
}
