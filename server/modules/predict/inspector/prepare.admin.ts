import "server-only";
import { createHash } from "node:crypto";
import type { Example, Latency } from "@/lib/contracts/catalog";
import type { ModelSchema } from "@/lib/contracts/model-schema";
import type { PredictionOutput, Row } from "@/lib/contracts/predict";
import { DomainError } from "@/server/core/errors";
import { findDisagreement, type Tolerance } from "@/server/modules/predict/known-answers";
import { openOnnxFile } from "@/server/modules/predict/onnx-file";
import { checkRows, scoreRows } from "@/server/modules/predict/rows";
import { openModel, type OpenModel } from "@/server/modules/predict/runtime";
import { assertSchemaFits } from "@/server/modules/predict/schema-check";

const WARM_UP_RUNS = 10;
const MEASURED_RUNS = 200;
/** Measuring ends after this time, however slow the model is. */
const MEASURED_MS = 2_000;

export interface NewExample {
  name: string;
  description: string;
  input: Record<string, unknown>;
  /** What the trainer says the answer is; a version that answers otherwise is not added. */
  expected?: PredictionOutput;
}

export interface Preparation {
  schema: ModelSchema;
  /** The uploaded file as it is. */
  file: Uint8Array;
  examples: NewExample[];
  /** How far an example's answer may be from the expected one. */
  tolerance?: Tolerance;
}

export interface PreparedVersion {
  /** The file as it will be run. */
  file: Uint8Array;
  /** Of `file`. */
  sha256: string;
  examples: Example[];
  latency: Latency;
}

async function loadUploaded(sha256: string, bytes: Uint8Array): Promise<OpenModel> {
  try {
    return await openModel(sha256, () => Promise.resolve(bytes));
  } catch (error) {
    throw new DomainError("invalid_input", "The runtime cannot load this model.", { cause: error });
  }
}

async function scoreExamples(model: OpenModel, schema: ModelSchema, examples: NewExample[], tolerance: Tolerance): Promise<Example[]> {
  if (examples.length === 0) return [];
  const { rows } = checkRows(
    schema,
    examples.map(({ input }, index) => ({ raw: input, pointer: `#/examples/${index}/input` })),
  );
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
 * Everything about a version that only its file can tell: opens and loads it, checks it against the schema, scores the examples,
 * measures. Nothing is stored, and nothing but the model runs: it is done in a process that may end at any moment.
 * @throws {DomainError} `invalid_input`, with everything that is wrong with file, schema or examples
 */
export async function prepareVersion({
  schema,
  file,
  examples,
  tolerance = { atol: 1e-4, rtol: 1e-4 },
}: Preparation): Promise<PreparedVersion> {
  const opened = openOnnxFile(file);
  const sha256 = createHash("sha256").update(opened.bytes).digest("hex");
  const model = await loadUploaded(sha256, opened.bytes);
  assertSchemaFits(schema, opened, model);
  const scored = await scoreExamples(model, schema, examples, tolerance);
  const latency = await measureLatency(
    model,
    schema,
    scored.map((entry) => entry.input),
  );
  return { file: opened.bytes, sha256, examples: scored, latency };
}
