import "server-only";
import { plans, limitsOf, type PlanName } from "@/lib/plans";
import type { Prediction } from "@/lib/contracts/predict";
import { createId } from "@/server/core/ids";
import type { CustomerCaller } from "@/server/core/trpc";

/** Somebody with an account of that plan, who signed in. */
export function newCustomer(plan: PlanName = "scale"): CustomerCaller {
  const customerId = createId("customer");
  return { kind: "customer", id: `customer:${customerId}`, customerId, plan, limits: limitsOf(plan), via: { kind: "session" } };
}

/** The same customer by a key. */
export function byKey(caller: CustomerCaller, models: string[] | null = null): CustomerCaller {
  return { ...caller, via: { kind: "key", keyId: createId("key"), models } };
}

/** A prediction as it could have been answered at a moment. */
export function makePrediction(at: Date, change: Partial<Prediction> = {}): Prediction {
  return {
    id: createId("prediction", at),
    object: "prediction",
    model: "house-price",
    version: 1,
    arm: "live",
    status: "succeeded",
    input: { rooms: 3, "a.b$c": "é" },
    output: { price: { value: 0.1 + 0.2, unit: "€" } },
    warnings: [],
    metrics: { predict_time: 0.00004 },
    created_at: at.toISOString(),
    completed_at: at.toISOString(),
    request_id: createId("request"),
    ...change,
  };
}

/** How long a plan keeps predictions, in milliseconds. */
export function retentionOf(plan: PlanName): number {
  return plans[plan].retentionDays * 86_400_000;
}
