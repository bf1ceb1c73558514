/** What the inspection of a model file tells, and the messages between the service and the program that opens foreign files. */
import { z } from "zod";
import { example, histogram, latency } from "@/lib/contracts/catalog";
import { modelSchema } from "@/lib/contracts/model-schema";
import { predictionOutput, rawRow, warning } from "@/lib/contracts/predict";
import { fieldProblem } from "@/lib/contracts/problem";

/** Something a reader should know about the file, with what to do about it. */
export const inspectionNote = z.object({ detail: z.string(), remedy: z.string() });

/** An input or output as the file declares it. A dimension is a size, or the name of a free one (`""` where it has no name). */
export const inspectedTensor = z.object({
  name: z.string(),
  /** The name of the element type, or of the kind where it is no tensor: `sequence`, `map`, `optional`. */
  dtype: z.string(),
  /** null: the file does not say. */
  shape: z.array(z.union([z.int(), z.string()])).nullable(),
});

export const classValue = z.union([z.string(), z.number()]);

export const inspection = z.object({
  bytes: z.int(),
  /** Of the file as it was uploaded. */
  sha256: z.string(),
  ir_version: z.int(),
  opsets: z.array(z.object({ domain: z.string(), version: z.int() })),
  producer: z.object({ name: z.string(), version: z.string() }),
  graph_name: z.string(),
  metadata: z.record(z.string(), z.string()),
  doc: z.string(),
  nodes: z.int(),
  /** Most frequent first. */
  operators: z.array(z.object({ name: z.string(), domain: z.string(), count: z.int() })),
  parameters: z.int(),
  inputs: z.array(inspectedTensor),
  outputs: z.array(inspectedTensor),
  class_labels: z.array(classValue).nullable(),
  categories: z.array(z.object({ input: z.string(), values: z.array(classValue) })),
  /** What was changed in the file so that it can be run, in words. */
  repairs: z.array(z.string()),
  /** Nothing that keeps it from being published. */
  warnings: z.array(inspectionNote),
  /** What has to be settled in the schema before it can be published. */
  problems: z.array(inspectionNote),
  /** Milliseconds to load the file and to answer two rows. */
  load_ms: z.number(),
  run_ms: z.number(),
});

/** An example before its answer is known. */
export const draftExample = z.object({ name: z.string().min(1).max(80), description: z.string().max(400), input: rawRow });

/** What the column of a file of training rows was used for. */
export const trainingColumn = z.object({ column: z.string(), field: z.string() });
export const trainingReport = z.object({
  rows: z.int(),
  matched: z.array(trainingColumn),
  /** Columns that belong to no field. */
  unused: z.array(z.string()),
  /** Fields without a column; they took their default. */
  missing: z.array(z.string()),
  /** What was found, a sentence for each field. */
  found: z.array(z.object({ field: z.string(), detail: z.string() })),
  /** Rows the model could not be asked with, and the first reason for it. */
  skipped: z.object({ rows: z.int(), reason: z.string().nullable() }),
  /** Outputs that have a distribution now. */
  reference: z.array(z.string()),
});

/** What the program is asked; the file's bytes follow. */
export const inspectorRequest = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("inspect"),
    filename: z.string(),
    /** Of the version that is live: what it says about tensors that are the same is kept. */
    base: modelSchema.nullable(),
    /** How much memory the program may have, for its sentences. */
    memory_mib: z.int(),
  }),
  z.object({ kind: z.literal("try"), schema: modelSchema, input: rawRow, memory_mib: z.int() }),
  z.object({ kind: z.literal("rows"), schema: modelSchema, csv: z.string(), memory_mib: z.int() }),
  z.object({ kind: z.literal("prepare"), schema: modelSchema, examples: z.array(draftExample), memory_mib: z.int() }),
]);

export const inspectedFile = z.object({ kind: z.literal("inspected"), inspection, schema: modelSchema, algorithm: z.string() });
export const triedRow = z.object({
  kind: z.literal("tried"),
  output: predictionOutput,
  warnings: z.array(warning),
  milliseconds: z.number(),
});
export const readRows = z.object({
  kind: z.literal("rows"),
  schema: modelSchema,
  reference: z.record(z.string(), histogram),
  report: trainingReport,
});
/** `stored_sha256` is of the file as it will be run. When that is another one than the uploaded, its bytes follow the answer. */
export const preparedFile = z.object({
  kind: z.literal("prepared"),
  uploaded_sha256: z.string(),
  stored_sha256: z.string(),
  repaired: z.boolean(),
  examples: z.array(example),
  latency,
});
/** A refusal in words. `file`: it is the file that cannot be used; `input`: what was written about it does not fit. */
export const inspectorRefusal = z.object({
  kind: z.literal("refused"),
  about: z.enum(["file", "input"]),
  message: z.string(),
  errors: z.array(fieldProblem),
});
export const inspectorAnswer = z.discriminatedUnion("kind", [inspectedFile, triedRow, readRows, preparedFile, inspectorRefusal]);

export type InspectionNote = z.infer<typeof inspectionNote>;
export type InspectedTensor = z.infer<typeof inspectedTensor>;
export type Inspection = z.infer<typeof inspection>;
export type DraftExample = z.infer<typeof draftExample>;
export type TrainingReport = z.infer<typeof trainingReport>;
export type InspectorRequest = z.infer<typeof inspectorRequest>;
export type InspectorAnswer = z.infer<typeof inspectorAnswer>;
export type InspectedFile = z.infer<typeof inspectedFile>;
export type TriedRow = z.infer<typeof triedRow>;
export type ReadRows = z.infer<typeof readRows>;
export type PreparedFile = z.infer<typeof preparedFile>;
