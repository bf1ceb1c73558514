import { Int32 } from "bson";
import { getField, type Document } from "../bson";
import { saveCollection, type Collection } from "../catalog";
import { fail, failToParse, refuse } from "../errors";
import { addEntries, buildIndexes } from "../index-build";
import { hydrateIndex, isBuilt, type Index } from "../indexes";
import { compileFilter } from "../match/filter";
import { toArrayIndex } from "../match/path";
import { hasSameKey } from "../planner";
import type { Reply } from "../reply";
import type { Transaction } from "../transactions";
import { isDocument, isNumber, parseCollation, toNumber, valuesIdentical } from "../values";
import { checkFields, findCollection, readDocuments, readNamespace, write, type Call } from "./call";
import { changeStructure, openList, requireCollection } from "./collections";

/** Options that change what an index does. Two indexes on the same key may not differ in them. */
const MEANINGFUL = ["unique", "sparse", "partialFilterExpression", "expireAfterSeconds", "collation"];
const IGNORED = ["v", "key", "name", "background", "hidden", "ns", "commitQuorum"];
const PARTIAL_OPERATORS = new Set(["$eq", "$gt", "$gte", "$lt", "$lte", "$in", "$type", "$exists"]);
const MAX_INDEXES = 64;

/** createIndexes: makes the collection too when there is none. In a transaction only for a collection made in it. */
export async function createIndexes(call: Call): Promise<Reply> {
  checkFields(call, ["indexes", "commitQuorum"]);
  const namespace = readNamespace(call);
  const specs = [...readDocuments(getField(call.command, "indexes"), "createIndexes.indexes")];
  for (const spec of specs) checkSpec(spec);
  if (call.transaction) return addInTransaction(call, call.transaction, namespace, specs);
  return call.server.engine.structure.run(() => addPatiently(call, namespace, specs));
}

async function addPatiently(call: Call, namespace: string, specs: Document[]): Promise<Reply> {
  const { engine } = call.server;
  const plan = await write(call, (unit) => {
    const existing = unit.getCollection(namespace);
    const collection = existing ?? unit.createCollection(namespace);
    const indexes = planIndexes(call, collection, specs);
    if (indexes.length > 0) unit.claimCollection(collection);
    return { collection, indexes, isNew: !existing, before: collection.indexes.length };
  });
  const failure = await buildIndexes(engine, plan.collection, plan.indexes, call.deadline);
  if (failure) {
    engine.reclaimer.add(plan.indexes.map((index) => index.prefix));
    throw failure.reason;
  }
  return describeAdded(plan.before, plan.collection.indexes.length, plan.isNew);
}

function addInTransaction(call: Call, transaction: Transaction, namespace: string, specs: Document[]): Reply {
  const existing = transaction.getCollection(namespace);
  const collection = existing ?? transaction.createCollection(namespace);
  const before = collection.indexes.length;
  const indexes = planIndexes(call, collection, specs);
  if (indexes.length > 0) transaction.claimCollection(collection);
  addEntries(transaction, collection, indexes, collection.documentPrefix, Number.POSITIVE_INFINITY);
  collection.indexes = [...collection.indexes, ...indexes];
  return describeAdded(before, collection.indexes.length, !existing);
}

function describeAdded(before: number, after: number, isNew: boolean): Document {
  return {
    numIndexesBefore: before,
    numIndexesAfter: after,
    createdCollectionAutomatically: isNew,
    ...(before === after ? { note: "all indexes already exist" } : {}),
    ok: 1,
  };
}

/** @throws 67, 9, 197 or 238 for an index this server cannot keep */
function checkSpec(spec: Document): void {
  const { key } = spec;
  if (!isDocument(key) || Object.keys(key).length === 0) fail(67, "CannotCreateIndex", "Index keys cannot be empty.");
  if (typeof spec.name !== "string" || spec.name === "") {
    failToParse("The 'name' field is a required property of an index specification");
  }
  for (const [field, direction] of Object.entries(key)) {
    if (field === "" || field.split(".").includes("")) fail(67, "CannotCreateIndex", "Index keys cannot contain an empty field.");
    if (field.startsWith("$") || field.includes("$**")) refuse(`an index on '${field}'`);
    if (typeof direction === "string") refuse(`an index of type '${direction}'`);
    if (!isNumber(direction) || !(Math.abs(toNumber(direction)) > 0)) {
      fail(67, "CannotCreateIndex", "Values in v:2 index key pattern must be numbers or strings, and not 0");
    }
  }
  if (Object.keys(key).length > 1 && Object.keys(key).some((field) => toArrayIndex(field) !== undefined)) {
    refuse("a compound index on a field whose name is a number");
  }
  const unknown = Object.keys(spec).find((option) => !MEANINGFUL.includes(option) && !IGNORED.includes(option));
  if (unknown) fail(197, "InvalidIndexSpecificationOption", `The embedded database does not know the index option '${unknown}'`);
  checkExpiry(spec, Object.keys(key).length);
  if (spec.partialFilterExpression !== undefined && spec.sparse === true) {
    fail(67, "CannotCreateIndex", "cannot mix \"partialFilterExpression\" and \"sparse\" options");
  }
  checkPartialFilter(spec.partialFilterExpression);
  parseCollation(spec.collation);
}

function checkExpiry(spec: Document, fields: number): void {
  const seconds = spec.expireAfterSeconds;
  if (seconds === undefined) return;
  if (!isNumber(seconds) || !(toNumber(seconds) >= 0)) {
    fail(67, "CannotCreateIndex", "TTL index 'expireAfterSeconds' must be a number >= 0");
  }
  if (fields !== 1) fail(67, "CannotCreateIndex", "TTL indexes are single-field indexes, compound indexes do not support TTL");
}

