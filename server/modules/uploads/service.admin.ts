import "server-only";
import {
  MAX_UPLOAD_BYTES,
  type StartUpload,
  UPLOAD_CHUNK_BYTES,
  type Draft,
  type DraftChanges,
  type DraftSummary,
  type DraftTry,
  type UploadState,
} from "@/lib/contracts/uploads.admin";
import type { TrainingReport } from "@/lib/contracts/inspection.admin";
import type { ModelSchema } from "@/lib/contracts/model-schema";
import { DomainError } from "@/server/core/errors";
import { createId } from "@/server/core/ids";
import type { Changed } from "@/server/core/operator.admin";
import type { DraftRecord, UploadRecord } from "@/server/modules/uploads/collection";
import { inspectFile, readFileRows, tryRow } from "@/server/modules/uploads/inspector-calls";
import { conflict, requireDraft } from "@/server/modules/uploads/draft-refusals";
import { startDraft } from "@/server/modules/uploads/draft-start";
import { factsOf, toDraft, toDraftSummary, writeTry } from "@/server/modules/uploads/draft-view";
import {
  changeDraft,
  deleteDraft,
  findDraftHeads,
  findDraftOfUpload,
  findUpload,
  insertDraft,
  insertUpload,
  keepUpload,
  noteTry,
  sealUpload,
  writeChunk,
} from "@/server/modules/uploads/repository";
import { countChunks, openStoredFile } from "@/server/modules/uploads/stored-file";

export { publishDraft } from "@/server/modules/uploads/publishing";

const HOUR = 3_600_000;
const UPLOAD_HOURS = 24;
const DRAFT_DAYS = 30;
/** A file that has to be kept for longer is kept for so long at once, because keeping it means to write it again. */
const FILE_DAYS = 60;
const LISTED_DRAFTS = 100;

const inDays = (days: number) => new Date(Date.now() + days * 24 * HOUR);

/** What is unfinished ends after a day; every other record of the room by itself as well. */
function toState(upload: UploadRecord): UploadState {
  return {
    id: upload._id,
    filename: upload.filename,
    bytes: upload.bytes,
    chunk_bytes: upload.chunkBytes,
    chunks: countChunks(upload),
    received: upload.received.toSorted((one, other) => one - other),
    created_at: upload.createdAt.toISOString(),
    expires_at: upload.expiresAt.toISOString(),
  };
}

const uploadGone = () =>
  new DomainError("not_found", "There is no such upload. Unfinished uploads are kept for a day: upload the file again.");

async function requireUpload(id: string): Promise<UploadRecord> {
  const upload = await findUpload(id, new Date());
  if (!upload) throw uploadGone();
  return upload;
}

function assertUnpublished(draft: DraftRecord): void {
  if (draft.publishedAs === null) return;
  const { slug, version } = draft.publishedAs;
  throw new DomainError("conflict", `This draft is published as ${slug}, version ${version}. A version never changes: upload a new one.`);
}

/**
 * Announces a file, which then comes in parts.
 * @throws {DomainError} `model_refused`, when it is larger than a model file may be
 */
export async function startUpload({ filename, bytes }: StartUpload, operatorId: string): Promise<UploadState> {
  if (bytes > MAX_UPLOAD_BYTES) {
    throw new DomainError(
      "model_refused",
      `The file is larger than ${MAX_UPLOAD_BYTES / 1024 / 1024} MB, which is the most a model may have.`,
    );
  }
  const createdAt = new Date();
  const expiresAt = new Date(createdAt.getTime() + UPLOAD_HOURS * HOUR);
  const facts = { filename, bytes, chunkBytes: UPLOAD_CHUNK_BYTES, received: [], sealedAt: null };
  const upload = { _id: createId("upload"), ...facts, by: operatorId, createdAt, expiresAt };
  await insertUpload(upload);
  return toState(upload);
}

/** What of a file is there. @throws {DomainError} `not_found` */
export async function readUpload(id: string): Promise<UploadState> {
  return toState(await requireUpload(id));
}

/**
 * Stores one part. Parts may come in any order and again, so that an upload that was interrupted goes on where it was.
 * @param n counted from 0
 * @throws {DomainError} `not_found`; `forbidden`, for an upload of somebody else; `invalid_input`, when there is no such part or it has another size; `conflict`, once it was inspected
 */
export async function storeChunk(id: string, n: number, bytes: Uint8Array, operatorId: string): Promise<UploadState> {
  const upload = await requireUpload(id);
  if (upload.by !== operatorId) throw new DomainError("forbidden", "Somebody else began this upload: begin one of your own.");
  if (upload.sealedAt !== null) throw new DomainError("conflict", "This upload is complete and was inspected. Upload the file as a new one.");
  const chunks = countChunks(upload);
  if (!Number.isInteger(n) || n < 0 || n >= chunks) throw new DomainError("invalid_input", `The parts are numbered from 0 to ${chunks - 1}.`);
  const expected = n < chunks - 1 ? upload.chunkBytes : upload.bytes - n * upload.chunkBytes;
  if (bytes.length !== expected) {
    throw new DomainError("invalid_input", `Part ${n} must have exactly ${expected} bytes, not ${bytes.length}.`);
  }
  await writeChunk(upload, n, bytes);
  return toState({ ...upload, received: [...new Set([...upload.received, n])] });
}

function assertComplete(upload: UploadRecord): void {
  const received = new Set(upload.received);
  const missing = Array.from({ length: countChunks(upload) }, (_unused, n) => n).filter((n) => !received.has(n));
  if (missing.length === 0) return;
  const named = missing.slice(0, 5).join(", ") + (missing.length > 5 ? `, and ${missing.length - 5} more` : "");
  throw new DomainError(
    "conflict",
    `The upload is not complete: part ${named} of ${countChunks(upload)} is missing. Send what is missing first.`,
  );
}

