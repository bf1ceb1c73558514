"use client";

import Link from "next/link";
import { useRouter } from "next/navigation";
import { type KeyboardEvent, useState } from "react";
import { askToDelete, DeleteForm } from "@/components/history/delete-form";
import { Dialog } from "@/components/ui/dialog";
import { Icon } from "@/components/ui/icon";
import { LocalTime } from "@/components/ui/local-time";
import { Notice } from "@/components/ui/notice";
import { ScrollRegion } from "@/components/ui/scroll-region";
import { formatMilliseconds } from "@/lib/format";
import { formatMoment } from "@/lib/moment";

export interface HistoryRowView {
  id: string;
  createdAt: string;
  model: string;
  version: number;
  answer: string;
  milliseconds: number;
  cameBy: string;
  requestId: string;
}

interface RowProps {
  row: HistoryRowView;
  picked: boolean;
  onPick: (id: string) => void;
}

function Row({ row, picked, onPick }: RowProps) {
  return (
    <tr data-picked={picked}>
      <td className="pick">
        <label className="check">
          <input
            type="checkbox"
            aria-label={`Select ${row.model}, ${formatMoment(row.createdAt, "utc")} UTC`}
            checked={picked}
            onChange={() => onPick(row.id)}
          />
        </label>
      </td>
      <td className="when">
        <Link href={`/history/${row.id}`} className="row-link" prefetch={false}>
          <LocalTime iso={row.createdAt} />
        </Link>
      </td>
      <td className="model">
        {row.model} <span className="text-ink-3">{row.version}</span>
      </td>
      <td className="answer">{row.answer}</td>
      <td className="number took">{formatMilliseconds(row.milliseconds)}</td>
      <td className="came">{row.cameBy}</td>
      <td className="request">
        <code>{row.requestId}</code>
      </td>
    </tr>
  );
}

/** J and K, and the arrows, step through the rows once one of them has the focus. */
function stepThrough(event: KeyboardEvent<HTMLElement>): void {
  const way = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>(".row-link")];
  const at = links.findIndex((link) => link === document.activeElement);
  if (way === undefined || at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  links[at + way]?.focus();
}

interface SelectionProps {
  /** The selected ids, newest first. */
  picked: string[];
  onClear: () => void;
  onDelete: () => void;
}

/** What can be done with the selected rows. Two are compared, the older one as what was before. */
function Selection({ picked, onClear, onDelete }: SelectionProps) {
  const [newer, older] = picked;
  return (
    <div className="selection" role="group" aria-label="Selected predictions">
      <p className="tabular" role="status">
        {picked.length === 0 ? "Select two to compare them." : `${picked.length} selected`}
      </p>
      {picked.length > 0 && (
        <>
          {picked.length === 2 && (
            <Link href={`/history/compare?one=${older}&other=${newer}`} className="btn btn-small" prefetch={false}>
              <Icon name="compare" size={14} />
              Compare
            </Link>
          )}
          <button type="button" className="btn btn-small btn-careful" onClick={onDelete}>
            <Icon name="trash" size={14} />
            Delete
          </button>
          <button type="button" className="btn btn-small btn-quiet" onClick={onClear}>
            Clear
          </button>
        </>
      )}
    </div>
  );
}

interface RowsProps {
  rows: HistoryRowView[];
  chosen: ReadonlySet<string>;
  onPick: (id: string) => void;
}

function Rows({ rows, chosen, onPick }: RowsProps) {
  return (
    <ScrollRegion label="Table of predictions">
      <table className="table list-table history-table">
        <thead>
          <tr>
            <th scope="col">
              <span className="sr-only">Select</span>
            </th>
            <th scope="col">Time, newest first</th>
            <th scope="col">Model</th>
            <th scope="col">Answer</th>
            <th scope="col" className="number">
              Model time
            </th>
            <th scope="col">Came by</th>
            <th scope="col">Request id</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={row.id} row={row} picked={chosen.has(row.id)} onPick={onPick} />
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

/** The rows of a page of the history: the whole row opens, boxes select. */
export function HistoryTable({ rows }: { rows: HistoryRowView[] }) {
  const router = useRouter();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [asking, setAsking] = useState(false);
  const [told, setTold] = useState<string | null>(null);
  const picked = rows.map(({ id }) => id).filter((id) => chosen.has(id));
  const pick = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };
  const deleted = (count: number) => {
    setAsking(false);
    setChosen(new Set());
    setTold(count === 1 ? "One prediction was deleted." : `${count} predictions were deleted.`);
    router.refresh();
  };
  return (
    <>
      {told && <Notice tone="ok" title={told} onClose={() => setTold(null)} />}
      <section className="card" aria-label="Predictions" onKeyDown={stepThrough}>
        <Selection picked={picked} onClear={() => setChosen(new Set())} onDelete={() => setAsking(true)} />
        <Rows rows={rows} chosen={chosen} onPick={pick} />
      </section>
      <Dialog open={asking} title={askToDelete(picked.length)} onClose={() => setAsking(false)}>
        {asking && <DeleteForm ids={picked} onCancel={() => setAsking(false)} onDeleted={deleted} />}
      </Dialog>
    </>
  );
}
