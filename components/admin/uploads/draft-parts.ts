/** What an operator writes in a draft, as the page holds it. */
import type { Draft, DraftChanges } from "@/lib/contracts/uploads.admin";

export type DraftParts = Required<DraftChanges>;
export type PartName = keyof DraftParts;

export function partsOf(draft: Draft): DraftParts {
  const { slug, card, schema, examples, metrics, algorithm, trained_on, release_notes, reference } = draft;
  return { slug, card, schema, examples, metrics, algorithm, trained_on, release_notes, reference };
}

/** Some of the parts, those with these names. */
export function pickParts(parts: DraftParts, names: readonly PartName[]): DraftChanges {
  return Object.fromEntries(names.map((name) => [name, parts[name]]));
}

export const partNames: readonly PartName[] = [
  "slug",
  "card",
  "schema",
  "examples",
  "metrics",
  "algorithm",
  "trained_on",
  "release_notes",
  "reference",
];
