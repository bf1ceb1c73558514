import "server-only";
import { sayAlertValue, sayRule } from "@/lib/alert-words.admin";
import { formatMoment } from "@/lib/moment";
import type { AlertRecord } from "@/server/modules/alerts/repository";

interface Letter {
  subject: string;
  text: string;
}

const at = (moment: Date) => `${formatMoment(moment.toISOString(), "utc")} UTC`;
const foot = (address: string | null) => (address === null ? "" : `\n\n${address}/admin/alerts`);

function writeRule({ rule }: AlertRecord): string {
  return `Rule: ${sayRule({ ...rule, window_minutes: rule.windowMinutes })}`;
}

/** What is mailed when an alert opens. @param address where the console is reached, or null where nobody knows */
export function writeOpened(alert: AlertRecord, address: string | null): Letter {
  const { rule, firstValue, openedAt } = alert;
  const value = sayAlertValue(rule.metric, firstValue);
  return {
    subject: `Alert: ${rule.name} (${value})`,
    text: `${rule.name}\n\nNow: ${value}\n${writeRule(alert)}\nSince: ${at(openedAt)}${foot(address)}\n`,
  };
}

/** What is mailed when it is over. */
export function writeClosed(alert: AlertRecord, closedAt: Date, address: string | null): Letter {
  const { rule, worstValue, openedAt } = alert;
  const worst = sayAlertValue(rule.metric, worstValue);
  return {
    subject: `Over: ${rule.name}`,
    text: `${rule.name} is over.\n\nWorst: ${worst}\n${writeRule(alert)}\nFrom ${at(openedAt)} to ${at(closedAt)}${foot(address)}\n`,
  };
}
