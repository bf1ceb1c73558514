import { mapFields, type Document } from "../bson";
import { failLocation } from "../errors";
import { compileExpression } from "../expressions/compile";
import { newScope, type Variables } from "../expressions/scope";
import { addRule, applyTree, newTree, type FieldTree } from "../field-tree";
import { checkFieldNames, compileProjectSpec } from "../project";
import { isDocument, typeName } from "../types";

/** Turns one document into another. */
export type Transform = (document: Document, variables: Variables) => Document;

/** `$set` and `$addFields`: computes fields and keeps the others, each in its place. */
export function compileAddFields(name: string, spec: unknown): Transform {
  if (!isDocument(spec)) failLocation(40272, `${name} specification stage must be an object, got ${typeName(spec)}`);
  if (Object.keys(spec).length === 0) return (document) => document;
  const tree = newTree();
  addComputed(tree, spec, "");
  return (document, variables) =>
    applyTree(tree, document, newScope(document, variables), { keepOthers: true, computeInPlace: true });
}

function addComputed(tree: FieldTree, spec: Document, prefix: string): void {
  for (const [name, value] of Object.entries(spec)) {
    const path = prefix + name;
    checkFieldNames(path);
    const isNested = isDocument(value) && Object.keys(value).length > 0 && !Object.keys(value)[0]?.startsWith("$");
    if (isNested) addComputed(tree, value, `${path}.`);
    else addRule(tree, path, { kind: "compute", evaluate: compileExpression(value) });
  }
}

/** `$unset`: a path or a list of them. */
export function compileUnset(spec: unknown): Transform {
  const paths = Array.isArray(spec) ? spec : [spec];
  if (paths.length === 0) failLocation(31119, "$unset specification must be a string or an array with at least one field");
  const tree = newTree();
  for (const path of paths) {
    if (typeof path !== "string" || path.startsWith("$"))
      failLocation(31120, "$unset specification must be a string or an array containing only string values");
    addRule(tree, path, { kind: "exclude" });
  }
  return (document, variables) =>
    applyTree(tree, document, newScope(document, variables), { keepOthers: true, computeInPlace: false });
}

/** `$project` as a stage. */
export function compileProjectStage(spec: unknown): Transform {
  return compileProjectSpec(spec);
}

/** `$replaceRoot` and `$replaceWith`. Throws 40228 when the new root is no document. */
export function compileReplaceRoot(name: "$replaceRoot" | "$replaceWith", spec: unknown): Transform {
  if (name === "$replaceRoot" && (!isDocument(spec) || !("newRoot" in spec))) {
    failLocation(40231, "no newRoot specified for the $replaceRoot stage");
  }
  const evaluate = compileExpression(name === "$replaceRoot" && isDocument(spec) ? spec.newRoot : spec);
  return (document, variables) => {
    const root = evaluate(newScope(document, variables));
    if (!isDocument(root)) {
      const option = name === "$replaceRoot" ? "'newRoot' expression" : "'replacement document'";
      failLocation(40228, `${option} must evaluate to an object, but resulting value was of type ${typeName(root)}`);
    }
    return mapFields(root, (value) => value);
  };
}
