"use client";

import Link from "next/link";
import { useRouter } from "next/navigation";
import { type FormEvent, useTransition } from "react";
import { SubmitButton } from "@/components/ui/submit-button";

interface HistoryFiltersProps {
  models: { slug: string; name: string }[];
  /** What is set now, as it stands in the address. */
  set: { model: string; from: string; to: string; request: string };
  /** Filters that could not be read, by name. */
  unread: string[];
}

const NAMES = ["model", "from", "to", "request", "zone"];

/** The address of the list with what the form holds. A zone without days says nothing. */
function addressOf(form: HTMLFormElement): string {
  const data = new FormData(form);
  const query = new URLSearchParams();
  for (const name of NAMES) {
    const value = String(data.get(name) ?? "").trim();
    if (value !== "") query.set(name, value);
  }
  if (!query.has("from") && !query.has("to")) query.delete("zone");
  return query.size === 0 ? "/history" : `/history?${query}`;
}

/** Only the browser knows the reader's zone. */
function fillZone(field: HTMLInputElement | null): void {
  if (field) field.value = Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** What a date field takes; anything else it complains about. */
const asDay = (text: string) => (/^\d{4}-\d{2}-\d{2}$/.test(text) ? text : "");

interface DayFieldProps {
  name: string;
  label: string;
  value: string;
  error?: string | undefined;
}

function DayField({ name, label, value, error }: DayFieldProps) {
  const described = error === undefined ? {} : { "aria-invalid": true, "aria-describedby": `filter-${name}-error` };
  return (
    <div className="field">
      <label className="field-label" htmlFor={`filter-${name}`}>
        {label}
      </label>
      <div className="input" data-set={value !== ""} data-invalid={error !== undefined}>
        <input id={`filter-${name}`} type="date" name={name} defaultValue={value} {...described} />
      </div>
      {error !== undefined && (
        <p className="field-error" id={`filter-${name}-error`}>
          {error}
        </p>
      )}
    </div>
  );
}

function ModelField({ models, value }: { models: HistoryFiltersProps["models"]; value: string }) {
  const isKnown = models.some(({ slug }) => slug === value);
  return (
    <div className="field">
      <label className="field-label" htmlFor="filter-model">
        Model
      </label>
      <div className="input !pr-1" data-set={value !== ""}>
        <select id="filter-model" name="model" defaultValue={value}>
          <option value="">All models</option>
          {value !== "" && !isKnown && <option>{value}</option>}
          {models.map(({ slug, name }) => (
            <option key={slug} value={slug}>
              {name}
            </option>
          ))}
        </select>
      </div>
    </div>
  );
}

function RequestField({ value, wrong }: { value: string; wrong: boolean }) {
  return (
    <div className="field">
      <label className="field-label" htmlFor="filter-request">
        Request id
      </label>
      <div className="input" data-set={value !== ""} data-invalid={wrong}>
        <input
          id="filter-request"
          name="request"
          defaultValue={value}
          placeholder="req_…"
          autoComplete="off"
          spellCheck={false}
          aria-invalid={wrong}
          aria-describedby={wrong ? "filter-request-error" : undefined}
        />
      </div>
      {wrong && (
        <p className="field-error" id="filter-request-error">
          An id has 8 to 64 letters, digits, - and _.
        </p>
      )}
    </div>
  );
}

/** Filters of the list, all of them part of the address. Days are days on the reader's clock, so its zone goes along. */
export function HistoryFilters({ models, set, unread }: HistoryFiltersProps) {
  const router = useRouter();
  const [pending, startTransition] = useTransition();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const address = addressOf(event.currentTarget);
    startTransition(() => router.push(address));
  };
  const isBad = (name: string) => unread.includes(name);
  const isSet = Object.values(set).some((value) => value !== "");
  return (
    <form key={JSON.stringify(set)} className="filters" role="search" aria-label="Filter the history" action="/history" onSubmit={submit}>
      <ModelField models={models} value={set.model} />
      <DayField name="from" label="From day" value={asDay(set.from)} error={isBad("from") ? "That is no day." : undefined} />
      <DayField name="to" label="To day" value={asDay(set.to)} error={isBad("to") ? "Must be a day from the first one on." : undefined} />
      <RequestField value={set.request} wrong={isBad("request")} />
      <input ref={fillZone} type="hidden" name="zone" />
      <div className="flex gap-2">
        <SubmitButton busy={pending} look="plain">
          Filter
        </SubmitButton>
        {isSet && (
          <Link href="/history" className="btn btn-quiet" prefetch={false}>
            Clear
          </Link>
        )}
      </div>
    </form>
  );
}
