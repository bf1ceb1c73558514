"use client";

import { useRouter } from "next/navigation";
import { useId, useState } from "react";
import { ActiveAlerts } from "@/components/admin/alerts/active-alerts";
import { AcknowledgeForm, DeleteRuleForm } from "@/components/admin/alerts/alert-questions";
import { type ModelChoice, RuleForm } from "@/components/admin/alerts/rule-form";
import { type RuleAct, RulesTable } from "@/components/admin/alerts/rules-table";
import { Card } from "@/components/ui/card";
import { Dialog } from "@/components/ui/dialog";
import { Icon } from "@/components/ui/icon";
import { Notice } from "@/components/ui/notice";
import { useChange } from "@/components/ui/use-change";
import type { Alert, AlertRule } from "@/lib/contracts/alerts.admin";
import { consoleApi } from "@/lib/trpc-client.admin";

const MUTE_MINUTES = 60;

type Asked = { act: "add" } | { act: "change" | "delete"; rule: AlertRule } | { act: "acknowledge"; alert: Alert };

function titleOf(asked: Asked | null): string {
  if (asked?.act === "change") return `Change “${asked.rule.name}”`;
  if (asked?.act === "delete") return `Delete “${asked.rule.name}”?`;
  if (asked?.act === "acknowledge") return `Acknowledge “${asked.alert.rule.name}”`;
  return "Add a rule";
}

/** What is done to a rule at once, and what is told of it. */
interface QuickAct {
  send: (id: string) => Promise<AlertRule>;
  told: (name: string) => string;
}

const quickActs: Record<Exclude<RuleAct, "change" | "delete">, QuickAct> = {
  mute: {
    send: (id) => consoleApi.alerts.muteRule.mutate({ id, minutes: MUTE_MINUTES }),
    told: (name) => `“${name}” is muted for an hour.`,
  },
  unmute: { send: (id) => consoleApi.alerts.muteRule.mutate({ id, minutes: 0 }), told: (name) => `“${name}” is not muted any more.` },
  on: { send: (id) => consoleApi.alerts.switchRule.mutate({ id, enabled: true }), told: (name) => `“${name}” is on.` },
  off: { send: (id) => consoleApi.alerts.switchRule.mutate({ id, enabled: false }), told: (name) => `“${name}” is off.` },
};

/** The dialogs and acts of the page, and what came of them. */
function useAlerts() {
  const router = useRouter();
  const change = useChange();
  const [asked, setAsked] = useState<Asked | null>(null);
  const [told, setTold] = useState<string | null>(null);
  const end = (words: string) => {
    setAsked(null);
    setTold(words);
    router.refresh();
  };
  const act = (kind: RuleAct, rule: AlertRule) => {
    setTold(null);
    if (kind === "change" || kind === "delete") return setAsked({ act: kind, rule });
    const { send, told: say } = quickActs[kind];
    void change.run(() => send(rule.id), () => end(say(rule.name)));
  };
  return { refusal: change.refusal, asked, ask: setAsked, told, closeTold: () => setTold(null), end, act };
}

interface AlertsPanelProps {
  active: Alert[];
  rules: AlertRule[];
  models: ModelChoice[];
  /** Whether mail can be sent at all. */
  mails: boolean;
  mayChange: boolean;
}

interface QuestionProps extends Pick<AlertsPanelProps, "models" | "mails"> {
  asked: Asked;
  panel: ReturnType<typeof useAlerts>;
}

function Question({ asked, panel, models, mails }: QuestionProps) {
  const cancel = () => panel.ask(null);
  if (asked.act === "acknowledge") return <AcknowledgeForm alert={asked.alert} onCancel={cancel} onDone={panel.end} />;
  if (asked.act === "delete") return <DeleteRuleForm rule={asked.rule} onCancel={cancel} onDone={panel.end} />;
  const rule = asked.act === "change" ? asked.rule : null;
  const kept = ({ name }: AlertRule) => panel.end(`The rule “${name}” is kept.`);
  return <RuleForm rule={rule} models={models} mails={mails} onCancel={cancel} onDone={kept} />;
}

/** What is wrong now, and the rules; for operators with everything that can be done about them. */
export function AlertsPanel({ active, rules, models, mails, mayChange }: AlertsPanelProps) {
  const panel = useAlerts();
  const barred = useId();
  const barredBy = mayChange ? undefined : barred;
  const isForm = panel.asked?.act === "add" || panel.asked?.act === "change";
  const add = (
    <button
      type="button"
      className="btn btn-small"
      disabled={!mayChange}
      aria-describedby={barredBy}
      onClick={() => panel.ask({ act: "add" })}
    >
      <Icon name="plus" size={14} />
      Add rule
    </button>
  );
  return (
    <>
      {panel.told && <Notice tone="ok" title={panel.told} onClose={panel.closeTold} />}
      {panel.refusal && <Notice tone="bad">{panel.refusal.message}</Notice>}
      {!mayChange && (
        <p id={barred} className="help">
          Changing rules and acknowledging alerts takes the role operator; yours is viewer.
        </p>
      )}
      <ActiveAlerts
        alerts={active}
        muted={new Map(rules.flatMap(({ id, enabled, muted_until: until }) => (enabled && until !== null ? [[id, until] as const] : [])))}
        rulesOn={rules.filter(({ enabled }) => enabled).length}
        barredBy={barredBy}
        onAcknowledge={(alert) => panel.ask({ act: "acknowledge", alert })}
      />
      <Card title="Rules" flush aside={add}>
        <RulesTable rules={rules} broken={new Set(active.map(({ rule_id }) => rule_id))} barredBy={barredBy} onAct={panel.act} />
      </Card>
      <Dialog open={panel.asked !== null} title={titleOf(panel.asked)} onClose={() => panel.ask(null)} wide={isForm}>
        {panel.asked && <Question asked={panel.asked} panel={panel} models={models} mails={mails} />}
      </Dialog>
    </>
  );
}
