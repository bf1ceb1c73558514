import Link from "next/link";
import { AlertValue, RequestsLink, sayEnding, sayMails, WatchedLine } from "@/components/admin/alerts/alert-facts";
import { Card } from "@/components/ui/card";
import { LocalTime } from "@/components/ui/local-time";
import { ScrollRegion } from "@/components/ui/scroll-region";
import { metricNames } from "@/lib/alert-words.admin";
import type { Alert, AlertPage, AlertRule } from "@/lib/contracts/alerts.admin";

interface AlertHistoryProps {
  page: AlertPage;
  /** The rule it is narrowed to, by its id. */
  rule: string | undefined;
  rules: AlertRule[];
}

function Row({ alert }: { alert: Alert }) {
  const { rule, acknowledged } = alert;
  return (
    <tr>
      <th scope="row">
        {rule.name}
        <span className="help block font-normal">
          {metricNames[rule.metric]}, <WatchedLine rule={rule} />
        </span>
      </th>
      <td data-label="Began">
        <LocalTime iso={alert.opened_at} />
      </td>
      <td data-label="Ended">
        <div>
          {alert.closed_at !== null && <LocalTime iso={alert.closed_at} />}
          <span className={alert.closed_at === null ? "text-warn" : "help block"}>{sayEnding(alert)}</span>
        </div>
      </td>
      <td data-label="Worst" className="number">
        <AlertValue alert={alert} value={alert.worst_value} />
      </td>
      <td data-label="Told">
        <div>
          {sayMails(alert)}
          {acknowledged && (
            <span className="help block">
              {acknowledged.by}
              {acknowledged.note && `: ${acknowledged.note}`}
            </span>
          )}
        </div>
      </td>
      <td data-label="Behind it">
        <RequestsLink alert={alert} words="Requests" />
      </td>
    </tr>
  );
}

function olderLink(rule: string | undefined, cursor: string): string {
  return `/admin/alerts?${new URLSearchParams({ ...(rule !== undefined && { rule }), before: cursor })}#history`;
}

/** What happened in the last 90 days, newest first. */
export function AlertHistory({ page, rule, rules }: AlertHistoryProps) {
  const named = rules.find(({ id }) => id === rule)?.name ?? "one rule";
  const aside = rule !== undefined && (
    <>
      Of {named} ·{" "}
      <Link href="/admin/alerts#history" className="link" prefetch={false} scroll={false}>
        Show all
      </Link>
    </>
  );
  return (
    <div id="history">
      <Card title="History" flush aside={aside}>
        {page.items.length === 0 ? (
          <p className="alert-calm">{rule === undefined ? "Nothing happened" : "This rule was never broken"} in the last 90 days.</p>
        ) : (
          <ScrollRegion label="Table of alerts">
            <table className="table list-table keys-table">
              <thead>
                <tr>
                  <th scope="col">Alert</th>
                  <th scope="col">Began</th>
                  <th scope="col">Ended</th>
                  <th scope="col" className="number">
                    Worst
                  </th>
                  <th scope="col">Told</th>
                  <th scope="col">Behind it</th>
                </tr>
              </thead>
              <tbody>
                {page.items.map((alert) => (
                  <Row key={alert.id} alert={alert} />
                ))}
              </tbody>
            </table>
          </ScrollRegion>
        )}
        {page.next_cursor !== null && (
          <p className="border-t border-line px-4 py-3">
            <Link href={olderLink(rule, page.next_cursor)} className="link" prefetch={false}>
              Older alerts
            </Link>
          </p>
        )}
      </Card>
    </div>
  );
}
