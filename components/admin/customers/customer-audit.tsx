import Link from "next/link";
import { compareFacts, lookOfOutcome } from "@/components/admin/audit/act-words";
import { Card } from "@/components/ui/card";
import { Icon } from "@/components/ui/icon";
import { LocalTime } from "@/components/ui/local-time";
import type { AuditEntry } from "@/lib/contracts/audit.admin";

const acts: Record<string, string> = {
  "customer.suspend": "Suspended",
  "customer.unsuspend": "Let in again",
  "customer.end_sessions": "Ended all sessions",
  "customer.set_limits": "Changed plan or limits",
  "customer.revoke_key": "Revoked a key",
  "customer.add_note": "Added a note",
  "customer.remove_note": "Removed a note",
};

/** What changed, in a line: `rows_per_minute 3000 → 60`. */
function sayChanges({ before, after }: AuditEntry): string {
  const changed = compareFacts(before, after).filter((fact) => fact.changed && fact.before !== null && fact.after !== null);
  return changed.map(({ name, before: was, after: is }) => `${name} ${was} → ${is}`).join(", ");
}

function Entry({ entry }: { entry: AuditEntry }) {
  const { icon, tone, word } = lookOfOutcome(entry);
  const changes = entry.outcome === "done" ? sayChanges(entry) : "";
  return (
    <li className="act-entry">
      <p>
        <span className="status" data-tone={tone}>
          <Icon name={icon} size={14} />
          <span className="sr-only">{word}: </span>
          <b className="font-[550]">{acts[entry.action] ?? entry.action}</b>
        </span>{" "}
        by {entry.operator?.name ?? "the service"}
        {entry.outcome !== "done" && <span className="text-ink-3"> ({word})</span>}
      </p>
      {entry.reason !== null && <p className="wrap-anywhere text-ink-2">“{entry.reason}”</p>}
      {changes !== "" && <p className="help wrap-anywhere">{changes}</p>}
      <p className="help">
        <LocalTime iso={entry.at} />
      </p>
    </li>
  );
}

/** What operators did for or against a customer, newest first. */
export function CustomerAudit({ customerId, entries }: { customerId: string; entries: readonly AuditEntry[] }) {
  const all = (
    <Link href={{ pathname: "/admin/audit", query: { target: customerId } }} className="link" prefetch={false}>
      All in the audit
    </Link>
  );
  return (
    <Card title="What the team did" aside={entries.length > 0 ? all : undefined}>
      {entries.length === 0 ? (
        <p className="text-ink-2">Nobody changed anything yet. Every act on this page is written down here, with who, when and why.</p>
      ) : (
        <ul className="grid gap-3">
          {entries.map((entry) => (
            <Entry key={entry.id} entry={entry} />
          ))}
        </ul>
      )}
    </Card>
  );
}
