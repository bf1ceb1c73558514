import Link from "next/link";
import { RouteName } from "@/components/admin/requests/route-name";
import { StatusMark } from "@/components/admin/requests/status-mark";
import { Card } from "@/components/ui/card";
import { ScrollRegion } from "@/components/ui/scroll-region";
import type { TrafficOverview } from "@/lib/contracts/traffic.admin";
import { formatNumber } from "@/lib/format";
import { formatAgo } from "@/lib/moment";
import { behind, surfaceNames } from "@/lib/overview-view.admin";
import { requestsHref } from "@/lib/requests-address.admin";

const SHOWN = 8;

/** What went wrong most, by reason and place. */
export function ErrorsTable({ traffic }: { traffic: TrafficOverview }) {
  const all = requestsHref({ view: "errors", last: traffic.range });
  return (
    <Card title="Calls without a result" aside={<Link href={all} className="link" prefetch={false}>All in groups</Link>} flush>
      {traffic.errors.length === 0 ? (
        <p className="card-body text-ink-2">Every call had a result.</p>
      ) : (
        <ScrollRegion label="Calls without a result, by reason and place">
          <table className="table list-table board-table">
            <thead>
              <tr>
                <th scope="col">Reason</th>
                <th scope="col">Place</th>
                <th scope="col" className="number">
                  Requests
                </th>
                <th scope="col" className="number">
                  Last
                </th>
              </tr>
            </thead>
            <tbody>
              {traffic.errors.slice(0, SHOWN).map(({ surface, code, route, status, calls, last_at: last }) => (
                <tr key={`${surface} ${code} ${route} ${status}`}>
                  <th scope="row">
                    <span className="flex items-center gap-2">
                      <StatusMark status={status} />
                      <code>{code}</code>
                    </span>
                  </th>
                  <td className="min-w-[14ch] text-ink-2 [overflow-wrap:anywhere]">
                    {surface === "console" && `${surfaceNames.console}: `}
                    <RouteName route={route} />
                  </td>
                  <td className="number">
                    <Link href={behind(traffic, surface, { code, route, status: String(status) })} className="figure-link" prefetch={false}>
                      {formatNumber(calls)}
                    </Link>
                  </td>
                  <td className="number whitespace-nowrap text-ink-2">{formatAgo(last, Date.parse(traffic.to))}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollRegion>
      )}
    </Card>
  );
}
