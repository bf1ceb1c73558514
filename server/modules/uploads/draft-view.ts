import "server-only";
import { createHash } from "node:crypto";
import { z } from "zod";
import { draftExample, inspection } from "@/lib/contracts/inspection.admin";
import { type Draft, type DraftSummary, draftTry } from "@/lib/contracts/uploads.admin";
import type { Facts } from "@/server/core/operator.admin";
import { fingerprintOf } from "@/server/modules/catalog/service.admin";
import type { DraftRecord } from "@/server/modules/uploads/collection";
import type { DraftHead } from "@/server/modules/uploads/repository";

const storedTry = draftTry.omit({ current: true }).extend({ fingerprint: z.string() });
const storedExamples = z.array(draftExample);

/** The last test prediction, with whether it was made with the draft's file and schema as they are now. */
function readTry(draft: DraftRecord): Draft["tried"] {
  if (draft.tried === null) return null;
  const { fingerprint, ...tried } = storedTry.parse(JSON.parse(draft.tried));
  return { ...tried, current: fingerprint === fingerprintOf(draft.sha256, draft.modelSchema) };
}

/** A test prediction as it is kept. */
export function writeTry(tried: Omit<NonNullable<Draft["tried"]>, "current">, draft: DraftRecord): string {
  return JSON.stringify({ ...tried, fingerprint: fingerprintOf(draft.sha256, draft.modelSchema) });
}

export function readExamples(draft: DraftRecord): Draft["examples"] {
  return storedExamples.parse(JSON.parse(draft.examples));
}

export function toDraftSummary(draft: DraftHead): DraftSummary {
  const { _id: id, slug, filename, bytes, sha256, publishedAs: published_as, by, createdAt, updatedAt, expiresAt } = draft;
  const moments = { created_at: createdAt.toISOString(), updated_at: updatedAt.toISOString(), expires_at: expiresAt.toISOString() };
  return { id, slug, file: { filename, bytes, sha256 }, published_as, by, ...moments };
}

export function toDraft(draft: DraftRecord): Draft {
  return {
    ...toDraftSummary(draft),
    revision: draft.revision,
    inspection: inspection.parse(JSON.parse(draft.inspection)),
    based_on: draft.basedOn,
    card: draft.card,
    schema: draft.modelSchema,
    examples: readExamples(draft),
    metrics: draft.metrics,
    algorithm: draft.algorithm,
    trained_on: draft.trainedOn,
    release_notes: draft.releaseNotes,
    reference: draft.reference,
    tried: readTry(draft),
  };
}

/** Enough of a hash to tell two texts apart. */
const markOf = (part: unknown) => createHash("sha256").update(JSON.stringify(part)).digest("hex").slice(0, 12);

/** What the audit keeps of a draft: enough to tell one state from another, without rows and without the whole schema. */
export function factsOf(draft: DraftRecord): Facts {
  return {
    id: draft._id,
    slug: draft.slug,
    file: draft.filename,
    sha256: draft.sha256,
    revision: draft.revision,
    schema: fingerprintOf(draft.sha256, draft.modelSchema),
    fields: draft.modelSchema.inputs.map(({ name }) => name),
    name: draft.card.name,
    card: markOf(draft.card),
    examples: markOf(draft.examples),
    figures: markOf(draft.metrics),
    release_notes: markOf(draft.releaseNotes),
    known_answers: markOf(draft.reference),
    algorithm: draft.algorithm,
    trained_on: draft.trainedOn,
    published_as: draft.publishedAs,
  };
}
