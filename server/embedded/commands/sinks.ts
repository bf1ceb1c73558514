import { getField, setField, type Document } from "../bson";
import type { Sink } from "../aggregate/pipeline";
import { saveCollection, type Collection } from "../catalog";
import type { WriteContext } from "../engine";
import { fail, failLocation, failToParse } from "../errors";
import type { Variables } from "../expressions/scope";
import { failDuplicate, hydrateIndex } from "../indexes";
import { pathValues } from "../match/path";
import { findNow, prepareQuery } from "../query";
import { insertDocument, replaceDocument } from "../records";
import { compileUpdate } from "../update/compile";
import { isDocument } from "../values";
import { readDocument, type Call } from "./call";
import { changeStructure, dropCollection, type Dropped } from "./collections";

const UNIT_MS = 8;

/** Writes what came out of a pipeline: `$out` all of it or nothing, `$merge` document by document, as MongoDB does. */
export async function writeSink(call: Call, documents: Document[], sink: Sink, variables: Variables): Promise<void> {
  if (sink.kind === "merge") return mergeIntoCollection(call, documents, sink.spec, variables);
  await changeStructure(call, (context, dropped) => replaceCollection(call, context, documents, sink.spec, dropped));
}

/** `$out`: the collection then holds exactly these documents; its indexes and options stay. */
function replaceCollection(call: Call, context: WriteContext, documents: Document[], spec: unknown, dropped: Dropped): void {
  const namespace = readTargetNamespace(call, spec, "coll");
  const existing = context.getCollection(namespace);
  if (existing) dropCollection(call, context, existing, dropped);
  const collection = context.createCollection(namespace, existing?.options ?? {});
  const copies = existing?.indexes.slice(1).map((index) => hydrateIndex(call.server.engine.catalog.takeId(), index.spec, {}));
  collection.indexes = [...collection.indexes, ...(copies ?? [])];
  saveCollection(context.view, collection);
  for (const document of documents) insertDocument(context, collection, document);
}

function readTargetNamespace(call: Call, target: unknown, collectionField: string): string {
  if (typeof target === "string") return `${call.database}.${target}`;
  const document = readDocument(target, "into") ?? {};
  const name = document[collectionField];
  if (typeof name !== "string") return failLocation(16990, "$out and $merge need the name of a collection");
  return `${typeof document.db === "string" ? document.db : call.database}.${name}`;
}

interface MergePlan {
  collection: Collection;
  on: string[];
  whenMatched: unknown;
  whenNotMatched: unknown;
  variables: Variables;
}

/** `$merge`: into, on, whenMatched (also a pipeline), whenNotMatched. Others have their turn every few milliseconds. */
async function mergeIntoCollection(call: Call, documents: Document[], spec: unknown, variables: Variables): Promise<void> {
  const options: Document = typeof spec === "string" ? { into: spec } : (readDocument(spec, "$merge") ?? {});
  const namespace = readTargetNamespace(call, options.into, "coll");
  const given = options.on === undefined ? ["_id"] : Array.isArray(options.on) ? options.on : [options.on];
  const plan = {
    on: given.map(String),
    whenMatched: options.whenMatched ?? "merge",
    whenNotMatched: options.whenNotMatched ?? "insert",
    variables,
  };
  let position = 0;
  do {
    const first = position;
    position = await call.server.engine.runUnitPatiently((context) => {
      const collection = context.getCollection(namespace) ?? context.createCollection(namespace);
      return mergeSome(call, context, { ...plan, collection }, documents, first);
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
  if (!Array.isArray(whenMatched) || !whenMatched.every(isDocument)) return failToParse("$merge has an unknown whenMatched");
  const variables = new Map(plan.variables).set("new", document);
  write(compileUpdate(whenMatched, { variables }).apply(before));
}
