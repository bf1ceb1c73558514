import "server-only";
import { limitsOf, type PlanLimits } from "@/lib/plans";
import { DomainError } from "@/server/core/errors";
import type { CustomerCaller } from "@/server/core/trpc";

let customers = 0;

/** A customer nobody else in this file is, signed in on a page. */
export function newCustomer(agreed: Partial<PlanLimits> = {}): CustomerCaller {
  customers += 1;
  const customerId = `cus_${customers}`;
  return { kind: "customer", id: `customer:${customerId}`, customerId, plan: "free", limits: limitsOf("free", agreed), via: { kind: "session" } };
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
