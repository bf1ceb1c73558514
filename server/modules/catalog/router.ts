import "server-only";
import type { z } from "zod";
import { getModelInput, listModelsInput, modelDetail, modelPage } from "@/lib/contracts/catalog";
import { createRouter, publicProcedure } from "@/server/core/trpc";
import { getModel, listModels } from "@/server/modules/catalog/service";

/** Picks the fields of an output as its schema does, once for each object: the service answers with the same one while nothing has changed. */
function pickOnce<Shape>(schema: z.ZodType<Shape>): (output: unknown) => Shape {
  const picked = new WeakMap<object, Shape>();
  return (output) => {
    const known = typeof output === "object" && output !== null ? picked.get(output) : undefined;
    if (known !== undefined) return known;
    const fresh = schema.parse(output);
    if (typeof output === "object" && output !== null) picked.set(output, fresh);
    return fresh;
  };
}

export const catalogRouter = createRouter({
  list: publicProcedure.input(listModelsInput).output(pickOnce(modelPage)).query(({ input }) => listModels(input)),
  get: publicProcedure.input(getModelInput).output(pickOnce(modelDetail)).query(({ input }) => getModel(input.model, input.version)),
});
