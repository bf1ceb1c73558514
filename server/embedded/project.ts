import type { Document } from "./bson";
import { fail, failBadValue, failLocation, refuse } from "./errors";
import { compileExpression } from "./expressions/compile";
import { newScope, withCollation, type Variables } from "./expressions/scope";
import { addRule, applyTree, idFirst, newTree, type FieldTree, type Rule } from "./field-tree";
import { compileElement } from "./match/filter";
import { findMatchedIndex } from "./match/positional";
import { isDocument, isNumber, isTruthy, toInteger, typeName } from "./types";
import type { Collation } from "./values";

export interface ProjectionOptions {
  /** The query, for the positional "field.$". */
  filter?: Document;
  variables?: Variables;
  collation?: Collation;
}

export type Projection = (document: Document) => Document;

interface Parsed {
  tree: FieldTree;
  mode: "inclusion" | "exclusion" | undefined;
  /** `undefined` when the projection does not speak of `_id` as a whole. */
  includesId: boolean | undefined;
  positional: string | undefined;
  hasElementMatch: boolean;
}

/**
 * Compiles a `find` projection; null when there is nothing to do. Throws 31253/31254 when inclusion and exclusion mix,
 * 31249/31250 when paths collide, 51246 on use when "field.$" finds no element.
 */
export function compileProjection(spec: unknown, options: ProjectionOptions = {}): Projection | null {
  if (spec === undefined || spec === null) return null;
  if (!isDocument(spec)) fail(14, "TypeMismatch", `Expected field projection to be of type object, found ${typeName(spec)}`);
  if (Object.keys(spec).length === 0) return null;
  const project = finishProjection(parseProjection(spec, (path, value) => parseFindOperator(path, value, options)));
  const variables = withCollation(options.variables, options.collation);
  return (document) => project(document, variables);
}

/** Compiles `$project`, which has expressions only, where `find` has `$slice`, `$elemMatch` and "$" of its own. */
export function compileProjectSpec(spec: unknown): (document: Document, variables?: Variables) => Document {
  if (!isDocument(spec)) failLocation(15969, "$project specification must be an object");
  if (Object.keys(spec).length === 0)
    failLocation(51272, "Invalid $project :: caused by :: projection specification must have at least one field");
  return finishProjection(parseProjection(spec, () => undefined));
}

function finishProjection(parsed: Parsed): (document: Document, variables?: Variables) => Document {
  const mode = parsed.mode ?? (parsed.includesId === true || parsed.hasElementMatch ? "inclusion" : "exclusion");
  const keepsId = parsed.includesId ?? true;
  const treeMode = { keepOthers: mode === "exclusion", computeInPlace: false };
  const idRule = parsed.tree.fields.get("_id");
  if (!idRule && mode === "inclusion" && keepsId) parsed.tree.fields.set("_id", { kind: "include" });
  if (!keepsId) parsed.tree.fields.set("_id", { kind: "exclude" });
  return (document, variables) => idFirst(applyTree(parsed.tree, document, newScope(document, variables), treeMode));
}

type OperatorParser = (path: string, value: unknown) => Rule | undefined;

function parseProjection(spec: Document, parseOperator: OperatorParser): Parsed {
  const parsed: Parsed = { tree: newTree(), mode: undefined, includesId: undefined, positional: undefined, hasElementMatch: false };
  parseFields(spec, "", parsed, parseOperator);
  return parsed;
}

function parseFields(spec: Document, prefix: string, parsed: Parsed, parseOperator: OperatorParser): void {
  for (const [name, value] of Object.entries(spec)) {
    const path = prefix + name;
    checkFieldNames(path);
    const special = parseOperator(path, value);
    if (special) addSpecial(path, value, special, parsed);
    else if (isNumber(value) || typeof value === "boolean") addFlag(path, isTruthy(value), parsed);
    else if (isDocument(value) && !Object.keys(value)[0]?.startsWith("$")) {
      if (Object.keys(value).length === 0)
        failLocation(51270, `An empty sub-projection is not a valid value. Found empty object at path '${path}'`);
      parseFields(value, `${path}.`, parsed, parseOperator);
    } else {
      if (isDocument(value) && parsed.mode === "exclusion") {
        failLocation(31252, "Cannot use expression other than $meta in exclusion projection");
      }
      setMode(path, "inclusion", parsed);
      addRule(parsed.tree, path, { kind: "compute", evaluate: compileExpression(value) });
    }
  }
}

