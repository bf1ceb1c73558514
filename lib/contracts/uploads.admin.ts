/** Uploads of model files in parts, and the drafts that are made from them until they are published. */
import { z } from "zod";
import { histogram, modelCard, modelSlug, versionMetrics, versionNumber } from "@/lib/contracts/catalog";
import { draftExample, inspection, trainingReport } from "@/lib/contracts/inspection.admin";
import { modelSchema } from "@/lib/contracts/model-schema";
import { predictionOutput, rawRow, warning } from "@/lib/contracts/predict";

export const MAX_UPLOAD_BYTES = 200 * 1024 * 1024;
/** Every part but the last has exactly this size, so that a request stays under 4 MB. */
export const UPLOAD_CHUNK_BYTES = 3 * 1024 * 1024;
/** Of a file of training rows. */
export const MAX_CSV_BYTES = 4_000_000;
export const MAX_CSV_ROWS = 50_000;

export const uploadId = z.string().regex(/^upl_[0-9A-Z]{26}$/);
export const draftId = z.string().regex(/^drf_[0-9A-Z]{26}$/);
/** Grows with every change of a draft. */
export const draftRevision = z.int().min(1);

/** More than {@link MAX_UPLOAD_BYTES} is refused with the others' reasons for which a file is no model. */
export const startUploadInput = z.strictObject({ filename: z.string().min(1).max(200), bytes: z.int().min(0) });
export const uploadInput = z.strictObject({ id: uploadId });

export const uploadState = z.object({
  id: uploadId,
  filename: z.string(),
  bytes: z.int(),
  /** How large a part is; the last one holds what is left. */
  chunk_bytes: z.int(),
  /** How many parts there are. They are numbered from 0 and may come in any order, and again. */
  chunks: z.int(),
  /** The numbers of those that are there. */
  received: z.array(z.int()),
  created_at: z.iso.datetime(),
  expires_at: z.iso.datetime(),
});

/** With the slug of a model that exists the draft begins as its live version does. */
export const finishUploadInput = z.strictObject({ id: uploadId, slug: modelSlug.optional() });

/** What an operator may write. */
const draftParts = {
  slug: modelSlug,
  card: modelCard,
  schema: modelSchema,
  examples: z.array(draftExample).max(20),
  metrics: versionMetrics,
  algorithm: z.string().min(1).max(200),
  /** Empty: nobody said. */
  trained_on: z.union([z.literal(""), z.iso.date()]),
  release_notes: z.string().max(4_000),
  reference: z.record(z.string(), histogram),
};
export const draftChanges = z.strictObject(draftParts).partial();

/** The last test prediction that succeeded. */
export const draftTry = z.object({
  at: z.iso.datetime(),
  input: rawRow,
  output: predictionOutput,
  warnings: z.array(warning),
  milliseconds: z.number(),
  /** Whether it was made with this very file and schema; only then the draft can be published. */
  current: z.boolean(),
});

export const draft = z.object({
  id: draftId,
  revision: draftRevision,
  file: z.object({ filename: z.string(), bytes: z.int(), sha256: z.string() }),
  inspection,
  /** The version of the model this began as; null for a model that is new. */
  based_on: versionNumber.nullable(),
  ...draftParts,
  tried: draftTry.nullable(),
  published_as: z.object({ slug: modelSlug, version: versionNumber }).nullable(),
  by: z.string(),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
  expires_at: z.iso.datetime(),
});

export const draftSummary = draft.pick({
  id: true,
  slug: true,
  file: true,
  published_as: true,
  by: true,
  created_at: true,
  updated_at: true,
  expires_at: true,
});
/** The latest ones first. */
export const draftList = z.object({ items: z.array(draftSummary) });

export const draftInput = z.strictObject({ id: draftId });
export const updateDraftInput = z.strictObject({ id: draftId, revision: draftRevision, changes: draftChanges });
export const tryDraftInput = z.strictObject({ id: draftId, input: rawRow });
/** `draft` is as it is now: its revision has not changed, it may be published if `tried.current`. */
export const tryDraftOutput = z.object({
  output: predictionOutput,
  warnings: z.array(warning),
  /** Inside the model. */
  milliseconds: z.number(),
  draft,
});
export const readTrainingRowsInput = z.strictObject({ id: draftId, revision: draftRevision, csv: z.string().max(MAX_CSV_BYTES) });
/** What the rows would make of the schema, and the known answers by output; the draft is not changed. */
export const readTrainingRowsOutput = z.object({ report: trainingReport, schema: modelSchema, reference: draftParts.reference });
export const publishDraftInput = z.strictObject({ id: draftId, revision: draftRevision });
export const publishDraftOutput = z.object({ slug: modelSlug, version: versionNumber });

export type UploadState = z.infer<typeof uploadState>;
export type StartUpload = z.infer<typeof startUploadInput>;
export type Draft = z.infer<typeof draft>;
export type DraftSummary = z.infer<typeof draftSummary>;
export type DraftChanges = z.infer<typeof draftChanges>;
export type ReadTrainingRows = z.infer<typeof readTrainingRowsOutput>;
export type DraftTry = z.infer<typeof draftTry>;
