import "server-only";
import { deletedHistory, deleteHistoryInput, getHistoryInput, historyEntry, historyPage, listHistoryInput } from "@/lib/contracts/history";
import { createRouter, customerProcedure, sessionProcedure } from "@/server/core/trpc";
import { deletePredictions, getPrediction, listPredictions } from "@/server/modules/history/service";

export const historyRouter = createRouter({
  list: customerProcedure.input(listHistoryInput).output(historyPage).query(({ ctx, input }) => listPredictions(ctx.caller, input)),
  get: customerProcedure.input(getHistoryInput).output(historyEntry).query(({ ctx, input }) => getPrediction(ctx.caller, input.id)),
  delete: sessionProcedure
    .input(deleteHistoryInput)
    .output(deletedHistory)
    .mutation(async ({ ctx, input }) => ({ deleted: await deletePredictions(ctx.caller, input.ids) })),
});
