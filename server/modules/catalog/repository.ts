import "server-only";
import type { QueryFilter } from "mongoose";
import type { AliasName, ModelCard } from "@/lib/contracts/catalog";
import type { ModelTask } from "@/lib/contracts/model-schema";
import { database, isDuplicateKey } from "@/server/core/db";
import { type AliasMove, bindCatalog, type ModelRecord, type PausedRecord, type VersionRecord } from "@/server/modules/catalog/collection";

/** Small enough for any document limit, large enough that a demo model is one read. */
const CHUNK_BYTES = 1024 * 1024;

/** A version without its large parts. */
export type VersionHead = Omit<VersionRecord, "modelSchema" | "examples" | "reference">;

export interface ModelFilter {
  after?: string | undefined;
  task?: ModelTask | undefined;
  /** Each of them must occur in the slug, the name, the pitch or a label, in any case. */
  words: string[];
  limit: number;
}

async function collections() {
  return bindCatalog(await database());
}

/** Makes collections and indexes; does nothing when they are there. */
export async function createIndexes(): Promise<void> {
  const { models, versions, files, chunks } = await collections();
  await Promise.all([models.createIndexes(), versions.createIndexes(), files.createIndexes(), chunks.createIndexes()]);
}

/** A model as its customers need it, without its history. */
export type ModelHead = Omit<ModelRecord, "moves">;

export async function findModel(slug: string): Promise<ModelRecord | null> {
  const { models } = await collections();
  return models.findOne({ slug }, { _id: 0 }).lean<ModelRecord>();
}

export async function findModelHead(slug: string): Promise<ModelHead | null> {
  const { models } = await collections();
  return models.findOne({ slug }, { _id: 0, moves: 0 }).lean<ModelHead>();
}

