/** The same program with mistakes: each line marked `wrong` must not compile against the published types. */
import { createTRPCClient, httpBatchLink } from "@trpc/client";
import type { AppRouter } from "vitrine";

const vitrine = createTRPCClient<AppRouter>({ links: [httpBatchLink({ url: "https://vitrine.example/api/trpc" })] });

export async function makeMistakes(): Promise<void> {
  await vitrine.predict.run.mutate({ modle: "customer-churn", input: {} }); // wrong: no such field
  await vitrine.predict.runMany.mutate({ model: "customer-churn", inputs: {} }); // wrong: not a list
  await vitrine.predict.run.query({ model: "customer-churn", input: {} }); // wrong: not a query
  await vitrine.catalog.remove.mutate({ model: "customer-churn" }); // wrong: no such procedure
  const prediction = await vitrine.predict.run.mutate({ model: "customer-churn", input: {} });
  prediction.outputs; // wrong: the field is called output
  const page = await vitrine.catalog.list.query({ limit: "20" }); // wrong: a number
  page.items[0].slugg; // wrong: the field is called slug
  await vitrine.keys.create.mutate({ name: "CI", expires: 30 }); // wrong: no such field
  const keys = await vitrine.keys.list.query();
  keys.items[0].secret; // wrong: told once, when a key is made
  await vitrine.history.list.query({ from: new Date() }); // wrong: a text
  await vitrine.usage.series.query({ bucket_width: "1h" }); // wrong: no start
}