/**
 * Inspects a complete file and makes a draft from it. Finishing again gives the draft that is there.
 * @param slug of a model: where it exists, its live version's card and schema are what the draft begins with
 * @throws {DomainError} `not_found`; `conflict`, while parts are missing; `model_refused`, with a sentence that says what is wrong with the
 *   file and what to do; `overloaded`, when too many files are inspected at once, or the inspection was ended from outside
 */
export async function finishUpload(id: string, operatorId: string, { slug }: { slug?: string | undefined } = {}): Promise<Changed<Draft>> {
  const upload = await requireUpload(id);
  const known = await findDraftOfUpload(id);
  if (known) return { before: factsOf(known), after: factsOf(known), result: toDraft(known) };
  assertComplete(upload);
  await sealUpload(id, new Date());
  const draft = await startDraft(upload, slug, operatorId, inDays(DRAFT_DAYS), (base) =>
    inspectFile(openStoredFile(upload), upload.filename, base),
  );
  await keepUpload(id, draft.expiresAt, inDays(FILE_DAYS));
  const stored = (await insertDraft(draft)) ? draft : await findDraftOfUpload(id);
  if (!stored) throw uploadGone();
  return { before: null, after: factsOf(stored), result: toDraft(stored) };
}

/** The drafts that were changed last, published ones as well. */
export async function listDrafts(): Promise<{ items: DraftSummary[] }> {
  return { items: (await findDraftHeads(LISTED_DRAFTS, new Date())).map(toDraftSummary) };
}

/** @throws {DomainError} `not_found` */
export async function getDraft(id: string): Promise<Draft> {
  return toDraft(await requireDraft(id));
}

/** Throws a draft and its file away. @throws {DomainError} `not_found`; `conflict`, when it was published */
export async function discardDraft(id: string): Promise<Changed<{ discarded: true }>> {
  const draft = await requireDraft(id);
  assertUnpublished(draft);
  if (!(await deleteDraft(draft))) throw conflict();
  return { before: factsOf(draft), after: null, result: { discarded: true } };
}

/** Writes parts of a draft; the file lives as long as the draft does. */
async function applyChanges(draft: DraftRecord, revision: number, changes: DraftChanges): Promise<DraftRecord> {
  const { schema, examples, trained_on, release_notes, ...same } = changes;
  const expiresAt = inDays(DRAFT_DAYS);
  await keepUpload(draft.uploadId, expiresAt, inDays(FILE_DAYS));
  const renamed = {
    ...(schema && { modelSchema: schema }),
    ...(examples && { examples: JSON.stringify(examples) }),
    ...(trained_on !== undefined && { trainedOn: trained_on }),
    ...(release_notes !== undefined && { releaseNotes: release_notes }),
  };
  const given = Object.fromEntries(Object.entries(same).filter(([, value]) => value !== undefined));
  const changed = await changeDraft(draft._id, revision, { ...given, ...renamed, expiresAt }, new Date());
  if (!changed) throw conflict();
  return changed;
}

/**
 * Changes what an operator wrote in a draft. A changed schema has to be tried again before the draft can be published.
 * @param revision the one that was edited
 * @throws {DomainError} `not_found`; `conflict`, when somebody else changed or published it meanwhile
 */
export async function updateDraft(id: string, revision: number, changes: DraftChanges): Promise<Changed<Draft>> {
  const draft = await requireDraft(id);
  assertUnpublished(draft);
  const changed = await applyChanges(draft, revision, changes);
  return { before: factsOf(draft), after: factsOf(changed), result: toDraft(changed) };
}

export type TriedDraft = Pick<DraftTry, "output" | "warnings" | "milliseconds"> & { draft: Draft };

/**
 * Asks the draft's model one row, as a customer would. A row that is answered is what publishing needs.
 * @param input fields by name, as `POST …/predictions` takes them
 * @throws {DomainError} `not_found`; `conflict`; `invalid_input`, with pointers to `#/input/…` or `#/schema/…`; `model_refused`
 */
export async function tryDraft(id: string, input: Record<string, unknown>): Promise<TriedDraft> {
  const draft = await requireDraft(id);
  assertUnpublished(draft);
  const { output, warnings, milliseconds } = await tryRow(openStoredFile(draft), draft.modelSchema, input);
  const noted = await noteTry(id, writeTry({ at: new Date().toISOString(), input, output, warnings, milliseconds }, draft));
  if (!noted) throw conflict();
  return { output, warnings, milliseconds, draft: toDraft(noted) };
}

/**
 * Reads training rows: their columns give ranges, steps, categories and defaults of the fields with the same name or label, and the
 * model's answers to them give the distribution that pages show behind an answer. The draft stays as it is: what is found is for an
 * operator to take or to leave.
 * @param revision the one whose schema the rows are read with
 * @param csv with a line of names first
 * @returns the schema as the rows would have it, with the known answers by output
 * @throws {DomainError} `not_found`; `conflict`; `invalid_input`, with what is wrong with the file of rows; `model_refused`
 */
export async function readTrainingRows(
  id: string,
  revision: number,
  csv: string,
): Promise<{ report: TrainingReport; schema: ModelSchema; reference: Draft["reference"] }> {
  const draft = await requireDraft(id);
  assertUnpublished(draft);
  if (draft.revision !== revision) throw conflict();
  const { schema, reference, report } = await readFileRows(openStoredFile(draft), draft.modelSchema, csv);
  return { report, schema, reference };
}
