"use client";

import type { MouseEvent } from "react";
import { StatusMark } from "@/components/admin/requests/status-mark";
import { ScrollRegion } from "@/components/ui/scroll-region";
import type { RequestEntry } from "@/lib/contracts/traffic.admin";
import { cameByNames, formatEntryTime, formatTook, sayOutcome } from "@/lib/requests-view.admin";

/** From here on a call is told apart in the list. */
const SLOW_MS = 1_000;

interface RowProps {
  entry: RequestEntry;
  customer: string | null;
  opened: boolean;
  href: string;
  now: string;
  onOpen: (id: string) => void;
}

/** Who called, where that was no customer. */
function sayNobody({ surface, came_by: cameBy }: RequestEntry): string {
  if (surface === "console") return cameBy === null ? "nobody signed in" : "the team";
  return cameBy === "visitor" ? "Web visitor" : "nobody";
}

function EntryTime({ at, now }: { at: string; now: string }) {
  return <time dateTime={at}>{formatEntryTime(at, now)}</time>;
}

function Row({ entry, customer, opened, href, now, onOpen }: RowProps) {
  const { id, at, status, model, version, milliseconds, came_by: cameBy, route, arm, surface } = entry;
  const open = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    onOpen(id);
  };
  return (
    <tr data-id={id} data-picked={opened}>
      <td className="when">
        <a href={href} className="row-link tabular" aria-current={opened ? "true" : undefined} onClick={open}>
          <EntryTime at={at} now={now} />
        </a>
      </td>
      <td className="status-cell">
        <StatusMark status={status} />
      </td>
      <td className="model">
        {model === null ? (
          <span className="text-ink-3">{surface === "console" ? "Console" : "no model"}</span>
        ) : (
          <>
            {model} <span className="text-ink-3">{version}</span>
            {arm === "candidate" && <span className="chip chip-glass ml-1">candidate</span>}
          </>
        )}
      </td>
      <td className="who">{customer ?? <span className="text-ink-3">{sayNobody(entry)}</span>}</td>
      <td className="came">{cameBy === null ? "–" : cameByNames[cameBy]}</td>
      <td className="outcome">
        {entry.code !== null && <span>{sayOutcome(entry)} · </span>}
        <span className="text-ink-3">{route}</span>
      </td>
      <td className="number took" data-slow={milliseconds >= SLOW_MS}>
        {formatTook(milliseconds)}
      </td>
    </tr>
  );
}

interface RequestsTableProps {
  items: readonly RequestEntry[];
  customers: Record<string, string>;
  opened: string | null;
  /** The address of an entry. */
  hrefOf: (id: string) => string;
  /** The moment the page was made: what is not of its day tells its day. */
  now: string;
  onOpen: (id: string) => void;
}

/** The entries of the log, newest first; the whole row opens. */
export function RequestsTable({ items, customers, opened, hrefOf, now, onOpen }: RequestsTableProps) {
  return (
    <ScrollRegion label="Requests, newest first" className="requests-scroll">
      <table className="table list-table requests-table">
        <thead>
          <tr>
            <th scope="col">Time (UTC), newest first</th>
            <th scope="col">Status</th>
            <th scope="col">Model</th>
            <th scope="col">Customer</th>
            <th scope="col">Came by</th>
            <th scope="col">Reason and place</th>
            <th scope="col" className="number">
              ms
            </th>
          </tr>
        </thead>
        <tbody>
          {items.map((entry) => (
            <Row
              key={entry.id}
              entry={entry}
              customer={entry.customer_id === null ? null : (customers[entry.customer_id] ?? entry.customer_id)}
              opened={entry.id === opened}
              href={hrefOf(entry.id)}
              now={now}
              onOpen={onOpen}
            />
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}
