import { Int32 } from "bson";
import { deserializeTyped, getField, type Document } from "../bson";
import { saveCollection, type Collection } from "../catalog";
import type { WriteContext } from "../engine";
import { fail, failToParse, refuse } from "../errors";
import { buildEntries, failDuplicate, hydrateIndex, type Index } from "../indexes";
import { encodeRecord, readRecord } from "../keys";
import { compileFilter } from "../match/filter";
import { hasSameKey } from "../planner";
import type { Reply } from "../reply";
import { isDocument, isNumber, parseCollation, toNumber, valuesIdentical } from "../values";
import { checkFields, findCollection, readDocuments, readNamespace, write, type Call } from "./call";
import { openList, removePrefix, requireCollection } from "./collections";

/** Options that change what an index does. Two indexes on the same key may not differ in them. */
const MEANINGFUL = ["unique", "sparse", "partialFilterExpression", "expireAfterSeconds", "collation"];
const IGNORED = ["v", "key", "name", "background", "hidden", "ns", "commitQuorum"];
const PARTIAL_OPERATORS = new Set(["$eq", "$gt", "$gte", "$lt", "$lte", "$in", "$type", "$exists"]);
const MAX_INDEXES = 64;

/** createIndexes: makes the collection too when there is none. Building is done at once, in one transaction. */
export async function createIndexes(call: Call): Promise<Reply> {
  checkFields(call, ["indexes", "commitQuorum"]);
  const namespace = readNamespace(call);
  const specs = readDocuments(getField(call.command, "indexes"), "createIndexes.indexes");
  for (const spec of specs) checkSpec(spec);
  return write(call, (context): Document => {
    const existing = context.getCollection(namespace);
    const collection = existing ?? context.createCollection(namespace);
    const before = collection.indexes.length;
    for (const spec of specs) addIndex(call, context, collection, normalizeSpec(spec, collection));
    const after = collection.indexes.length;
    return {
      numIndexesBefore: before,
      numIndexesAfter: after,
      createdCollectionAutomatically: !existing,
      ...(before === after ? { note: "all indexes already exist" } : {}),
      ok: 1,
    };
  });
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
  const unknown = Object.keys(spec).find((option) => !MEANINGFUL.includes(option) && !IGNORED.includes(option));
  if (unknown) fail(197, "InvalidIndexSpecificationOption", `The embedded database does not know the index option '${unknown}'`);
  checkExpiry(spec, Object.keys(key).length);
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

function addIndex(call: Call, context: WriteContext, collection: Collection, spec: Document): void {
  if (findSame(collection, spec)) return;
  context.claimCollection(collection);
  if (collection.indexes.length >= MAX_INDEXES) {
    fail(67, "CannotCreateIndex", `add index fails, too many indexes for ${collection.namespace}`);
  }
  context.noteCatalogChange();
  const index = hydrateIndex(call.server.engine.catalog.takeId(), spec, {});
  buildIndex(context, collection, index);
  index.stored = { multikey: index.multikey, longKeys: index.longKeys };
  collection.indexes.push(index);
  if (!context.transaction) saveCollection(context.view, collection);
}

/** @throws 85 or 86 when an index of that name or key exists with other options */
function findSame(collection: Collection, spec: Document): boolean {
  for (const index of collection.indexes) {
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

function buildIndex(context: WriteContext, collection: Collection, index: Index): void {
  const seen = new Set<string>();
  const keys: Buffer[] = [];
  for (const { key, value } of context.view.range(collection.documentPrefix, collection.documentEnd)) {
    const document = deserializeTyped(value);
    const record = encodeRecord(readRecord(key));
    for (const entry of buildEntries(index, document)) {
      if (index.unique) {
        const name = entry.toString("latin1");
        if (seen.has(name)) failDuplicate(collection.namespace, index, document);
        seen.add(name);
      }
      keys.push(Buffer.concat([entry, record]));
    }
  }
  const empty = Buffer.alloc(0);
  for (const key of keys.sort(Buffer.compare)) context.view.put(key, empty);
}

export function listIndexes(call: Call): Promise<Reply> {
  checkFields(call, ["cursor"]);
  const namespace = readNamespace(call);
  const collection = findCollection(call, namespace);
  if (!collection) fail(26, "NamespaceNotFound", `ns does not exist: ${namespace}`);
  return openList(call, namespace, collection.indexes.map((index) => index.spec));
}

/** dropIndexes: by name, names, key pattern, or `*` for all but `_id_`. */
export async function dropIndexes(call: Call): Promise<Reply> {
  checkFields(call, ["index"]);
  const namespace = readNamespace(call);
  return write(call, (context): Document => {
    const collection = requireCollection(context, namespace);
    const before = collection.indexes.length;
    const dropped = chooseDropped(collection, call.command.index);
    context.claimCollection(collection);
    context.noteCatalogChange();
    for (const index of dropped) removePrefix(context, index.prefix);
    collection.indexes = collection.indexes.filter((index) => !dropped.includes(index));
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
