import Link from "next/link";
import { linkToRequests, sayAlertValue, sayLine, sayPlace } from "@/lib/alert-words.admin";
import type { Alert } from "@/lib/contracts/alerts.admin";

const endings: Record<NonNullable<Alert["closed_because"]>, string> = {
  back: "The value came back",
  rule_changed: "The rule was changed",
  rule_off: "The rule was switched off",
  rule_deleted: "The rule was deleted",
};

/** How an alert came to its end. */
export function sayEnding({ closed_because }: Alert): string {
  return closed_because === null ? "Active" : endings[closed_because];
}

/** Who was told of an alert by mail. */
export function sayMails({ mailed, mail_waiting }: Alert): string {
  if (mailed === 0 && mail_waiting === 0) return "Nobody was mailed";
  const waiting = mail_waiting === 0 ? "" : `, ${mail_waiting} to be tried again`;
  return `${mailed} mailed${waiting}`;
}

/** What was watched, and where the line was. */
export function WatchedLine({ rule }: Pick<Alert, "rule">) {
  return (
    <>
      {sayPlace(rule)}, {sayLine(rule)}
    </>
  );
}

/** The way to the calls that broke the rule; silence has none. */
export function RequestsLink({ alert, words }: { alert: Alert; words: string }) {
  if (alert.rule.metric === "silence" && alert.worst_value === 0) return null;
  return (
    <Link href={linkToRequests(alert)} className="link" prefetch={false}>
      {words}
      <span className="sr-only"> behind {alert.rule.name}</span>
    </Link>
  );
}

/** A value of an alert in its own unit; a dash where there were too few calls to tell. */
export function AlertValue({ alert, value }: { alert: Alert; value: number | null }) {
  return value === null ? <span title="Too few calls to tell">–</span> : <>{sayAlertValue(alert.rule.metric, value)}</>;
}
