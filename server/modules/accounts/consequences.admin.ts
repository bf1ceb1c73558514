import "server-only";
import type { LimitsChange, LimitsPreview, SuspendPreview } from "@/lib/contracts/customers.admin";
import { limitsOf, type PlanLimits } from "@/lib/plans";
import { countOpenSessions, requireAccount, toPlanLimits } from "@/server/modules/accounts/service.admin";
import { listKeys } from "@/server/modules/keys/service";
import { countLastDay, readMinutes, readMonthRows } from "@/server/modules/usage/service.admin";

/** What was agreed as the account keeps it; null where nothing was. */
export function readAgreed({ agreed }: Pick<LimitsChange, "agreed">): Partial<PlanLimits> | null {
  const { rows_per_minute, rows_per_month, rows_per_call, retention_days } = agreed;
  const limits = {
    ...(rows_per_minute !== null && { rowsPerMinute: rows_per_minute }),
    ...(rows_per_month !== null && { rowsPerMonth: rows_per_month }),
    ...(rows_per_call !== null && { rowsPerCall: rows_per_call }),
    ...(retention_days !== null && { retentionDays: retention_days }),
  };
  return Object.keys(limits).length === 0 ? null : limits;
}

/**
 * What other limits would have refused in the last 24 hours, and whether the month is used up under them.
 * @throws {DomainError} `not_found`
 */
export async function previewLimits(customerId: string, change: LimitsChange): Promise<LimitsPreview> {
  await requireAccount(customerId);
  const limits = limitsOf(change.plan, readAgreed(change) ?? {});
  const [minutes, months] = await Promise.all([readMinutes(customerId), readMonthRows([customerId])]);
  const used = months.get(customerId) ?? 0;
  const now = new Date();
  return {
    limits: toPlanLimits(limits),
    peak_rows_per_minute: Math.max(0, ...minutes),
    minutes_used: minutes.length,
    minutes_over: limits.rowsPerMinute === 0 ? 0 : minutes.filter((rows) => rows > limits.rowsPerMinute).length,
    month_used: used,
    month_over: limits.rowsPerMonth > 0 && used >= limits.rowsPerMonth,
    month_resets_at: new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1)).toISOString(),
  };
}

/** What stops when a customer is suspended: keys that work and were used, calls as many as in the last 24 hours, signed-in pages. */
export async function previewSuspend(customerId: string): Promise<SuspendPreview> {
  const record = await requireAccount(customerId);
  const [keys, day, sessions] = await Promise.all([listKeys(customerId), countLastDay(customerId), countOpenSessions(record)]);
  const working = keys.filter(({ status }) => status === "active" || status === "ending");
  const inUse = working.filter(({ id }) => (day.byKey.get(id) ?? 0) > 0);
  const byKey = inUse.reduce((all, { id }) => all + (day.byKey.get(id) ?? 0), 0);
  return { keys_in_use: inUse.length, calls_24h: byKey + day.byPage, sessions };
}
