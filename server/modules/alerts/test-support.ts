import type { AlertRuleInput } from "@/lib/contracts/alerts.admin";
import type { Operator } from "@/server/core/operator.admin";
import { recordRequest, writeTraffic } from "@/server/modules/traffic/service";

export const operator: Operator = { id: "opr_1", email: "ada@example.com", name: "Ada", role: "operator" };

/** A rule that is broken above 5 % failed calls in five minutes, from ten calls on, unless something else is given. */
export function ruleOf(change: Partial<AlertRuleInput> = {}): AlertRuleInput {
  return {
    name: "Calls fail",
    metric: "error_rate",
    surface: "api",
    model: null,
    threshold: 5,
    window_minutes: 5,
    min_calls: 10,
    enabled: true,
    mail_to: [],
    ...change,
  };
}

interface Calls {
  status?: number;
  milliseconds?: number;
  model?: string;
  surface?: "api" | "console";
  /** How long ago. */
  ago?: number;
}

/** Records so many calls, and has them counted. */
export async function record(count: number, calls: Calls = {}): Promise<void> {
  const { status = 200, milliseconds = 5, model, surface = "api", ago = 0 } = calls;
  const code = status < 400 ? null : status === 429 ? "rate_limited" : "internal_error";
  const asked = model === undefined ? { model: null, version: null, arm: null } : { model, version: 1, arm: "live" as const };
  for (let call = 0; call < count; call++) {
    recordRequest({
      at: new Date(Date.now() - ago),
      requestId: "req_test",
      surface,
      route: "/api/v1/models",
      method: "GET",
      status,
      code,
      milliseconds,
      ...asked,
      rows: null,
      customerId: null,
      keyId: null,
      cameBy: "visitor",
    });
  }
  await writeTraffic();
}
