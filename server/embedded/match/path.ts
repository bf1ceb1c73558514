import { getField, type Document } from "../bson";
import { isDocument } from "../types";

/** Called with every value a path reaches; answering true ends the walk. */
type Visit = (value: unknown) => boolean;

const INDEX = /^(0|[1-9]\d*)$/;

/** The array position a path component names, `undefined` when it is a plain field name. */
export function toArrayIndex(component: string): number | undefined {
  return INDEX.test(component) ? Number(component) : undefined;
}

/**
 * Follows a dotted path as a query does: through sub-documents, through array positions, and into every document
 * of an array. A missing field is visited as `undefined`; an array that holds no document on the way is not visited.
 */
export function walkPath(value: unknown, path: readonly string[], visit: Visit, from = 0): boolean {
  let node = value;
  for (let i = from; i < path.length; i += 1) {
    if (Array.isArray(node)) return walkArray(node, path, visit, i);
    node = isDocument(node) ? getField(node, path[i] ?? "") : undefined;
    if (node === undefined) break;
  }
  return visit(node);
}

function walkArray(items: unknown[], path: readonly string[], visit: Visit, at: number): boolean {
  const index = toArrayIndex(path[at] ?? "");
  if (index !== undefined && index < items.length && walkPath(items[index], path, visit, at + 1)) return true;
  return items.some((item) => isDocument(item) && walkPath(item, path, visit, at));
}

/** Every value the path reaches. Arrays at its end stay whole, missing fields are `undefined`. */
export function pathValues(document: Document, path: string): unknown[] {
  const values: unknown[] = [];
  walkPath(document, path.split("."), (value) => {
    values.push(value);
    return false;
  });
  return values;
}

/**
 * What an index stores for a path: elements of an array and the array itself, `undefined` for an empty array, null
 * for a missing field. Duplicates are not removed. `isArray` makes the index multikey.
 */
export function indexValues(document: Document, path: string): { values: unknown[]; isArray: boolean } {
  if (!path.includes(".")) {
    const value = getField(document, path);
    if (!Array.isArray(value)) return { values: [value === undefined ? null : value], isArray: false };
  }
  const values: unknown[] = [];
  let isArray = false;
  for (const value of pathValues(document, path)) {
    if (Array.isArray(value)) {
      isArray = true;
      // One by one: the arguments of a call lie on the stack, which a long array is too large for.
      for (const item of value.length > 0 ? value : [undefined]) values.push(item);
      values.push(value);
    } else {
      values.push(value === undefined ? null : value);
    }
  }
  if (values.length === 0) return { values: [null], isArray: true };
  return { values, isArray: isArray || values.length > 1 };
}

/** A value by plain field names and array positions only, without looking into the documents of an array. */
export function getByPath(document: unknown, path: readonly string[]): unknown {
  let node = document;
  for (const component of path) {
    if (Array.isArray(node)) {
      const index = toArrayIndex(component);
      node = index === undefined ? undefined : node[index];
    } else {
      node = isDocument(node) ? getField(node, component) : undefined;
    }
  }
  return node;
}
