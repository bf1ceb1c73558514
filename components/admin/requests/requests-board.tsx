"use client";

import { useRouter } from "next/navigation";
import { useEffect, useRef } from "react";
import { FiltersBar } from "@/components/admin/requests/filters-bar";
import { NoRequests } from "@/components/admin/requests/no-requests";
import { RequestCountsStrip } from "@/components/admin/requests/request-counts";
import { RequestDrawer } from "@/components/admin/requests/request-drawer";
import { RequestSearch } from "@/components/admin/requests/request-search";
import { RequestsTable } from "@/components/admin/requests/requests-table";
import { useDetail } from "@/components/admin/requests/use-detail";
import { useOpened } from "@/components/admin/requests/use-opened";
import { useRequests } from "@/components/admin/requests/use-requests";
import { ViewsNav } from "@/components/admin/requests/views-nav";
import { ConsolePage } from "@/components/admin/shell/console-page";
import { Icon } from "@/components/ui/icon";
import { Notice } from "@/components/ui/notice";
import type { NamedRequestPage, RequestDetail } from "@/lib/contracts/requests.admin";
import type { RequestCounts, RequestFilters } from "@/lib/contracts/traffic.admin";
import { formatNumber } from "@/lib/format";
import { formatShortDay } from "@/lib/moment";
import { formatClock } from "@/lib/overview-view.admin";
import { type RequestsAddress, REQUESTS_PATH, requestsHref, type RequestsView, writeRequestsQuery } from "@/lib/requests-address.admin";
import { listFilters } from "@/lib/requests-view.admin";

interface RequestsBoardProps {
  filters: RequestFilters;
  written: RequestFilters;
  view: RequestsView;
  unread: string[];
  models: { slug: string; name: string }[];
  page: NamedRequestPage;
  counts: RequestCounts | null;
  opened: RequestDetail | "gone" | null;
  curl: string | null;
  /** When the page was made. */
  now: string;
}

type Followed = ReturnType<typeof useRequests>;

/** Whoever opens an entry reads on in it; whoever steps to it with J and K stays where they are. */
function useHeadingFocus(opened: string | null) {
  const heading = useRef<HTMLHeadingElement>(null);
  const wanted = useRef<string | null>(null);
  useEffect(() => {
    if (opened !== null && wanted.current === opened) heading.current?.focus();
    wanted.current = null;
  }, [opened]);
  const focusOn = (id: string) => {
    if (id === opened) heading.current?.focus();
    else wanted.current = id;
  };
  return { heading, focusOn };
}

/** Whether new entries come by themselves, as a part of the address. A list that ends at a set time has none to wait for. */
function FollowSwitch({ address }: { address: RequestsAddress }) {
  const router = useRouter();
  const following = address.follow === "1";
  const isClosed = address.to !== undefined;
  return (
    <>
      <button
        type="button"
        role="switch"
        className="switch"
        aria-checked={following && !isClosed}
        disabled={isClosed}
        aria-describedby={isClosed ? "follow-off" : undefined}
        onClick={() => router.replace(requestsHref({ ...address, follow: following ? undefined : "1" }), { scroll: false })}
      >
        Follow
        <i aria-hidden="true" />
      </button>
      {isClosed && (
        <span id="follow-off" className="help">
          the list ends at a set time
        </span>
      )}
    </>
  );
}

function ListEnd({ followed, address }: { followed: Followed; address: RequestsAddress }) {
  const { listed, busy, refusal, loadMore } = followed;
  const { cursor, searchedBackTo, cut, items } = listed;
  return (
    <div className="list-end">
      {refusal !== null && <Notice tone="bad" title={refusal} />}
      {searchedBackTo !== null && (
        <p className="help" role="status">
          Searched back to {formatShortDay(searchedBackTo)}, {formatClock(searchedBackTo)} UTC: few entries fit, so the search stopped early.
        </p>
      )}
      {cut && (
        <p className="help">
          More came in than the list keeps.{" "}
          <a href={requestsHref(address)} className="link">
            Load it again
          </a>{" "}
          to see all.
        </p>
      )}
      {cursor !== null && (
        <button type="button" className="btn" onClick={loadMore} aria-busy={busy} aria-disabled={busy}>
          {busy && <span className="spinner" aria-hidden="true" />}
          {searchedBackTo !== null ? "Search further back" : "Load 100 more"}
        </button>
      )}
      {cursor === null && !cut && items.length > 0 && <p className="help">That is the end of the log: it keeps 30 days.</p>}
    </div>
  );
}

