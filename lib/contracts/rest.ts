/** What only the REST door says: its envelope, its lists, discovery and health. Everything else is shared with tRPC. */
import { z } from "zod";
import { modelSummary, searchText } from "@/lib/contracts/catalog";
import { modelTask } from "@/lib/contracts/model-schema";
import { MAX_ROWS, rawRow } from "@/lib/contracts/predict";

/** The body of a prediction: one row or many, never both. */
export const predictionRequest = z.union([
  z.strictObject({ input: rawRow }),
  z.strictObject({ inputs: z.array(rawRow).min(1).max(MAX_ROWS) }),
]);

/** The query of a list; numbers arrive as text. `starting_after` is the slug the page before ended with. */
export const listModelsQuery = z.object({
  limit: z
    .string()
    .regex(/^\d{1,3}$/, "must be a whole number from 1 to 100")
    .transform(Number)
    .pipe(z.int().min(1).max(100))
    .optional(),
  starting_after: z.string().max(140).optional(),
  task: modelTask.optional(),
  q: searchText.optional(),
});

export const modelList = z.object({
  object: z.literal("list"),
  url: z.string(),
  has_more: z.boolean(),
  data: z.array(modelSummary),
});

/** JSON Schema 2020-12 of one row that goes in and of the `output` that comes back. */
export const modelSchemaDocument = z.object({
  object: z.literal("model_schema"),
  model: z.string(),
  version: z.int(),
  input: z.record(z.string(), z.unknown()),
  output: z.record(z.string(), z.unknown()),
});

export const discovery = z.object({
  object: z.literal("api"),
  name: z.string(),
  version: z.string(),
  openapi_url: z.string(),
  docs_url: z.string(),
  types_url: z.string(),
  models_url: z.string(),
  predictions_url: z.string(),
  health: z.object({ livez: z.string(), readyz: z.string() }),
});

export const healthCheck = z.object({ status: z.enum(["ok", "failed"]), duration_ms: z.number() });
export const health = z.object({ status: z.enum(["ok", "unavailable"]), checks: z.record(z.string(), healthCheck) });

export type Discovery = z.infer<typeof discovery>;
export type ModelList = z.infer<typeof modelList>;
export type ModelSchemaDocument = z.infer<typeof modelSchemaDocument>;
export type Health = z.infer<typeof health>;
