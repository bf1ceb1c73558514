import "server-only";
import type { AlertRuleInput, RulePreview } from "@/lib/contracts/alerts.admin";
import { isBroken, measure, worseOf } from "@/server/modules/alerts/judge";
import { readWindow, readWindowsOfDay } from "@/server/modules/traffic/service.admin";

/**
 * What a rule would have done in the last 24 hours, looked at once a minute: two rounds, so that an alert ends with the first minute in
 * which its rule holds.
 */
export async function previewRule(rule: AlertRuleInput): Promise<RulePreview> {
  const { surface, metric, threshold } = rule;
  const asked = { surface, minutes: rule.window_minutes, ...(rule.model !== null && { model: rule.model }) };
  const [day, current] = await Promise.all([readWindowsOfDay(asked), readWindow(asked)]);
  const line = { metric, threshold, minCalls: rule.min_calls };
  const preview: RulePreview = { fired: 0, minutes: 0, worst: null, now: measure(line, current) };
  let active = false;
  for (const figures of day) {
    const value = measure(line, figures);
    const broken = isBroken(line, value);
    if (value !== null) preview.worst = preview.worst === null ? value : worseOf(metric, preview.worst, value);
    if (broken) preview.minutes += 1;
    if (broken && !active) preview.fired += 1;
    active = broken;
  }
  return preview;
}
