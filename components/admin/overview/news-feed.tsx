import Link from "next/link";
import { Card } from "@/components/ui/card";
import { Icon, type IconName } from "@/components/ui/icon";
import type { OverviewAlert, OverviewBoard, OverviewChange } from "@/lib/contracts/overview.admin";
import { formatAgo } from "@/lib/moment";

const icons: Record<string, IconName> = { model: "layers", customer: "people", key: "key", operator: "person", alert: "bell", alert_rule: "bell" };

function Alert({ alert, now }: { alert: OverviewAlert; now: number }) {
  return (
    <li data-tone="warn">
      <Icon name="warn" />
      <span>
        <Link href={alert.href} className="plain-link" prefetch={false}>
          {alert.words}
        </Link>
        {alert.acknowledged && <span className="text-ink-3">, somebody is on it</span>}
      </span>
      <span className="help tabular whitespace-nowrap">{formatAgo(alert.since, now)}</span>
    </li>
  );
}

function Change({ change, now }: { change: OverviewChange; now: number }) {
  const { who, what, target, target_name: name, outcome, at } = change;
  return (
    <li>
      <Icon name={outcome === "done" ? (icons[target.kind] ?? "book") : "warn"} />
      <span>
        {who ?? "Nobody signed in"}:{" "}
        <Link href={`/admin/audit?${new URLSearchParams({ target: target.id })}`} className="plain-link" prefetch={false}>
          {name === null ? what : `${what}, ${name}`}
        </Link>
        {outcome !== "done" && <span className="text-ink-3">{outcome === "refused" ? ", refused" : ", how it ended is not known"}</span>}
      </span>
      <span className="help tabular whitespace-nowrap">{formatAgo(at, now)}</span>
    </li>
  );
}

/** What needs somebody now, then what the team did last. */
export function NewsFeed({ board }: { board: OverviewBoard }) {
  const now = Date.parse(board.traffic.to);
  const isQuiet = board.alerts.length + board.changes.length === 0;
  return (
    <Card title="Alerts and changes" aside={<Link href="/admin/audit" className="link" prefetch={false}>Audit</Link>} flush>
      <ul className="feed">
        {board.alerts.length === 0 && (
          <li data-tone="ok">
            <Icon name="done" />
            <span>No alert is active</span>
          </li>
        )}
        {board.alerts.map((alert) => (
          <Alert key={alert.id} alert={alert} now={now} />
        ))}
        {board.changes.map((change) => (
          <Change key={change.id} change={change} now={now} />
        ))}
        {isQuiet && (
          <li>
            <Icon name="book" />
            <span className="text-ink-2">Nobody changed anything yet. Every act of the team will be listed here.</span>
          </li>
        )}
      </ul>
    </Card>
  );
}
