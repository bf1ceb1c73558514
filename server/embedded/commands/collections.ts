import { Binary } from "bson";
import { getField, type Document } from "../bson";
import { checkNamespace, refreshOptions, saveCollection, type Collection } from "../catalog";
import { describeStructure } from "../change-events";
import type { WriteContext } from "../engine";
import { fail, failBadValue, refuse } from "../errors";
import { hydrateIndex, type Index } from "../indexes";
import { buildCatalogKey } from "../keys";
import { compileFilter } from "../match/filter";
import { hasSameKey } from "../planner";
import { removeSome } from "../reclaim";
import type { Reply } from "../reply";
import { isDocument, isNumber, valuesIdentical } from "../values";
import { checkFields, readDocument, readFlag, readNamespace, readNumber, write, type Call } from "./call";
import { drawAll } from "./find";

const OPTION_FIELDS = ["validator", "validationLevel", "validationAction", "collation"];
const REFUSED_OPTIONS = ["capped", "timeseries", "viewOn", "pipeline", "encryptedFields", "clusteredIndex", "changeStreamPreAndPostImages"];
/** Accepted and of no consequence here. */
const IGNORED_OPTIONS = ["autoIndexId", "idIndex", "storageEngine", "indexOptionDefaults", "size", "max", "expireAfterSeconds"];

function pickOptions(command: Document): Document {
  const options: Document = {};
  for (const name of OPTION_FIELDS) {
    const value = getField(command, name);
    if (value !== undefined) options[name] = value;
  }
  return options;
}

/** create: plain collections, with a validator and a collation. @throws 48 when it exists with other options */
export async function create(call: Call): Promise<Reply> {
  checkFields(call, [...OPTION_FIELDS, ...REFUSED_OPTIONS, ...IGNORED_OPTIONS]);
  for (const name of REFUSED_OPTIONS) {
    const value = getField(call.command, name);
    if (value !== undefined && value !== false) refuse(`create with ${name}`);
  }
  if (call.command.expireAfterSeconds !== undefined) refuse("create with expireAfterSeconds");
  const namespace = readNamespace(call);
  const options = pickOptions(call.command);
  await write(call, (context) => {
    const existing = context.getCollection(namespace);
    if (!existing) return context.createCollection(namespace, options);
    if (valuesIdentical(existing.options, options)) return existing;
    return fail(48, "NamespaceExists", `Collection ${namespace} already exists with different options.`);
  });
  return { ok: 1 };
}

/** collMod: validator, and expireAfterSeconds of an index. */
export async function collMod(call: Call): Promise<Reply> {
  checkFields(call, ["index", "validator", "validationLevel", "validationAction", "changeStreamPreAndPostImages"]);
  if (call.command.changeStreamPreAndPostImages !== undefined) refuse("collMod with changeStreamPreAndPostImages");
  const namespace = readNamespace(call);
  const indexChange = readDocument(call.command.index, "collMod.index");
  await changeStructure(call, (context) => {
    const collection = requireCollection(context, namespace);
    const changed: Collection = { ...collection, options: { ...collection.options, ...pickOptions(call.command) } };
    refreshOptions(changed);
    if (indexChange) changeIndex(changed, indexChange);
    // Ends transactions: only for a change that can be made.
    context.claimCollection(collection);
    Object.assign(collection, changed);
    saveCollection(context.view, collection);
  });
  return { ok: 1 };
}

function changeIndex(collection: Collection, change: Document): void {
  const known = ["name", "keyPattern", "expireAfterSeconds"];
  const unknown = Object.keys(change).find((name) => !known.includes(name));
  if (unknown) refuse(`collMod of an index's ${unknown}`);
  const isWanted = (index: Index) =>
    change.name === undefined ? hasSameKey(index.key, change.keyPattern) : index.name === change.name;
  const position = collection.indexes.findIndex(isWanted);
  const index = collection.indexes[position];
  if (!index) return fail(27, "IndexNotFound", "cannot find the index to change");
  if (!isNumber(change.expireAfterSeconds)) return failBadValue("collMod.index needs expireAfterSeconds");
  const spec = { ...index.spec, expireAfterSeconds: change.expireAfterSeconds };
  collection.indexes = collection.indexes.with(position, hydrateIndex(index.id, spec, index));
}

export function requireCollection(context: WriteContext, namespace: string): Collection {
  return context.getCollection(namespace) ?? fail(26, "NamespaceNotFound", `ns does not exist: ${namespace}`);
}

/** Takes a collection out of the catalogue, inside a store transaction. */
export function dropCollection(call: Call, context: WriteContext, collection: Collection, dropped: Dropped): void {
  context.claimCollection(collection);
  context.view.remove(buildCatalogKey(collection.namespace));
  call.server.engine.catalog.unregister(collection);
  dropped.push({ prefix: collection.documentPrefix }, ...collection.indexes);
  context.noteChange(() => describeStructure("drop", collection.namespace));
}

/** What a change has dropped: indexes, and the documents of collections. */
export type Dropped = (Index | { prefix: Buffer })[];

