import "server-only";
import { checkRow } from "@/lib/check-row";
import type { ModelSchema } from "@/lib/contracts/model-schema";
import type { Prediction, PredictionOutput, Row, Warning } from "@/lib/contracts/predict";
import type { FieldProblem } from "@/lib/contracts/problem";
import { DomainError } from "@/server/core/errors";
import { createId } from "@/server/core/ids";
import type { Caller, CustomerCaller } from "@/server/core/trpc";
import { readModelFile, type ResolvedVersion, resolveVersion } from "@/server/modules/catalog/service";
import { recordPredictions } from "@/server/modules/history/service";
import { decodePng } from "@/server/modules/predict/png";
import { openModel, type OpenModel } from "@/server/modules/predict/runtime";
import { buildFeeds, neededOutputs, readAnswers } from "@/server/modules/predict/tensors";
import { recordCall, takeRows } from "@/server/modules/usage/service";

export interface RunRows {
  caller: Caller;
  requestId: string;
  /** A slug or `slug@alias`. */
  model: string;
  /** A number pins the version. */
  version?: number | undefined;
  /** Rows as they were sent, with the place of each in the body (a JSON pointer fragment). */
  rows: { raw: Record<string, unknown>; pointer: string }[];
}

export interface RunResult {
  /** One for each row, in the same order. */
  predictions: Prediction[];
  /** `model-version`, `model-arm`, `Server-Timing` and the rate limits. */
  headers: Headers;
}

interface Scored {
  answers: PredictionOutput[];
  seconds: number;
}

interface CheckedRows {
  rows: Row[];
  warnings: Warning[][];
}

/**
 * Checks every row before anything is run or counted.
 * @throws {DomainError} `invalid_input`, with all problems of all rows
 */
export function checkRows(schema: ModelSchema, rows: RunRows["rows"]): CheckedRows {
  const checked = rows.map(({ raw, pointer }) => checkRow(schema, raw, pointer, { decodeImage: decodePng }));
  const errors: FieldProblem[] = checked.flatMap((result) => result.errors);
  if (errors.length > 0) {
    const sentence = errors.length === 1 ? "One field is not valid." : `${errors.length} fields are not valid.`;
    throw new DomainError("invalid_input", sentence, { errors });
  }
  return { rows: checked.map((result) => result.row), warnings: checked.map((result) => result.warnings) };
}

/**
 * Scores checked rows as one batch.
 * @returns the answers in the order of the rows, and the seconds inside the model for all of them
 * @throws {DomainError} `model_unavailable`
 */
export async function scoreRows(model: OpenModel, schema: ModelSchema, rows: Row[]): Promise<Scored> {
  const feeds = buildFeeds(schema, rows);
  const start = performance.now();
  const tensors = await model.run(feeds, neededOutputs(schema));
  const seconds = (performance.now() - start) / 1000;
  return { answers: readAnswers(schema, tensors, rows.length), seconds };
}

/** Rows that could not be run are not held against the month. @throws {DomainError} `model_unavailable` */
async function scoreOrGiveBack(resolved: ResolvedVersion, rows: Row[], giveBack: () => Promise<void>): Promise<Scored> {
  try {
    const opened = await openModel(resolved.sha256, () => readModelFile(resolved.sha256));
    return await scoreRows(opened, resolved.schema, rows);
  } catch (error) {
    await giveBack();
    throw error;
  }
}

/** What cannot be stored is not answered, and not held against the month either. */
async function recordOrGiveBack(caller: CustomerCaller, predictions: Prediction[], giveBack: () => Promise<void>): Promise<void> {
  const model = predictions[0]?.model ?? "";
  try {
    await Promise.all([recordPredictions(caller, predictions), recordCall(caller, model, predictions.length)]);
  } catch (error) {
    await giveBack();
    throw error;
  }
}

/** @throws {DomainError} `forbidden`, for a key that is limited to other models */
export function assertMayCall(caller: Caller, slug: string): void {
  if (caller.kind !== "customer" || caller.via.kind !== "key" || !caller.via.models || caller.via.models.includes(slug)) return;
  throw new DomainError("forbidden", `This key may call ${caller.via.models.join(", ")} and no other model.`);
}

/**
 * Predicts every row, or none: the version is resolved, all rows are checked, the call is counted, then all rows run as one batch.
 * A customer's predictions are stored before they are answered.
 * @throws {DomainError} `not_found`, `invalid_input`, `rate_limited`, `quota_exhausted` or `model_unavailable`
 */
export async function runRows({ caller, requestId, model, version, rows }: RunRows): Promise<RunResult> {
  const created_at = new Date().toISOString();
  const resolved = await resolveVersion(model, version);
  assertMayCall(caller, resolved.slug);
  const checked = checkRows(resolved.schema, rows);
  const { headers, giveBack } = await takeRows(caller, resolved.slug, rows.length);
  const { answers, seconds } = await scoreOrGiveBack(resolved, checked.rows, giveBack);
  const completed_at = new Date().toISOString();
  const predict_time = Number((seconds / rows.length).toPrecision(4));
  const predictions = answers.map((output, index): Prediction => ({
    id: createId("prediction", new Date(created_at)),
    object: "prediction",
    model: resolved.slug,
    version: resolved.version,
    arm: resolved.arm,
    status: "succeeded",
    input: checked.rows[index] ?? {},
    output,
    warnings: checked.warnings[index] ?? [],
    metrics: { predict_time },
    created_at,
    completed_at,
    request_id: requestId,
  }));
  if (caller.kind === "customer") await recordOrGiveBack(caller, predictions, giveBack);
  headers.set("model-version", String(resolved.version));
  headers.set("model-arm", resolved.arm);
  headers.set("Server-Timing", `model;dur=${(seconds * 1000).toFixed(3)}`);
  return { predictions, headers };
}
