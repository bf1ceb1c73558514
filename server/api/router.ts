import "server-only";
import { createCallerFactory, createRouter } from "@/server/core/trpc";
import { accountRouter } from "@/server/modules/accounts/router";
import { catalogRouter } from "@/server/modules/catalog/router";
import { historyRouter } from "@/server/modules/history/router";
import { keysRouter } from "@/server/modules/keys/router";
import { predictRouter } from "@/server/modules/predict/router";
import { usageRouter } from "@/server/modules/usage/router";

/** Everything a customer's program may call; REST and tRPC are two spellings of it. */
export const appRouter = createRouter({
  catalog: catalogRouter,
  predict: predictRouter,
  history: historyRouter,
  keys: keysRouter,
  usage: usageRouter,
  account: accountRouter,
});
export type AppRouter = typeof appRouter;

/** Calls procedures in this process, as the caller of a context: the way REST comes in. */
export const createCaller = createCallerFactory(appRouter);
export type Procedures = ReturnType<typeof createCaller>;
