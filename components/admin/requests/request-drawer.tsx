"use client";

import Link from "next/link";
import { type ReactNode, type RefObject } from "react";
import { LatencyPlace } from "@/components/admin/requests/latency-place";
import { ReleaseHistory } from "@/components/admin/requests/release-history";
import { StatusMark } from "@/components/admin/requests/status-mark";
import type { Detail } from "@/components/admin/requests/use-detail";
import { CopyButton } from "@/components/ui/copy-button";
import { Icon } from "@/components/ui/icon";
import { LocalTime } from "@/components/ui/local-time";
import type { RequestDetail } from "@/lib/contracts/requests.admin";
import type { RequestEntry } from "@/lib/contracts/traffic.admin";
import { formatNumber } from "@/lib/format";
import { formatExact } from "@/lib/moment";
import { surfaceNames } from "@/lib/overview-view.admin";
import { requestsHref } from "@/lib/requests-address.admin";
import { armNames, cameByNames, formatTook, sayOutcome } from "@/lib/requests-view.admin";

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function To({ href, children }: { href: string; children: ReactNode }) {
  return (
    <Link href={href} className="link" prefetch={false}>
      {children}
    </Link>
  );
}

function WhoFacts({ entry, detail }: { entry: RequestEntry; detail: RequestDetail | null }) {
  const { customer_id: customer, key_id: key, came_by: cameBy, surface } = entry;
  return (
    <>
      <Fact name="Customer">
        {customer === null ? (
          surface === "console" ? "None: a page of the team's" : cameBy === "visitor" ? "Web visitor, without an account" : "Not known"
        ) : (
          <To href={`/admin/customers/${customer}`}>{detail?.customer?.name || detail?.customer?.email || customer}</To>
        )}
      </Fact>
      {key !== null && (
        <Fact name="Key">
          <To href={requestsHref({ key })}>
            <code>{key}</code>
          </To>
        </Fact>
      )}
      <Fact name="Came by">{cameBy === null ? "Not known: refused before that" : cameByNames[cameBy]}</Fact>
    </>
  );
}

function Facts({ entry, detail }: { entry: RequestEntry; detail: RequestDetail | null }) {
  const { at, surface, route, method, model, version, arm, rows, code, status } = entry;
  return (
    <dl className="facts drawer-facts">
      {code !== null && (
        <Fact name="Reason">
          <To href={requestsHref({ code, surface })}>
            <code>{code}</code>
          </To>
        </Fact>
      )}
      <Fact name="Model">
        {model === null ? "None was asked" : <><To href={`/admin/models/${model}`}>{model}</To>{version !== null && `, version ${version}`}</>}
      </Fact>
      {arm !== null && <Fact name="Answered as">{armNames[arm]}</Fact>}
      {rows !== null && <Fact name="Rows">{formatNumber(rows)}</Fact>}
      <WhoFacts entry={entry} detail={detail} />
      <Fact name="Surface">{surfaceNames[surface]}</Fact>
      <Fact name="Place">
        <code>
          {method} {route}
        </code>
      </Fact>
      <Fact name="Status">{status}</Fact>
      <Fact name="Time">{formatExact(at)}</Fact>
      <Fact name="On your clock">
        <LocalTime iso={at} />
      </Fact>
    </dl>
  );
}

function SameRequest({ entries, requestId }: { entries: readonly RequestEntry[]; requestId: string }) {
  if (entries.length === 0) return null;
  return (
    <section className="drawer-part" aria-label="With the same request id">
      <h3>With the same request id</h3>
      <ul className="grid gap-1">
        {entries.map((entry) => (
          <li key={entry.id} className="flex flex-wrap items-center justify-between gap-2">
            <StatusMark status={entry.status} />
            <To href={requestsHref({ request_id: requestId, open: entry.id })}>{entry.route}</To>
          </li>
        ))}
      </ul>
    </section>
  );
}

function DrawerBody({ entry, found }: { entry: RequestEntry; found: Detail }) {
  const detail = found.state === "there" ? found.detail : null;
  return (
    <>
      <div className="drawer-part">
        <p className="drawer-title">
          <span>{sayOutcome(entry)}</span>
          <StatusMark status={entry.status} />
        </p>
        <Facts entry={entry} detail={detail} />
      </div>
      <section className="drawer-part" aria-label="Time it took">
        <h3>{formatTook(entry.milliseconds)} ms on the server</h3>
        {detail?.usual && <LatencyPlace milliseconds={entry.milliseconds} usual={detail.usual} />}
        {found.state === "reading" && <p className="help">Looking up what is usual …</p>}
      </section>
      {detail?.release && entry.model !== null && <ReleaseHistory model={entry.model} release={detail.release} at={entry.at} />}
      {detail && <SameRequest entries={detail.same_request} requestId={entry.request_id} />}
      <p className="drawer-part help">What was sent and what was answered is not in the log.</p>
    </>
  );
}

interface RequestDrawerProps {
  /** What the list knows of it; null for one that is not in the list. */
  listed: RequestEntry | null;
  found: Detail;
  heading: RefObject<HTMLHeadingElement | null>;
  onClose: () => void;
}

/** One call in full, beside the list. */
export function RequestDrawer({ listed, found, heading, onClose }: RequestDrawerProps) {
  const entry = listed ?? (found.state === "there" ? found.detail.entry : null);
  return (
    <aside className="drawer" aria-label="The opened request">
      <header>
        <h2 ref={heading} tabIndex={-1}>
          <code>{entry?.request_id ?? "Request"}</code>
        </h2>
        <span className="flex items-center gap-1" aria-hidden="true">
          <kbd>J</kbd>
          <kbd>K</kbd>
        </span>
        <button type="button" className="icon-btn" onClick={onClose} aria-label="Close">
          <Icon name="close" />
        </button>
      </header>
      {entry ? (
        <DrawerBody key={entry.id} entry={entry} found={found} />
      ) : (
        <p className="drawer-part text-ink-2" role="status">
          {found.state === "failed" ? found.message : "Looking it up …"}
        </p>
      )}
      {entry && (
        <footer>
          <CopyButton label="Copy request id" text={entry.request_id} small />
          <Link href={requestsHref({ request_id: entry.request_id, open: entry.id })} className="btn btn-small" prefetch={false}>
            <Icon name="search" size={14} />
            Only this one
          </Link>
        </footer>
      )}
    </aside>
  );
}
