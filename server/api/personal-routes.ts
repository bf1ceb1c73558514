import "server-only";
import { historyEntry, predictionId } from "@/lib/contracts/history";
import { historyList, listPredictionsQuery, me, readUsageQuery } from "@/lib/contracts/rest";
import { type UsageSummary, usageSeries } from "@/lib/contracts/usage";
import { part, readQuery, type Route } from "@/server/api/route";
import { DomainError } from "@/server/core/errors";

/** A meter, with what is left told by itself. */
function describeLeft({ used, limit, resets_at }: UsageSummary["minute"]) {
  return { limit, used, remaining: limit === 0 ? null : Math.max(0, limit - used), resets_at };
}

/** What is a customer's own: nothing of it is answered without a key or a session, and nothing of anybody else. */
export const personalRoutes: Route[] = [
  {
    operationId: "listPredictions",
    method: "GET",
    path: "/predictions",
    tag: "Account",
    summary: "Your predictions",
    description:
      "Newest first. Pass the last id as `starting_after` while `has_more` is true. A key that is limited to models sees only theirs.",
    access: "customer",
    query: listPredictionsQuery,
    output: [historyList],
    errors: ["invalid_input", "database_unavailable"],
    run: async ({ procedures, query }) => {
      const { starting_after: cursor, ...filter } = readQuery(listPredictionsQuery, query);
      const page = await procedures.history.list({ ...filter, cursor });
      return { object: "list", url: "/api/v1/predictions", has_more: page.nextCursor !== null, data: page.items };
    },
  },
  {
    operationId: "getPrediction",
    method: "GET",
    path: "/predictions/{id}",
    tag: "Account",
    summary: "One of your predictions",
    description: "As it was answered, for as long as your plan keeps it.",
    access: "customer",
    output: [historyEntry],
    errors: ["not_found", "database_unavailable"],
    run: async (call) => {
      const id = predictionId.safeParse(part(call, "id"));
      if (!id.success) throw new DomainError("not_found", "There is no such prediction.");
      return call.procedures.history.get({ id: id.data });
    },
  },
  {
    operationId: "readUsage",
    method: "GET",
    path: "/usage",
    tag: "Account",
    summary: "Your usage",
    description:
      "Calls and rows per minute, hour or day, by model and by key where asked. Buckets without a call are left out.",
    access: "customer",
    query: readUsageQuery,
    output: [usageSeries],
    errors: ["invalid_input", "database_unavailable"],
    run: async ({ procedures, query }) => procedures.usage.series(readQuery(readUsageQuery, query)),
  },
  {
    operationId: "getMe",
    method: "GET",
    path: "/me",
    tag: "Account",
    summary: "Who you are",
    description: "Whom the key belongs to, the plan with its limits, and what is left of this minute and this month.",
    access: "customer",
    output: [me],
    errors: ["database_unavailable"],
    run: async ({ context, procedures }) => {
      const { caller } = context;
      const [account, usage] = await Promise.all([procedures.account.get({}), procedures.usage.summary({})]);
      const { id, email, name, plan, limits } = account;
      const key = caller.kind === "customer" && caller.via.kind === "key" ? { id: caller.via.keyId } : null;
      return { object: "me", id, email, name, plan, limits, minute: describeLeft(usage.minute), month: describeLeft(usage.month), key };
    },
  },
];
