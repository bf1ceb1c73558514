/** What only the REST door says: its envelope, its lists, discovery and health. Everything else is shared with tRPC. */
import { z } from "zod";
import { planLimits } from "@/lib/contracts/account";
import { modelSummary, searchText } from "@/lib/contracts/catalog";
import { historyEntry, listHistoryInput } from "@/lib/contracts/history";
import { modelTask } from "@/lib/contracts/model-schema";
import { MAX_ROWS, rawRow } from "@/lib/contracts/predict";
import { usageGroup, usageSeriesInput } from "@/lib/contracts/usage";
import { planNames } from "@/lib/plans";

/** The body of a prediction: one row or many, never both. */
export const predictionRequest = z.union([
  z.strictObject({ input: rawRow }),
  z.strictObject({ inputs: z.array(rawRow).min(1).max(MAX_ROWS) }),
]);

/** How many a page of a list holds; numbers arrive as text. */
const limit = z
  .string()
  .regex(/^\d{1,3}$/, "must be a whole number from 1 to 100")
  .transform(Number)
  .pipe(z.int().min(1).max(100))
  .optional();

/** The query of a list. `starting_after` is the slug the page before ended with. */
export const listModelsQuery = z.object({
  limit,
  starting_after: z.string().max(140).optional(),
  task: modelTask.optional(),
  q: searchText.optional(),
});

const { cursor, model, from, to, request_id } = listHistoryInput.shape;
export const listPredictionsQuery = z.object({
  limit,
  starting_after: cursor.describe("The id the page before ended with."),
  model,
  from: from.describe("From this moment on, as in `2026-01-31T00:00:00Z`."),
  to: to.describe("Up to this moment, and without it."),
  request_id: request_id.describe("The predictions of one call."),
});

const { start_time, end_time } = usageSeriesInput.shape;
export const readUsageQuery = z.object({
  start_time: start_time.describe("From this moment on, as in `2026-01-31T00:00:00Z`; rounded down to a bucket."),
  end_time: end_time.describe("Up to this moment, and without it; now when it is left out."),
  bucket_width: usageSeriesInput.shape.bucket_width.optional(),
  group_by: z
    .string()
    .transform((text) => text.split(","))
    .pipe(z.array(usageGroup).max(2))
    .optional()
    .describe("`model`, `api_key_id`, or both with a comma between."),
});

export const modelList = z.object({
  object: z.literal("list"),
  url: z.string(),
  has_more: z.boolean(),
  data: z.array(modelSummary),
});

export const historyList = z.object({
  object: z.literal("list"),
  url: z.string(),
  has_more: z.boolean(),
  data: z.array(historyEntry),
});

/** Rows of one span of time. A limit of 0 is none, and `remaining` is null then. */
const allowance = z.object({ limit: z.int(), used: z.int(), remaining: z.int().nullable(), resets_at: z.iso.datetime() });
export const me = z.object({
  object: z.literal("me"),
  /** The account's. */
  id: z.string(),
  email: z.string(),
  name: z.string(),
  plan: z.enum(planNames),
  limits: planLimits,
  minute: allowance,
  month: allowance,
  /** The key that asked; null: a signed-in page. */
  key: z.object({ id: z.string() }).nullable(),
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
  build: z.string().nullable().describe("Which build answers; null where nobody named it."),
  openapi_url: z.string(),
  docs_url: z.string(),
  types_url: z.string(),
  models_url: z.string(),
  predictions_url: z.string(),
  health: z.object({ livez: z.string(), readyz: z.string() }),
});

export const healthCheck = z.object({ status: z.enum(["ok", "failed"]), duration_ms: z.number() });
export const health = z.object({ status: z.enum(["ok", "unavailable"]), checks: z.record(z.string(), healthCheck) });

export type HistoryList = z.infer<typeof historyList>;
export type Me = z.infer<typeof me>;
export type Health = z.infer<typeof health>;
