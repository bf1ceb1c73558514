import Link from "next/link";
import type { ReactNode } from "react";
import type { AuditFacets } from "@/lib/contracts/audit.admin";

interface FilterProps {
  name: string;
  label: string;
  value: string;
  error?: string | undefined;
  children: (described: { id: string; name: string; "aria-invalid": boolean; "aria-describedby": string | undefined }) => ReactNode;
}

function Filter({ name, label, value, error, children }: FilterProps) {
  const id = `filter-${name}`;
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      <div className="input" data-set={value !== ""} data-invalid={error !== undefined}>
        {children({ id, name, "aria-invalid": error !== undefined, "aria-describedby": error && `${id}-error` })}
      </div>
      {error && (
        <p className="field-error" id={`${id}-error`}>
          {error}
        </p>
      )}
    </div>
  );
}

interface ChoiceProps {
  name: string;
  label: string;
  value: string;
  all: string;
  choices: readonly { id: string; name: string }[];
}

function Choice({ name, label, value, all, choices }: ChoiceProps) {
  const isKnown = value === "" || choices.some(({ id }) => id === value);
  return (
    <Filter name={name} label={label} value={value}>
      {(field) => (
        <select {...field} defaultValue={value}>
          <option value="">{all}</option>
          {!isKnown && <option>{value}</option>}
          {choices.map((choice) => (
            <option key={choice.id} value={choice.id}>
              {choice.name}
            </option>
          ))}
        </select>
      )}
    </Filter>
  );
}

interface AuditFiltersProps {
  facets: AuditFacets;
  set: { action: string; operator: string; target: string; from: string; to: string };
  unread: string[];
}

/** Filters of the audit: a plain form, so all of them stand in the address. */
export function AuditFilters({ facets, set, unread }: AuditFiltersProps) {
  const faultOf = (name: string, words: string) => (unread.includes(name) ? words : undefined);
  // Browsers complain of a day that is none.
  const readable = (name: "from" | "to") => (unread.includes(name) ? "" : set[name]);
  const isSet = Object.values(set).some((value) => value !== "");
  return (
    <form key={JSON.stringify(set)} className="audit-filters" role="search" aria-label="Filter the audit" action="/admin/audit">
      <Choice name="action" label="Act" value={set.action} all="All acts" choices={facets.actions.map((id) => ({ id, name: id }))} />
      <Choice name="operator" label="Operator" value={set.operator} all="Everybody" choices={facets.operators} />
      <Filter name="target" label="Done to" value={set.target} error={faultOf("target", "That is longer than any name.")}>
        {(field) => <input {...field} defaultValue={set.target} placeholder="Name or id" autoComplete="off" spellCheck={false} />}
      </Filter>
      <Filter name="from" label="From day (UTC)" value={set.from} error={faultOf("from", "That is no day.")}>
        {(field) => <input {...field} type="date" defaultValue={readable("from")} />}
      </Filter>
      <Filter name="to" label="To day (UTC)" value={set.to} error={faultOf("to", "Must be a day from the first one on.")}>
        {(field) => <input {...field} type="date" defaultValue={readable("to")} />}
      </Filter>
      <div className="audit-filter-acts">
        <button type="submit" className="btn">
          Filter
        </button>
        {isSet && (
          <Link href="/admin/audit" className="btn btn-quiet" prefetch={false}>
            Clear
          </Link>
        )}
      </div>
    </form>
  );
}
