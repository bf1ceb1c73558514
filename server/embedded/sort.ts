import type { Document } from "./bson";
import { fail, failBadValue, failLocation, refuse } from "./errors";
import { pathValues } from "./match/path";
import { isDocument, isNumber, toNumber } from "./types";
import { compareValues, type Collation } from "./values";

/** Compares documents by keys taken from them once. */
export interface Sorter {
  keyOf(document: Document): unknown[];
  compareKeys(a: readonly unknown[], b: readonly unknown[]): number;
}

const KEY_LIMIT = 32;

/**
 * Compiles `{field: 1 | -1, …}`. An array sorts by its smallest element ascending and its largest descending, a missing
 * field like null. Throws 15974/15975/15976 for a malformed specification and refuses `$meta`.
 */
export function compileSort(spec: unknown, collation?: Collation): Sorter {
  if (!isDocument(spec)) failLocation(15973, "the $sort key specification must be an object");
  const parts = Object.entries(spec).map(([path, direction]) => ({ path, direction: toDirection(path, direction) }));
  if (parts.length > KEY_LIMIT) fail(13103, "Location13103", `too many sort keys: ${parts.length}`);
  return {
    keyOf: (document) => parts.map(({ path, direction }) => pickKey(document, path, direction, collation)),
    compareKeys: (a, b) => {
      for (const [index, { direction }] of parts.entries()) {
        const order = compareValues(a[index], b[index], collation);
        if (order !== 0) return order * direction;
      }
      return 0;
    },
  };
}

function toDirection(path: string, direction: unknown): 1 | -1 {
  if (isDocument(direction)) return refuse("Sorting by $meta");
  if (!isNumber(direction)) failLocation(15974, `Illegal key in $sort specification: ${path}: must be 1 or -1`);
  if (path === "" || path.split(".").includes("")) failBadValue("FieldPath field names may not be empty strings.");
  const number = toNumber(direction);
  if (Math.abs(number) !== 1) failLocation(15975, "$sort key ordering must be 1 (for ascending) or -1 (for descending)");
  return number === 1 ? 1 : -1;
}

function pickKey(document: Document, path: string, direction: number, collation?: Collation): unknown {
  const candidates = pathValues(document, path).flatMap((value) => {
    if (!Array.isArray(value)) return [value ?? null];
    return value.length > 0 ? value : [undefined];
  });
  if (candidates.length === 0) return null;
  return candidates.reduce((best, value) => (compareValues(value, best, collation) * direction < 0 ? value : best));
}

/** A new array in the sorter's order; equal items keep theirs. */
export function sortDocuments<T>(items: readonly T[], sorter: Sorter, documentOf: (item: T) => Document): T[] {
  const keyed = items.map((item) => ({ item, key: sorter.keyOf(documentOf(item)) }));
  return keyed.sort((a, b) => sorter.compareKeys(a.key, b.key)).map(({ item }) => item);
}
