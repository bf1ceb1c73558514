import "server-only";
import type { QueryFilter } from "mongoose";
import type { AliasName, ModelCard } from "@/lib/contracts/catalog";
import type { ModelTask } from "@/lib/contracts/model-schema";
import { database, isDuplicateKey } from "@/server/core/db";
import { type AliasMove, bindCatalog, type ModelRecord, type VersionRecord } from "@/server/modules/catalog/collection";

/** Small enough for any document limit, large enough that a demo model is one read. */
const CHUNK_BYTES = 1024 * 1024;

/** A version without its large parts. */
export type VersionHead = Omit<VersionRecord, "modelSchema" | "examples" | "reference">;

export interface ModelFilter {
  after?: string | undefined;
  task?: ModelTask | undefined;
  /** Each of them must occur in the name, the pitch or a label, in any case. */
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

export async function findModel(slug: string): Promise<ModelRecord | null> {
  const { models } = await collections();
  return models.findOne({ slug }, { _id: 0 }).lean<ModelRecord>();
}

/** Published models by slug. */
export async function findPublishedModels(filter: ModelFilter): Promise<ModelRecord[]> {
  const { models } = await collections();
  const query: QueryFilter<ModelRecord> = { "aliases.live": { $gte: 1 } };
  if (filter.after !== undefined) query.slug = { $gt: filter.after };
  if (filter.task) query.task = filter.task;
  if (filter.words.length > 0) {
    query.$and = filter.words.map((word) => {
      const occurs = new RegExp(word.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"), "i");
      return { $or: [{ "card.name": occurs }, { "card.pitch": occurs }, { labels: occurs }] };
    });
  }
  return models.find(query, { _id: 0, moves: 0 }).sort({ slug: 1 }).limit(filter.limit).lean<ModelRecord[]>();
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

/** Writes the card, and the model when it is new. */
export async function upsertCard(slug: string, card: ModelCard, now: Date): Promise<void> {
  const { models } = await collections();
  const update = { $set: { card }, $setOnInsert: { aliases: {}, moves: [], createdAt: now } };
  try {
    await models.updateOne({ slug }, update, { upsert: true });
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    await models.updateOne({ slug }, { $set: { card } });
  }
}

/**
 * Points an alias somewhere else and appends the move, if it still points at `move.from`.
 * @param live what lists know of the model from now on, with the alias `live`
 * @returns false when somebody else was faster
 */
export async function moveAlias(slug: string, move: AliasMove, live?: { task: ModelTask; labels: string[] }): Promise<boolean> {
  const { models } = await collections();
  const pointer: `aliases.${AliasName}` = `aliases.${move.alias}`;
  const expected = move.from === null ? { [pointer]: { $exists: false } } : { [pointer]: move.from };
  const result = await models.updateOne({ slug, ...expected }, { $set: { [pointer]: move.to, ...live }, $push: { moves: move } });
  return result.matchedCount === 1;
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
