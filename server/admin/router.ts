import "server-only";
import { alertsRouter } from "@/server/admin/alerts";
import { auditRouter } from "@/server/admin/audit";
import { customersRouter } from "@/server/admin/customers";
import { meRouter } from "@/server/admin/me";
import { modelsRouter } from "@/server/admin/models";
import { operationsRouter } from "@/server/admin/operations";
import { overviewRouter } from "@/server/admin/overview";
import { paletteRouter } from "@/server/admin/palette";
import { createConsoleCallerFactory, createConsoleRouter } from "@/server/admin/procedures";
import { requestsRouter } from "@/server/admin/requests";
import { teamRouter } from "@/server/admin/team";
import { uploadsRouter } from "@/server/admin/uploads";

/** Everything the console may ask; no customer's session or key opens any of it. */
export const consoleRouter = createConsoleRouter({
  me: meRouter,
  overview: overviewRouter,
  requests: requestsRouter,
  customers: customersRouter,
  team: teamRouter,
  audit: auditRouter,
  palette: paletteRouter,
  models: modelsRouter,
  alerts: alertsRouter,
  operations: operationsRouter,
  uploads: uploadsRouter,
});
export type ConsoleRouter = typeof consoleRouter;

/** Calls procedures in this process, for pages. */
export const createConsoleCaller = createConsoleCallerFactory(consoleRouter);
