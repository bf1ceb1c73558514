import "server-only";
import type { Histogram } from "@/lib/contracts/catalog";
import type { ModelSchema } from "@/lib/contracts/model-schema";
import type { PredictionOutput } from "@/lib/contracts/predict";
import { beforeDatabaseCloses } from "@/server/core/db";
import { env } from "@/server/core/env";
import { createId } from "@/server/core/ids";
import { plansOf } from "@/server/modules/traffic/answer-bins";
import type { Arm, EntryRecord } from "@/server/modules/traffic/collection";
import { ProcessReporter } from "@/server/modules/traffic/process-report";
import { forgetCustomerCalls } from "@/server/modules/traffic/repository";
import { TrafficWriter } from "@/server/modules/traffic/writer";

/** A call that was answered or refused. What was sent and answered, keys and addresses do not belong in it. */
export interface CallRecord extends Omit<EntryRecord, "_id" | "at"> {
  /** When it was answered, where that is not now. */
  at?: Date;
}

/** How long the end of a process waits for a database that is away. */
const LAST_PATIENCE_MS = 5_000;

/** More customers than are ever deleted while a call of one of them is under way. */
const MOST_FORGOTTEN = 1_000;

interface Recorder {
  writer: TrafficWriter;
  reporter: ProcessReporter;
  /** Customers that were deleted here of late: their last calls, and the one that deleted them, are recorded as nobody's. */
  forgotten: Set<string>;
}

/** One a process, kept on `globalThis` because Next evaluates modules more than once. */
const holder: typeof globalThis & { vitrineTraffic?: Recorder } = globalThis;

function recorder(): Recorder {
  if (!holder.vitrineTraffic) {
    const writer = new TrafficWriter();
    holder.vitrineTraffic = { writer, reporter: new ProcessReporter(writer), forgotten: new Set() };
    beforeDatabaseCloses("traffic", endTraffic);
  }
  return holder.vitrineTraffic;
}

/** Field by field: what else came along with a call must not be stored. */
function toEntry(call: CallRecord): EntryRecord {
  const { at = new Date() } = call;
  return {
    _id: createId("entry", at),
    requestId: call.requestId,
    at,
    surface: call.surface,
    route: call.route,
    method: call.method,
    status: call.status,
    code: call.code,
    milliseconds: Math.round(call.milliseconds * 1000) / 1000,
    model: call.model,
    version: call.version,
    arm: call.arm,
    rows: call.rows,
    customerId: call.customerId,
    keyId: call.keyId,
    cameBy: call.cameBy,
  };
}

/** Records a call, beside it: waits for nothing and never throws. What is recorded is in the database about half a second later. */
export function recordRequest(call: CallRecord): void {
  const { writer, reporter, forgotten } = recorder();
  const entry = toEntry(call);
  const isForgotten = entry.customerId !== null && forgotten.has(entry.customerId);
  writer.addCall(isForgotten ? { ...entry, customerId: null, keyId: null } : entry);
  reporter.keepUp();
}

/**
 * Records how the answers of one call were spread, beside it: waits for nothing and never throws. Counts alone are kept.
 * @param schema the version's own, the same object each time
 */
export function recordAnswers(
  version: { model: string; version: number; arm: Arm; schema: ModelSchema; reference: Record<string, Histogram> },
  answers: PredictionOutput[],
): void {
  recorder().writer.addAnswers(version, plansOf(version.schema, version.reference), answers);
}

/** How this process finds out whether it could predict; its reports say so. @param check throws if not */
export function reportPredicting(check: () => Promise<void>): void {
  recorder().reporter.check = check;
}

/** Has this process report from now on, though nobody has called it yet. Waits for nothing and never throws. */
export function beginReports(): void {
  recorder().reporter.keepUp();
}

/**
 * To be awaited after an answer where a process sleeps between calls (Next's `after`): resolves when everything recorded by now is stored
 * or could not be stored. A process that stays awake writes by itself, so there it resolves at once. Never throws.
 */
export async function settleTraffic(): Promise<void> {
  if (env().serverless) await writeTraffic();
}

/** Writes what was recorded by now. Never throws; what the database did not take waits for the next time. */
export async function writeTraffic(): Promise<void> {
  const { writer, reporter } = recorder();
  await Promise.all([writer.settle(), reporter.settle()]);
}

/**
 * Writes what was recorded (for five seconds more, while the database is away), and takes this process off the list of those that run.
 * For the end of a process, and of a test.
 */
export async function endTraffic(): Promise<void> {
  const { writer, reporter } = recorder();
  // Which waits for a database that is away; without it nobody could be told that the process is gone.
  await writer.settle(LAST_PATIENCE_MS);
  await reporter.end();
}

/** The log stops saying whose the customer's calls were, also those that come to their end later; the customer's own counts go. */
export async function forgetCustomer(customerId: string): Promise<void> {
  const { forgotten } = recorder();
  const [oldest] = forgotten;
  if (oldest !== undefined && forgotten.size >= MOST_FORGOTTEN) forgotten.delete(oldest);
  forgotten.add(customerId);
  await writeTraffic();
  await forgetCustomerCalls(customerId);
}
