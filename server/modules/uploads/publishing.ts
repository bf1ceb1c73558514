import "server-only";
import type { Draft } from "@/lib/contracts/uploads.admin";
import { DomainError } from "@/server/core/errors";
import type { Changed } from "@/server/core/operator.admin";
import { addVersion, findAddedVersion } from "@/server/modules/catalog/service.admin";
import type { DraftRecord } from "@/server/modules/uploads/collection";
import { conflict, requireDraft } from "@/server/modules/uploads/draft-refusals";
import { factsOf, readExamples, toDraft } from "@/server/modules/uploads/draft-view";
import { prepareFile } from "@/server/modules/uploads/inspector-calls";
import { deleteUpload, findDraft, holdDraft, markPublished, releaseDraft } from "@/server/modules/uploads/repository";
import { openStoredFile } from "@/server/modules/uploads/stored-file";

/** Longer than publishing takes, with the wait for the program that prepares the file. */
const HOLD_MS = 60_000;

/** The examples of a version; without any, the row it was tried with is one, so that its page has something to begin with. */
function examplesOf(draft: DraftRecord): Draft["examples"] {
  const examples = readExamples(draft);
  const { tried } = toDraft(draft);
  return examples.length > 0 || !tried ? examples : [{ name: "Example", description: "", input: tried.input }];
}

/** Adds the version that a draft describes. */
async function addDraft(draft: DraftRecord, operatorId: string): Promise<number> {
  const { slug, card, modelSchema: schema, metrics, algorithm, trainedOn, releaseNotes, reference, sha256: uploadedSha256 } = draft;
  const known = await findAddedVersion(slug, uploadedSha256, schema);
  if (known !== null && known.releaseNotes === releaseNotes && known.algorithm === algorithm) return known.version;
  if (known !== null) {
    throw new DomainError("conflict", `This file with this schema is version ${known.version} of ${slug} already: it does not change.`);
  }
  const { file, prepared } = await prepareFile(openStoredFile(draft), schema, examplesOf(draft));
  if (prepared.uploaded_sha256 !== uploadedSha256) throw new Error("The stored file is not the one that was inspected.");
  const written = { slug, card, schema, metrics, algorithm, trainedOn, releaseNotes, reference, uploadedSha256, by: operatorId };
  const { version } = await addVersion({
    ...written,
    file,
    sha256: prepared.stored_sha256,
    examples: prepared.examples,
    latency: prepared.latency,
  });
  return version;
}

/** Somebody else who publishes the same draft is done with its file when the version is there. */
async function addDraftOnce(draft: DraftRecord, operatorId: string): Promise<number> {
  try {
    return await addDraft(draft, operatorId);
  } catch (error) {
    const published = (await findDraft(draft._id, new Date()))?.publishedAs;
    if (published) return published.version;
    throw error;
  }
}

/** The draft is held, see {@link holdDraft}, and let go where no version came of it. */
async function addHeld(draft: DraftRecord, operatorId: string): Promise<number> {
  try {
    return await addDraftOnce(draft, operatorId);
  } catch (error) {
    await releaseDraft(draft._id);
    throw error;
  }
}

/**
 * Adds the draft as a version of its model. No alias moves: a call that names no version is answered by it once it is released. Publishing again gives the
 * same version.
 * @throws {DomainError} `not_found`; `conflict`; `invalid_input`, when the draft was not tried as it is now, or an example cannot be
 *   answered; `model_refused`; `overloaded`
 */
export async function publishDraft(id: string, revision: number, operatorId: string): Promise<Changed<{ slug: string; version: number }>> {
  const draft = await requireDraft(id);
  if (draft.publishedAs) return { before: factsOf(draft), after: factsOf(draft), result: draft.publishedAs };
  if (draft.revision !== revision) throw conflict();
  if (!toDraft(draft).tried?.current) {
    const words = draft.tried === null ? "This draft was never tried." : "The schema was changed after the last test prediction.";
    throw new DomainError("invalid_input", `${words} Make a test prediction that is answered, then publish.`);
  }
  if (!(await holdDraft(id, revision, new Date(Date.now() + HOLD_MS)))) throw conflict();
  const publishedAs = { slug: draft.slug, version: await addHeld(draft, operatorId) };
  const marked = (await markPublished(id, publishedAs, new Date())) ?? (await findDraft(id, new Date()));
  if (!marked?.publishedAs) throw conflict();
  await deleteUpload(draft.uploadId);
  return { before: factsOf(draft), after: factsOf(marked), result: marked.publishedAs };
}
