import "server-only";
import { getModelInput, listModelsInput, modelDetail, modelPage } from "@/lib/contracts/catalog";
import { createRouter, publicProcedure } from "@/server/core/trpc";
import { getModel, listModels } from "@/server/modules/catalog/service";

export const catalogRouter = createRouter({
  list: publicProcedure.input(listModelsInput).output(modelPage).query(({ input }) => listModels(input)),
  get: publicProcedure.input(getModelInput).output(modelDetail).query(({ input }) => getModel(input.model, input.version)),
});
