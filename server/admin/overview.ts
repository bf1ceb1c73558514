import "server-only";
import { overviewBoard } from "@/lib/contracts/overview.admin";
import { overviewInput } from "@/lib/contracts/traffic.admin";
import { readOverviewBoard } from "@/server/admin/overview-board";
import { createConsoleRouter, viewerProcedure } from "@/server/admin/procedures";

/** The console's first page. */
export const overviewRouter = createConsoleRouter({
  get: viewerProcedure.input(overviewInput).output(overviewBoard).query(({ input }) => readOverviewBoard(input.range)),
});
