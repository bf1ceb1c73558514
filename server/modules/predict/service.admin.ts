import "server-only";
import { z } from "zod";
import type { Histogram, ModelCard, VersionMetrics } from "@/lib/contracts/catalog";
import { modelCard, modelSlug } from "@/lib/contracts/catalog";
import { modelSchema } from "@/lib/contracts/model-schema";
import { DomainError } from "@/server/core/errors";
import { addVersion, findAddedVersion, hashBytes } from "@/server/modules/catalog/service.admin";
import { type Preparation, prepareVersion } from "@/server/modules/predict/inspector/prepare.admin";

const written = z.object({ slug: modelSlug, schema: modelSchema, card: modelCard });

export interface Publication extends Preparation {
  slug: string;
  card: ModelCard;
  algorithm: string;
  /** A date, `2026-01-31`. */
  trainedOn: string;
  releaseNotes: string;
  metrics: VersionMetrics;
  reference: Record<string, Histogram>;
  /** Who adds it. */
  by: string;
}

/** The parts that a team wrote; what is wrong with them is told with a pointer each. */
function parseWritten({ slug, schema, card }: Publication): Pick<Publication, "slug" | "schema" | "card"> {
  const parsed = written.safeParse({ slug, schema, card });
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map((issue) => ({ pointer: `#/${issue.path.join("/")}`, detail: issue.message }));
  throw new DomainError("invalid_input", "The card or the schema is not shaped as it must be.", { errors });
}

/**
 * Adds a version of a model: opens the file, checks it against the schema, scores the examples, measures, stores. The version that
 * is there already stays as it is. No alias moves.
 * @throws {DomainError} `invalid_input`, with everything that is wrong with file, schema or examples
 */
export async function publishVersion(publication: Publication): Promise<{ version: number; added: boolean }> {
  const { file, examples, tolerance, ...facts } = publication;
  const { slug, schema, card } = parseWritten(publication);
  const uploadedSha256 = hashBytes(file);
  const known = await findAddedVersion(slug, uploadedSha256, schema);
  if (known !== null) return { version: known.version, added: false };
  const prepared = await prepareVersion({ schema, file, examples, ...(tolerance && { tolerance }) });
  return addVersion({ ...facts, ...prepared, slug, schema, card, uploadedSha256 });
}
