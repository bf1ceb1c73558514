import type { Metadata } from "next";
import Link from "next/link";
import { HistoryFilters } from "@/components/history/history-filters";
import { HistoryTable } from "@/components/history/history-table";
import { NoHistory } from "@/components/history/no-history";
import { Icon } from "@/components/ui/icon";
import { readHistoryPage } from "@/server/site/history";
import { assertSitePage } from "@/server/site/served";
import { requireCustomer } from "@/server/site/session";

export const metadata: Metadata = { title: "History" };

interface HistoryPageProps {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

const one = (value: string | string[] | undefined) => (typeof value === "string" ? value : "");

export default async function HistoryPage({ searchParams }: HistoryPageProps) {
  assertSitePage();
  const given = await searchParams;
  const filters = { model: one(given["model"]), from: one(given["from"]), to: one(given["to"]), request: one(given["request"]) };
  const [zone, after] = [one(given["zone"]), one(given["after"])];
  const set = Object.fromEntries(Object.entries({ ...filters, zone }).filter(([, value]) => value !== ""));
  const query = new URLSearchParams({ ...set, ...(after !== "" && { after }) });
  await requireCustomer(query.size === 0 ? "/history" : `/history?${query}`);
  const { rows, next, models, unread } = await readHistoryPage({ ...filters, zone, after });
  const filtered = Object.values(filters).some((value) => value !== "");
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5 pt-7">
      <h1>History</h1>
      {(rows.length > 0 || filtered || after !== "") && <HistoryFilters models={models} set={filters} unread={unread} />}
      {rows.length > 0 ? <HistoryTable rows={rows} /> : <NoHistory filtered={filtered || after !== ""} />}
      <nav className="flex gap-2" aria-label="Pages">
        {after !== "" && (
          <Link href={{ pathname: "/history", query: set }} className="btn" prefetch={false}>
            Newest
          </Link>
        )}
        {next && (
          <Link href={{ pathname: "/history", query: { ...set, after: next } }} className="btn" prefetch={false}>
            Older
            <Icon name="arrow-right" />
          </Link>
        )}
      </nav>
    </div>
  );
}
