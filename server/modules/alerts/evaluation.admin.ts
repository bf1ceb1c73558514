import "server-only";
import type { CallFigures } from "@/lib/contracts/traffic.admin";
import { createId } from "@/server/core/ids";
import { log } from "@/server/core/log";
import { ensureFirstRules } from "@/server/modules/alerts/first-rules";
import { isBroken, measure, worseOf } from "@/server/modules/alerts/judge";
import { draftClosed, draftOpened } from "@/server/modules/alerts/mails";
import * as repository from "@/server/modules/alerts/repository";
import { readWindow } from "@/server/modules/traffic/service.admin";

/** An alert ends when its rule held in so many rounds in a row: a value that swings about its line is one alert. */
const CALM_ROUNDS = 2;

/** What one round of looking at all rules did. */
export interface Round {
  rules: number;
  broken: number;
  opened: number;
  closed: number;
}

function factsOf({ name, metric, surface, model, threshold, windowMinutes, minCalls }: repository.RuleRecord): repository.RuleFacts {
  return { name, metric, surface, model, threshold, windowMinutes, minCalls };
}

/** Reads each window once in a round, however many rules look at it. */
function windowReader(): (rule: repository.RuleFacts) => Promise<CallFigures> {
  const read = new Map<string, Promise<CallFigures>>();
  return ({ surface, model, windowMinutes: minutes }) => {
    const key = JSON.stringify([surface, model, minutes]);
    const known = read.get(key) ?? readWindow({ surface, minutes, ...(model !== null && { model }) });
    read.set(key, known);
    return known;
  };
}

const isMuted = ({ mutedUntil }: repository.RuleRecord, at: Date) => mutedUntil !== null && mutedUntil > at;

async function open(rule: repository.RuleRecord, value: number, team: readonly string[], at: Date): Promise<boolean> {
  const record: repository.AlertRecord = {
    _id: createId("alert", at),
    ruleId: rule._id,
    rule: factsOf(rule),
    open: true,
    openedAt: at,
    firstValue: value,
    lastValue: value,
    lastSeenAt: at,
    worstValue: value,
    calmRounds: 0,
    closedAt: null,
    closedBecause: null,
    acknowledged: null,
  };
  return repository.insertAlert(record, draftOpened(record, rule.mailTo ?? team));
}

/** @returns whether the alert is over */
async function follow(rule: repository.RuleRecord, alert: repository.AlertRecord, value: number | null, at: Date): Promise<boolean> {
  const seen = { lastValue: value, lastSeenAt: at };
  if (isBroken(rule, value)) {
    const worstValue = worseOf(rule.metric, alert.worstValue, value);
    await repository.touchAlert(alert, { ...seen, rule: factsOf(rule), worstValue, calmRounds: 0 });
    return false;
  }
  const calmRounds = alert.calmRounds + 1;
  if (calmRounds < CALM_ROUNDS) {
    await repository.touchAlert(alert, { ...seen, calmRounds });
    return false;
  }
  const letters = isMuted(rule, at) ? [] : await draftClosed(alert, at);
  return repository.closeAlert(alert, { ...seen, calmRounds, closedAt: at, closedBecause: "back" }, letters);
}

interface Looked {
  rule: repository.RuleRecord;
  alert: repository.AlertRecord | undefined;
  team: readonly string[];
  at: Date;
}

async function look({ rule, alert, team, at }: Looked, figures: CallFigures, round: Round): Promise<void> {
  const value = measure(rule, figures);
  const broken = isBroken(rule, value);
  if (broken) round.broken += 1;
  if (alert) {
    if (await follow(rule, alert, value, at)) round.closed += 1;
  } else if (broken && !isMuted(rule, at) && (await open(rule, value, team, at))) {
    round.opened += 1;
  }
}

/** Alerts of rules that are off or gone: whoever changed them died before the alert was closed. */
async function closeOrphans(alerts: repository.AlertRecord[], rules: Map<string, repository.RuleRecord>, at: Date): Promise<void> {
  for (const { ruleId } of alerts) {
    const rule = rules.get(ruleId);
    if (!rule?.enabled) await repository.closeAlertsOf(ruleId, { closedAt: at, closedBecause: rule ? "rule_off" : "rule_deleted" });
  }
}

/**
 * One round: looks at every rule that is on, opens alerts and closes those whose value is back. Mails are written here and sent by
 * {@link deliverMails}. Two rounds at the same time open and mail nothing twice.
 * @param team whom rules without addresses of their own tell
 * @throws the first failure, after all other rules were looked at
 */
export async function evaluateRules(team: readonly string[], at = new Date()): Promise<Round> {
  await ensureFirstRules();
  const [rules, alerts] = await Promise.all([repository.findRules(), repository.findOpenAlerts()]);
  const enabled = rules.filter((rule) => rule.enabled);
  const round: Round = { rules: enabled.length, broken: 0, opened: 0, closed: 0 };
  const read = windowReader();
  const failures: unknown[] = [];
  for (const rule of enabled) {
    const alert = alerts.find(({ ruleId }) => ruleId === rule._id);
    try {
      await look({ rule, alert, team, at }, await read(rule), round);
    } catch (error) {
      failures.push(error);
      log("error", "rule_not_evaluated", { rule: rule._id, cause: error instanceof Error ? error.name : "unknown" });
    }
  }
  await closeOrphans(alerts, new Map(rules.map((rule) => [rule._id, rule])), at);
  if (failures.length > 0) throw failures[0];
  return round;
}
