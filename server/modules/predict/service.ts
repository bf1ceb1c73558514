import "server-only";
import type { Prediction, Row } from "@/lib/contracts/predict";
import { DomainError } from "@/server/core/errors";
import type { HeaderFields } from "@/server/core/exchange";
import { createId } from "@/server/core/ids";
import { nameSubject } from "@/server/core/limits";
import { findMoment, readMoment } from "@/server/core/moments";
import type { Caller, CustomerCaller, ProcedureRun } from "@/server/core/trpc";
import { within } from "@/server/core/within";
import { listModels, readModelFile, resolveKnown, type ResolvedVersion, resolveVersion } from "@/server/modules/catalog/service";
import { recordPredictions } from "@/server/modules/history/service";
import { scoreTogether } from "@/server/modules/predict/batcher";
import { checkRows, type RawRow, type Scored, toRowProblems } from "@/server/modules/predict/rows";
import { countLoading, findModel, loadLibrary, type OpenModel, openModel, reopenModels } from "@/server/modules/predict/runtime";
import { paceModel } from "@/server/modules/predict/slow/paced-model";
import { recordAnswers } from "@/server/modules/traffic/service";
import { recordCall, takeRows } from "@/server/modules/usage/service";

const RELOAD_PATIENCE_MS = 500;

/** Writes moments as text. Calls that run together share most of theirs, and to write one takes as long as to check a row. */
function createMomentWriter(): (at: Date) => string {
  let latest = { at: Number.NaN, text: "" };
  return (at) => {
    if (latest.at !== at.getTime()) latest = { at: at.getTime(), text: at.toISOString() };
    return latest.text;
  };
}

const writeBegin = createMomentWriter();
const writeEnd = createMomentWriter();

export interface RunRows {
  caller: Caller;
  requestId: string;
  /** A slug or `slug@alias`. */
  model: string;
  /** A number pins the version. */
  version?: number | undefined;
  rows: RawRow[];
  /** Where to write down which version was asked. */
  run?: ProcedureRun;
}

export interface RunResult {
  /** One for each row, in the same order. */
  predictions: Prediction[];
  /** `model-version`, `model-arm`, `Server-Timing` and the rate limits. */
  headers: HeaderFields;
}

/** Begins what the first prediction would otherwise wait for. Waits for nothing and never throws. */
export function prepareToPredict(): void {
  const work = [loadLibrary(), readMoment("model_sessions"), nameSubject(""), listModels({ limit: 1 })];
  for (const each of work) each.catch(() => undefined);
}

/** Whether this process is loading a model, which its callers have to wait for once. */
export function isLoadingModels(): boolean {
  return countLoading() > 0;
}

let following: Promise<void> | undefined;

async function reopenAsked(): Promise<void> {
  const asked = await within(RELOAD_PATIENCE_MS, readMoment("model_sessions")).catch(() => undefined);
  if (asked !== undefined) reopenModels(asked);
  setImmediate(() => {
    following = undefined;
  });
}

/**
 * The team may ask for models to be loaded anew. Where that cannot be read soon, those that are loaded go on. Calls of the same turn of the
 * event loop look once.
 */
function followReloads(): Promise<void> {
  return (following ??= reopenAsked());
}

/** @throws {DomainError} `model_unavailable` */
function score({ sha256, schema, latency }: ResolvedVersion, rows: Row[]): Promise<Scored> {
  const load = () => readModelFile(sha256);
  const scoreBy = (model: OpenModel) => scoreTogether(paceModel(model, { sha256, load, milliseconds: latency.p50_ms }), schema, rows);
  const open = findModel(sha256);
  return open ? scoreBy(open) : openModel(sha256, load).then(scoreBy);
}

/** Rows that could not be run are not held against the month. @throws {DomainError} `model_unavailable`; whatever scoring throws */
async function scoreOrGiveBack(resolved: ResolvedVersion, rows: Row[], giveBack: () => Promise<void>): Promise<Scored> {
  try {
    const asked = findMoment("model_sessions");
    if (asked === undefined) await followReloads();
    else reopenModels(asked);
    return await score(resolved, rows);
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

/** Notes which model was asked for where it is refused. @throws {DomainError} `not_found`; `model_unavailable` while paused */
async function resolveNoted(run: ProcedureRun | undefined, model: string, version: number | undefined, subject: string) {
  try {
    return await resolveVersion(model, version, subject);
  } catch (error) {
    // Only a model that there is can be unavailable.
    const isThere = error instanceof DomainError && error.code === "model_unavailable";
    if (run && isThere) run.asked = { model: model.replace(/@.*$/, ""), version: null, arm: null };
    throw error;
  }
}

/**
 * Predicts every row, or none: the version is resolved, all rows are checked, the call is counted, then all rows run as one batch, with
 * those of other calls that came at the same time.
 * A customer's predictions are stored before they are answered.
 * @throws {DomainError} `not_found`, `invalid_input`, `rate_limited`, `quota_exhausted` or `model_unavailable`
 */
export async function runRows({ caller, requestId, model, version, rows, run }: RunRows): Promise<RunResult> {
  const created = new Date();
  if (run) run.rows = rows.length;
  const known = resolveKnown(model, version, caller.id);
  const resolved = known ?? (await resolveNoted(run, model, version, caller.id));
  if (run) run.asked = { model: resolved.slug, version: resolved.version, arm: resolved.comparedAs };
  assertMayCall(caller, resolved.slug);
  const checked = checkRows(resolved.schema, rows);
  const { headers, giveBack } = await takeRows(caller, resolved.slug, rows.length);
  const { answers, seconds } = await scoreOrGiveBack(resolved, checked.rows, giveBack).catch((error: unknown) => {
    throw toRowProblems(error, rows, checked);
  });
  const [created_at, completed_at] = [writeBegin(created), writeEnd(new Date())];
  const predict_time = Number((seconds / rows.length).toPrecision(4));
  const predictions = answers.map((output, index): Prediction => ({
    id: createId("prediction", created),
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
  recordAnswers({ ...resolved, arm: resolved.comparedAs, model: resolved.slug }, answers);
  headers.set("model-version", String(resolved.version));
  headers.set("model-arm", resolved.arm);
  headers.set("server-timing", `model;dur=${(seconds * 1000).toFixed(3)}`);
  return { predictions, headers };
}
