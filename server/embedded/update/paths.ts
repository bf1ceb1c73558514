import { getField, setField, type Document } from "../bson";
import { fail, failBadValue } from "../errors";
import { toArrayIndex } from "../match/path";
import { isDocument, typeName } from "../types";

/** Nulls MongoDB is willing to fill an array with to reach a position. */
const PADDING_LIMIT = 1_500_000;
const REFERENCE_FIELDS = new Set(["$ref", "$id", "$db"]);

/** A document or array that holds values by name or position. */
export type Container = Document | unknown[];

/** Where a value lives. */
export interface Slot {
  container: Container;
  key: string;
}

/** What "$" and "$[name]" in a path stand for. */
export interface PathContext {
  matchedArrayIndex?: number;
  filters: ReadonlyMap<string, (item: unknown) => boolean>;
}

export function isContainer(value: unknown): value is Container {
  return Array.isArray(value) || isDocument(value);
}

/** The value in a slot, `undefined` when there is none. */
export function readSlot({ container, key }: Slot): unknown {
  if (!Array.isArray(container)) return getField(container, key);
  const index = toArrayIndex(key);
  return index === undefined ? undefined : container[index];
}

/** Puts a value into a slot; an array is filled with nulls up to the position. */
export function writeSlot({ container, key }: Slot, value: unknown): void {
  if (!Array.isArray(container)) return setField(container, key, value);
  const index = toArrayIndex(key);
  if (index === undefined) failPath(key, "an array");
  if (index > container.length + PADDING_LIMIT) failBadValue(`can't backfill more than ${PADDING_LIMIT} elements`);
  while (container.length < index) container.push(null);
  container[index] = value;
}

/** Removes a field; an array element becomes null, as the positions of the others must not move. */
export function clearSlot({ container, key }: Slot): void {
  if (!Array.isArray(container)) {
    delete container[key];
    return;
  }
  const index = toArrayIndex(key);
  if (index !== undefined && index < container.length) container[index] = null;
}

function failPath(key: string, where: string): never {
  return fail(28, "PathNotViable", `Cannot create field '${key}' in element {${where}}`);
}

/** The slot a path leads to, `undefined` when something on the way is missing or a scalar. */
export function findSlot(document: Document, path: readonly string[]): Slot | undefined {
  let container: unknown = document;
  for (const key of path.slice(0, -1)) {
    if (!isContainer(container)) return undefined;
    container = readSlot({ container, key });
  }
  return isContainer(container) ? { container, key: path.at(-1) ?? "" } : undefined;
}

/** The slot a path leads to, creating documents on the way. Throws 28 when the path runs into a scalar. */
export function createSlot(document: Document, path: readonly string[]): Slot {
  let container: Container = document;
  for (const [position, key] of path.slice(0, -1).entries()) {
    const next = readSlot({ container, key });
    if (isContainer(next)) {
      container = next;
    } else if (next === undefined) {
      const created: Document = {};
      writeSlot({ container, key }, created);
      container = created;
    } else {
      failPath(path[position + 1] ?? "", `${key}: ${typeName(next)}`);
    }
  }
  const key = path.at(-1) ?? "";
  if (Array.isArray(container) && toArrayIndex(key) === undefined) failPath(key, `${path.at(-2) ?? ""}: array`);
  return { container, key };
}

/**
 * Replaces "$", "$[]" and "$[name]" by the positions they stand for in this document. Throws 2 when there is no match,
 * no array or no filter of that name, and 52 for a field name that begins with "$".
 */
export function expandPath(document: Document, path: readonly string[], context: PathContext): string[][] {
  let branches: { node: unknown; path: string[] }[] = [{ node: document, path: [] }];
  for (const component of path) {
    branches = branches.flatMap((branch) =>
      stepInto(branch.node, branch.path, component, path, context).map((key) => ({
        node: isContainer(branch.node) ? readSlot({ container: branch.node, key }) : undefined,
        path: [...branch.path, key],
      })),
    );
  }
  return branches.map((branch) => branch.path);
}

/** Code 52, for a stored field whose name would begin with "$". */
export function failDollarField(field: string, path: string): never {
  const message =
    `The dollar ($) prefixed field '${field}' in '${path}' is not allowed in the context of an update's ` +
    "replacement document. Consider using an aggregation pipeline with $replaceWith.";
  return fail(52, "DollarPrefixedFieldName", message);
}

function stepInto(node: unknown, done: string[], component: string, path: readonly string[], context: PathContext): string[] {
  if (component === "$") {
    if (context.matchedArrayIndex !== undefined) return [String(context.matchedArrayIndex)];
    failBadValue("The positional operator did not find the match needed from the query.");
  }
  if (component.startsWith("$[") && component.endsWith("]")) return selectItems(node, done, component.slice(2, -1), path, context);
  if (component.startsWith("$") && !REFERENCE_FIELDS.has(component)) {
    failDollarField(component, path.join("."));
  }
  return [component];
}

function selectItems(node: unknown, done: string[], name: string, path: readonly string[], context: PathContext): string[] {
  const at = done.join(".");
  if (node === undefined) failBadValue(`The path '${at}' must exist in the document in order to apply array updates.`);
  if (!Array.isArray(node)) failBadValue(`Cannot apply array updates to non-array element ${at}: ${typeName(node)}`);
  const positions = [...node.keys()].map(String);
  if (name === "") return positions;
  const filter = context.filters.get(name);
  if (!filter) failBadValue(`No array filter found for identifier '${name}' in path '${path.join(".")}'`);
  return positions.filter((_, index) => filter(node[index]));
}
