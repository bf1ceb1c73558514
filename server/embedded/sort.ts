import { getField, type Document } from "./bson";
import { fail, failBadValue, failLocation, refuse } from "./errors";
import { pathValues, toArrayIndex } from "./match/path";
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
  const compareKeys = (a: readonly unknown[], b: readonly unknown[]) => {
    for (const [index, { direction }] of parts.entries()) {
      const order = compareValues(a[index], b[index], collation);
      if (order !== 0) return order * direction;
    }
    return 0;
  };
  const paths = parts.map(({ path }) => path.split("."));
  const hasPositions = paths.flat().some((name) => toArrayIndex(name) !== undefined);
  const keyOf = (document: Document) => {
    if (hasPositions) return parts.map(({ path, direction }) => pickKey(document, path, direction, collation));
    const keys = listKeys(document, paths) ?? failBadValue("cannot sort with keys that are parallel arrays");
    return keys.reduce((best, key) => (compareKeys(key, best) < 0 ? key : best));
  };
  return { keyOf, compareKeys };
}

/** A path on its way: where it is, and what is left of it. Null is the end, inside an array as well. */
interface Walk {
  node: unknown;
  rest: readonly string[] | null;
}

/** The keys of a document for several paths: one for each element of an array on their way. Null when there are two arrays. */
export function listKeys(document: Document, paths: readonly (readonly string[])[]): unknown[][] | null {
  return walkKeys(paths.map((rest) => ({ node: document, rest })));
}

function walkKeys(walks: readonly Walk[]): unknown[][] | null {
  const reached = walks.map(advance);
  const arrays = new Set(reached.filter(({ node, rest }) => rest && Array.isArray(node)).map(({ node }) => node));
  const [array, other] = [...arrays];
  if (!Array.isArray(array)) return [reached.map(({ node, rest }) => (rest ? (node ?? null) : node))];
  if (other) return null;
  const keys: unknown[][] = [];
  for (const item of array.length > 0 ? array : [undefined]) {
    const inner = walkKeys(reached.map((walk) => (walk.rest && walk.node === array ? enter(item, walk.rest) : walk)));
    if (!inner) return null;
    for (const key of inner) keys.push(key);
  }
  return keys;
}

function advance({ node, rest }: Walk): Walk {
  let at = node;
  let left = rest;
  while (left && left.length > 0 && !Array.isArray(at)) {
    at = isDocument(at) ? getField(at, left[0] ?? "") : undefined;
    left = at === undefined ? [] : left.slice(1);
  }
  return { node: at, rest: left };
}

/** Into an element of an array: the end of the path takes it as it is, the rest goes on in documents only. */
function enter(item: unknown, rest: readonly string[]): Walk {
  if (rest.length === 0) return { node: item, rest: null };
  return isDocument(item) ? { node: item, rest } : { node: undefined, rest: [] };
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

const RUN_LENGTH = 1024;

/** A merge sort that can be interrupted: it pauses about every thousand steps. Equal items keep their order. */
export function* sortPatiently<T>(items: readonly T[], compare: (a: T, b: T) => number): Generator<undefined, T[]> {
  let runs: T[][] = [];
  for (let start = 0; start < items.length; start += RUN_LENGTH) {
    runs.push(items.slice(start, start + RUN_LENGTH).sort(compare));
    if (items.length > RUN_LENGTH) yield undefined;
  }
  while (runs.length > 1) {
    const merged: T[][] = [];
    for (let i = 0; i < runs.length; i += 2) merged.push(yield* merge(runs[i] ?? [], runs[i + 1] ?? [], compare));
    runs = merged;
  }
  return runs[0] ?? [];
}

function* merge<T>(left: T[], right: T[], compare: (a: T, b: T) => number): Generator<undefined, T[]> {
  const out: T[] = [];
  let next = 0;
  for (const item of left) {
    for (; next < right.length; next += 1) {
      const other = right[next] as T;
      if (compare(item, other) <= 0) break;
      out.push(other);
    }
    out.push(item);
    if (out.length % RUN_LENGTH === 0) yield undefined;
  }
  for (; next < right.length; next += 1) out.push(right[next] as T);
  return out;
}

/** A new array in the sorter's order; equal items keep theirs. */
export function sortDocuments<T>(items: readonly T[], sorter: Sorter, documentOf: (item: T) => Document): T[] {
  const keyed = items.map((item) => ({ item, key: sorter.keyOf(documentOf(item)) }));
  return keyed.sort((a, b) => sorter.compareKeys(a.key, b.key)).map(({ item }) => item);
}
