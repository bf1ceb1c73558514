import "server-only";
import { HeaderFields } from "@/server/core/exchange";
import { createCallerFactory, createRouter } from "@/server/core/trpc";
import { createId } from "@/server/core/ids";
import { accountRouter } from "@/server/modules/accounts/router";
import { catalogRouter } from "@/server/modules/catalog/router";
import { historyRouter } from "@/server/modules/history/router";
import { keysRouter } from "@/server/modules/keys/router";
import { usageRouter } from "@/server/modules/usage/router";
import { readOrigin } from "@/server/site/request";
import { readCustomer } from "@/server/site/session";

/** What pages may ask in-process. Predictions are not in it, so that the inference engine stays out of the pages' functions. */
const siteRouter = createRouter({
  catalog: catalogRouter,
  history: historyRouter,
  keys: keysRouter,
  usage: usageRouter,
  account: accountRouter,
});
const createSiteCaller = createCallerFactory(siteRouter);

/** The procedures for one page, asked on behalf of whoever is signed in. */
export async function siteCaller() {
  const [customer, origin] = await Promise.all([readCustomer(), readOrigin()]);
  const caller = customer ?? { kind: "visitor" as const, id: "page" };
  return createSiteCaller({ caller, requestId: createId("request"), origin, headers: new HeaderFields() });
}
