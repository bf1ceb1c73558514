import { cloneDocument, getField, setField, type Document } from "../bson";
import { fail, failToParse } from "../errors";
import { evaluateLet } from "../expressions/evaluate";
import { withCollation, type Variables } from "../expressions/scope";
import { isDocument, typeName } from "../types";
import { valuesEqual, type Collation } from "../values";
import { compileArrayFilters } from "./array-filters";
import { failDollarField } from "./paths";
import { compileSteps } from "./steps";
import { compileUpdatePipeline } from "./pipeline";

export interface UpdateOptions {
  arrayFilters?: unknown;
  variables?: Variables;
  collation?: Collation;
}

export interface ApplyOptions {
  /** The document is the seed of an upsert, so `$setOnInsert` counts. */
  isUpsertInsert?: boolean;
  /** The position "$" stands for. */
  matchedArrayIndex?: number;
}

export interface CompiledUpdate {
  kind: "operators" | "replacement" | "pipeline";
  /** Whether a path holds "$", so that the matched position has to be found first. */
  usesPosition: boolean;
  /** The updated document. The one given is left as it was. Throws 66 when `_id` would change. */
  apply(document: Document, options?: ApplyOptions): Document;
}

/** Compiles an update: operators, a whole new document, or a pipeline. Throws MongoDB's codes (2, 9, 14, 40, 52, 56, …). */
export function compileUpdate(update: unknown, options: UpdateOptions = {}): CompiledUpdate {
  if (Array.isArray(update)) return compilePipelineUpdate(update, options);
  if (!isDocument(update)) failToParse(`Update argument must be either an object or an array, not ${typeName(update)}`);
  const isReplacement = !Object.keys(update)[0]?.startsWith("$");
  if (isReplacement) return compileReplacement(update, options);
  const filters = compileArrayFilters(options.arrayFilters, options.collation);
  const { apply, usesPosition } = compileSteps(update, filters, options.collation);
  return {
    kind: "operators",
    usesPosition,
    apply: (document, { isUpsertInsert = false, matchedArrayIndex } = {}) => {
      const next = cloneDocument(document);
      apply(next, isUpsertInsert, { matchedArrayIndex, filters });
      return keepId(document, next);
    },
  };
}

/** {@link compileUpdate} and its `apply` in one. */
export function applyUpdate(document: Document, update: unknown, options: UpdateOptions & ApplyOptions = {}): Document {
  return compileUpdate(update, options).apply(document, options);
}

function compilePipelineUpdate(stages: unknown[], options: UpdateOptions): CompiledUpdate {
  if (options.arrayFilters !== undefined) failToParse("arrayFilters may not be specified for pipeline-syle updates");
  const run = compileUpdatePipeline(stages, withCollation(options.variables ?? evaluateLet(undefined), options.collation));
  return {
    kind: "pipeline",
    usesPosition: false,
    apply: (document) => {
      const next = run(document);
      return keepId(document, getField(next, "_id") === undefined ? { _id: document._id, ...next } : next);
    },
  };
}

function compileReplacement(replacement: Document, options: UpdateOptions): CompiledUpdate {
  if (options.arrayFilters !== undefined) failToParse("arrayFilters may not be specified for replacement-style updates");
  const dollar = Object.keys(replacement).find((name) => name.startsWith("$"));
  if (dollar !== undefined) failDollarField(dollar, dollar);
  return {
    kind: "replacement",
    usesPosition: false,
    apply: (document) => {
      const next = cloneDocument(replacement);
      return keepId(document, next._id === undefined ? { _id: document._id, ...next } : next);
    },
  };
}

/** Puts `_id` first. An equal `_id` of another numeric type leaves the stored one. */
function keepId(before: Document, after: Document): Document {
  const id = getField(before, "_id");
  const newId = getField(after, "_id");
  if (id !== undefined && (newId === undefined || !valuesEqual(id, newId))) {
    fail(66, "ImmutableField", "Performing an update on the path '_id' would modify the immutable field '_id'");
  }
  const out: Document = {};
  const kept = id ?? newId;
  if (kept !== undefined) out._id = kept;
  for (const name of Object.keys(after)) if (name !== "_id") setField(out, name, after[name]);
  return out;
}
