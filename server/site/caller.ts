import "server-only";
import { createCallerFactory, createRouter } from "@/server/core/trpc";
import { createId } from "@/server/core/ids";
import { catalogRouter } from "@/server/modules/catalog/router";

/** What pages may ask in-process. Predictions are not in it, so that the inference engine stays out of the pages' functions. */
const siteRouter = createRouter({ catalog: catalogRouter });
const createSiteCaller = createCallerFactory(siteRouter);

/** The procedures for one page, asked on behalf of a visitor. */
export function siteCaller() {
  return createSiteCaller({ caller: { kind: "visitor", id: "page" }, requestId: createId("request"), headers: new Headers() });
}
