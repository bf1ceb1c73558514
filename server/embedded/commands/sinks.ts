import { getField, setField, type Document } from "../bson";
import type { Sink } from "../aggregate/pipeline";
import { checkNamespace, saveCollection, type Collection } from "../catalog";
import type { WriteContext } from "../engine";
import { fail, failBadValue, failLocation, failToParse, refuse } from "../errors";
import { compileExpression } from "../expressions/compile";
import { newScope, type Evaluate, type Variables } from "../expressions/scope";
import { failDuplicate, hydrateIndex } from "../indexes";
import { pathValues } from "../match/path";
import { findNow, prepareQuery } from "../query";
import { insertDocument, replaceDocument } from "../records";
import { compileUpdate } from "../update/compile";
import { isDocument } from "../values";
import { checkKnown, readDocument, type Call } from "./call";
import { changeStructure, dropCollection, type Dropped } from "./collections";

const UNIT_MS = 8;

/**
 * Writes what came out of a pipeline: `$out` all of it or nothing, `$merge` document by document, as MongoDB does. What the stage says
 * is checked as a whole before anything is written.
 */
export async function writeSink(call: Call, documents: Document[], sink: Sink, variables: Variables): Promise<void> {
  if (sink.kind === "merge") return mergeIntoCollection(call, documents, readMerge(call, sink.spec, variables));
  const namespace = readOut(call, sink.spec);
  await changeStructure(call, (context, dropped) => replaceCollection(call, context, documents, namespace, dropped));
}

/** `$out`: the collection then holds exactly these documents; its indexes and options stay. */
function replaceCollection(call: Call, context: WriteContext, documents: Document[], namespace: string, dropped: Dropped): void {
  const existing = context.getCollection(namespace);
  if (existing) dropCollection(call, context, existing, dropped);
  const collection = context.createCollection(namespace, existing?.options ?? {});
  const copies = existing?.indexes.slice(1).map((index) => hydrateIndex(call.server.engine.catalog.takeId(), index.spec, {}));
  collection.indexes = [...collection.indexes, ...(copies ?? [])];
  saveCollection(context.view, collection);
  for (const document of documents) insertDocument(context, collection, document);
}

/** The namespace `$out` names. @throws 16990, 40415, 238 for a time series */
function readOut(call: Call, spec: unknown): string {
  if (typeof spec !== "string" && !isDocument(spec)) failLocation(16990, "$out only supports a string or object argument");
  const namespace = readTarget(call, spec, "$out", ["db", "coll", "timeseries"]);
  if (isDocument(spec) && spec.timeseries !== undefined) refuse("$out with timeseries");
  return namespace;
}

function readTarget(call: Call, target: string | Document, where: string, known: readonly string[]): string {
  if (isDocument(target)) checkKnown(target, where, known);
  const { db = call.database, coll } = isDocument(target) ? target : { coll: target };
  if (typeof db !== "string") fail(14, "TypeMismatch", `BSON field '${where}.db' is the wrong type, expected type 'string'`);
  if (typeof coll !== "string") failLocation(16990, `${where} needs the name of a collection`);
  checkNamespace(`${db}.${coll}`);
  return `${db}.${coll}`;
}

/** A `$merge` as it was asked for. */
interface MergeSpec {
  namespace: string;
  on: string[];
  /** The name of a mode, or the stages of an update. */
  whenMatched: string | unknown[];
  whenNotMatched: string;
  variables: Variables;
  /** `let`: evaluated over each document that comes in. */
  bindings: (readonly [name: string, evaluate: Evaluate])[];
}

interface MergePlan extends MergeSpec {
  collection: Collection;
}

const MERGE_FIELDS = ["into", "on", "let", "whenMatched", "whenNotMatched"];
const WHEN_MATCHED = ["replace", "keepExisting", "merge", "fail"];
const WHEN_NOT_MATCHED = ["insert", "discard", "fail"];

/** into, on, let, whenMatched (also a pipeline), whenNotMatched. @throws 2, 40415 and others for what MongoDB does not take either */
function readMerge(call: Call, given: unknown, variables: Variables): MergeSpec {
  const spec = typeof given === "string" ? { into: given } : given;
  if (!isDocument(spec)) return failLocation(51182, "$merge requires a string or object argument");
  checkKnown(spec, "$merge", MERGE_FIELDS);
  const { into, whenMatched = "merge" } = spec;
  if (into === undefined) fail(40414, "Location40414", "BSON field '$merge.into' is missing but a required field");
  if (typeof into !== "string" && !isDocument(into)) failLocation(51178, "$merge 'into' field must be either a string or an object");
  const whenNotMatched = readMode("whenNotMatched", spec.whenNotMatched ?? "insert", WHEN_NOT_MATCHED);
  const isPipeline = Array.isArray(whenMatched);
  if (isPipeline) compileUpdate(whenMatched);
  else if (typeof whenMatched !== "string") failLocation(51191, "$merge 'whenMatched' field must be either a string or an array");
  else readMode("whenMatched", whenMatched, WHEN_MATCHED);
  if (whenNotMatched !== "insert" && (whenMatched === "keepExisting" || whenMatched === "fail")) {
    const modes = `'whenMatched: ${whenMatched}' and 'whenNotMatched: ${whenNotMatched}'`;
    failLocation(51189, `Combination of $merge modes ${modes} is not supported`);
  }
  if (spec.let !== undefined && !isPipeline) failLocation(51199, "Cannot use 'let' variables without a pipeline in 'whenMatched'");
  return {
    namespace: readTarget(call, into, "$merge.into", ["db", "coll"]),
    on: readOn(spec.on),
    whenMatched,
    whenNotMatched,
    variables,
    bindings: compileBindings(spec.let),
  };
}

