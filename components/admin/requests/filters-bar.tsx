"use client";

import Link from "next/link";
import { FilterField } from "@/components/admin/requests/filter-field";
import { FilterMenu } from "@/components/admin/requests/filter-menu";
import { Icon } from "@/components/ui/icon";
import type { RequestFilters, TrafficRange } from "@/lib/contracts/traffic.admin";
import { surfaceNames } from "@/lib/overview-view.admin";
import { type RequestsAddress, requestsHref, type RequestsView } from "@/lib/requests-address.admin";
import { armNames, cameByNames, lastNames, listFilters, type SetFilter } from "@/lib/requests-view.admin";

interface FiltersBarProps {
  written: RequestFilters;
  view: RequestsView;
  models: readonly { slug: string; name: string }[];
  /** Of customers, by id. */
  customers: Record<string, string>;
}

const ranges: readonly TrafficRange[] = ["1h", "24h", "7d", "30d"];
const statuses = [
  { value: "2xx", text: "2xx answered" },
  { value: "4xx", text: "4xx refused" },
  { value: "429", text: "429 limit hit" },
  { value: "5xx", text: "5xx failed" },
];
const latencies = [100, 500, 1_000, 2_000];
const entriesOf = <Name extends string>(names: Record<Name, string>) => Object.entries<string>(names);

interface MenuProps {
  /** The filters that stay. */
  address: RequestsAddress;
  models: FiltersBarProps["models"];
}

function TimeMenu({ address }: MenuProps) {
  const { from: _from, to: _to, ...rest } = address;
  return <FilterMenu label="Time" choices={ranges.map((last) => ({ text: `Last ${lastNames[last]}`, href: requestsHref({ ...rest, last }) }))} />;
}

function StatusMenu({ address }: MenuProps) {
  return (
    <FilterMenu label="Status" choices={statuses.map(({ value, text }) => ({ text, href: requestsHref({ ...address, status: value }) }))}>
      <FilterField label="Another status" help="200 to 599" name="status" address={address} pattern={/^[2-5]\d\d$/} numeric />
    </FilterMenu>
  );
}

function ModelMenu({ address, models }: MenuProps) {
  return (
    <FilterMenu label="Model" choices={models.map(({ slug, name }) => ({ text: name, href: requestsHref({ ...address, model: slug }) }))}>
      {models.length === 0 && <p className="help px-2 py-1">There is no model yet.</p>}
    </FilterMenu>
  );
}

function SlowMenu({ address }: MenuProps) {
  const choices = latencies.map((ms) => ({ text: `${ms.toLocaleString("en-US")} ms`, href: requestsHref({ ...address, slower_than_ms: ms }) }));
  return (
    <FilterMenu label="Slower than" choices={choices}>
      <FilterField label="Milliseconds" help="A number, for example 250" name="slower_than_ms" address={address} pattern={/^\d{1,6}(\.\d+)?$/} numeric />
    </FilterMenu>
  );
}

function WhoMenus({ address }: MenuProps) {
  return (
    <>
      {address.customer === undefined && (
        <FilterMenu label="Customer">
          <FilterField label="Customer id" help="As in cus_01J… on the page of the customer" name="customer" address={address} pattern={/^[\w-]{1,60}$/} />
        </FilterMenu>
      )}
      {address.key === undefined && (
        <FilterMenu label="Key">
          <FilterField label="Key id" help="As in key_01J…, never the key itself" name="key" address={address} pattern={/^key_\w{1,56}$/} />
        </FilterMenu>
      )}
      {address.came_by === undefined && (
        <FilterMenu
          label="Came by"
          choices={(["key", "session", "visitor"] as const).map((by) => ({ text: cameByNames[by], href: requestsHref({ ...address, came_by: by }) }))}
        />
      )}
    </>
  );
}

function MoreMenu({ address }: MenuProps) {
  const { surface, arm, code } = address;
  const choices = [
    ...(surface === undefined ? entriesOf(surfaceNames).map(([name, text]) => ({ text, href: requestsHref({ ...address, surface: name === "api" ? "api" : "console" }) })) : []),
    ...(arm === undefined ? (["live", "candidate", "pinned"] as const).map((name) => ({ text: armNames[name], href: requestsHref({ ...address, arm: name }) })) : []),
  ];
  if (choices.length === 0 && code !== undefined) return null;
  return (
    <FilterMenu label="More" choices={choices}>
      {code === undefined && (
        <FilterField label="Reason" help="A code of the API, for example rate_limited" name="code" address={address} pattern={/^[a-z_]{1,60}$/} />
      )}
    </FilterMenu>
  );
}

interface SetProps {
  filter: SetFilter;
  address: RequestsAddress;
}

/** A filter that is set: pressing it takes it away. */
function RemoveFilter({ filter: { name, label, value }, address }: SetProps) {
  return (
    <Link href={requestsHref({ ...address, [name]: undefined })} className="filter" aria-current="true" aria-label={`${label} ${value}: remove this filter`} prefetch={false} scroll={false}>
      {label} <b>{value}</b>
      <Icon name="close" size={12} />
    </Link>
  );
}

/** The filters of the list: those that are set can be taken away one by one, the others are menus. */
export function FiltersBar({ written, view, models, customers }: FiltersBarProps) {
  const names = { ...customers, ...Object.fromEntries(models.map(({ slug, name }) => [slug, name])) };
  const filters = listFilters(written, view, names);
  const address: RequestsAddress = { ...written, last: view.last, follow: view.follow };
  const menu = { address, models };
  const { from, to, status, model, version, slower_than_ms: slower } = address;
  return (
    <div className="filter-bar" role="group" aria-label="Filters">
      {filters.map((filter) => (
        <RemoveFilter key={filter.name} filter={filter} address={address} />
      ))}
      {from === undefined && to === undefined && view.last === undefined && <TimeMenu {...menu} />}
      {status === undefined && <StatusMenu {...menu} />}
      {model === undefined && <ModelMenu {...menu} />}
      {version === undefined && (
        <FilterMenu label="Version">
          <FilterField label="Version" help="A whole number from 1" name="version" address={address} pattern={/^[1-9]\d{0,5}$/} numeric />
        </FilterMenu>
      )}
      <WhoMenus {...menu} />
      {slower === undefined && <SlowMenu {...menu} />}
      <MoreMenu {...menu} />
      {filters.length > 0 && (
        <Link href={requestsHref({ follow: view.follow })} className="btn btn-quiet btn-small" prefetch={false}>
          Clear
        </Link>
      )}
    </div>
  );
}
