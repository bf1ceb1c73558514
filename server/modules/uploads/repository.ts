import "server-only";
import { isDuplicateKey, openIndexed } from "@/server/core/db";
import { bindUploads, type DraftRecord, type UploadRecord } from "@/server/modules/uploads/collection";

/** The collections with their indexes: a part is stored once because an index says so, and all of it ends by itself. */
const collections = openIndexed(bindUploads);

export async function insertUpload(record: UploadRecord): Promise<void> {
  await (await collections()).uploads.insertMany([record]);
}

/** An upload that is not over yet. */
export async function findUpload(id: string, now: Date): Promise<UploadRecord | null> {
  return (await collections()).uploads.findOne({ _id: id, expiresAt: { $gt: now } }).lean<UploadRecord>();
}

/** Stores a part, and then its number. The same part again takes the place of the first. */
export async function writeChunk(upload: UploadRecord, n: number, data: Uint8Array): Promise<void> {
  const { uploads, chunks } = await collections();
  const set = { data: Buffer.from(data), expiresAt: upload.expiresAt };
  try {
    await chunks.updateOne({ uploadId: upload._id, n }, { $set: set }, { upsert: true });
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    await chunks.updateOne({ uploadId: upload._id, n }, { $set: set });
  }
  await uploads.updateOne({ _id: upload._id }, { $addToSet: { received: n } });
}

/** @returns null when the part is not there */
export async function readChunk(uploadId: string, n: number): Promise<Uint8Array | null> {
  const { chunks } = await collections();
  const found = await chunks.findOne({ uploadId, n }, { _id: 0, data: 1 }).lean<{ data: Buffer | { buffer: Uint8Array } }>();
  if (!found) return null;
  return found.data instanceof Uint8Array ? found.data : found.data.buffer;
}

/** From now on no part of it is taken. */
export async function sealUpload(id: string, now: Date): Promise<void> {
  await (await collections()).uploads.updateOne({ _id: id, sealedAt: null }, { $set: { sealedAt: now } });
}

/** Keeps a file at least until `needed`, and when it has to be touched until `until`: its parts are large to write again. */
export async function keepUpload(id: string, needed: Date, until: Date): Promise<void> {
  const { uploads, chunks } = await collections();
  if (await uploads.exists({ _id: id, expiresAt: { $gte: needed } })) return;
  await chunks.updateMany({ uploadId: id }, { $set: { expiresAt: until } });
  await uploads.updateOne({ _id: id }, { $set: { expiresAt: until } });
}

export async function deleteUpload(id: string): Promise<void> {
  const { uploads, chunks } = await collections();
  await uploads.deleteOne({ _id: id });
  await chunks.deleteMany({ uploadId: id });
}

/**
 * Stores a draft while its upload is there: it and {@link deleteDraft} write to that one document, so that of the two one comes first.
 * @returns false when the upload has a draft already, or is gone
 */
export async function insertDraft(record: DraftRecord): Promise<boolean> {
  const { uploads, drafts } = await collections();
  let stored = false;
  try {
    await drafts.db.transaction(async (session) => {
      const noted = await uploads.updateOne({ _id: record.uploadId }, { $set: { draftedAt: record.createdAt } }, { session });
      stored = noted.matchedCount === 1;
      if (stored) await drafts.insertMany([record], { session });
    });
    return stored;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}

export async function findDraft(id: string, now: Date): Promise<DraftRecord | null> {
  return (await collections()).drafts.findOne({ _id: id, expiresAt: { $gt: now } }).lean<DraftRecord>();
}

export async function findDraftOfUpload(uploadId: string): Promise<DraftRecord | null> {
  return (await collections()).drafts.findOne({ uploadId }).lean<DraftRecord>();
}

export async function hasDraftWithSlug(slug: string): Promise<boolean> {
  return (await (await collections()).drafts.exists({ slug })) !== null;
}

export type DraftHead = Pick<
  DraftRecord,
  "_id" | "slug" | "filename" | "bytes" | "sha256" | "publishedAs" | "by" | "createdAt" | "updatedAt" | "expiresAt"
>;

/** The drafts that were changed last, without their large parts. */
export async function findDraftHeads(limit: number, now: Date): Promise<DraftHead[]> {
  const { drafts } = await collections();
  const large = { modelSchema: 0, card: 0, inspection: 0, examples: 0, tried: 0, reference: 0, metrics: 0 };
  return drafts
    .find({ expiresAt: { $gt: now } }, large)
    .sort({ updatedAt: -1 })
    .limit(limit)
    .lean<DraftHead[]>();
}

export type DraftChange = Partial<
  Pick<
    DraftRecord,
    "slug" | "card" | "modelSchema" | "examples" | "metrics" | "algorithm" | "trainedOn" | "releaseNotes" | "reference" | "expiresAt"
  >
>;

/** Neither published nor about to be. */
const isOpen = (now: Date) => ({ publishedAs: null, $or: [{ publishingUntil: null }, { publishingUntil: { $lte: now } }] });

/** @returns the draft as it is now; null when it has another revision, is (being) published or is gone */
export async function changeDraft(id: string, revision: number, change: DraftChange, now: Date): Promise<DraftRecord | null> {
  const { drafts } = await collections();
  const update = { $set: { ...change, updatedAt: now }, $inc: { revision: 1 } };
  return drafts.findOneAndUpdate({ _id: id, revision, ...isOpen(now) }, update, { returnDocument: "after" }).lean<DraftRecord>();
}

/** Notes a test prediction; that changes nothing an operator wrote. */
export async function noteTry(id: string, tried: string): Promise<DraftRecord | null> {
  const { drafts } = await collections();
  return drafts.findOneAndUpdate({ _id: id, ...isOpen(new Date()) }, { $set: { tried } }, { returnDocument: "after" }).lean<DraftRecord>();
}

/** Holds a draft as it is while it is published. @returns false when it has another revision, was published or is gone */
export async function holdDraft(id: string, revision: number, until: Date): Promise<boolean> {
  const { drafts } = await collections();
  return (await drafts.updateOne({ _id: id, revision, publishedAs: null }, { $set: { publishingUntil: until } })).matchedCount === 1;
}

/** Opens a draft again whose publishing failed. */
export async function releaseDraft(id: string): Promise<void> {
  const { drafts } = await collections();
  await drafts.updateOne({ _id: id, publishedAs: null }, { $set: { publishingUntil: null } });
}

/** @returns the draft as it is now; null when it was published or is gone */
export async function markPublished(id: string, publishedAs: { slug: string; version: number }, now: Date): Promise<DraftRecord | null> {
  const { drafts } = await collections();
  const update = { $set: { publishedAs, updatedAt: now }, $inc: { revision: 1 } };
  return drafts.findOneAndUpdate({ _id: id, publishedAs: null }, update, { returnDocument: "after" }).lean<DraftRecord>();
}

/** Deletes a draft with its file. @returns whether it was there and neither published nor about to be */
export async function deleteDraft({ _id, uploadId }: Pick<DraftRecord, "_id" | "uploadId">): Promise<boolean> {
  const { uploads, chunks, drafts } = await collections();
  let deleted = false;
  await drafts.db.transaction(async (session) => {
    deleted = (await drafts.deleteOne({ _id, ...isOpen(new Date()) }, { session })).deletedCount === 1;
    if (deleted) await uploads.deleteOne({ _id: uploadId }, { session });
  });
  if (deleted) await chunks.deleteMany({ uploadId });
  return deleted;
}
