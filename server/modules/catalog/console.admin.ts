import "server-only";
import type {
  ConsoleModel,
  ConsoleModelPage,
  ConsoleModelSummary,
  ConsoleVersion,
  ListConsoleModels,
  ReleaseEvent,
} from "@/lib/contracts/releases.admin";
import type { ModelSchema } from "@/lib/contracts/model-schema";
import { diffSchemas } from "@/lib/schema-diff";
import { DomainError } from "@/server/core/errors";
import type { ModelRecord } from "@/server/modules/catalog/collection";
import { findKnownVersion, toMoveView, toReleaseState } from "@/server/modules/catalog/release-state.admin";
import {
  countVersions,
  findModel,
  findModelsForConsole,
  findModelsMovedSince,
  findVersion,
  findVersionShapes,
  type VersionCount,
  type VersionShape,
} from "@/server/modules/catalog/repository";

/** How many of a model's newest versions and moves its page shows. */
const SHOWN = 100;
/** Models whose moves are looked through for one chart. */
const MOST_MODELS = 500;

function toSummary(model: ModelRecord, counted: VersionCount | undefined): ConsoleModelSummary {
  const { slug, card, task, createdAt, moves } = model;
  const times = [createdAt, counted?.newest, moves.at(-1)?.at].map((at) => at?.getTime() ?? 0);
  const updated_at = new Date(Math.max(...times)).toISOString();
  const release = toReleaseState(model);
  return { slug, name: card.name, pitch: card.pitch, task: task ?? null, release, versions: counted?.versions ?? 0, updated_at };
}

/** All models by slug, also those that customers do not see, a page at a time. */
export async function listModelsForConsole({ q, state, cursor, limit }: ListConsoleModels): Promise<ConsoleModelPage> {
  const words = (q ?? "").split(/\s+/).filter(Boolean);
  const { found, total } = await findModelsForConsole({ after: cursor, words, state }, limit + 1);
  const page = found.slice(0, limit);
  const counts = new Map((await countVersions(page.map(({ slug }) => slug))).map((counted) => [counted.slug, counted]));
  const items = page.map((model) => toSummary(model, counts.get(model.slug)));
  return { items, next_cursor: found.length > limit ? (page.at(-1)?.slug ?? null) : null, total };
}

function toConsoleVersion(record: VersionShape, known: { version: number; schema: ModelSchema } | null): ConsoleVersion {
  const { version, algorithm, metrics, latency, bytes, sha256, modelSchema } = record;
  const compared = known && (known.version === version ? [] : diffSchemas(known.schema, modelSchema));
  return {
    version,
    algorithm,
    trained_on: record.trainedOn,
    release_notes: record.releaseNotes,
    metrics,
    latency,
    bytes,
    sha256,
    uploaded_sha256: record.uploadedSha256,
    opset: record.opset ?? null,
    inputs: modelSchema.inputs.length,
    outputs: modelSchema.outputs.map(({ name, label }) => ({ name, label })),
    created_at: record.createdAt.toISOString(),
    created_by: record.createdBy,
    changes: compared,
  };
}

/** The schema that customers wrote their calls for; null before a first version was live. */
async function readKnown(model: ModelRecord, shapes: VersionShape[]): Promise<{ version: number; schema: ModelSchema } | null> {
  const version = findKnownVersion(model);
  if (version === null) return null;
  const found = shapes.find((shape) => shape.version === version) ?? (await findVersion(model.slug, version));
  return found ? { version, schema: found.modelSchema } : null;
}

/** Everything the console shows of one model. @throws {DomainError} `not_found` */
export async function getModelForConsole(slug: string): Promise<ConsoleModel> {
  const [model, shapes] = await Promise.all([findModel(slug), findVersionShapes(slug, SHOWN)]);
  if (!model) throw new DomainError("not_found", "There is no such model.");
  const known = await readKnown(model, shapes);
  return {
    slug,
    card: model.card,
    card_revision: model.cardRevision ?? 0,
    task: model.task ?? null,
    created_at: model.createdAt.toISOString(),
    release: toReleaseState(model),
    compared_to: known?.version ?? null,
    versions: shapes.map((shape) => toConsoleVersion(shape, known)),
    moves: model.moves.slice(-SHOWN).reverse().map(toMoveView),
  };
}

/** The moves of all models since then, oldest first: what charts mark. */
export async function listReleaseEvents(since: Date): Promise<ReleaseEvent[]> {
  const models = await findModelsMovedSince(since, MOST_MODELS);
  const events = models.flatMap(({ slug, moves }) => moves.filter(({ at }) => at >= since).map((move) => ({ slug, ...toMoveView(move) })));
  return events.sort((one, other) => one.at.localeCompare(other.at));
}
