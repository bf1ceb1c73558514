import { cloneDocument, getField, setField, type Document } from "../bson";
import { fail, failToParse, refuse } from "../errors";
import { compileExpression } from "../expressions/compile";
import { newScope, type Variables } from "../expressions/scope";
import { encodeKey } from "../key-encoding";
import { indexValues, pathValues } from "../match/path";
import { isDocument } from "../types";
import type { Collation } from "../values";
import { holdAll, withVariables, type PipelineContext, type Stage } from "./context";

/** Runs the stages of a pipeline inside a pipeline. */
export type CompilePipeline = (pipeline: unknown) => Stage;

const DOCUMENTS_AT_ONCE = 256;
const FIELDS = new Set(["from", "as", "localField", "foreignField", "let", "pipeline"]);

interface LookupSpec {
  from?: string;
  as: string;
  localField?: string;
  foreignField?: string;
  bindings: (readonly [string, (document: Document, variables?: Variables) => unknown])[];
  pipeline?: Stage;
}

function optionalText(spec: Document, name: string): string | undefined {
  const value = spec[name];
  if (value === undefined) return undefined;
  if (isDocument(value)) return refuse(`$lookup with an object as '${name}'`);
  return typeof value === "string" ? value : failToParse(`$lookup argument '${name}' must be a string`);
}

function readSpec(spec: unknown, compile: CompilePipeline): LookupSpec {
  if (!isDocument(spec)) failToParse("the $lookup specification must be an Object");
  for (const name of Object.keys(spec)) if (!FIELDS.has(name)) failToParse(`unknown argument to $lookup: ${name}`);
  const [from, as] = [optionalText(spec, "from"), optionalText(spec, "as")];
  const [localField, foreignField] = [optionalText(spec, "localField"), optionalText(spec, "foreignField")];
  const { pipeline, let: bindings = {} } = spec;
  if (as === undefined) failToParse("must specify 'as' field for a $lookup");
  if (from === undefined && pipeline === undefined) failToParse("must specify 'from' field for a $lookup");
  if ((localField === undefined) !== (foreignField === undefined) || (localField === undefined && pipeline === undefined)) {
    failToParse("$lookup requires both or neither of 'localField' and 'foreignField' to be specified");
  }
  if (!isDocument(bindings)) failToParse("$lookup argument 'let: ...' must be an object");
  return {
    from,
    as,
    localField,
    foreignField,
    bindings: Object.entries(bindings).map(([name, expression]) => {
      const evaluate = compileExpression(expression);
      return [name, (document, variables) => evaluate(newScope(document, variables))] as const;
    }),
    pipeline: pipeline === undefined ? undefined : compile(pipeline),
  };
}

/** `$lookup` by equal fields, by a pipeline, or by both. */
export function compileLookup(spec: unknown, compile: CompilePipeline): Stage {
  const lookup = readSpec(spec, compile);
  const path = lookup.as.split(".");
  return function* join(input, context) {
    const foreign = lookup.from === undefined ? [] : yield* holdAll(context.readCollection(lookup.from), context.budget);
    const find = yield* prepareEquality(lookup, foreign, context.collation);
    for (const document of input) {
      if (document) yield putAt(document, path, yield* runJoin(lookup, document, find(document), context));
      else yield undefined;
    }
  };
}

function* runJoin(
  lookup: LookupSpec,
  document: Document,
  candidates: Document[],
  context: PipelineContext,
): Generator<undefined, Document[]> {
  if (!lookup.pipeline) return candidates;
  const variables = new Map(context.variables);
  for (const [name, evaluate] of lookup.bindings) variables.set(name, evaluate(document, context.variables));
  return yield* holdAll(lookup.pipeline(candidates, withVariables(context, variables)));
}

/** Finds the foreign documents of a local one through a table of their values, in their stored order. */
function* prepareEquality(
  lookup: LookupSpec,
  foreign: Document[],
  collation?: Collation,
): Generator<undefined, (document: Document) => Document[]> {
  const { localField, foreignField } = lookup;
  if (localField === undefined || foreignField === undefined) return () => foreign;
  const table = new Map<string, number[]>();
  for (const [position, document] of foreign.entries()) {
    if (position % DOCUMENTS_AT_ONCE === 0) yield undefined;
    for (const value of indexValues(document, foreignField).values) {
      const key = encodeKey(value, false, collation).toString("latin1");
      const positions = table.get(key) ?? [];
      positions.push(position);
      table.set(key, positions);
    }
  }
  return (document) => {
    const positions = new Set<number>();
    for (const value of localValues(document, localField)) {
      const key = encodeKey(value, false, collation).toString("latin1");
      for (const position of table.get(key) ?? []) positions.add(position);
    }
    return [...positions].sort((a, b) => a - b).map((position) => foreign[position] ?? {});
  };
}

function localValues(document: Document, path: string): unknown[] {
  const values = pathValues(document, path);
  if (values.length === 0) return [null];
  return values.flatMap((value) => (Array.isArray(value) ? value : [value ?? null]));
}

/** A copy of the document with a value at a path; what is not a document on the way is replaced. */
export function putAt(document: Document, path: readonly string[], value: unknown): Document {
  const [name = "", ...rest] = path;
  const out: Document = {};
  for (const key of Object.keys(document)) setField(out, key, document[key]);
  const current = getField(out, name);
  setField(out, name, rest.length === 0 ? value : putAt(isDocument(current) ? current : {}, rest, value));
  return out;
}

/** `$unionWith`: the documents of another collection after those of this one. */
export function compileUnionWith(spec: unknown, compile: CompilePipeline): Stage {
  const fields = typeof spec === "string" ? { coll: spec } : spec;
  if (!isDocument(fields)) failToParse("the $unionWith stage specification must be an object or string");
  const { coll, pipeline, ...others } = fields;
  if (Object.keys(others).length > 0)
    fail(40415, "Location40415", `BSON field '$unionWith.${Object.keys(others)[0]}' is an unknown field.`);
  if (coll !== undefined && typeof coll !== "string") failToParse("$unionWith 'coll' must be a string");
  const stages = compile(pipeline ?? []);
  return function* union(input, context) {
    yield* input;
    yield* stages(coll === undefined ? [] : context.readCollection(coll), context);
  };
}

/** `$facet`: several pipelines over the same documents, each into a field of the one result. */
export function compileFacet(spec: unknown, compile: CompilePipeline): Stage {
  if (!isDocument(spec) || Object.keys(spec).length === 0)
    fail(40169, "Location40169", "the $facet specification must be a non-empty object");
  const facets = Object.entries(spec).map(([name, pipeline]) => [name, compile(pipeline)] as const);
  return function* facet(input, context) {
    const documents = yield* holdAll(input, context.budget);
    const out: Document = {};
    for (const [name, stages] of facets) setField(out, name, yield* holdAll(stages(documents.map(cloneDocument), context)));
    yield out;
  };
}
