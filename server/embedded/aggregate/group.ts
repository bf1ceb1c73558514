import { setField, type Document } from "../bson";
import { failLocation } from "../errors";
import { compileExpression } from "../expressions/compile";
import { newScope, type Evaluate } from "../expressions/scope";
import { encodeKey } from "../key-encoding";
import { isDocument } from "../types";
import { compareValues, typeRank } from "../values";
import { estimateBytes, holdAll, takeAll, type Stage } from "./context";
import { compileAccumulator, type CreateAccumulator, type GroupAccumulator } from "./group-accumulators";

interface Group {
  id: unknown;
  fields: { name: string; accumulator: GroupAccumulator }[];
}

interface OutputField {
  name: string;
  create: CreateAccumulator;
}

function compileOutput(spec: Document): OutputField[] {
  return Object.entries(spec).map(([name, accumulator]) => {
    if (name.includes(".")) failLocation(40235, `The field name '${name}' cannot contain '.'`);
    if (name.startsWith("$")) failLocation(40236, `The field name '${name}' cannot be an operator name`);
    const [operator = "", argument] = isDocument(accumulator) ? (Object.entries(accumulator)[0] ?? []) : [];
    if (!operator.startsWith("$")) failLocation(40234, `The field '${name}' must be an accumulator object`);
    if (isDocument(accumulator) && Object.keys(accumulator).length > 1)
      failLocation(40238, `The field '${name}' must specify one accumulator`);
    return { name, create: compileAccumulator(operator, argument) };
  });
}

/** Groups by an expression's value; `bySortedId` puts the groups in the order of their ids. */
function buildGroupStage(id: Evaluate, output: OutputField[], bySortedId: boolean): Stage {
  return function* group(input, context) {
    const groups = new Map<string, Group>();
    yield* takeAll(input, (document) => {
      const scope = newScope(document, context.variables);
      const value = id(scope) ?? null;
      const key = encodeKey(value, false, context.collation).toString("latin1");
      let target = groups.get(key);
      if (!target) {
        target = { id: value, fields: output.map(({ name, create }) => ({ name, accumulator: create(context.collation) })) };
        groups.set(key, target);
        context.budget?.charge(estimateBytes(value) + 64);
      }
      let kept = 0;
      for (const { accumulator } of target.fields) kept += accumulator.add(scope);
      if (kept > 0) context.budget?.charge(kept);
    });
    const all = [...groups.values()];
    if (bySortedId) all.sort((a, b) => compareValues(a.id, b.id, context.collation));
    for (const { id: value, fields } of all) {
      const out: Document = { _id: value };
      for (const { name, accumulator } of fields) setField(out, name, accumulator.result());
      yield out;
    }
  };
}

/** `$group`. Throws 15947, 15955 and 4023x for a malformed specification. */
export function compileGroup(spec: unknown): Stage {
  if (!isDocument(spec)) failLocation(15947, "a group's fields must be specified in an object");
  if (!("_id" in spec)) failLocation(15955, "a group specification must include an _id");
  const { _id: id, ...fields } = spec;
  return buildGroupStage(compileExpression(id), compileOutput(fields), false);
}

/** `$bucket`: groups by the half-open ranges between boundaries. */
export function compileBucket(spec: unknown): Stage {
  if (!isDocument(spec)) failLocation(40201, "Argument to $bucket stage must be an object");
  const { groupBy, boundaries, output } = spec;
  if (groupBy === undefined || boundaries === undefined)
    failLocation(40198, "$bucket requires 'groupBy' and 'boundaries' to be specified.");
  const edges = readBoundaries(boundaries);
  const otherwise = "default" in spec ? { id: spec.default } : undefined;
  const value = compileExpression(groupBy);
  const id: Evaluate = (scope) => {
    const found = value(scope);
    const above = edges.findIndex((edge) => compareValues(found, edge, scope.collation) < 0);
    if (above > 0) return edges[above - 1];
    if (otherwise) return otherwise.id;
    return failLocation(40066, "$switch could not find a matching branch for an input, and no default was specified.");
  };
  const fields = isDocument(output) ? output : { count: { $sum: 1 } };
  return buildGroupStage(id, compileOutput(fields), true);
}

function readBoundaries(boundaries: unknown): unknown[] {
  if (!Array.isArray(boundaries)) failLocation(40200, "The $bucket 'boundaries' field must be an array");
  if (boundaries.length < 2) failLocation(40192, "The $bucket 'boundaries' field must have at least 2 values");
  const edges = boundaries.map((edge) => compileExpression(edge)(newScope({})));
  for (const [index, edge] of edges.slice(1).entries()) {
    if (typeRank(edge) !== typeRank(edges[index]))
      failLocation(40193, "All values in the 'boundaries' option to $bucket must have the same type.");
    if (compareValues(edges[index], edge) >= 0)
      failLocation(40194, "The 'boundaries' option to $bucket must be sorted in ascending order.");
  }
  return edges;
}

/** `$sortByCount` is a group and a sort. */
export function compileSortByCount(spec: unknown): Stage {
  const isExpression = (typeof spec === "string" && spec.startsWith("$")) || isDocument(spec);
  if (!isExpression) failLocation(40148, "the sortByCount field must be defined as a $-prefixed path or an expression");
  const group = buildGroupStage(compileExpression(spec), compileOutput({ count: { $sum: 1 } }), false);
  return function* sortByCount(input, context) {
    const groups = yield* holdAll(group(input, context));
    yield* groups.sort((a, b) => compareValues(b.count, a.count));
  };
}
