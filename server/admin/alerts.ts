import "server-only";
import { done } from "@/lib/contracts/account";
import {
  acknowledgeInput,
  activeAlerts,
  alert,
  alertPage,
  alertRule,
  alertRuleInput,
  alertRuleList,
  changeRuleInput,
  listAlertsInput,
  muteRuleInput,
  ruleIdInput,
  rulePreview,
  switchRuleInput,
} from "@/lib/contracts/alerts.admin";
import { noInput } from "@/lib/contracts/no-input";
import { createConsoleRouter, operatorProcedure, viewerProcedure } from "@/server/admin/procedures";
import { previewRule } from "@/server/modules/alerts/preview.admin";
import {
  acknowledge,
  changeRule,
  createRule,
  deleteRule,
  listActiveAlerts,
  listAlerts,
  listRules,
  muteRule,
  switchRule,
} from "@/server/modules/alerts/service.admin";

const ruleTarget = (id: string) => ({ kind: "alert_rule", id });

/** What is wrong at this moment, what was, and the rules that say so. */
export const alertsRouter = createConsoleRouter({
  active: viewerProcedure.input(noInput).output(activeAlerts).query(async () => ({ items: await listActiveAlerts() })),
  history: viewerProcedure.input(listAlertsInput).output(alertPage).query(({ input }) => listAlerts(input)),
  rules: viewerProcedure.input(noInput).output(alertRuleList).query(async () => ({ items: await listRules() })),
  preview: viewerProcedure.input(alertRuleInput).output(rulePreview).query(({ input }) => previewRule(input)),
  createRule: operatorProcedure.input(alertRuleInput).output(alertRule).mutation(({ ctx, input }) =>
    ctx.act({ action: "alert_rule.create", target: ruleTarget(input.name) }, () => createRule(input, ctx.operator)),
  ),
  changeRule: operatorProcedure.input(changeRuleInput).output(alertRule).mutation(({ ctx, input }) =>
    ctx.act({ action: "alert_rule.change", target: ruleTarget(input.id) }, () => changeRule(input.id, input.revision, input.rule)),
  ),
  switchRule: operatorProcedure.input(switchRuleInput).output(alertRule).mutation(({ ctx, input }) =>
    ctx.act({ action: "alert_rule.switch", target: ruleTarget(input.id) }, () => switchRule(input.id, input.enabled)),
  ),
  muteRule: operatorProcedure.input(muteRuleInput).output(alertRule).mutation(({ ctx, input }) =>
    ctx.act({ action: "alert_rule.mute", target: ruleTarget(input.id) }, () => muteRule(input.id, input.minutes)),
  ),
  deleteRule: operatorProcedure.input(ruleIdInput).output(done).mutation(({ ctx, input }) =>
    ctx.act({ action: "alert_rule.delete", target: ruleTarget(input.id) }, () => deleteRule(input.id)),
  ),
  acknowledge: operatorProcedure.input(acknowledgeInput).output(alert).mutation(({ ctx, input }) =>
    ctx.act({ action: "alert.acknowledge", target: { kind: "alert", id: input.id } }, () => acknowledge(input, ctx.operator)),
  ),
});
