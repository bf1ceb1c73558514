import { Int32, Long } from "bson";
import type { Document } from "../bson";
import { fail, failLocation, failToParse } from "../errors";
import { compileExpression } from "../expressions/compile";
import { newScope } from "../expressions/scope";
import { compileFilter } from "../match/filter";
import { getByPath } from "../match/path";
import { compileSort, sortPatiently } from "../sort";
import { isDocument, isTruthy, toInteger, typeName } from "../types";
import { estimateBytes, holdAll, takeAll, type Stage } from "./context";
import { compileAddFields, compileProjectStage, compileReplaceRoot, compileUnset, type Transform } from "./fields";
import { compileBucket, compileGroup, compileSortByCount } from "./group";
import { putAt } from "./lookup";

function transforming(transform: Transform): Stage {
  return function* map(input, { variables = new Map() }) {
    for (const document of input) yield document && transform(document, variables);
  };
}

function compileMatch(spec: unknown): Stage {
  if (!isDocument(spec)) failLocation(15959, "the match filter must be an expression in an object");
  compileFilter(spec);
  return function* match(input, { collation, variables }) {
    const matches = compileFilter(spec, { collation, variables });
    for (const document of input) if (!document || matches(document)) yield document;
  };
}

function compileSortStage(spec: unknown): Stage {
  if (isDocument(spec) && Object.keys(spec).length === 0) failLocation(15976, "$sort stage must have at least one sort key");
  compileSort(spec);
  return function* sort(input, { budget, collation }) {
    const sorter = compileSort(spec, collation);
    const held: { document: Document; key: unknown[] }[] = [];
    yield* takeAll(input, (document) => {
      budget?.charge(estimateBytes(document));
      held.push({ document, key: sorter.keyOf(document) });
    });
    for (const { document } of yield* sortPatiently(held, (a, b) => sorter.compareKeys(a.key, b.key))) yield document;
  };
}

function compileLimit(spec: unknown): Stage {
  const limit = toInteger(spec);
  if (limit === undefined || limit < 0)
    failLocation(5107201, `invalid argument to $limit stage: Expected a non-negative number, found ${typeName(spec)}`);
  if (limit === 0) failLocation(15958, "the limit must be positive");
  return function* take(input) {
    let left = limit;
    for (const document of input) {
      yield document;
      if (document) left -= 1;
      if (left === 0) return;
    }
  };
}

function compileSkip(spec: unknown): Stage {
  const count = toInteger(spec);
  if (count === undefined || count < 0)
    failLocation(5107200, `invalid argument to $skip stage: Expected a non-negative number, found ${typeName(spec)}`);
  return function* skip(input) {
    let left = count;
    for (const document of input) {
      if (document && left > 0) left -= 1;
      else yield document;
    }
  };
}

function compileCount(spec: unknown): Stage {
  if (typeof spec !== "string" || spec === "") failLocation(40156, "the count field must be a non-empty string");
  if (spec.startsWith("$")) failLocation(40158, "the count field cannot be a $-prefixed path");
  if (spec.includes(".")) failLocation(40160, "the count field cannot contain '.'");
  return function* count(input) {
    let total = 0;
    yield* takeAll(input, () => {
      total += 1;
    });
    if (total > 0) yield { [spec]: new Int32(total) };
  };
}

function compileSample(spec: unknown): Stage {
  const size = isDocument(spec) ? toInteger(spec.size) : failLocation(28745, "the $sample stage specification must be an object");
  if (size === undefined || size < 1) failLocation(28747, "size argument to $sample must be a positive integer");
  return function* sample(input, { budget }) {
    const pool = yield* holdAll(input, budget);
    const count = Math.min(size, pool.length);
    for (let i = 0; i < count; i += 1) {
      const j = i + Math.floor(Math.random() * (pool.length - i));
      [pool[i], pool[j]] = [pool[j] ?? {}, pool[i] ?? {}];
    }
    yield* pool.slice(0, count);
  };
}

interface UnwindSpec {
  path: string[];
  indexField?: string[];
  keepsEmpty: boolean;
}

