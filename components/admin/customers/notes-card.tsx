"use client";

import { type FormEvent, useId, useState } from "react";
import { useCustomerAct } from "@/components/admin/customers/use-customer-act";
import { Card } from "@/components/ui/card";
import { Icon } from "@/components/ui/icon";
import { LocalTime } from "@/components/ui/local-time";
import { Notice } from "@/components/ui/notice";
import { SubmitButton } from "@/components/ui/submit-button";
import type { CustomerNote } from "@/lib/contracts/customers.admin";
import { consoleApi } from "@/lib/trpc-client.admin";

interface NoteProps {
  note: CustomerNote;
  isOff: boolean;
  onRemove: () => void;
}

function Note({ note, isOff, onRemove }: NoteProps) {
  return (
    <li className="note">
      <p className="wrap-anywhere whitespace-pre-line">{note.text}</p>
      <p className="note-foot help">
        <span>
          {note.author}, <LocalTime iso={note.at} />
        </span>
        {!isOff && (
          <button type="button" className="icon-btn" aria-label={`Remove the note “${note.text.slice(0, 40)}”`} onClick={onRemove}>
            <Icon name="trash" size={14} />
          </button>
        )}
      </p>
    </li>
  );
}

interface NoteFormProps {
  busy: boolean;
  /** @param sent to be called when the note is kept */
  onAdd: (text: string, sent: () => void) => void;
}

function NoteForm({ busy, onAdd }: NoteFormProps) {
  const [fault, setFault] = useState<string>();
  const help = useId();
  const add = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const text = String(new FormData(form).get("note") ?? "").trim();
    setFault(text === "" ? "Write something first." : undefined);
    if (text !== "" && !busy) onAdd(text, () => form.reset());
  };
  return (
    <form className="mt-4 grid gap-2" onSubmit={add} noValidate>
      <label className="field-label" htmlFor="customer-note">
        New note
      </label>
      <div className="input input-area" data-invalid={fault !== undefined}>
        <textarea
          id="customer-note"
          name="note"
          rows={2}
          maxLength={1_000}
          aria-invalid={fault !== undefined}
          aria-describedby={fault === undefined ? undefined : help}
        />
      </div>
      {fault && (
        <p className="field-error" id={help}>
          {fault}
        </p>
      )}
      <div>
        <SubmitButton busy={busy} look="plain">
          Add note
        </SubmitButton>
      </div>
    </form>
  );
}

interface NotesCardProps {
  customerId: string;
  notes: readonly CustomerNote[];
  barredRole: string | null;
}

/** What the team wrote down about a customer; the customer does not see it, and it goes with the account. */
export function NotesCard({ customerId, notes, barredRole }: NotesCardProps) {
  const { busy, refusal, act, told } = useCustomerAct<never>();
  const isOff = barredRole !== null;
  const add = (text: string, sent: () => void) =>
    act(async () => {
      await consoleApi.customers.addNote.mutate({ id: customerId, text });
      sent();
    }, "The note is kept.");
  const remove = ({ id: note }: CustomerNote) =>
    act(() => consoleApi.customers.removeNote.mutate({ id: customerId, note }), "The note is gone.");
  return (
    <Card title="Notes of the team" aside="The customer does not see them">
      {refusal && <Notice tone="bad">{refusal.message}</Notice>}
      <p className="sr-only" aria-live="polite">
        {told}
      </p>
      {notes.length > 0 ? (
        <ul className="grid gap-3">
          {notes.map((note) => (
            <Note key={note.id} note={note} isOff={isOff} onRemove={() => remove(note)} />
          ))}
        </ul>
      ) : (
        <p className="text-ink-2">None yet: what was promised, whom to write to, why a limit is what it is.</p>
      )}
      {isOff ? <p className="help mt-3">Writing takes the role operator; yours is {barredRole}.</p> : <NoteForm busy={busy} onAdd={add} />}
    </Card>
  );
}
