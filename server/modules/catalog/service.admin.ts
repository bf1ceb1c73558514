import "server-only";
import { createHash } from "node:crypto";
import type { AliasName, Example, Histogram, Latency, ModelCard, VersionMetrics } from "@/lib/contracts/catalog";
import type { ModelSchema } from "@/lib/contracts/model-schema";
import type { UpdateCard } from "@/lib/contracts/releases.admin";
import { isDuplicateKey } from "@/server/core/db";
import { DomainError } from "@/server/core/errors";
import type { Changed } from "@/server/core/operator.admin";
import type { AliasMove } from "@/server/modules/catalog/collection";
import { forgetModel } from "@/server/modules/catalog/known";
import {
  createIndexes,
  findHighestVersion,
  findModel,
  findVersion,
  findVersionByFingerprint,
  insertVersion,
  moveAliases,
  replaceCard,
  storeFile,
  upsertCard,
  type VersionHead,
} from "@/server/modules/catalog/repository";

/** How often a number taken by somebody else at the same moment is tried again. */
const ATTEMPTS = 20;

/** Makes the catalog's indexes; does nothing when they are there. Whoever writes to the catalog calls it first. */
export async function prepareCatalog(): Promise<void> {
  await createIndexes();
}

export function hashBytes(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** JSON with sorted keys: the same schema gives the same text however it was written. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part !== "object" || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** What makes a version: the same uploaded file with the same schema has the same fingerprint, however the schema was written. */
export function fingerprintOf(uploadedSha256: string, schema: ModelSchema): string {
  return hashBytes(`${uploadedSha256}\n${canonicalJson(schema)}`);
}

/** What tells one version from another that was made of the same file and schema. */
type AddedVersion = Pick<VersionHead, "version" | "releaseNotes" | "algorithm">;

/** The version that was added before of this very file and schema, or null. */
export async function findAddedVersion(slug: string, uploadedSha256: string, schema: ModelSchema): Promise<AddedVersion | null> {
  return findVersionByFingerprint(slug, fingerprintOf(uploadedSha256, schema));
}

export interface NewVersion {
  slug: string;
  card: ModelCard;
  schema: ModelSchema;
  /** The file as it will be run. */
  file: Uint8Array;
  /** Of `file`, where it is known already: a large one takes a while to hash. */
  sha256?: string;
  /** Of the file as it was uploaded, before repairs. */
  uploadedSha256: string;
  /** Of the default operator domain. */
  opset?: number;
  algorithm: string;
  trainedOn: string;
  releaseNotes: string;
  metrics: VersionMetrics;
  latency: Latency;
  examples: Example[];
  reference: Record<string, Histogram>;
  by: string;
}

/**
 * Adds a version under the next number; the same file with the same schema changes nothing and gives the number it has.
 * The file is stored before the version, so that no version ever points at nothing.
 */
export async function addVersion(version: NewVersion): Promise<{ version: number; added: boolean }> {
  const { slug, card, schema, file, by, sha256 = hashBytes(version.file), ...facts } = version;
  const fingerprint = fingerprintOf(version.uploadedSha256, schema);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const known = await findVersionByFingerprint(slug, fingerprint);
    if (known) return { version: known.version, added: false };
    if (attempt === 0) await storeFile(sha256, file);
    const number = (await findHighestVersion(slug)) + 1;
    const now = new Date();
    if (attempt === 0) await upsertCard(slug, card, now);
    const record = { ...facts, slug, version: number, fingerprint, sha256, bytes: file.length, modelSchema: schema };
    try {
      await insertVersion({ ...record, createdAt: now, createdBy: by });
    } catch (error) {
      if (isDuplicateKey(error)) continue;
      throw error;
    }
    forgetModel(slug);
    return { version: number, added: true };
  }
  throw new DomainError("overloaded", "Too many versions are being added at once.");
}

/**
 * Points an alias at a version and appends the move to the model's history: for commands, without what an operator is asked
 * (`releases.admin.ts`). An alias that is there already stays, without a move.
 * @returns whether it moved
 * @throws {DomainError} `not_found`, when model or version do not exist; `overloaded`, when somebody keeps moving it at the same time
 */
export async function setAlias(slug: string, alias: AliasName, to: number, by: string): Promise<boolean> {
  const target = await findVersion(slug, to);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const model = await findModel(slug);
    if (!model || !target) throw new DomainError("not_found", "There is no such model.");
    const from = model.aliases[alias] ?? null;
    if (from === to) return false;
    const { task, inputs } = target.modelSchema;
    const live = alias === "live" ? { task, labels: inputs.flatMap(({ name, label }) => [label, name]) } : undefined;
    const moves = [{ alias, from, to, at: new Date(), by }];
    const share = alias === "live" ? (model.share ?? null) : null;
    const moved = await moveAliases(slug, model.moves.length, { aliases: { [alias]: to }, share, moves, live });
    forgetModel(slug);
    if (moved) return true;
  }
  throw new DomainError("overloaded", "Somebody else is moving this alias.");
}

/** Whether there is such a model, published or not. */
export async function hasModel(slug: string): Promise<boolean> {
  return (await findModel(slug)) !== null;
}

/** Where the alias points, or null; also for models that were never published. */
export async function getAlias(slug: string, alias: AliasName): Promise<number | null> {
  return (await findModel(slug))?.aliases[alias] ?? null;
}

/** Every move of the model's aliases, oldest first. */
export async function listAliasMoves(slug: string): Promise<AliasMove[]> {
  return (await findModel(slug))?.moves ?? [];
}

/**
 * Writes the card, without a new version.
 * @throws {DomainError} `not_found`; `conflict`, when somebody else changed it since the operator began to edit
 */
export async function updateCard({ slug, card, revision }: UpdateCard): Promise<Changed<{ card_revision: number }>> {
  const model = await findModel(slug);
  if (!model) throw new DomainError("not_found", "There is no such model.");
  const isSeen = (model.cardRevision ?? 0) === revision;
  if (!isSeen || !(await replaceCard(slug, card, revision))) {
    throw new DomainError("conflict", "This card was changed meanwhile. Load the page again to see how it reads now.");
  }
  forgetModel(slug);
  return { before: { card: model.card }, after: { card }, result: { card_revision: revision + 1 } };
}
