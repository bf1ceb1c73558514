import type { Document } from "../bson";
import { fail, failBadValue, failToParse } from "../errors";
import { toArrayIndex } from "../match/path";
import { isDocument, typeName } from "../types";
import { compareText, type Collation } from "../values";
import type { ArrayFilters } from "./array-filters";
import { UPDATE_OPERATORS, type Apply } from "./operators";
import { clearSlot, createSlot, expandPath, findSlot, isContainer, readSlot, writeSlot, type PathContext } from "./paths";

interface Step {
  path: string[];
  onlyOnInsert: boolean;
  run(document: Document, context: PathContext, claim?: Claim): void;
}

export interface CompiledSteps {
  usesPosition: boolean;
  apply(document: Document, isInsert: boolean, context: PathContext): void;
}

/**
 * Compiles `{$operator: {path: argument}}`. Throws 9 for an unknown operator, 40 when two paths meet, 56 for an empty name.
 * Steps run in the order of their paths, as MongoDB does, which is what decides the order of new fields.
 */
export function compileSteps(update: Document, filters: ArrayFilters, collation?: Collation): CompiledSteps {
  const claim = newClaims((path, conflict) => `Updating the path '${path}' would create a conflict at '${conflict}'`);
  const steps = Object.entries(update).flatMap(([name, fields]) => compileOperator(name, fields, claim, collation));
  checkFiltersUsed(steps, filters);
  steps.sort((a, b) => comparePaths(a.path, b.path));
  const isDynamic = steps.length > 1 && steps.some((step) => step.path.some((part) => part.startsWith("$")));
  return {
    usesPosition: steps.some((step) => step.path.includes("$")),
    apply: (document, isInsert, context) => {
      // What "$" stands for is known only now, and may be what another step has changed.
      const claimNow = isDynamic ? newClaims((_path, conflict) => `Update created a conflict at '${conflict}'`) : undefined;
      for (const step of steps) if (isInsert || !step.onlyOnInsert) step.run(document, context, claimNow);
    },
  };
}

/** Notes a path. Throws 40 when it is, holds or lies in one noted before. */
type Claim = (path: string) => void;

function newClaims(describe: (path: string, conflict: string) => string): Claim {
  const claimed: string[] = [];
  return (path) => {
    const other = claimed.find((taken) => taken === path || taken.startsWith(`${path}.`) || path.startsWith(`${taken}.`));
    if (other !== undefined) fail(40, "ConflictingUpdateOperators", describe(path, other.length < path.length ? other : path));
    claimed.push(path);
  };
}

function compileOperator(name: string, fields: unknown, claim: Claim, collation?: Collation): Step[] {
  if (name !== "$rename" && !UPDATE_OPERATORS.has(name)) {
    failToParse(`Unknown modifier: ${name}. Expected a valid update modifier or pipeline-style update specified as an array`);
  }
  if (!isDocument(fields)) {
    failToParse(
      `Modifiers operate on fields but we found type ${typeName(fields)} instead. For example: {$mod: {<field>: ...}} not {${name}: ...}`,
    );
  }
  return Object.entries(fields).map(([path, argument]) => {
    const parts = splitPath(path);
    claim(path);
    if (name !== "$rename") return compileStep(name, parts, argument, collation);
    const step = compileRename(parts, argument);
    claim(step.path.join("."));
    return step;
  });
}

function splitPath(path: string): string[] {
  if (path === "") fail(56, "EmptyFieldName", "An empty update path is not valid.");
  const parts = path.split(".");
  if (parts.includes(""))
    fail(56, "EmptyFieldName", `The update path '${path}' contains an empty field name, which is not allowed.`);
  return parts;
}

function compileStep(name: string, path: string[], argument: unknown, collation?: Collation): Step {
  const operator = UPDATE_OPERATORS.get(name);
  if (!operator) failToParse(`Unknown modifier: ${name}`);
  if (path[0]?.startsWith("$[") || path[0] === "$") {
    failBadValue(
      `Cannot have array filter identifier (i.e. '$[<id>]') or positional element in the first position in path '${path.join(".")}'`,
    );
  }
  const apply: Apply = operator.bind(argument, path.join("."), collation);
  const run = (document: Document, context: PathContext, claim?: Claim) => {
    for (const concrete of expandPath(document, path, context)) {
      claim?.(concrete.join("."));
      const slot = operator.creates ? createSlot(document, concrete) : findSlot(document, concrete);
      if (slot) apply(slot);
    }
  };
  return { path, onlyOnInsert: name === "$setOnInsert", run };
}

function compileRename(source: string[], argument: unknown): Step {
  if (typeof argument !== "string")
    failBadValue(`The 'to' field for $rename must be a string: ${source.join(".")}: ${typeName(argument)}`);
  const target = splitPath(argument);
  if (argument === source.join(".")) failBadValue(`The source and target field for $rename must differ: ${argument}`);
  for (const [role, path] of [
    ["source", source],
    ["destination", target],
  ] as const) {
    if (path.some((part) => part.startsWith("$")))
      failBadValue(`The ${role} field for $rename may not be dynamic: ${path.join(".")}`);
  }
  const run = (document: Document) => {
    const from = findSlot(document, source);
    const value = from && readSlot(from);
    if (!from || value === undefined) return;
    refuseArrays(document, source, "source");
    refuseArrays(document, target, "destination");
    clearSlot(from);
    writeSlot(createSlot(document, target), value);
  };
  return { path: target, onlyOnInsert: false, run };
}

function refuseArrays(document: Document, path: string[], role: string): void {
  let node: unknown = document;
  for (const key of path) {
    if (Array.isArray(node))
      failBadValue(`The ${role} field cannot be an array element, '${path.join(".")}' in doc has an array field`);
    node = isContainer(node) ? readSlot({ container: node, key }) : undefined;
  }
}

function checkFiltersUsed(steps: readonly Step[], filters: ArrayFilters): void {
  const used = new Set(steps.flatMap((step) => step.path));
  for (const name of filters.keys()) {
    if (!used.has(`$[${name}]`)) failToParse(`The array filter for identifier '${name}' was not used in the update`);
  }
}

// Array positions go by number, names by code point.
function comparePaths(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i += 1) {
    const [x = "", y = ""] = [a[i], b[i]];
    const [m, n] = [toArrayIndex(x), toArrayIndex(y)];
    const order = m !== undefined && n !== undefined ? m - n : compareText(x, y);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}
