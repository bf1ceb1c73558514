import Link from "next/link";
import type { ReactNode } from "react";
import { compareFacts, type FactChange, lookOfOutcome } from "@/components/admin/audit/act-words";
import { Icon } from "@/components/ui/icon";
import { LocalTime } from "@/components/ui/local-time";
import type { AuditEntry } from "@/lib/contracts/audit.admin";
import { requestsHref } from "@/lib/requests-address.admin";

function Side({ value, kind }: { value: string | null; kind: "was" | "is" }) {
  if (value === null) return <span className="text-ink-3">not there</span>;
  return kind === "was" ? <del>{value}</del> : <ins>{value}</ins>;
}

function Change({ fact: { name, before, after, changed } }: { fact: FactChange }) {
  return (
    <div data-changed={changed}>
      <dt>{name}</dt>
      <dd>
        {changed ? (
          <>
            <span className="sr-only">before: </span>
            <Side value={before} kind="was" />
            <span className="mx-1.5 text-ink-3" aria-hidden="true">
              →
            </span>
            <span className="sr-only">after: </span>
            <Side value={after} kind="is" />
          </>
        ) : (
          <span className="text-ink-2">{after}</span>
        )}
      </dd>
    </div>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Who did it, to what, from where. */
function Facts({ entry }: { entry: AuditEntry }) {
  const { operator, target, at, address, request_id: requestId, reason } = entry;
  return (
    <dl className="fact-list drawer-part">
      <Fact name="Operator">{operator ? `${operator.name}, ${operator.email}` : "Nobody who proved who they are"}</Fact>
      <Fact name={`Done to (${target.kind})`}>{target.id}</Fact>
      <Fact name="Time">
        <LocalTime iso={at} />
      </Fact>
      {reason !== null && <Fact name="Reason">{reason}</Fact>}
      <Fact name="Network address">{address === "" ? "not known" : address}</Fact>
      <Fact name="Request">
        <Link href={requestsHref({ request_id: requestId })} className="link break-all" prefetch={false}>
          {requestId}
        </Link>
      </Fact>
    </dl>
  );
}

interface EntryDrawerProps {
  entry: AuditEntry;
  /** Where closing leads. */
  here: string;
}

/** One entry in full: who, what, how it was before and how it was after, and the hashes that link it. */
export function EntryDrawer({ entry, here }: EntryDrawerProps) {
  const { icon, tone, word } = lookOfOutcome(entry);
  const changes = compareFacts(entry.before, entry.after);
  return (
    <aside className="drawer" aria-label={`Entry ${entry.number}`}>
      <header className="drawer-head">
        <div className="min-w-0">
          <h2>{entry.action}</h2>
          <span className="status" data-tone={tone}>
            <Icon name={icon} size={14} />
            {word}
          </span>
        </div>
        <Link href={here} className="icon-btn" aria-label="Close the entry" prefetch={false} scroll={false}>
          <Icon name="close" />
        </Link>
      </header>
      <Facts entry={entry} />
      <section className="drawer-part" aria-label="What changed">
        <h3>What changed</h3>
        {changes.length === 0 ? (
          <p className="text-ink-3">{entry.outcome === "done" ? "Nothing that is written down." : "Nothing: it was not done, or nobody knows."}</p>
        ) : (
          <dl className="fact-changes">
            {changes.map((fact) => (
              <Change key={fact.name} fact={fact} />
            ))}
          </dl>
        )}
      </section>
      <section className="drawer-part" aria-label="Hashes">
        <h3>Entry {entry.number}</h3>
        <p className="hash">{entry.hash}</p>
        <p className="help">{entry.previous_hash === "" ? "It is the first." : "Linked to"}</p>
        {entry.previous_hash !== "" && <p className="hash">{entry.previous_hash}</p>}
      </section>
    </aside>
  );
}
