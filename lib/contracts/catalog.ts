/** What the catalog tells about a model: the card, its versions, the live one with schema, examples and measured latency. */
import { z } from "zod";
import { modelSchema, modelTask } from "@/lib/contracts/model-schema";
import { fieldValue, predictionOutput } from "@/lib/contracts/predict";

/** Pages of the console lie where these models would have theirs. */
const TAKEN_SLUGS = ["drafts", "upload"];
export const modelSlug = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/)
  .refine((slug) => !TAKEN_SLUGS.includes(slug), "is an address of the console");
export const versionNumber = z.int().min(1).max(1_000_000);
export const aliasName = z.enum(["live", "candidate"]);

/** What a team writes about a model, the same for all its versions. */
export const modelCard = z.object({
  name: z.string().min(1).max(80),
  pitch: z.string().max(200),
  description: z.string().max(4_000),
  data: z.object({
    title: z.string().max(200),
    rows: z.int().optional(),
    source: z.string().max(400).optional(),
    licence: z.string().max(200),
    note: z.string().max(1_000).optional(),
  }),
  limitations: z.array(z.string().max(400)).max(20),
});

const metric = z.union([z.number(), z.string()]);
const figures = z.record(z.string(), z.number());
/** Figures on held-out rows; nested ones (confusion counts, by name or as a matrix) stay nested, no deeper than that. */
export const versionMetrics = z.record(z.string(), z.union([metric, figures, z.array(z.union([metric, figures, z.array(z.number())]))]));

/** A named case a visitor can start from, with the answer this very version gave when it was added. */
export const example = z.object({
  name: z.string(),
  description: z.string(),
  input: z.record(z.string(), fieldValue),
  output: predictionOutput,
});

/** Counts of known cases between edges (edges.length = counts.length + 1): the grey shape behind an answer. */
export const histogram = z.object({ edges: z.array(z.number()), counts: z.array(z.number()) });

export const latency = z.object({ p50_ms: z.number(), p95_ms: z.number(), measured_rows: z.int() });

export const versionSummary = z.object({
  version: versionNumber,
  algorithm: z.string(),
  /** A date, `2026-01-31`; empty where nobody said. */
  trained_on: z.string(),
  release_notes: z.string(),
  metrics: versionMetrics,
  latency,
  bytes: z.int(),
  sha256: z.string(),
  created_at: z.iso.datetime(),
});

export const versionDetail = versionSummary.extend({
  schema: modelSchema,
  examples: z.array(example),
  /** By output name: the class probability of the positive class, or the value, over the training rows. */
  reference: z.record(z.string(), histogram),
});

/** A model that the team has stopped for a while, with what customers are told; calls are refused with `model_unavailable`. */
export const paused = z.object({ note: z.string(), since: z.iso.datetime() });

export const modelSummary = z.object({
  object: z.literal("model"),
  slug: modelSlug,
  name: z.string(),
  pitch: z.string(),
  task: modelTask,
  live_version: versionNumber,
  inputs: z.int(),
  latency,
  metrics: versionMetrics,
  paused: paused.nullable(),
});

export const modelDetail = z.object({
  object: z.literal("model"),
  slug: modelSlug,
  card: modelCard,
  task: modelTask,
  live_version: versionNumber,
  live: versionDetail,
  versions: z.array(versionSummary),
  paused: paused.nullable(),
});

/** MongoDB takes no NUL in a pattern. */
export const searchText = z.string().max(100).refine((text) => !text.includes("\0"), "must not contain a NUL character");

export const listModelsInput = z.object({
  limit: z.int().min(1).max(100).default(20),
  cursor: z.string().max(140).optional(),
  task: modelTask.optional(),
  q: searchText.optional(),
});
export const modelPage = z.object({ items: z.array(modelSummary), nextCursor: z.string().nullable() });
/** `model` is a slug or `slug@alias`; `version` asks for a numbered version in place of the live one. */
export const getModelInput = z.object({ model: z.string().min(1).max(140), version: versionNumber.optional() });

export type ModelCard = z.infer<typeof modelCard>;
export type VersionMetrics = z.infer<typeof versionMetrics>;
export type Example = z.infer<typeof example>;
export type Histogram = z.infer<typeof histogram>;
export type Latency = z.infer<typeof latency>;
export type VersionSummary = z.infer<typeof versionSummary>;
export type VersionDetail = z.infer<typeof versionDetail>;
export type ModelSummary = z.infer<typeof modelSummary>;
export type ModelPage = z.infer<typeof modelPage>;
export type ModelDetail = z.infer<typeof modelDetail>;
export type Paused = z.infer<typeof paused>;
export type AliasName = z.infer<typeof aliasName>;
