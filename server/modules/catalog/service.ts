import "server-only";
import { createHash } from "node:crypto";
import {
  aliasName,
  type AliasName,
  type Histogram,
  type Latency,
  modelSlug,
  type ModelDetail,
  type ModelPage,
  type ModelSummary,
  type Paused,
  type VersionDetail,
  type VersionSummary,
} from "@/lib/contracts/catalog";
import type { ModelSchema, ModelTask } from "@/lib/contracts/model-schema";
import { DomainError } from "@/server/core/errors";
import { isDrawn } from "@/server/modules/catalog/arms";
import type { PausedRecord, VersionRecord } from "@/server/modules/catalog/collection";
import { known, tellListOnce, tellOnce } from "@/server/modules/catalog/known";
import {
  findModelHead,
  findPublishedModels,
  findVersion,
  findVersionHeads,
  loadFile,
  type ModelHead,
  type VersionHead,
} from "@/server/modules/catalog/repository";

/** When a caller of a paused model may ask again: the team decides, so this is a guess. */
const PAUSED_RETRY_SECONDS = 60;

export interface ResolvedVersion {
  slug: string;
  version: number;
  /** How the version was chosen: by an alias, or `pinned` by its number. */
  arm: AliasName | "pinned";
  /** What it counts for where versions are compared: whoever names a version or an alias was not drawn. */
  comparedAs: AliasName | "pinned";
  /** Names the model file. */
  sha256: string;
  schema: ModelSchema;
  /** As it was measured when the version was added. */
  latency: Latency;
  /** By output: how the answers to the cases from training were spread. */
  reference: Record<string, Histogram>;
}

/** One text for everything a caller may not see, so that nobody learns which part of an address was right. */
function notFound(): DomainError {
  return new DomainError("not_found", "There is no such model.");
}

function readPublished(slug: string): Promise<ModelHead> {
  if (!modelSlug.safeParse(slug).success) throw notFound();
  return known.models.read(slug, async () => {
    const found = await findModelHead(slug);
    if (found?.aliases.live === undefined) throw notFound();
    return found;
  });
}

function readVersion(slug: string, version: number): Promise<VersionRecord> {
  return known.versions.read(`${slug}/${version}`, async () => {
    const found = await findVersion(slug, version);
    if (!found) throw notFound();
    return found;
  });
}

interface Choice {
  model: ModelHead;
  version: VersionRecord;
  arm: ResolvedVersion["arm"];
}

/** Which alias answers a bare slug: the candidate for those it has drawn. */
function chooseArm({ slug, aliases, share }: ModelHead, subject: string | undefined): AliasName {
  const { candidate } = aliases;
  if (subject === undefined || candidate === undefined || share === undefined) return "live";
  return isDrawn(slug, candidate, share, subject) ? "candidate" : "live";
}

/** A number beside an alias contradicts itself and names nothing. */
async function choose(model: string, version?: number, subject?: string): Promise<Choice> {
  const [slug = "", wanted, ...rest] = model.split("@");
  const alias = aliasName.safeParse(wanted ?? "live");
  if (!alias.success || rest.length > 0 || (wanted !== undefined && version !== undefined)) throw notFound();
  const record = await readPublished(slug);
  const arm = wanted === undefined ? chooseArm(record, subject) : alias.data;
  const number = version ?? record.aliases[arm];
  if (number === undefined) throw notFound();
  return { model: record, version: await readVersion(slug, number), arm: version === undefined ? arm : "pinned" };
}

/**
 * Which version answers a call.
 * @param model a slug, split between live and candidate while one runs, or `slug@alias`
 * @param version a number in place of the alias
 * @param subject who calls, always drawn the same; without one a bare slug means its live version
 * @throws {DomainError} `not_found`, in the same words whatever part is unknown; `model_unavailable`, while the model is paused
 */
export async function resolveVersion(model: string, version?: number, subject?: string): Promise<ResolvedVersion> {
  return toResolved(await choose(model, version, subject), !model.includes("@") && version === undefined);
}

/** {@link resolveVersion} without waiting; null where something has to be read, and for what is more than a slug or may be refused. */
export function resolveKnown(slug: string, version?: number, subject?: string): ResolvedVersion | null {
  const model = known.models.peek(slug);
  if (!model || model.paused) return null;
  const drawn = chooseArm(model, subject);
  const number = version ?? model.aliases[drawn];
  const record = number === undefined ? undefined : known.versions.peek(`${slug}/${number}`);
  return record ? toResolved({ model, version: record, arm: version === undefined ? drawn : "pinned" }, version === undefined) : null;
}

