import "server-only";
import { z } from "zod";
import { checkRow } from "@/lib/check-row";
import type { ModelCard, ModelDetail } from "@/lib/contracts/catalog";
import type { InspectedFile } from "@/lib/contracts/inspection.admin";
import type { ModelSchema } from "@/lib/contracts/model-schema";
import { DomainError } from "@/server/core/errors";
import { createId } from "@/server/core/ids";
import { getModel } from "@/server/modules/catalog/service";
import { hasModel } from "@/server/modules/catalog/service.admin";
import type { DraftRecord, UploadRecord } from "@/server/modules/uploads/collection";
import { hasDraftWithSlug } from "@/server/modules/uploads/repository";

const LONGEST_SLUG = 60;
const MOST_EXAMPLES = 20;
/** What exporters and people call the day of training among the metadata of a file. */
const TRAINED = /^(model[ _-]?)?(trained([ _-]?(on|at|date))?|train(ing)?[ _-]?date|date[ _-]?trained)$/i;

/** The model as customers see it; null when there is none, or none is published. */
async function findLive(slug: string): Promise<ModelDetail | null> {
  try {
    return await getModel(slug);
  } catch (error) {
    if (error instanceof DomainError && error.code === "not_found") return null;
    throw error;
  }
}

/** A slug that no model and no draft has, from the name of the file. */
async function proposeSlug(filename: string): Promise<string> {
  const words = filename
    .replace(/\.onnx$/i, "")
    .normalize("NFKD")
    .toLowerCase();
  const plain =
    words
      .replace(/[^a-z0-9]+/g, "-")
      .slice(0, LONGEST_SLUG)
      .replace(/^-+|-+$/g, "") || "model";
  for (let number = 1; ; number++) {
    const slug = number === 1 ? plain : `${plain.slice(0, LONGEST_SLUG - 4).replace(/-+$/, "")}-${number}`;
    if (!(await hasModel(slug)) && !(await hasDraftWithSlug(slug))) return slug;
  }
}

function createCard(slug: string, { inspection }: InspectedFile): ModelCard {
  const words = slug.replaceAll("-", " ");
  const name = words.charAt(0).toUpperCase() + words.slice(1);
  return { name, pitch: "", description: inspection.doc, data: { title: "", licence: "" }, limitations: [] };
}

/** The day of training, where the file's own notes say it by a date such as 2026-01-31; otherwise empty, because nobody said. */
function readTrainingDay({ inspection }: InspectedFile): string {
  const said = Object.entries(inspection.metadata).find(([name]) => TRAINED.test(name))?.[1].trim().slice(0, 10);
  return z.iso.date().safeParse(said).data ?? "";
}

/** The examples of another version that this schema takes as well, to be answered anew. */
function keepExamples(
  live: ModelDetail | null,
  schema: ModelSchema,
): Pick<ModelDetail["live"]["examples"][number], "name" | "description" | "input">[] {
  const fitting = (live?.live.examples ?? []).filter(({ input }) => checkRow(schema, input, "#").errors.length === 0);
  return fitting
    .slice(0, MOST_EXAMPLES)
    .map(({ name, description, input }) => ({ name: name.slice(0, 80), description: description.slice(0, 400), input }));
}

/**
 * A draft from an upload: what the file tells, over what the live version of the model says, where there is one.
 * @param inspect looks into the file, given the schema of the live version
 * @throws {DomainError} what `inspect` throws
 */
export async function startDraft(
  upload: UploadRecord,
  wanted: string | undefined,
  operatorId: string,
  expiresAt: Date,
  inspect: (base: ModelSchema | null) => Promise<InspectedFile>,
): Promise<DraftRecord> {
  const live = wanted === undefined ? null : await findLive(wanted);
  const inspected = await inspect(live?.live.schema ?? null);
  const slug = wanted ?? (await proposeSlug(upload.filename));
  const now = new Date();
  return {
    _id: createId("draft"),
    uploadId: upload._id,
    filename: upload.filename,
    bytes: upload.bytes,
    sha256: inspected.inspection.sha256,
    basedOn: live?.live.version ?? null,
    slug,
    card: live?.card ?? createCard(slug, inspected),
    modelSchema: inspected.schema,
    metrics: {},
    algorithm: inspected.algorithm,
    trainedOn: readTrainingDay(inspected),
    releaseNotes: "",
    reference: {},
    inspection: JSON.stringify(inspected.inspection),
    examples: JSON.stringify(keepExamples(live, inspected.schema)),
    tried: null,
    publishedAs: null,
    publishingUntil: null,
    by: operatorId,
    createdAt: now,
    updatedAt: now,
    revision: 1,
    expiresAt,
  };
}
