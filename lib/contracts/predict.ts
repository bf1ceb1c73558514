/** What goes into a prediction and what comes out: the same shapes for tRPC, REST and the pages. */
import { z } from "zod";

/** Rows one call may carry; more belong into a batch. */
export const MAX_ROWS = 1_000;

/** A checked value of one field: image fields are arrays of whole numbers 0 to 255, row by row. */
export const fieldValue = z.union([z.number(), z.string(), z.array(z.number())]);
export type FieldValue = z.infer<typeof fieldValue>;
/** One row after the check: complete, coerced, defaults filled in. */
export type Row = Record<string, FieldValue>;

/** One row before the check. Its fields are checked against the model's own schema, not here. */
export const rawRow = z.record(z.string(), z.unknown());

export const classAnswer = z.object({
  label: z.union([z.string(), z.number()]),
  probabilities: z.record(z.string(), z.number()),
});
export const numberAnswer = z.object({
  value: z.number(),
  unit: z.string(),
  interval: z.object({ low: z.number(), high: z.number(), coverage: z.number() }).optional(),
});
export const vectorAnswer = z.object({ values: z.array(z.number()), labels: z.array(z.string()).optional() });
export const answer = z.union([classAnswer, numberAnswer, vectorAnswer]);
export const predictionOutput = z.record(z.string(), answer);

/** Kept apart from errors: the row was scored, but the reader should know. `pointer` is a JSON pointer fragment (RFC 6901). */
export const warning = z.object({ code: z.enum(["outside_training_range"]), pointer: z.string(), detail: z.string() });

export const prediction = z.object({
  id: z.string(),
  object: z.literal("prediction"),
  model: z.string(),
  version: z.int(),
  arm: z.enum(["live", "candidate", "pinned"]),
  status: z.literal("succeeded"),
  input: z.record(z.string(), fieldValue),
  output: predictionOutput,
  warnings: z.array(warning),
  /** Seconds inside the model, shared evenly when rows ran as one batch. */
  metrics: z.object({ predict_time: z.number() }),
  created_at: z.iso.datetime(),
  completed_at: z.iso.datetime(),
  request_id: z.string(),
});

export const predictionList = z.object({ object: z.literal("list"), data: z.array(prediction) });

/** `model` is a slug or `slug@alias`; `version` pins a numbered version. */
const target = { model: z.string().min(1).max(140), version: z.int().min(1).optional() };
export const runInput = z.strictObject({ ...target, input: rawRow });
export const runManyInput = z.strictObject({ ...target, inputs: z.array(rawRow).min(1).max(MAX_ROWS) });

export type ClassAnswer = z.infer<typeof classAnswer>;
export type NumberAnswer = z.infer<typeof numberAnswer>;
export type VectorAnswer = z.infer<typeof vectorAnswer>;
export type Answer = z.infer<typeof answer>;
export type PredictionOutput = z.infer<typeof predictionOutput>;
export type Warning = z.infer<typeof warning>;
export type Prediction = z.infer<typeof prediction>;
export type PredictionList = z.infer<typeof predictionList>;
