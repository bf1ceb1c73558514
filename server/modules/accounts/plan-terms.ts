import "server-only";
import type { PlanLimits, PlanName } from "@/lib/plans";

/** A plan, and what was agreed beside it; null where nothing was. */
export interface PlanTerms {
  plan: PlanName;
  limits: Partial<PlanLimits> | null;
}

const limitNames = ["rowsPerMinute", "rowsPerMonth", "rowsPerCall", "retentionDays"] as const satisfies readonly (keyof PlanLimits)[];

/** Accounts on these very terms: null in a query also fits what is missing. */
export function onTerms({ plan, limits }: PlanTerms) {
  return { plan, ...Object.fromEntries(limitNames.map((name) => [`limits.${name}`, limits?.[name] ?? null])) };
}
