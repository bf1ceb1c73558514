import "server-only";
import type { PlanLimits } from "@/lib/plans";
import { DomainError } from "@/server/core/errors";
import type { CustomerCaller } from "@/server/core/trpc";

let customers = 0;

/** Of no plan, so that a plan may change without a test. */
const LIMITS: PlanLimits = { rowsPerMinute: 600, rowsPerMonth: 20_000, rowsPerCall: 100, retentionDays: 30 };

/** A customer nobody else in this file is, signed in on a page. */
export function newCustomer(agreed: Partial<PlanLimits> = {}): CustomerCaller {
  customers += 1;
  const customerId = `cus_${customers}`;
  const limits = { ...LIMITS, ...agreed };
  return { kind: "customer", id: `customer:${customerId}`, customerId, plan: "free", limits, via: { kind: "session" } };
}

/** The same customer, by a key. */
export const byKey = (caller: CustomerCaller, keyId: string, models: string[] | null = null): CustomerCaller => ({
  ...caller,
  via: { kind: "key", keyId, models },
});

/** What refused the work. */
export async function refusalOf(work: Promise<unknown>): Promise<DomainError> {
  const thrown = await work.catch((error: unknown) => error);
  if (!(thrown instanceof DomainError)) throw new Error("Nothing was refused.");
  return thrown;
}
