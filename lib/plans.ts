/** What a customer may use. Rows count, not calls: a call with 50 rows costs 50. */

export const planNames = ["free", "team", "scale"] as const;
export type PlanName = (typeof planNames)[number];

export interface PlanLimits {
  /** Rows in one minute of the clock. */
  rowsPerMinute: number;
  /** Rows in one calendar month, UTC. */
  rowsPerMonth: number;
  /** Rows in one call. */
  rowsPerCall: number;
  /** How long predictions stay in the history, in days. */
  retentionDays: number;
}

export interface Plan extends PlanLimits {
  title: string;
}

export const plans: Record<PlanName, Plan> = {
  free: { title: "Free", rowsPerMinute: 3_000, rowsPerMonth: 50_000, rowsPerCall: 1_000, retentionDays: 30 },
  team: { title: "Team", rowsPerMinute: 6_000, rowsPerMonth: 1_000_000, rowsPerCall: 1_000, retentionDays: 90 },
  scale: { title: "Scale", rowsPerMinute: 60_000, rowsPerMonth: 50_000_000, rowsPerCall: 1_000, retentionDays: 365 },
};

/** The limits of a plan, with what was agreed for one customer alone laid over them. */
export function limitsOf(plan: PlanName, agreed: Partial<PlanLimits> = {}): PlanLimits {
  const { rowsPerMinute, rowsPerMonth, rowsPerCall, retentionDays } = plans[plan];
  return { rowsPerMinute, rowsPerMonth, rowsPerCall, retentionDays, ...agreed };
}