/** Throws 16410 for a name with a dollar in front; those of references are allowed, and "$" itself at the end. */
export function checkFieldNames(path: string): void {
  const names = path.replace(/\.\$$/, "").split(".");
  if (!names.some((name) => name.startsWith("$") && !["$id", "$ref", "$db"].includes(name))) return;
  failLocation(16410, "FieldPath field names may not start with '$'. Consider using $getField or $setField.");
}

function addSpecial(path: string, value: unknown, rule: Rule, parsed: Parsed): void {
  if (path.endsWith(".$")) {
    if (parsed.positional !== undefined) failLocation(31276, "Cannot specify more than one positional projection per query.");
    parsed.positional = path;
    setMode(path, "inclusion", parsed);
  }
  if (isDocument(value) && "$elemMatch" in value) parsed.hasElementMatch = true;
  addRule(parsed.tree, path.replace(/\.\$$/, ""), rule);
}

function addFlag(path: string, isIncluded: boolean, parsed: Parsed): void {
  if (path === "_id") {
    if (parsed.includesId !== undefined) failLocation(31250, "Path collision at _id");
    parsed.includesId = isIncluded;
    return;
  }
  setMode(path, isIncluded ? "inclusion" : "exclusion", parsed);
  addRule(parsed.tree, path, { kind: isIncluded ? "include" : "exclude" });
}

function setMode(path: string, mode: "inclusion" | "exclusion", parsed: Parsed): void {
  if (parsed.mode !== undefined && parsed.mode !== mode) {
    const code = mode === "inclusion" ? 31253 : 31254;
    failLocation(code, `Cannot do ${mode} on field ${path} in ${parsed.mode} projection`);
  }
  parsed.mode = mode;
}

function parseFindOperator(path: string, value: unknown, options: ProjectionOptions): Rule | undefined {
  if (path.endsWith(".$")) return parsePositional(path, options);
  if (!isDocument(value)) return undefined;
  if ("$meta" in value) return refuse("Projection with $meta");
  if ("$elemMatch" in value) {
    const matches = compileElement(value.$elemMatch, options.collation);
    return { kind: "transform", apply: (items) => pickElement(items, matches) };
  }
  // An array that begins with an expression is the aggregation operator of the same name.
  const isPlainSlice = isNumber(value.$slice) || (Array.isArray(value.$slice) && isNumber(value.$slice[0]));
  return isPlainSlice ? { kind: "transform", apply: compileSlice(value.$slice) } : undefined;
}

function pickElement(items: unknown, matches: (item: unknown) => boolean): unknown {
  if (!Array.isArray(items)) return undefined;
  const index = items.findIndex(matches);
  return index < 0 ? undefined : [items[index]];
}

function compileSlice(argument: unknown): (value: unknown) => unknown {
  const numbers = (Array.isArray(argument) ? argument : [argument]).map(
    (part) => toInteger(part) ?? failLocation(28667, "$slice takes integers"),
  );
  const [first = 0, count] = numbers;
  if (Array.isArray(argument) && numbers.length !== 2) failLocation(28667, "$slice takes a number or an array of two");
  if (count !== undefined && count <= 0) failLocation(28729, "Third argument to $slice must be positive");
  return (value) => {
    if (!Array.isArray(value)) return value;
    if (count === undefined) return first < 0 ? value.slice(first) : value.slice(0, first);
    const start = first < 0 ? Math.max(0, value.length + first) : first;
    return value.slice(start, start + count);
  };
}

function parsePositional(path: string, { filter = {}, collation }: ProjectionOptions): Rule {
  const field = path.slice(0, -2);
  if (field === "") failBadValue("Positional projection needs a field in front of '.$'");
  return {
    kind: "transform",
    apply: (value, scope) => {
      if (!Array.isArray(value)) return value;
      const index = findMatchedIndex(scope.root, filter, collation);
      if (index === undefined || index >= value.length) {
        failLocation(
          51246,
          "Executor error during find command :: caused by :: positional operator '.$' couldn't find a matching element in the array",
        );
      }
      return [value[index]];
    },
  };
}
