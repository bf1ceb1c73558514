import "server-only";
import { noInput } from "@/lib/contracts/no-input";
import { usageSeries, usageSeriesInput, usageSummary } from "@/lib/contracts/usage";
import { createRouter, customerProcedure } from "@/server/core/trpc";
import { readSeries, readSummary } from "@/server/modules/usage/service";

export const usageRouter = createRouter({
  summary: customerProcedure.input(noInput).output(usageSummary).query(({ ctx }) => readSummary(ctx.caller)),
  series: customerProcedure.input(usageSeriesInput).output(usageSeries).query(({ ctx, input }) => readSeries(ctx.caller, input)),
});
