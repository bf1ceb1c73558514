import { createTRPCClient, httpBatchLink, splitLink } from "@trpc/client";
import { BACKGROUND_HEADER } from "@/lib/background-header.admin";
import { CONSOLE_TRPC, INSPECTION_TRPC, opensModelFile } from "@/lib/console-addresses.admin";
import type { ConsoleRouter } from "@/server/admin/router";

const MOST_AT_ONCE = 10;

/** The console's procedures as its pages call them: same origin, at most ten calls in one request. */
export const consoleApi = createTRPCClient<ConsoleRouter>({
  links: [
    splitLink({
      condition: ({ path }) => opensModelFile(path),
      true: httpBatchLink({ url: INSPECTION_TRPC, maxItems: MOST_AT_ONCE }),
      false: httpBatchLink({ url: CONSOLE_TRPC, maxItems: MOST_AT_ONCE }),
    }),
  ],
});

/** The same for calls that a page makes on its own, such as looking for news: they do not count as a sign of its reader. */
export const backgroundApi = createTRPCClient<ConsoleRouter>({
  links: [httpBatchLink({ url: CONSOLE_TRPC, maxItems: MOST_AT_ONCE, headers: { [BACKGROUND_HEADER]: "1" } })],
});
