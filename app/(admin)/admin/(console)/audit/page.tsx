import type { Metadata } from "next";
import Link from "next/link";
import { AuditFilters } from "@/components/admin/audit/audit-filters";
import { AuditList } from "@/components/admin/audit/audit-list";
import { EntryDrawer } from "@/components/admin/audit/entry-drawer";
import { VerifyAudit } from "@/components/admin/audit/verify-button";
import { ConsolePage } from "@/components/admin/shell/console-page";
import { Icon } from "@/components/ui/icon";
import { readAuditPage } from "@/server/admin/audit-page";
import { requireOperator } from "@/server/admin/session";

export const metadata: Metadata = { title: "Audit" };

interface AuditPageProps {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

function addressOf(query: Record<string, string>): string {
  const set = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== ""));
  return set.size === 0 ? "/admin/audit" : `/admin/audit?${set}`;
}

function NoEntries({ filtered }: { filtered: boolean }) {
  return (
    <section className="card card-body text-ink-2" aria-label="Entries">
      <p>{filtered ? "No entry fits these filters." : "Nobody did anything yet: every act of an operator will be listed here."}</p>
      {filtered && (
        <Link href="/admin/audit" className="btn mt-3" prefetch={false}>
          Clear the filters
        </Link>
      )}
    </section>
  );
}

export default async function AuditPage({ searchParams }: AuditPageProps) {
  const given = await searchParams;
  const plain = Object.entries(given).flatMap(([name, value]) => (typeof value === "string" ? [[name, value] as const] : []));
  const { operator } = await requireOperator(addressOf(Object.fromEntries(plain)));
  const { items, nextCursor, facets, filters, unread, opened, older } = await readAuditPage(given);
  const before = older && typeof given["before"] === "string" ? given["before"] : "";
  const here = addressOf({ ...filters, before });
  const filtered = older || Object.values(filters).some((value) => value !== "");
  return (
    <ConsolePage title="Audit">
      <VerifyAudit mayExport={operator.role !== "viewer"} />
      <AuditFilters facets={facets} set={filters} unread={unread} />
      {items.length === 0 && !opened ? (
        <NoEntries filtered={filtered} />
      ) : (
        <AuditList
          entries={items}
          opened={opened?.number ?? null}
          team={new Map(facets.operators.map(({ id, name }) => [id, name]))}
          here={here}
        >
          {opened && <EntryDrawer entry={opened} here={here} />}
        </AuditList>
      )}
      <nav className="flex gap-2" aria-label="Pages">
        {older && (
          <Link href={addressOf({ ...filters })} className="btn" prefetch={false}>
            Newest
          </Link>
        )}
        {nextCursor !== null && (
          <Link href={addressOf({ ...filters, before: String(nextCursor) })} className="btn" prefetch={false}>
            Older
            <Icon name="arrow-right" />
          </Link>
        )}
      </nav>
    </ConsolePage>
  );
}
