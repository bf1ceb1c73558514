import "server-only";
import { z } from "zod";
import type { Example, Histogram, Latency, ModelCard, VersionMetrics } from "@/lib/contracts/catalog";
import { modelCard, modelSlug } from "@/lib/contracts/catalog";
import { modelSchema, type ModelSchema } from "@/lib/contracts/model-schema";
import type { PredictionOutput, Row } from "@/lib/contracts/predict";
import { DomainError } from "@/server/core/errors";
import { addVersion, findAddedVersion, hashBytes } from "@/server/modules/catalog/service.admin";
import { findDisagreement, type Tolerance } from "@/server/modules/predict/known-answers";
import { openOnnxFile } from "@/server/modules/predict/onnx-file";
import { openModel, type OpenModel } from "@/server/modules/predict/runtime";
import { assertSchemaFits } from "@/server/modules/predict/schema-check";
import { checkRows, scoreRows } from "@/server/modules/predict/service";

const WARM_UP_RUNS = 10;
const MEASURED_RUNS = 200;
/** Measuring ends after this time, however slow the model is. */
const MEASURED_MS = 2_000;

const written = z.object({ slug: modelSlug, schema: modelSchema, card: modelCard });

export interface NewExample {
  name: string;
  description: string;
  input: Record<string, unknown>;
  /** What the trainer says the answer is; a version that answers otherwise is not added. */
  expected?: PredictionOutput;
}

export interface Publication {
  slug: string;
  card: ModelCard;
  schema: ModelSchema;
  /** The uploaded file as it is. */
  file: Uint8Array;
  examples: NewExample[];
  /** How far an example's answer may be from the expected one. */
  tolerance?: Tolerance;
  algorithm: string;
  /** A date, `2026-01-31`. */
  trainedOn: string;
  releaseNotes: string;
  metrics: VersionMetrics;
  reference: Record<string, Histogram>;
  /** Who adds it. */
  by: string;
}

/** The parts that a team wrote; what is wrong with them is told with a pointer each. */
function parseWritten({ slug, schema, card }: Publication): Pick<Publication, "slug" | "schema" | "card"> {
  const parsed = written.safeParse({ slug, schema, card });
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map((issue) => ({ pointer: `#/${issue.path.join("/")}`, detail: issue.message }));
  throw new DomainError("invalid_input", "The card or the schema is not shaped as it must be.", { errors });
}

async function loadUploaded(bytes: Uint8Array): Promise<OpenModel> {
  try {
    return await openModel(hashBytes(bytes), () => Promise.resolve(bytes));
  } catch (error) {
    throw new DomainError("invalid_input", "The runtime cannot load this model.", { cause: error });
  }
}

async function scoreExamples(model: OpenModel, schema: ModelSchema, examples: NewExample[], tolerance: Tolerance): Promise<Example[]> {
  if (examples.length === 0) return [];
  const { rows } = checkRows(schema, examples.map(({ input }, index) => ({ raw: input, pointer: `#/examples/${index}/input` })));
  const { answers } = await scoreRows(model, schema, rows);
  return examples.map(({ name, description, expected }, index) => {
    const output = answers[index] ?? {};
    const disagreement = expected ? findDisagreement(expected, output, tolerance) : null;
    if (disagreement !== null) {
      const errors = [{ pointer: `#/examples/${index}/expected${disagreement}`, detail: "The model answers otherwise." }];
      throw new DomainError("invalid_input", "An example does not give the expected answer.", { errors });
    }
    return { name, description, input: rows[index] ?? {}, output };
  });
}

function quantile(sorted: number[], share: number): number {
  return Number((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(4));
}

/** Milliseconds inside the model for single rows, after some runs to warm up. */
async function measureLatency(model: OpenModel, schema: ModelSchema, rows: Row[]): Promise<Latency> {
  const times: number[] = [];
  const end = performance.now() + MEASURED_MS;
  for (let run = 0; run < WARM_UP_RUNS + MEASURED_RUNS && rows.length > 0; run++) {
    const { seconds } = await scoreRows(model, schema, rows.slice(run % rows.length, (run % rows.length) + 1));
    if (run >= WARM_UP_RUNS || performance.now() > end) times.push(seconds * 1000);
    if (performance.now() > end) break;
  }
  times.sort((a, b) => a - b);
  return { p50_ms: quantile(times, 0.5), p95_ms: quantile(times, 0.95), measured_rows: times.length };
}

/**
 * Adds a version of a model: opens the file, checks it against the schema, scores the examples, measures, stores. The version that
 * is there already stays as it is. No alias moves.
 * @throws {DomainError} `invalid_input`, with everything that is wrong with file, schema or examples
 */
export async function publishVersion(publication: Publication): Promise<{ version: number; added: boolean }> {
  const { file, examples, tolerance = { atol: 1e-4, rtol: 1e-4 }, ...facts } = publication;
  const { slug, schema, card } = parseWritten(publication);
  const uploadedSha256 = hashBytes(file);
  const known = await findAddedVersion(slug, uploadedSha256, schema);
  if (known !== null) return { version: known, added: false };
  const opened = openOnnxFile(file);
  const model = await loadUploaded(opened.bytes);
  assertSchemaFits(schema, opened, model);
  const scored = await scoreExamples(model, schema, examples, tolerance);
  const latency = await measureLatency(model, schema, scored.map((entry) => entry.input));
  return addVersion({ ...facts, slug, schema, card, file: opened.bytes, uploadedSha256, examples: scored, latency });
}
