"use client";

import { AlertValue, RequestsLink, sayMails, WatchedLine } from "@/components/admin/alerts/alert-facts";
import { Card } from "@/components/ui/card";
import { Icon } from "@/components/ui/icon";
import { LocalTime } from "@/components/ui/local-time";
import { metricNames } from "@/lib/alert-words.admin";
import type { Alert } from "@/lib/contracts/alerts.admin";

interface ActiveAlertsProps {
  alerts: Alert[];
  /** Until when rules are muted, by their ids; those that are not are left out. */
  muted: ReadonlyMap<string, string>;
  /** How many rules are on: without any, nothing being wrong means nothing. */
  rulesOn: number;
  /** The id of the words that say why nothing can be changed; undefined where it can. */
  barredBy: string | undefined;
  onAcknowledge: (alert: Alert) => void;
}

function Figures({ alert }: { alert: Alert }) {
  return (
    <dl className="alert-figures">
      <div>
        <dt>Now</dt>
        <dd>
          <AlertValue alert={alert} value={alert.last_value} />
        </dd>
      </div>
      <div>
        <dt>Worst</dt>
        <dd>
          <AlertValue alert={alert} value={alert.worst_value} />
        </dd>
      </div>
    </dl>
  );
}

function ActiveAlert({ alert, muted, barredBy, onAcknowledge }: Omit<ActiveAlertsProps, "alerts" | "rulesOn"> & { alert: Alert }) {
  const { rule, acknowledged } = alert;
  const mutedUntil = muted.get(alert.rule_id);
  return (
    <li className="alert-row">
      <span className="alert-mark">
        <Icon name="warn" />
      </span>
      <div className="min-w-0">
        <p className="font-semibold">{rule.name}</p>
        <p className="text-ink-2">
          {metricNames[rule.metric]}, <WatchedLine rule={rule} />
        </p>
        <p className="help">
          {sayMails(alert)} · since <LocalTime iso={alert.opened_at} />
        </p>
        {mutedUntil !== undefined && (
          <p className="help">
            Muted until <LocalTime iso={mutedUntil} />: until then nobody is mailed
          </p>
        )}
        {acknowledged && (
          <p className="help">
            {acknowledged.by} looks after it{acknowledged.note && <>: {acknowledged.note}</>}
          </p>
        )}
      </div>
      <Figures alert={alert} />
      <div className="alert-acts">
        <RequestsLink alert={alert} words="Requests" />
        {!acknowledged && (
          <button
            type="button"
            className="btn btn-small"
            disabled={barredBy !== undefined}
            aria-describedby={barredBy}
            onClick={() => onAcknowledge(alert)}
          >
            Acknowledge
            <span className="sr-only"> {rule.name}</span>
          </button>
        )}
      </div>
    </li>
  );
}

/** What is wrong at this moment. */
export function ActiveAlerts({ alerts, rulesOn, ...rest }: ActiveAlertsProps) {
  const lookedAt = `${rulesOn} ${rulesOn === 1 ? "is" : "are"} looked at twice a minute`;
  const calm = rulesOn === 0 ? "No rule is on, so nothing is looked at." : `Every rule holds: ${lookedAt}.`;
  return (
    <Card title="Active" flush aside={alerts.length > 0 && `${alerts.length} of ${rulesOn} rules`}>
      {alerts.length === 0 ? (
        <p className="alert-calm">
          <span className={rulesOn === 0 ? "text-warn" : "text-ok"}>
            <Icon name={rulesOn === 0 ? "warn" : "done"} />
          </span>
          {calm}
        </p>
      ) : (
        <ul>
          {alerts.map((alert) => (
            <ActiveAlert key={alert.id} alert={alert} {...rest} />
          ))}
        </ul>
      )}
    </Card>
  );
}
