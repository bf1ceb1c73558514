import { createTRPCClient, httpBatchLink } from "@trpc/client";
import { BACKGROUND_HEADER } from "@/lib/background-header.admin";
import type { ConsoleRouter } from "@/server/admin/router";

/** The console's procedures as its pages call them: same origin, at most ten calls in one request. */
export const consoleApi = createTRPCClient<ConsoleRouter>({ links: [httpBatchLink({ url: "/admin/trpc", maxItems: 10 })] });

/** The same for calls that a page makes on its own, such as looking for news: they do not count as a sign of its reader. */
export const backgroundApi = createTRPCClient<ConsoleRouter>({
  links: [httpBatchLink({ url: "/admin/trpc", maxItems: 10, headers: { [BACKGROUND_HEADER]: "1" } })],
});
