import Link from "next/link";
import { RouteName } from "@/components/admin/requests/route-name";
import { StatusMark } from "@/components/admin/requests/status-mark";
import { ViewsNav } from "@/components/admin/requests/views-nav";
import { ConsolePage } from "@/components/admin/shell/console-page";
import { Spark } from "@/components/charts/spark";
import { ScrollRegion } from "@/components/ui/scroll-region";
import type { ErrorGroups as Groups, Surface, TrafficRange } from "@/lib/contracts/traffic.admin";
import { formatNumber } from "@/lib/format";
import { formatShortDay } from "@/lib/moment";
import { behind, formatClock, rangeNames, surfaceNames } from "@/lib/overview-view.admin";
import { requestsHref } from "@/lib/requests-address.admin";
import { lastNames } from "@/lib/requests-view.admin";

interface ErrorGroupsProps {
  groups: Groups;
  range: TrafficRange;
  surface: Surface | undefined;
}

type Group = Groups["groups"][number];

const formatMoment = (iso: string) => `${formatShortDay(iso)}, ${formatClock(iso)}`;

function GroupRow({ group, groups }: { group: Group; groups: Groups }) {
  const { surface, code, route, status, calls, first_at: first, last_at: last, series } = group;
  return (
    <tr>
      <th scope="row">
        <span className="flex items-center gap-2">
          <StatusMark status={status} />
          <code>{code}</code>
        </span>
      </th>
      <td data-label="Surface" className="text-ink-2">{surfaceNames[surface]}</td>
      <td data-label="Place" className="text-ink-2 [overflow-wrap:anywhere]">
        <RouteName route={route} />
      </td>
      <td data-label="Over time" className="group-spark">
        <span role="img" aria-label={`At most ${formatNumber(Math.max(0, ...series))} in one step of the span`}>
          <Spark values={series} colour={status >= 500 ? "var(--bad)" : "var(--c2)"} />
        </span>
      </td>
      <td data-label="Requests" className="number">
        <Link href={behind(groups, surface, { code, route, status: String(status) })} className="figure-link" prefetch={false}>
          {formatNumber(calls)}
        </Link>
      </td>
      <td data-label="First (UTC)" className="number whitespace-nowrap text-ink-2">{formatMoment(first)}</td>
      <td data-label="Last (UTC)" className="number whitespace-nowrap text-ink-2">{formatMoment(last)}</td>
    </tr>
  );
}

function RangeNav({ range, surface }: Pick<ErrorGroupsProps, "range" | "surface">) {
  const ranges: readonly TrafficRange[] = ["1h", "24h", "7d", "30d"];
  const surfaces: readonly { text: string; surface: Surface | undefined }[] = [
    { text: "Both", surface: undefined },
    { text: surfaceNames.api, surface: "api" },
    { text: surfaceNames.console, surface: "console" },
  ];
  return (
    <>
      <nav className="switch-links" aria-label="Surface">
        {surfaces.map((one) => (
          <Link
            key={one.text}
            href={requestsHref({ view: "errors", last: range, surface: one.surface })}
            prefetch={false}
            aria-current={one.surface === surface ? "true" : undefined}
          >
            {one.text}
          </Link>
        ))}
      </nav>
      <nav className="switch-links" aria-label="Span of time">
        {ranges.map((last) => (
          <Link key={last} href={requestsHref({ view: "errors", last, surface })} prefetch={false} aria-current={last === range ? "true" : undefined}>
            {rangeNames[last]}
          </Link>
        ))}
      </nav>
    </>
  );
}

/** Calls without a result, by reason and place: what to look into first. */
export function ErrorGroups({ groups, range, surface }: ErrorGroupsProps) {
  return (
    <ConsolePage title="Requests" actions={<RangeNav range={range} surface={surface} />}>
      <ViewsNav current="errors" address={{ surface, last: range }} />
      <section className="card" aria-label="Errors in groups">
        {groups.groups.length === 0 ? (
          <div className="no-requests">
            <h2>No errors</h2>
            <p className="text-ink-2">Every call in the last {lastNames[range]} had a result. Refusals and failures will stand here, by reason and place.</p>
          </div>
        ) : (
          <ScrollRegion label="Calls without a result, by reason and place">
            <table className="table list-table board-table keys-table groups-table">
              <thead>
                <tr>
                  {["Reason", "Surface", "Place", "Over time"].map((name) => (
                    <th key={name} scope="col">
                      {name}
                    </th>
                  ))}
                  {["Requests", "First (UTC)", "Last (UTC)"].map((name) => (
                    <th key={name} scope="col" className="number">
                      {name}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {groups.groups.map((group) => (
                  <GroupRow key={`${group.surface} ${group.code} ${group.route} ${group.status}`} group={group} groups={groups} />
                ))}
              </tbody>
            </table>
          </ScrollRegion>
        )}
      </section>
    </ConsolePage>
  );
}
