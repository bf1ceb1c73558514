import type { Metadata } from "next";
import Link from "next/link";
import { CustomersFilters } from "@/components/admin/customers/customers-filters";
import { CustomersTable } from "@/components/admin/customers/customers-table";
import { NoCustomers } from "@/components/admin/customers/no-customers";
import { ConsolePage } from "@/components/admin/shell/console-page";
import { Icon } from "@/components/ui/icon";
import { formatNumber } from "@/lib/format";
import { readCustomersPage } from "@/server/admin/customers-page";
import { requireOperator } from "@/server/admin/session";

export const metadata: Metadata = { title: "Customers" };

interface CustomersPageProps {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

const PATH = "/admin/customers";

export default async function CustomersPage({ searchParams }: CustomersPageProps) {
  const given = await searchParams;
  const texts = Object.entries(given).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  await requireOperator(texts.length === 0 ? PATH : `${PATH}?${new URLSearchParams(texts)}`);
  const { items, next_cursor: next, total, view, badDay, later, now } = await readCustomersPage(given);
  const set = Object.fromEntries(Object.entries(view).filter(([, value]) => value !== ""));
  const filtered = Object.keys(set).length > 0 || later;
  const count = <span className="help tabular">{total === 1 ? "1 customer" : `${formatNumber(total)} customers`}</span>;
  return (
    <ConsolePage title="Customers" actions={count}>
      <section className="card" aria-label="Customers">
        <CustomersFilters view={view} badDay={badDay} />
        {items.length > 0 ? <CustomersTable rows={items} now={now} /> : <NoCustomers filtered={filtered} />}
      </section>
      {(later || next !== null) && (
        <nav className="flex gap-2" aria-label="Pages">
          {later && (
            <Link href={{ pathname: PATH, query: set }} className="btn" prefetch={false}>
              First page
            </Link>
          )}
          {next !== null && (
            <Link href={{ pathname: PATH, query: { ...set, after: next } }} className="btn" prefetch={false}>
              More
              <Icon name="arrow-right" />
            </Link>
          )}
        </nav>
      )}
    </ConsolePage>
  );
}
