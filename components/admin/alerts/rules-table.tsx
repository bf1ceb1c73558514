import Link from "next/link";
import { Icon, type IconName } from "@/components/ui/icon";
import { LocalTime } from "@/components/ui/local-time";
import { Menu } from "@/components/ui/menu";
import { ScrollRegion } from "@/components/ui/scroll-region";
import { metricNames, sayLine, sayPlace } from "@/lib/alert-words.admin";
import type { AlertRule } from "@/lib/contracts/alerts.admin";

export type RuleAct = "change" | "mute" | "unmute" | "on" | "off" | "delete";

interface RulesTableProps {
  rules: AlertRule[];
  /** Rules with an active alert. */
  broken: ReadonlySet<string>;
  /** The id of the words that say why nothing can be changed; undefined where it can. */
  barredBy: string | undefined;
  onAct: (act: RuleAct, rule: AlertRule) => void;
}

interface RowProps extends Omit<RulesTableProps, "rules" | "broken"> {
  rule: AlertRule;
  isBroken: boolean;
}

interface State {
  icon: IconName;
  tone: "ok" | "warn" | "off";
  words: string;
}

function stateOf({ enabled, muted_until }: AlertRule, isBroken: boolean): State {
  if (!enabled) return { icon: "pause", tone: "off", words: "Off" };
  if (isBroken) return { icon: "warn", tone: "warn", words: muted_until === null ? "Broken" : "Broken, muted" };
  return muted_until === null ? { icon: "check", tone: "ok", words: "Holds" } : { icon: "clock", tone: "off", words: "Muted" };
}

function sayRecipients({ mail_to }: AlertRule): string {
  if (mail_to === null) return "The team";
  return mail_to.length === 0 ? "Nobody" : mail_to.length === 1 ? "1 address" : `${mail_to.length} addresses`;
}

function Actions({ rule, barredBy, onAct }: Omit<RowProps, "isBroken">) {
  if (barredBy !== undefined) {
    return (
      <button type="button" className="btn btn-small" disabled aria-describedby={barredBy}>
        Change<span className="sr-only"> {rule.name}</span>
      </button>
    );
  }
  const entry = (act: RuleAct, words: string) => (
    <button type="button" role="menuitem" tabIndex={-1} onClick={() => onAct(act, rule)}>
      {words}
    </button>
  );
  return (
    <Menu label={`Change ${rule.name}`} face={<Icon name="more" />} buttonClass="icon-btn !mr-0">
      {entry("change", "Change")}
      {rule.enabled && (rule.muted_until === null ? entry("mute", "Mute for an hour") : entry("unmute", "End the mute"))}
      {rule.enabled ? entry("off", "Switch off") : entry("on", "Switch on")}
      {entry("delete", "Delete")}
    </Menu>
  );
}

function Row({ rule, isBroken, ...rest }: RowProps) {
  const { icon, tone, words } = stateOf(rule, isBroken);
  return (
    <tr>
      <th scope="row">
        {rule.name}
        <span className="help block font-normal">{rule.created_by === null ? "Came with the service" : `By ${rule.created_by}`}</span>
      </th>
      <td data-label="Watches">
        <div>
          {metricNames[rule.metric]}
          <span className="help block">{sayPlace(rule)}</span>
        </div>
      </td>
      <td data-label="Line">
        <div>
          {sayLine(rule)}
          {rule.metric !== "silence" && <span className="help block">from {rule.min_calls} calls on</span>}
        </div>
      </td>
      <td data-label="Mails">{sayRecipients(rule)}</td>
      <td data-label="State">
        <div>
          <span className="status" data-tone={tone}>
            <Icon name={icon} size={14} />
            {words}
          </span>
          {rule.enabled && rule.muted_until !== null && (
            <span className="help block">
              Muted until <LocalTime iso={rule.muted_until} />
            </span>
          )}
        </div>
      </td>
      <td data-label="History">
        <Link href={`/admin/alerts?rule=${rule.id}#history`} className="link" prefetch={false} scroll={false}>
          Show<span className="sr-only"> the history of {rule.name}</span>
        </Link>
      </td>
      <td>
        <div className="row-actions">
          <Actions rule={rule} {...rest} />
        </div>
      </td>
    </tr>
  );
}

/** Every rule with what can be done about it; on a phone each is a block of its own. */
export function RulesTable({ rules, broken, ...rest }: RulesTableProps) {
  if (rules.length === 0) {
    const advice = "There is no rule. Nobody is told when calls fail: add one, such as “failed calls above 5 %”.";
    return <p className="alert-calm">{advice}</p>;
  }
  return (
    <ScrollRegion label="Table of rules">
      <table className="table list-table keys-table">
        <thead>
          <tr>
            <th scope="col">Rule</th>
            <th scope="col">Watches</th>
            <th scope="col">Line</th>
            <th scope="col">Mails</th>
            <th scope="col">State</th>
            <th scope="col">History</th>
            <th scope="col">
              <span className="sr-only">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rules.map((rule) => (
            <Row key={rule.id} rule={rule} isBroken={broken.has(rule.id)} {...rest} />
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}
