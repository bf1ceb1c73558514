import "server-only";
import type { z } from "zod";
import type { acknowledgeInput, Alert, AlertPage, AlertRule, AlertRuleInput, listAlertsInput } from "@/lib/contracts/alerts.admin";
import { DomainError } from "@/server/core/errors";
import type { Changed, Facts, Operator } from "@/server/core/operator.admin";
import { draftRule, ensureFirstRules } from "@/server/modules/alerts/first-rules";
import { countTold } from "@/server/modules/alerts/mails";
import * as repository from "@/server/modules/alerts/repository";

const MAX_RULES = 100;

const noRule = () => new DomainError("not_found", "There is no such rule.");
const noAlert = () => new DomainError("not_found", "There is no such alert.");

function toFacts({ name, metric, surface, model, threshold, windowMinutes, minCalls }: repository.RuleFacts): Alert["rule"] {
  return { name, metric, surface, model, threshold, window_minutes: windowMinutes, min_calls: minCalls };
}

function toRule(record: repository.RuleRecord): AlertRule {
  const { _id: id, enabled, mailTo, mutedUntil, createdBy, createdAt, revision } = record;
  const muted = mutedUntil !== null && mutedUntil.getTime() > Date.now() ? mutedUntil.toISOString() : null;
  const made = { created_by: createdBy?.name ?? null, created_at: createdAt.toISOString(), revision };
  return { id, ...toFacts(record), enabled, mail_to: mailTo, muted_until: muted, ...made };
}

/** What the audit keeps of a rule: how many are mailed, not who. */
function factsOf(record: repository.RuleRecord): Facts {
  const { created_at: _at, created_by: _by, revision: _revision, mail_to, ...facts } = toRule(record);
  return { ...facts, mail_to: mail_to === null ? "team" : mail_to.length };
}

function fromInput({ window_minutes: windowMinutes, min_calls: minCalls, mail_to: mailTo, ...rule }: AlertRuleInput) {
  return { ...rule, windowMinutes, minCalls, mailTo };
}

function toAlert(record: repository.AlertRecord, mails: readonly repository.AlertMailRecord[]): Alert {
  const { acknowledged } = record;
  return {
    id: record._id,
    rule_id: record.ruleId,
    rule: toFacts(record.rule),
    opened_at: record.openedAt.toISOString(),
    first_value: record.firstValue,
    last_value: record.lastValue,
    last_seen_at: record.lastSeenAt.toISOString(),
    worst_value: record.worstValue,
    closed_at: record.closedAt?.toISOString() ?? null,
    closed_because: record.closedBecause,
    acknowledged: acknowledged && { ...acknowledged, at: acknowledged.at.toISOString() },
    ...countTold(mails, record._id),
  };
}

async function describeAlerts(records: repository.AlertRecord[]): Promise<Alert[]> {
  const mails = records.length === 0 ? [] : await repository.findMailsOf(records.map(({ _id }) => _id));
  return records.map((record) => toAlert(record, mails));
}

/** Every rule, in the order in which they were made; the first reader finds those that come along. */
export async function listRules(): Promise<AlertRule[]> {
  await ensureFirstRules();
  return (await repository.findRules()).map(toRule);
}

/** What is wrong at this moment, oldest first. */
export async function listActiveAlerts(): Promise<Alert[]> {
  return describeAlerts(await repository.findOpenAlerts());
}

/** How many alerts are active. */
export async function countActiveAlerts(): Promise<number> {
  return (await repository.findOpenAlerts()).length;
}

/** What happened in the last 90 days, newest first, a page at a time; active alerts are in it. */
export async function listAlerts({ rule: ruleId, cursor, limit }: z.output<typeof listAlertsInput>): Promise<AlertPage> {
  const found = await repository.findAlerts({ ruleId, before: cursor }, limit + 1);
  const page = found.slice(0, limit);
  return { items: await describeAlerts(page), next_cursor: found.length > limit ? (page.at(-1)?._id ?? null) : null };
}

/** @throws {DomainError} `invalid_input`, when there are too many rules already */
export async function createRule(input: AlertRuleInput, by: Operator): Promise<Changed<AlertRule>> {
  await ensureFirstRules();
  const rules = await repository.findRules();
  if (rules.length >= MAX_RULES) throw new DomainError("invalid_input", `There are ${MAX_RULES} rules already: change or delete one.`);
  const record = draftRule(fromInput(input), { id: by.id, name: by.name });
  await repository.insertRule(record);
  return { before: null, after: factsOf(record), result: toRule(record) };
}

async function readRule(id: string): Promise<repository.RuleRecord> {
  const record = await repository.findRule(id);
  if (!record) throw noRule();
  return record;
}

const watched = ["metric", "surface", "model"] as const;

async function closeNow(ruleId: string, closedBecause: "rule_changed" | "rule_off" | "rule_deleted"): Promise<void> {
  await repository.closeAlertsOf(ruleId, { closedAt: new Date(), closedBecause });
}

/**
 * An active alert stays with its rule, unless that now looks at something else or is switched off.
 * @param revision of the rule that the change was made from
 * @throws {DomainError} `not_found`; `conflict`, when somebody else has changed it since
 */
export async function changeRule(id: string, revision: number, input: AlertRuleInput): Promise<Changed<AlertRule>> {
  const before = await repository.changeRule(id, fromInput(input), revision);
  const after = await readRule(id);
  if (!before) throw new DomainError("conflict", "Somebody else changed this rule: load the page again.");
  if (!after.enabled) await closeNow(id, "rule_off");
  else if (watched.some((name) => before[name] !== after[name])) await closeNow(id, "rule_changed");
  return { before: factsOf(before), after: factsOf(after), result: toRule(after) };
}

async function change(id: string, changes: repository.RuleChange): Promise<Changed<AlertRule>> {
  const before = await repository.changeRule(id, changes, null);
  if (!before) throw noRule();
  const after = await readRule(id);
  return { before: factsOf(before), after: factsOf(after), result: toRule(after) };
}

/** A rule that is off is not looked at; what is active of it ends. @throws {DomainError} `not_found` */
export async function switchRule(id: string, enabled: boolean): Promise<Changed<AlertRule>> {
  const changed = await change(id, { enabled });
  if (!enabled) await closeNow(id, "rule_off");
  return changed;
}

/** A muted rule opens no alert and mails nobody; what is active stays, and can end. @throws {DomainError} `not_found` */
export async function muteRule(id: string, minutes: number): Promise<Changed<AlertRule>> {
  return change(id, { mutedUntil: minutes === 0 ? null : new Date(Date.now() + minutes * 60_000) });
}

/** What happened under it stays in the history. @throws {DomainError} `not_found` */
export async function deleteRule(id: string): Promise<Changed<{ done: true }>> {
  const before = await repository.removeRule(id);
  if (!before) throw noRule();
  await closeNow(id, "rule_deleted");
  return { before: factsOf(before), after: null, result: { done: true } };
}

/**
 * Notes that somebody looks after an alert; the first one who says so.
 * @throws {DomainError} `not_found`; `conflict`, when somebody else was first
 */
export async function acknowledge({ id, note }: z.output<typeof acknowledgeInput>, by: Operator): Promise<Changed<Alert>> {
  const after = await repository.acknowledgeAlert(id, { at: new Date(), by: by.name, note });
  if (!after) {
    if (!(await repository.findAlert(id))) throw noAlert();
    throw new DomainError("conflict", "Somebody else acknowledged this alert before.");
  }
  const [result] = await describeAlerts([after]);
  if (!result) throw noAlert();
  return { before: { acknowledged: false }, after: { acknowledged: true, rule: after.rule.name, note }, result };
}
