import { getField, hasField, setField, type Document } from "./bson";
import { failLocation } from "./errors";
import type { Evaluate, Scope } from "./expressions/scope";
import { isDocument } from "./types";

/** What happens to one field. A transform that gives `undefined` drops the field. */
export type Rule =
  | { kind: "include" }
  | { kind: "exclude" }
  | { kind: "compute"; evaluate: Evaluate }
  | { kind: "transform"; apply: (value: unknown, scope: Scope) => unknown }
  | FieldTree;

/** Rules by field name, nested as the documents are. */
export interface FieldTree {
  kind: "tree";
  fields: Map<string, Rule>;
}

/** What becomes of fields without a rule, and where computed fields go that the document had already. */
export interface TreeMode {
  keepOthers: boolean;
  computeInPlace: boolean;
}

export function newTree(): FieldTree {
  return { kind: "tree", fields: new Map() };
}

/** Adds a rule at a dotted path. Throws 31249/31250 when it meets another. */
export function addRule(tree: FieldTree, path: string, rule: Rule): void {
  const parts = path.split(".");
  const last = parts.pop() ?? "";
  if (parts.includes("") || last === "") failLocation(40353, "FieldPath field names may not be empty strings.");
  let node = tree;
  for (const part of parts) {
    const next = node.fields.get(part) ?? newTree();
    if (next.kind !== "tree") failLocation(31249, `Path collision at ${path} remaining portion ${last}`);
    node.fields.set(part, next);
    node = next;
  }
  if (node.fields.has(last)) failLocation(31250, `Path collision at ${path}`);
  node.fields.set(last, rule);
}

/** Applies the rules to a document, in the field order of MongoDB's projections. */
export function applyTree(tree: FieldTree, document: Document, scope: Scope, mode: TreeMode): Document {
  const out: Document = {};
  for (const name of Object.keys(document)) {
    const value = applyRule(tree.fields.get(name), getField(document, name), scope, mode);
    if (value !== undefined) setField(out, name, value);
  }
  for (const [name, rule] of tree.fields) {
    if (rule.kind === "compute" && !(mode.computeInPlace && hasField(document, name))) {
      const value = rule.evaluate(scope);
      if (value !== undefined) setField(out, name, value);
    } else if (rule.kind === "tree" && !hasField(document, name) && computes(rule)) {
      setField(out, name, applyTree(rule, {}, scope, mode));
    }
  }
  return out;
}

function applyRule(rule: Rule | undefined, value: unknown, scope: Scope, mode: TreeMode): unknown {
  switch (rule?.kind) {
    case undefined:
      return mode.keepOthers ? value : undefined;
    case "include":
      return value;
    case "exclude":
      return undefined;
    case "compute":
      return mode.computeInPlace ? rule.evaluate(scope) : undefined;
    case "transform":
      return rule.apply(value, scope);
    case "tree":
      return applyToValue(rule, value, scope, mode);
  }
}

function applyToValue(tree: FieldTree, value: unknown, scope: Scope, mode: TreeMode): unknown {
  if (isDocument(value)) return applyTree(tree, value, scope, mode);
  if (Array.isArray(value)) {
    return value.map((item) => applyToValue(tree, item, scope, mode)).filter((item) => item !== undefined);
  }
  if (computes(tree)) return applyTree(tree, {}, scope, mode);
  return mode.keepOthers ? value : undefined;
}

function computes(tree: FieldTree): boolean {
  return [...tree.fields.values()].some((rule) => rule.kind === "compute" || (rule.kind === "tree" && computes(rule)));
}

/** The same document with `_id`, when it has one, in front. */
export function idFirst(document: Document): Document {
  if (!hasField(document, "_id") || Object.keys(document)[0] === "_id") return document;
  const { _id: id, ...rest } = document;
  return { _id: id, ...rest };
}