/** Runs a change of collections or indexes, after the one before it. `work` notes what it drops. */
export function changeStructure<T>(call: Call, work: (context: WriteContext, dropped: Dropped) => T): Promise<T> {
  const { engine } = call.server;
  return engine.structure.run(async () => {
    const { result, dropped, left } = await write(call, (context) => {
      const noted: Dropped = [];
      const out = work(context, noted);
      const unfinished = noted.map(({ prefix }) => prefix).filter((prefix) => !removeSome(context.view, prefix));
      return { result: out, dropped: noted, left: unfinished };
    });
    for (const thing of dropped) if ("builtAt" in thing) thing.builtAt = Number.POSITIVE_INFINITY;
    engine.reclaimer.add(left);
    return result;
  });
}

export async function drop(call: Call): Promise<Reply> {
  checkFields(call, []);
  const namespace = readNamespace(call);
  return changeStructure(call, (context, dropped): Document => {
    const collection = context.getCollection(namespace);
    if (!collection) return { ok: 1 };
    dropCollection(call, context, collection, dropped);
    return { nIndexesWas: collection.indexes.length, ns: namespace, ok: 1 };
  });
}

export async function dropDatabase(call: Call): Promise<Reply> {
  checkFields(call, []);
  await changeStructure(call, (context, dropped) => {
    for (const collection of call.server.engine.catalog.ofDatabase(call.database)) {
      dropCollection(call, context, collection, dropped);
    }
    context.noteChange(() => describeStructure("dropDatabase", call.database));
  });
  return { dropped: call.database, ok: 1 };
}

/** renameCollection: `{ renameCollection: "db.a", to: "db.b", dropTarget }`, also between databases. */
export async function renameCollection(call: Call): Promise<Reply> {
  checkFields(call, ["to", "dropTarget"]);
  const from = String(call.command.renameCollection);
  const to = String(call.command.to);
  checkNamespace(to);
  await changeStructure(call, (context, dropped) => {
    const collection = context.getCollection(from);
    if (!collection) fail(26, "NamespaceNotFound", `Source collection ${from} does not exist`);
    if (from === to) fail(20, "IllegalOperation", "Can't rename a collection to itself");
    const target = context.getCollection(to);
    if (target && !readFlag(call.command.dropTarget)) fail(48, "NamespaceExists", "target namespace exists");
    if (target) dropCollection(call, context, target, dropped);
    moveCollection(call, context, collection, to);
  });
  return { ok: 1 };
}

function moveCollection(call: Call, context: WriteContext, collection: Collection, to: string): void {
  const { catalog } = call.server.engine;
  context.claimCollection(collection);
  context.view.remove(buildCatalogKey(collection.namespace));
  catalog.unregister(collection);
  const from = collection.namespace;
  context.noteChange(() => describeStructure("rename", from, to));
  collection.namespace = to;
  catalog.register(collection);
  saveCollection(context.view, collection);
}

export async function listCollections(call: Call): Promise<Reply> {
  checkFields(call, ["filter", "nameOnly", "authorizedCollections", "cursor"]);
  const matches = compileFilter(readDocument(call.command.filter, "listCollections.filter") ?? {});
  const listed = call.server.engine.catalog
    .ofDatabase(call.database)
    .map((collection) => describeCollection(call.database, collection))
    .filter(matches);
  const shown = readFlag(call.command.nameOnly) ? listed.map(({ name, type }) => ({ name, type })) : listed;
  return openList(call, `${call.database}.$cmd.listCollections`, shown);
}

function describeCollection(database: string, collection: Collection): Document {
  return {
    name: collection.namespace.slice(database.length + 1),
    type: "collection",
    options: collection.options,
    info: { readOnly: false, uuid: new Binary(Buffer.from(collection.uuid.replaceAll("-", ""), "hex"), Binary.SUBTYPE_UUID) },
    idIndex: collection.indexes[0]?.spec,
  };
}

/** Answers with a cursor over documents made on the spot. */
export function openList(call: Call, namespace: string, documents: Document[]): Promise<Reply> {
  const cursor = isDocument(call.command.cursor) ? call.command.cursor : {};
  const batchSize = readNumber(cursor.batchSize, Number.POSITIVE_INFINITY);
  return call.server.cursors.open(namespace, drawAll(documents), call.deadline, { batchSize });
}

export function listDatabases(call: Call): Reply {
  checkFields(call, ["filter", "nameOnly", "authorizedDatabases"]);
  const sizes = new Map<string, number>();
  for (const collection of call.server.engine.catalog.all()) {
    const name = collection.namespace.slice(0, collection.namespace.indexOf("."));
    sizes.set(name, (sizes.get(name) ?? 0) + collection.count);
  }
  const matches = compileFilter(readDocument(call.command.filter, "listDatabases.filter") ?? {});
  const databases = [...sizes]
    .sort()
    .map(([name, documents]): Document => ({ name, sizeOnDisk: documents * 1024, empty: false }))
    .filter(matches);
  if (readFlag(call.command.nameOnly)) return { databases: databases.map(({ name }) => ({ name })), ok: 1 };
  return { databases, totalSize: 0, ok: 1 };
}