/** Keeps to what the planner can reason about (see impliesFilter). */
function checkPartialFilter(filter: unknown): void {
  if (filter === undefined) return;
  if (!isDocument(filter)) return fail(14, "TypeMismatch", "partialFilterExpression must be an object");
  compileFilter(filter);
  for (const [field, condition] of Object.entries(filter)) {
    if (field === "$and" && Array.isArray(condition)) condition.forEach(checkPartialFilter);
    else if (field.startsWith("$")) fail(67, "CannotCreateIndex", `Expression not supported in partial index: ${field}`);
    if (!isDocument(condition)) continue;
    const bad = Object.keys(condition).find((name) => name.startsWith("$") && !PARTIAL_OPERATORS.has(name));
    if (bad) fail(67, "CannotCreateIndex", `Expression not supported in partial index: ${bad}`);
    if (condition.$exists === false) fail(67, "CannotCreateIndex", "Expression not supported in partial index: $not");
  }
}

/** What is stored: an index takes on the collation of its collection, unless it says "simple". */
function normalizeSpec(spec: Document, collection: Collection): Document {
  const { key, name, background: _background, v: _version, ns: _namespace, commitQuorum: _quorum, ...options } = spec;
  const normalized: Document = { v: new Int32(2), key, name, ...options };
  if (options.collation === undefined && collection.collation) normalized.collation = collection.options.collation;
  else if (parseCollation(options.collation) === undefined) delete normalized.collation;
  return normalized;
}

/** The indexes that specifications ask for and that are not there already. @throws 67, 85, 86 */
function planIndexes(call: Call, collection: Collection, specs: Document[]): Index[] {
  const planned: Index[] = [];
  for (const given of specs) {
    const spec = normalizeSpec(given, collection);
    const others = [...collection.indexes, ...planned];
    if (findSame(others, spec)) continue;
    if (others.length >= MAX_INDEXES) fail(67, "CannotCreateIndex", `add index fails, too many indexes for ${collection.namespace}`);
    planned.push(hydrateIndex(call.server.engine.catalog.takeId(), spec, {}));
  }
  return planned;
}

/** @throws 85 or 86 when an index of that name or key exists with other options */
function findSame(indexes: Index[], spec: Document): boolean {
  for (const index of indexes) {
    const isSameKey = hasSameKey(index.key, spec.key);
    const isSameName = index.name === spec.name;
    if (!isSameKey && !isSameName) continue;
    if (isSameKey && index.name === "_id_") return true;
    const isSame = isSameKey && hasSameOptions(index.spec, spec);
    if (isSame && isSameName) return true;
    if (isSame) fail(85, "IndexOptionsConflict", `Index already exists with a different name: ${index.name}`);
    if (isSameName && !isSameKey) {
      fail(86, "IndexKeySpecsConflict", `An existing index has the same name as the requested index: ${index.name}`);
    }
    if (isSameName || sharesPlace(index.spec, spec)) {
      fail(85, "IndexOptionsConflict", `An equivalent index already exists with the same name but different options: ${index.name}`);
    }
  }
  return false;
}

/** Same key, same filter, same collation: then unique, sparse and expiry may not differ. */
function sharesPlace(a: Document, b: Document): boolean {
  return ["partialFilterExpression", "collation"].every((option) => hasSameOption(a, b, option));
}

function hasSameOptions(a: Document, b: Document): boolean {
  return MEANINGFUL.every((option) => hasSameOption(a, b, option));
}

function hasSameOption(a: Document, b: Document, option: string): boolean {
  const [x, y] = [a[option], b[option]];
  if (isNumber(x) && isNumber(y)) return toNumber(x) === toNumber(y);
  return valuesIdentical(x === false ? undefined : x, y === false ? undefined : y);
}

export function listIndexes(call: Call): Promise<Reply> {
  checkFields(call, ["cursor"]);
  const namespace = readNamespace(call);
  const collection = findCollection(call, namespace);
  if (!collection) fail(26, "NamespaceNotFound", `ns does not exist: ${namespace}`);
  return openList(call, namespace, collection.indexes.filter(isBuilt).map((index) => index.spec));
}

/** dropIndexes: by name, names, key pattern, or `*` for all but `_id_`. */
export async function dropIndexes(call: Call): Promise<Reply> {
  checkFields(call, ["index"]);
  const namespace = readNamespace(call);
  return changeStructure(call, (context, dropped): Document => {
    const collection = requireCollection(context, namespace);
    const before = collection.indexes.length;
    const unwanted = chooseDropped(collection, call.command.index);
    context.claimCollection(collection);
    dropped.push(...unwanted);
    collection.indexes = collection.indexes.filter((index) => !unwanted.includes(index));
    saveCollection(context.view, collection);
    return { nIndexesWas: before, ok: 1 };
  });
}

function chooseDropped(collection: Collection, wanted: unknown): Index[] {
  if (wanted === "*") return collection.indexes.filter((index) => index.name !== "_id_");
  return (Array.isArray(wanted) ? wanted : [wanted]).map((one: unknown) => {
    const index = collection.indexes.find((candidate) =>
      typeof one === "string" ? candidate.name === one : hasSameKey(candidate.key, one),
    );
    if (!index) return fail(27, "IndexNotFound", `index not found with name [${String(one)}]`);
    if (index.name === "_id_") return fail(72, "InvalidOptions", "cannot drop _id index");
    return index;
  });
}
