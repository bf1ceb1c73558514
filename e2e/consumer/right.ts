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

/** A program for a signed-in page: what a key itself may not do. */
export async function replaceKey(name: string): Promise<string> {
  const { items } = await vitrine.keys.list.query();
  const old = items.find((key) => key.name === name && key.status === "active");
  const made = old ? await vitrine.keys.rotate.mutate({ id: old.id, grace: "1h" }) : await vitrine.keys.create.mutate({ name, models: null });
  return made.secret;
}

/** A program with a key: everything it asked for since then, and what is left of the month. */
export async function readBack(since: Date): Promise<{ ids: string[]; left: number }> {
  const [page, usage] = await Promise.all([
    vitrine.history.list.query({ from: since.toISOString(), limit: 100 }),
    vitrine.usage.summary.query(),
  ]);
  return { ids: page.items.map(({ id, key }) => `${id} by ${key?.id ?? "a page"}`), left: usage.month.limit - usage.month.used };
}
