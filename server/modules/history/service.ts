import "server-only";
import type { HistoryEntry, HistoryFilter, HistoryPage } from "@/lib/contracts/history";
import { prediction, type Prediction } from "@/lib/contracts/predict";
import { DomainError } from "@/server/core/errors";
import { startOfIds } from "@/server/core/ids";
import type { CustomerCaller } from "@/server/core/trpc";
import type { PredictionRecord } from "@/server/modules/history/collection";
import { storePredictions } from "@/server/modules/history/group-writer";
import {
  findPrediction,
  findPredictions,
  removeAllPredictions,
  removePredictions,
} from "@/server/modules/history/repository";

const DAY_MS = 86_400_000;
/** How many an export reads at once. */
const READ_AT_ONCE = 200;

const content = prediction.pick({ input: true, output: true, warnings: true, metrics: true });

/** The models a key is limited to; null: every model. */
function modelsOf({ via }: CustomerCaller): string[] | null {
  return via.kind === "key" ? via.models : null;
}

function toRecord(caller: CustomerCaller, made: Prediction): PredictionRecord {
  const { id, model, version, arm, status, input, output, warnings, metrics, created_at, completed_at, request_id } = made;
  const completedAt = new Date(completed_at);
  return {
    _id: id,
    customerId: caller.customerId,
    model,
    version,
    arm,
    status,
    content: JSON.stringify({ input, output, warnings, metrics }),
    createdAt: new Date(created_at),
    completedAt,
    requestId: request_id,
    keyId: caller.via.kind === "key" ? caller.via.keyId : null,
    expiresAt: new Date(completedAt.getTime() + caller.limits.retentionDays * DAY_MS),
  };
}

function toEntry(record: PredictionRecord): HistoryEntry {
  const { _id: id, model, version, arm, status, createdAt, completedAt, requestId, keyId } = record;
  return {
    id,
    object: "prediction",
    model,
    version,
    arm,
    status,
    ...content.parse(JSON.parse(record.content)),
    created_at: createdAt.toISOString(),
    completed_at: completedAt.toISOString(),
    request_id: requestId,
    key: keyId === null ? null : { id: keyId },
  };
}

/**
 * Stores a call's predictions under the customer who made it; resolves once they are durable, so that an answered prediction is
 * always found again. Predictions of calls that end together are one write. They go by themselves after the plan's retention.
 * @throws {DomainError} `overloaded`, when more wait to be stored than there is room for
 * @throws {Error} the driver's, when the database is away
 */
export async function recordPredictions(caller: CustomerCaller, predictions: Prediction[]): Promise<void> {
  await storePredictions(predictions.map((made) => toRecord(caller, made)));
}

/** The models to look for; none of them where a key asks for one it may not call. */
function chooseModels(own: string[] | null, wanted: string | undefined): string[] | null {
  if (wanted === undefined) return own;
  return own && !own.includes(wanted) ? [] : [wanted];
}

/** A page of the caller's own predictions, newest first. A key that is limited to models sees those of its models alone. */
export async function listPredictions(caller: CustomerCaller, filter: HistoryFilter): Promise<HistoryPage> {
  const { limit, cursor, model, from, to, request_id } = filter;
  const bounds = {
    before: cursor,
    from: from && startOfIds("prediction", new Date(from)),
    until: to && startOfIds("prediction", new Date(to)),
  };
  const models = chooseModels(modelsOf(caller), model);
  const found = await findPredictions(caller.customerId, { ...bounds, models, requestId: request_id }, limit + 1);
  const items = found.slice(0, limit).map(toEntry);
  return { items, nextCursor: found.length > limit ? (items.at(-1)?.id ?? null) : null };
}

/** @throws {DomainError} `not_found`, for somebody else's prediction in the same words as for one that never was */
export async function getPrediction(caller: CustomerCaller, id: string): Promise<HistoryEntry> {
  const record = await findPrediction(caller.customerId, id, modelsOf(caller));
  if (!record) throw new DomainError("not_found", "There is no such prediction.");
  return toEntry(record);
}

/** @returns how many of the named predictions were the caller's, and are gone */
export async function deletePredictions(caller: CustomerCaller, ids: string[]): Promise<number> {
  return removePredictions(caller.customerId, ids);
}

/** Everything there is of one customer, newest first, read in parts: an export must not hold it all in memory. */
export async function* readAllPredictions(customerId: string): AsyncGenerator<HistoryEntry> {
  let before: string | undefined;
  for (;;) {
    const part = await findPredictions(customerId, { before, models: null }, READ_AT_ONCE);
    yield* part.map(toEntry);
    const last = part.at(-1);
    if (!last || part.length < READ_AT_ONCE) return;
    before = last._id;
  }
}

/** Removes everything of one customer. May be repeated after a crash. */
export async function forgetCustomer(customerId: string): Promise<void> {
  await removeAllPredictions(customerId);
}