/** @param isDrawn whether the caller left to us which version answers */
function toResolved(chosen: Choice, isDrawn: boolean): ResolvedVersion {
  const { paused } = chosen.model;
  if (paused) {
    throw new DomainError("model_unavailable", `This model is paused: ${paused.note}`, { retryAfterSeconds: PAUSED_RETRY_SECONDS });
  }
  const { slug, sha256, modelSchema, latency, reference, version: number } = chosen.version;
  return { slug, version: number, arm: chosen.arm, comparedAs: isDrawn ? chosen.arm : "pinned", sha256, schema: modelSchema, latency, reference };
}

/**
 * The stored model file.
 * @throws {DomainError} `model_unavailable`, when it is missing or is not the file that was stored
 */
export async function readModelFile(sha256: string): Promise<Uint8Array> {
  const bytes = await loadFile(sha256);
  if (bytes && createHash("sha256").update(bytes).digest("hex") === sha256) return bytes;
  const cause = new Error(bytes ? "The stored model file has changed." : "The model file is not stored.");
  throw new DomainError("model_unavailable", "The model cannot be loaded at the moment.", { cause });
}

function toVersionSummary(record: VersionHead): VersionSummary {
  const { version, algorithm, metrics, latency, bytes, sha256, trainedOn, releaseNotes, createdAt } = record;
  const created_at = createdAt.toISOString();
  return { version, algorithm, trained_on: trainedOn, release_notes: releaseNotes, metrics, latency, bytes, sha256, created_at };
}

function toVersionDetail(record: VersionRecord): VersionDetail {
  const { modelSchema, examples, reference } = record;
  return { ...toVersionSummary(record), schema: modelSchema, examples, reference };
}

function toPaused(paused: PausedRecord | undefined): Paused | null {
  return paused ? { note: paused.note, since: paused.at.toISOString() } : null;
}

function toModelSummary(model: ModelHead, live: VersionRecord): ModelSummary {
  const { name, pitch } = model.card;
  const paused = toPaused(model.paused);
  const { latency, metrics, modelSchema, version } = live;
  const { task, inputs } = modelSchema;
  return { object: "model", slug: model.slug, name, pitch, task, live_version: version, inputs: inputs.length, latency, metrics, paused };
}

export interface ListModels {
  limit: number;
  /** The slug of the last model of the page before. */
  cursor?: string | undefined;
  task?: ModelTask | undefined;
  /** Words that must all occur in the slug, the name, the pitch or the labels and names of the inputs. */
  q?: string | undefined;
}

async function toPage(found: ModelHead[], limit: number): Promise<ModelPage> {
  const page = found.slice(0, limit);
  const items = await Promise.all(page.map(async (model) => toModelSummary(model, await readVersion(model.slug, model.aliases.live ?? 0))));
  return { items, nextCursor: found.length > limit ? (page.at(-1)?.slug ?? null) : null };
}

/** Published models by slug, a page at a time. The same object while nothing has changed; it is everybody's and must not be written to. */
export async function listModels({ limit, cursor, task, q }: ListModels): Promise<ModelPage> {
  const words = (q ?? "").split(/\s+/).filter(Boolean);
  const find = async () => findPublishedModels({ after: cursor, task, words, limit: limit + 1 });
  // Searches are too many to be kept.
  if (words.length > 0) return toPage(await find(), limit);
  const found = await known.lists.read(JSON.stringify([cursor, task, limit]), find);
  return tellListOnce(found, () => toPage(found, limit));
}

async function toModelDetail(model: ModelHead, version: VersionRecord): Promise<ModelDetail> {
  const { slug, card, aliases } = model;
  const all = await known.heads.read(slug, async () => findVersionHeads(slug));
  const live = toVersionDetail(version);
  const live_version = aliases.live ?? version.version;
  const paused = toPaused(model.paused);
  return { object: "model", slug, card, task: live.schema.task, live_version, live, versions: all.map(toVersionSummary), paused };
}

/**
 * Everything about one model. `live` holds the version that was asked for: the live one unless an alias or a number says otherwise.
 * The same object while nothing has changed; it is everybody's and must not be written to.
 * @throws {DomainError} `not_found`
 */
export async function getModel(model: string, version?: number): Promise<ModelDetail> {
  const chosen = await choose(model, version);
  return tellOnce(chosen.model, chosen.version.version, () => toModelDetail(chosen.model, chosen.version));
}