/** Each word must occur in the slug, the name, the pitch or a label, in any case. */
function occursIn(words: string[]): QueryFilter<ModelRecord>[] {
  return words.map((word) => {
    const occurs = new RegExp(word.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"), "i");
    return { $or: [{ slug: occurs }, { "card.name": occurs }, { "card.pitch": occurs }, { labels: occurs }] };
  });
}

/** Published models by slug. */
export async function findPublishedModels(filter: ModelFilter): Promise<ModelHead[]> {
  const { models } = await collections();
  const query: QueryFilter<ModelRecord> = { "aliases.live": { $gte: 1 } };
  if (filter.after !== undefined) query.slug = { $gt: filter.after };
  if (filter.task) query.task = filter.task;
  if (filter.words.length > 0) query.$and = occursIn(filter.words);
  return models.find(query, { _id: 0, moves: 0 }).sort({ slug: 1 }).limit(filter.limit).lean<ModelHead[]>();
}

export async function findVersion(slug: string, version: number): Promise<VersionRecord | null> {
  const { versions } = await collections();
  return versions.findOne({ slug, version }, { _id: 0 }).lean<VersionRecord>();
}

export async function findVersionByFingerprint(slug: string, fingerprint: string): Promise<VersionHead | null> {
  const { versions } = await collections();
  return versions.findOne({ slug, fingerprint }, { _id: 0, modelSchema: 0, examples: 0, reference: 0 }).lean<VersionHead>();
}

/** All versions of a model, newest first. */
export async function findVersionHeads(slug: string): Promise<VersionHead[]> {
  const { versions } = await collections();
  const heads = versions.find({ slug }, { _id: 0, modelSchema: 0, examples: 0, reference: 0 });
  return heads.sort({ version: -1 }).lean<VersionHead[]>();
}

/** The highest number so far; 0 without a version. */
export async function findHighestVersion(slug: string): Promise<number> {
  const { versions } = await collections();
  const highest = await versions.findOne({ slug }, { version: 1 }).sort({ version: -1 }).lean<Pick<VersionRecord, "version">>();
  return highest?.version ?? 0;
}

/** @throws the driver's duplicate-key error when the number or the fingerprint is taken, see {@link isDuplicateKey} */
export async function insertVersion(record: VersionRecord): Promise<void> {
  const { versions } = await collections();
  await versions.create(record);
}

/** Writes the card, and the model when it is new. What customers read of a live model stays: its card is changed by an act of its own. */
export async function upsertCard(slug: string, card: ModelCard, now: Date): Promise<void> {
  const { models } = await collections();
  const written = { $set: { card }, $inc: { cardRevision: 1 } };
  const unseen = { slug, "aliases.live": { $exists: false } };
  try {
    await models.updateOne(unseen, { ...written, $setOnInsert: { aliases: {}, moves: [], createdAt: now } }, { upsert: true });
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    // It is there: live, or made at this very moment.
    await models.updateOne(unseen, written);
  }
}

/** Writes the card if it is still at this revision. @returns false when somebody else was faster */
export async function replaceCard(slug: string, card: ModelCard, revision: number): Promise<boolean> {
  const { models } = await collections();
  const expected = revision === 0 ? { cardRevision: { $exists: false } } : { cardRevision: revision };
  const result = await models.updateOne({ slug, ...expected }, { $set: { card }, $inc: { cardRevision: 1 } });
  return result.matchedCount === 1;
}

/** What a model's aliases are after a change; null takes one away. */
export interface AliasChange {
  aliases: Partial<Record<AliasName, number | null>>;
  /** Per cent for the candidate; null when it has none. */
  share: number | null;
  moves: AliasMove[];
  /** What lists know of the model from now on, when `live` moves. */
  live?: { task: ModelTask; labels: string[] } | undefined;
}

/**
 * Points aliases somewhere else and appends the moves, all in one write, if the model has made as many moves as the caller knows of.
 * @returns false when somebody else was faster
 */
export async function moveAliases(slug: string, revision: number, { aliases, share, moves, live }: AliasChange): Promise<boolean> {
  const { models } = await collections();
  const named = Object.entries(aliases).map(([alias, version]) => [`aliases.${alias}`, version] as const);
  const written = [...named, ["share", share] as const];
  const set = Object.fromEntries(written.filter(([, value]) => value !== null));
  const unset = Object.fromEntries(written.filter(([, value]) => value === null).map(([path]) => [path, ""]));
  const update = { $set: { ...set, ...live }, $unset: unset, $push: { moves: { $each: moves } } };
  const result = await models.updateOne({ slug, moves: { $size: revision } }, update);
  return result.matchedCount === 1;
}

/** @returns false when there is no such model */
export async function writePause(slug: string, paused: PausedRecord | null): Promise<boolean> {
  const { models } = await collections();
  const result = await models.updateOne({ slug }, paused ? { $set: { paused } } : { $unset: { paused: "" } });
  return result.matchedCount === 1;
}

export interface ConsoleFilter {
  after?: string | undefined;
  words: string[];
  state?: "live" | "canary" | "paused" | "unpublished" | undefined;
}

const stateQueries = {
  live: { "aliases.live": { $gte: 1 } },
  canary: { "aliases.candidate": { $gte: 1 } },
  paused: { paused: { $exists: true } },
  unpublished: { "aliases.live": { $exists: false } },
} as const satisfies Record<NonNullable<ConsoleFilter["state"]>, QueryFilter<ModelRecord>>;

/** All models by slug, published or not. @returns the page, and how many there are on all pages */
export async function findModelsForConsole(filter: ConsoleFilter, limit: number): Promise<{ found: ModelRecord[]; total: number }> {
  const { models } = await collections();
  const query: QueryFilter<ModelRecord> = { ...(filter.state && stateQueries[filter.state]) };
  if (filter.words.length > 0) query.$and = occursIn(filter.words);
  const page = filter.after === undefined ? query : { ...query, slug: { $gt: filter.after } };
  const [found, total] = await Promise.all([
    models.find(page, { _id: 0 }).sort({ slug: 1 }).limit(limit).lean<ModelRecord[]>(),
    models.countDocuments(query),
  ]);
  return { found, total };
}

export interface VersionCount {
  slug: string;
  versions: number;
  newest: Date;
}

/** How many versions each of these models has, and when the newest came. */
export async function countVersions(slugs: string[]): Promise<VersionCount[]> {
  const { versions } = await collections();
  return versions.aggregate<VersionCount>([
    { $match: { slug: { $in: slugs } } },
    { $group: { _id: "$slug", versions: { $sum: 1 }, newest: { $max: "$createdAt" } } },
    { $project: { _id: 0, slug: "$_id", versions: 1, newest: 1 } },
  ]);
}

/** A version without its examples and histograms. */
export type VersionShape = Omit<VersionRecord, "examples" | "reference">;

/** The newest versions of a model with their schemas, newest first. */
export async function findVersionShapes(slug: string, limit: number): Promise<VersionShape[]> {
  const { versions } = await collections();
  return versions.find({ slug }, { _id: 0, examples: 0, reference: 0 }).sort({ version: -1 }).limit(limit).lean<VersionShape[]>();
}

export type ModelMoves = Pick<ModelRecord, "slug" | "moves">;

/** Models that moved an alias since then, with all their moves. */
export async function findModelsMovedSince(since: Date, limit: number): Promise<ModelMoves[]> {
  const { models } = await collections();
  return models.find({ "moves.at": { $gte: since } }, { _id: 0, slug: 1, moves: 1 }).limit(limit).lean<ModelMoves[]>();
}

/** Stores a file under its SHA-256; a file that is there is not written again. */
export async function storeFile(sha256: string, bytes: Uint8Array): Promise<void> {
  const { files, chunks } = await collections();
  if (await files.exists({ sha256 })) return;
  const count = Math.max(1, Math.ceil(bytes.length / CHUNK_BYTES));
  for (let n = 0; n < count; n++) {
    const data = Buffer.from(bytes.subarray(n * CHUNK_BYTES, (n + 1) * CHUNK_BYTES));
    await chunks.updateOne({ sha256, n }, { $set: { data } }, { upsert: true });
  }
  const record = { bytes: bytes.length, chunks: count, createdAt: new Date() };
  await files.updateOne({ sha256 }, { $setOnInsert: record }, { upsert: true });
}

/** A stored file, or null when there is none or a part of it is missing. */
export async function loadFile(sha256: string): Promise<Uint8Array | null> {
  const { files, chunks } = await collections();
  const file = await files.findOne({ sha256 }).lean<{ bytes: number; chunks: number }>();
  if (!file) return null;
  const bytes = new Uint8Array(file.bytes);
  let offset = 0;
  for (let n = 0; n < file.chunks; n++) {
    const chunk = await chunks.findOne({ sha256, n }).lean<{ data: Buffer | { buffer: Uint8Array } }>();
    if (!chunk) return null;
    const data = chunk.data instanceof Uint8Array ? chunk.data : chunk.data.buffer;
    if (offset + data.length > file.bytes) return null;
    bytes.set(data, offset);
    offset += data.length;
  }
  return offset === file.bytes ? bytes : null;
}
