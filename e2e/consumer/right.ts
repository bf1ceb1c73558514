/** A program of somebody else: it has the published types, `@trpc/client`, and nothing of this project. */
import { createTRPCClient, httpBatchLink, TRPCClientError } from "@trpc/client";
import type { AppRouter, Prediction } from "vitrine";

const vitrine = createTRPCClient<AppRouter>({ links: [httpBatchLink({ url: "https://vitrine.example/api/trpc", maxItems: 10 })] });

export async function listNames(): Promise<string[]> {
  const names: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await vitrine.catalog.list.query({ limit: 100, task: "regression", ...(cursor !== undefined && { cursor }) });
    names.push(...page.items.map((model) => model.name));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return names;
}

export async function askChurn(tenure: number): Promise<number | undefined> {
  const prediction: Prediction = await vitrine.predict.run.mutate({ model: "customer-churn", input: { tenure } });
  const churn = prediction.output.churn;
  return churn && "probabilities" in churn ? churn.probabilities.Yes : undefined;
}

export async function readLabels(): Promise<string[]> {
  const model = await vitrine.catalog.get.query({ model: "customer-churn", version: 1 });
  return model.live.schema.inputs.map((field) => field.label);
}

export function explain(error: unknown): string {
  if (!(error instanceof TRPCClientError)) return "unknown";
  const refused = error as TRPCClientError<AppRouter>;
  const fields = (refused.data?.errors ?? []).map(({ pointer, detail }) => `${pointer}: ${detail}`);
  return refused.data?.code === "invalid_input" ? fields.join("\n") : (refused.data?.code ?? "no answer");
}