function CountLine({ counts, followed, following }: { counts: RequestCounts | null; followed: Followed; following: boolean }) {
  const { fresh } = followed.listed;
  return (
    <p className="tabular help count-line">
      {following && <span className="live-dot">Following{fresh > 0 && `, ${formatNumber(fresh)} new`}</span>}
      {counts && ` ${formatNumber(counts.calls)} ${counts.calls === 1 ? "request" : "requests"}, ${formatNumber(counts.failed)} failed`}
      {counts && ` since ${formatShortDay(counts.from)}, ${formatClock(counts.from)} UTC`}
    </p>
  );
}

function BoardActions({ filters, address }: { filters: RequestFilters; address: RequestsAddress }) {
  const query = writeRequestsQuery(filters);
  return (
    <>
      <RequestSearch />
      <a href={`${REQUESTS_PATH}/export${query === "" ? "" : `?${query}`}`} className="btn" aria-label="CSV of these requests, the newest 10,000">
        <Icon name="download" size={14} />
        CSV
      </a>
      <FollowSwitch address={address} />
    </>
  );
}

type TopProps = Pick<RequestsBoardProps, "written" | "view" | "models" | "counts"> & { followed: Followed; following: boolean; address: RequestsAddress };

/** What the list is narrowed to, and how many that are over time. */
function BoardTop({ written, view, models, counts, followed, following, address }: TopProps) {
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-2.5">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <ViewsNav current="list" address={address} />
        <CountLine counts={counts} followed={followed} following={following} />
      </div>
      <FiltersBar written={written} view={view} models={models} customers={followed.listed.customers} />
      {counts && <RequestCountsStrip counts={counts} address={address} />}
    </div>
  );
}

/** The log of calls: filters, counts over time, the list, and the one that is opened beside it. */
export function RequestsBoard(props: RequestsBoardProps) {
  const { filters, written, view, unread, models, page, counts, curl, now } = props;
  const following = view.follow === "1" && written.to === undefined && unread.length === 0;
  const followed = useRequests(page, filters, following, now);
  const { list, listed } = followed;
  const { opened, open, close } = useOpened(list, listed.items.map(({ id }) => id));
  const found = useDetail(opened, props.opened);
  const { heading, focusOn } = useHeadingFocus(opened);
  const address: RequestsAddress = { ...written, last: view.last, follow: view.follow };
  const openOne = (id: string) => {
    focusOn(id);
    open(id);
  };
  return (
    <ConsolePage title="Requests" actions={<BoardActions filters={filters} address={address} />}>
      <BoardTop {...{ written, view, models, counts, followed, following, address }} />
      {followed.failure !== null && <Notice tone="warn" title={`Nothing new could be read. ${followed.failure}`} />}
      <section ref={list} className="card requests" data-opened={found !== null} aria-label="Requests">
        <div className="requests-list">
          {listed.items.length === 0 ? (
            <NoRequests filters={listFilters(written, view, {})} unread={unread} curl={curl} searchedBackTo={listed.searchedBackTo} />
          ) : (
            <RequestsTable
              items={listed.items}
              customers={listed.customers}
              opened={opened}
              hrefOf={(id) => requestsHref({ ...address, open: id })}
              now={now}
              onOpen={openOne}
            />
          )}
          <ListEnd followed={followed} address={address} />
        </div>
        {found && <RequestDrawer listed={listed.items.find(({ id }) => id === opened) ?? null} found={found} heading={heading} onClose={close} />}
      </section>
    </ConsolePage>
  );
}
