"use client";

import Link from "next/link";
import { useRouter } from "next/navigation";
import { type FormEvent, useTransition } from "react";
import { SubmitButton } from "@/components/ui/submit-button";
import { planNames, plans } from "@/lib/plans";

/** What the list is narrowed to, as it stands in the address. */
export interface CustomersView {
  search: string;
  plan: string;
  status: string;
  near: string;
  since: string;
}

const NAMES = ["search", "plan", "status", "near", "since"] as const;

/** A whole key that was pasted must not stand in an address: what its owner sees of it finds it as well. */
function shorten(text: string): string {
  const whole = /^(vt_live_[0-9A-Za-z]{4})[0-9A-Za-z]{30}([0-9A-Za-z]{4})$/.exec(text);
  return whole ? `${whole[1]}…${whole[2]}` : text;
}

function addressOf(form: HTMLFormElement): string {
  const data = new FormData(form);
  const query = new URLSearchParams();
  for (const name of NAMES) {
    const value = shorten(String(data.get(name) ?? "").trim());
    if (value !== "") query.set(name, value);
  }
  return query.size === 0 ? "/admin/customers" : `/admin/customers?${query}`;
}

interface ChoiceProps {
  name: string;
  label: string;
  value: string;
  all: string;
  choices: readonly { value: string; words: string }[];
}

function Choice({ name, label, value, all, choices }: ChoiceProps) {
  return (
    <div className="field">
      <label className="field-label" htmlFor={`customers-${name}`}>
        {label}
      </label>
      <div className="input !pr-1" data-set={value !== ""}>
        <select id={`customers-${name}`} name={name} defaultValue={value}>
          <option value="">{all}</option>
          {choices.map((choice) => (
            <option key={choice.value} value={choice.value}>
              {choice.words}
            </option>
          ))}
        </select>
      </div>
    </div>
  );
}

const planChoices = planNames.map((name) => ({ value: name, words: plans[name].title }));
const statusChoices = [
  { value: "active", words: "Not suspended" },
  { value: "suspended", words: "Suspended" },
];

function SearchField({ value }: { value: string }) {
  return (
    <div className="field">
      <label className="field-label" htmlFor="customers-search">
        Find
      </label>
      <div className="input" data-set={value !== ""}>
        <input
          id="customers-search"
          type="search"
          name="search"
          defaultValue={value}
          maxLength={254}
          placeholder="Address, name, customer id, key id or vt_live_7Kq2…Gy0A"
          autoComplete="off"
          spellCheck={false}
        />
      </div>
    </div>
  );
}

function SinceField({ value, isBad }: { value: string; isBad: boolean }) {
  return (
    <div className="field">
      <label className="field-label" htmlFor="customers-since">
        Signed up since
      </label>
      <div className="input" data-set={value !== ""} data-invalid={isBad}>
        <input
          id="customers-since"
          type="date"
          name="since"
          defaultValue={isBad ? "" : value}
          aria-invalid={isBad}
          aria-describedby={isBad ? "customers-since-error" : undefined}
        />
      </div>
      {isBad && (
        <p className="field-error" id="customers-since-error">
          That is no day.
        </p>
      )}
    </div>
  );
}

/** Search and filters of the list, all of them part of the address; without scripts the form is a plain one. */
export function CustomersFilters({ view, badDay }: { view: CustomersView; badDay: boolean }) {
  const router = useRouter();
  const [pending, startTransition] = useTransition();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const address = addressOf(event.currentTarget);
    startTransition(() => router.push(address));
  };
  const isSet = Object.values(view).some((value) => value !== "");
  return (
    <form
      key={JSON.stringify(view)}
      className="customer-filters"
      role="search"
      aria-label="Find customers"
      action="/admin/customers"
      onSubmit={submit}
    >
      <SearchField value={view.search} />
      <Choice name="plan" label="Plan" value={view.plan} all="All plans" choices={planChoices} />
      <Choice name="status" label="Status" value={view.status} all="All" choices={statusChoices} />
      <SinceField value={view.since} isBad={badDay} />
      <label className="check">
        <input type="checkbox" name="near" value="1" defaultChecked={view.near !== ""} />
        Over 80 % of the month
      </label>
      <div className="flex gap-2">
        <SubmitButton busy={pending} look="plain">
          Find
        </SubmitButton>
        {isSet && (
          <Link href="/admin/customers" className="btn btn-quiet" prefetch={false}>
            Clear
          </Link>
        )}
      </div>
    </form>
  );
}