function readUnwind(spec: unknown): UnwindSpec {
  const fields = isDocument(spec) ? spec : { path: spec };
  const { path, includeArrayIndex: index, preserveNullAndEmptyArrays: keeps, ...others } = fields;
  if (Object.keys(others).length > 0) failLocation(28811, `unrecognized option to $unwind stage: ${Object.keys(others)[0]}`);
  if (typeof path !== "string") failLocation(28808, `expected a string as the path for $unwind stage, got ${typeName(path)}`);
  if (!path.startsWith("$") || path.length < 2)
    failLocation(28818, `path option to $unwind stage should be prefixed with a '$': ${path}`);
  if (keeps !== undefined && typeof keeps !== "boolean")
    failLocation(28809, "expected a boolean for the preserveNullAndEmptyArrays option to $unwind stage");
  if (index !== undefined && (typeof index !== "string" || index === ""))
    failLocation(28810, "expected a non-empty string for the includeArrayIndex option to $unwind stage");
  if (index?.startsWith("$"))
    failLocation(28822, `includeArrayIndex option to $unwind stage should not be prefixed with a '$': ${index}`);
  return { path: path.slice(1).split("."), indexField: index?.split("."), keepsEmpty: isTruthy(keeps) };
}

function compileUnwind(spec: unknown): Stage {
  const { path, indexField, keepsEmpty } = readUnwind(spec);
  const number = (document: Document, index: number | null) =>
    indexField ? putAt(document, indexField, index === null ? null : Long.fromNumber(index)) : document;
  return function* unwind(input) {
    for (const document of input) {
      if (!document) {
        yield undefined;
        continue;
      }
      const value = getByPath(document, path);
      if (Array.isArray(value) && value.length > 0) {
        for (const [index, item] of value.entries()) {
          yield number(putAt(document, path, item), index);
        }
      } else if (Array.isArray(value)) {
        if (keepsEmpty) yield number(withoutPath(document, path), null);
      } else if ((value !== undefined && value !== null) || keepsEmpty) {
        yield number(document, null);
      }
    }
  };
}

function withoutPath(document: Document, path: readonly string[]): Document {
  return compileUnset(path.join("."))(document, new Map());
}

function compileDocuments(spec: unknown): Stage {
  const evaluate = compileExpression(spec);
  return function* documents(_input, { variables }) {
    const list = evaluate(newScope({}, variables));
    if (!Array.isArray(list)) failLocation(5858203, "an array is expected in the $documents stage");
    for (const document of list)
      yield isDocument(document) ? document : fail(14, "TypeMismatch", "$documents takes an array of objects");
  };
}

const misplaced = (name: string) => () => failLocation(40602, `${name} is only valid as the first stage in a pipeline.`);

/** Stages without pipelines of their own. */
export const SIMPLE_STAGES: ReadonlyMap<string, (spec: unknown) => Stage> = new Map<string, (spec: unknown) => Stage>([
  ["$match", compileMatch],
  ["$sort", compileSortStage],
  ["$limit", compileLimit],
  ["$skip", compileSkip],
  ["$count", compileCount],
  ["$sample", compileSample],
  ["$unwind", compileUnwind],
  ["$documents", compileDocuments],
  ["$group", compileGroup],
  ["$bucket", compileBucket],
  ["$sortByCount", compileSortByCount],
  ["$project", (spec) => transforming(compileProjectStage(spec))],
  ["$set", (spec) => transforming(compileAddFields("$set", spec))],
  ["$addFields", (spec) => transforming(compileAddFields("$addFields", spec))],
  ["$unset", (spec) => transforming(compileUnset(spec))],
  ["$replaceRoot", (spec) => transforming(compileReplaceRoot("$replaceRoot", spec))],
  ["$replaceWith", (spec) => transforming(compileReplaceRoot("$replaceWith", spec))],
  ["$changeStream", misplaced("$changeStream")],
  ["$collStats", misplaced("$collStats")],
  ["$indexStats", misplaced("$indexStats")],
  ["$listLocalSessions", misplaced("$listLocalSessions")],
  ["$out", misplaced("$out")],
  ["$merge", misplaced("$merge")],
]);

/** Splits a stage into its name and specification. Throws 40323 when it is not an object of exactly one field. */
export function readStage(stage: unknown): readonly [name: string, spec: unknown] {
  if (!isDocument(stage)) return fail(14, "TypeMismatch", "Each element of the 'pipeline' array must be an object");
  const [entry, second] = Object.entries(stage);
  if (!entry || second) failLocation(40323, "A pipeline stage specification object must contain exactly one field.");
  return entry;
}

/** Checks that a pipeline is an array. */
export function requirePipeline(pipeline: unknown): unknown[] {
  return Array.isArray(pipeline) ? pipeline : failToParse("'pipeline' option must be specified as an array");
}
