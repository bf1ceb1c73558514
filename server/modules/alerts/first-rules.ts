import "server-only";
import { createId } from "@/server/core/ids";
import { insertFirstRules, type RuleFacts, type RuleRecord } from "@/server/modules/alerts/repository";

const api = { surface: "api", model: null } as const;

/**
 * What is worth waking somebody for in every installation. Silence is not among them: only whoever knows the customers can say when
 * nobody calling is a fault.
 */
const firstRules: readonly RuleFacts[] = [
  { name: "Customers' calls fail", metric: "error_rate", ...api, threshold: 5, windowMinutes: 5, minCalls: 20 },
  { name: "Customers wait for their answers", metric: "p99", ...api, threshold: 1_000, windowMinutes: 5, minCalls: 20 },
  { name: "Many calls are refused by limits", metric: "limited", ...api, threshold: 50, windowMinutes: 15, minCalls: 100 },
  { name: "The console fails", metric: "error_rate", surface: "console", model: null, threshold: 20, windowMinutes: 5, minCalls: 10 },
];

/** A rule of its own, from what it says and who made it. */
export function draftRule(
  facts: RuleFacts & Pick<RuleRecord, "enabled" | "mailTo">,
  createdBy: RuleRecord["createdBy"],
  at = new Date(),
): RuleRecord {
  return { _id: createId("rule", at), ...facts, mutedUntil: null, createdBy, createdAt: at, revision: 1 };
}

let made = false;

/** Makes the rules that come along where nobody did before; those that were deleted since stay away. */
export async function ensureFirstRules(): Promise<void> {
  if (made) return;
  // In this order: ids that were made in one millisecond sort as they like.
  const start = Date.now();
  const records = firstRules.map((rule, index) => draftRule({ ...rule, enabled: true, mailTo: null }, null, new Date(start + index)));
  await insertFirstRules(records);
  made = true;
}