function readMode(field: string, value: unknown, modes: readonly string[]): string {
  if (typeof value !== "string") return fail(14, "TypeMismatch", `BSON field '$merge.${field}' is the wrong type, expected type 'string'`);
  return modes.includes(value) ? value : failBadValue(`Enumeration value '${value}' for field '$merge.${field}' is not a valid value.`);
}

function readOn(on: unknown = "_id"): string[] {
  if (typeof on === "string") return [on];
  if (!Array.isArray(on)) return failLocation(51186, "$merge 'on' field must be either a string or an array of strings");
  if (on.length === 0) failLocation(51187, "If explicitly specifying $merge 'on', must include at least one field");
  if (!on.every((field) => typeof field === "string")) return failLocation(51134, "$merge 'on' array elements must be strings");
  if (new Set(on).size < on.length) failLocation(31465, "Found a duplicate field in $merge 'on'");
  return on;
}

function compileBindings(definitions: unknown): MergeSpec["bindings"] {
  const bindings = readDocument(definitions, "$merge.let") ?? {};
  // `$let` knows what a variable may be called.
  compileExpression({ $let: { vars: bindings, in: null } });
  if ("new" in bindings && bindings.new !== "$$ROOT") {
    failLocation(51273, "'let' may not define a value for the reserved 'new' variable other than '$$ROOT'");
  }
  return Object.entries(bindings).map(([name, expression]) => [name, compileExpression(expression)] as const);
}

/** Others have their turn every few milliseconds. */
async function mergeIntoCollection(call: Call, documents: Document[], spec: MergeSpec): Promise<void> {
  let position = 0;
  do {
    const first = position;
    position = await call.server.engine.runUnitPatiently((context) => {
      const collection = context.getCollection(spec.namespace) ?? context.createCollection(spec.namespace);
      return mergeSome(call, context, { ...spec, collection }, documents, first);
    }, call.deadline);
    call.deadline.renew();
    await call.deadline.breathe();
  } while (position < documents.length);
}

/** Returns the position of the first document that is left. */
function mergeSome(call: Call, context: WriteContext, plan: MergePlan, documents: Document[], first: number): number {
  checkOnFields(plan);
  const end = performance.now() + UNIT_MS;
  let position = first;
  while (position < documents.length && performance.now() < end) {
    mergeOne(call, context, plan, documents[position] ?? {});
    position += 1;
  }
  return position;
}

function checkOnFields({ collection, on }: MergePlan): void {
  const isUnique = collection.indexes.some(
    (index) => index.unique && !index.partialFilter && index.parts.length === on.length && on.every((field) => field in index.key),
  );
  if (!isUnique) failLocation(51183, "Cannot find index to verify that join fields will be unique");
}

function mergeOne(call: Call, context: WriteContext, plan: MergePlan, document: Document): void {
  const { collection, on, whenMatched } = plan;
  const filter: Document = {};
  for (const field of on) setField(filter, field, { $eq: pathValues(document, field)[0] ?? null });
  const isNew = on.includes("_id") && getField(document, "_id") === undefined;
  const query = prepareQuery(context, collection, filter, { limit: 1 });
  const [found] = isNew ? [] : findNow(query, call.deadline);
  if (!found) {
    if (plan.whenNotMatched === "insert") insertDocument(context, collection, document);
    else if (plan.whenNotMatched === "fail") fail(13113, "MergeStageNoMatchingDocument", "$merge could not find a matching document");
    return;
  }
  const before = found.document;
  const write = (after: Document) =>
    replaceDocument(context, collection, found.record, { before, after, kind: "update" }, false);
  if (whenMatched === "keepExisting") return;
  if (whenMatched === "merge") return write({ ...before, ...document, _id: before._id });
  if (whenMatched === "replace") return write({ ...document, _id: before._id });
  if (whenMatched === "fail") failDuplicate(collection.namespace, collection.indexes[0] ?? failToParse("no _id index"), document);
  const scope = newScope(document, plan.variables);
  const variables = new Map(plan.variables).set("new", document);
  for (const [name, evaluate] of plan.bindings) variables.set(name, evaluate(scope));
  write(compileUpdate(whenMatched, { variables }).apply(before));
}
