import { Long } from "bson";
import type { Flow } from "../aggregate/context";
import { failTooLarge, getField, MAX_DOCUMENT_BYTES, serializeDocument, type Document } from "../bson";
import type { DocumentSource } from "../cursors";
import type { Deadline } from "../deadline";
import { fail, failLocation, refuse } from "../errors";
import { compileFilter } from "../match/filter";
import { compileProjection } from "../project";
import { prepareQuery, runQuery, type PreparedQuery, type QueryOptions } from "../query";
import type { Reply } from "../reply";
import {
  checkFields,
  findCollection,
  getReadContext,
  readCollation,
  readDocument,
  readFlag,
  readNamespace,
  readNumber,
  readVariables,
  type Call,
} from "./call";

const FIELDS = [
  "filter",
  "sort",
  "projection",
  "hint",
  "skip",
  "limit",
  "batchSize",
  "singleBatch",
  "noCursorTimeout",
  "allowPartialResults",
  "allowDiskUse",
  "oplogReplay",
  "collation",
  "let",
  "min",
  "max",
  "returnKey",
  "showRecordId",
  "tailable",
  "awaitData",
];
const DEFAULT_WAIT_MS = 1000;
const REFUSED_FIELDS = ["min", "max", "returnKey", "showRecordId", "tailable", "awaitData"];

/** find: see readQueryOptions for the fields that choose and order documents. */
export async function find(call: Call): Promise<Reply> {
  const { command } = call;
  checkFields(call, FIELDS);
  for (const field of REFUSED_FIELDS) {
    const value = getField(command, field);
    if (readFlag(value)) refuse(`find with ${field}`);
  }
  const namespace = readNamespace(call);
  const filter = readDocument(command.filter, "find.filter") ?? {};
  const options = readQueryOptions(command);
  const batchSize = command.batchSize === undefined ? undefined : readNatural(command.batchSize, "batchSize");
  const collection = findCollection(call, namespace);
  const project = compileProjection(command.projection, {
    filter,
    variables: options.variables,
    collation: options.collation ?? collection?.collation,
  });
  if (!collection) compileFilter(filter, options);
  const source = collection
    ? drawDocuments(prepareQuery(getReadContext(call), collection, filter, options), call.deadline, project)
    : drawNothing();
  return call.server.cursors.open(namespace, source, call.deadline, {
    batchSize,
    isSingleBatch: readFlag(command.singleBatch),
    transaction: call.transaction,
  });
}

/** Fields shared by find and explain of find. */
export function readQueryOptions(command: Document): QueryOptions {
  return {
    sort: readDocument(command.sort, "find.sort"),
    skip: readNatural(command.skip, "skip"),
    limit: readNatural(command.limit, "limit"),
    hint: command.hint,
    collation: readCollation(command.collation),
    variables: readVariables(command),
  };
}

function readNatural(value: unknown, name: string): number {
  const number = Math.trunc(readNumber(value, 0));
  if (number < 0) failLocation(51024, `BSON field '${name}' value must be >= 0, actual value '${number}'`);
  return number;
}

/** Stored bytes of the documents, or those of their projection. */
export function* drawDocuments(
  query: PreparedQuery,
  deadline: Deadline,
  project: ((document: Document) => Document) | null,
): DocumentSource {
  for (const found of runQuery(query, deadline)) {
    if (!found) yield undefined;
    else yield project ? serializeDocument(project(found.document)) : found.bytes;
  }
}

function* drawNothing(): DocumentSource {
  // No collection, no documents.
}

/** Documents that are made on the way, or at hand already. */
export function* drawAll(documents: Flow): DocumentSource {
  for (const document of documents) {
    const bytes = document && serializeDocument(document);
    if (bytes && bytes.length > MAX_DOCUMENT_BYTES) failTooLarge(bytes.length);
    yield bytes;
  }
}

export async function getMore(call: Call): Promise<Reply> {
  checkFields(call, ["collection", "batchSize"]);
  const id = call.command.getMore;
  if (!(id instanceof Long)) fail(14, "TypeMismatch", "BSON field 'getMore.getMore' is the wrong type, expected type 'long'");
  const { collection, batchSize, maxTimeMS } = call.command;
  if (collection === undefined) fail(40414, "Location40414", "BSON field 'getMore.collection' is missing but a required field");
  return call.server.cursors.next({
    id: id.toBigInt(),
    namespace: `${call.database}.${String(collection)}`,
    transaction: call.transaction,
    batchSize: readNumber(batchSize, 0),
    waitMs: readNumber(maxTimeMS, DEFAULT_WAIT_MS),
  });
}

export function killCursors(call: Call): Reply {
  checkFields(call, ["cursors"]);
  const ids = Array.isArray(call.command.cursors) ? call.command.cursors : [];
  const killed: unknown[] = [];
  const unknown: unknown[] = [];
  for (const id of ids) (id instanceof Long && call.server.cursors.kill(id.toBigInt()) ? killed : unknown).push(id);
  call.server.engine.changes.wakeAll();
  return { cursorsKilled: killed, cursorsNotFound: unknown, cursorsAlive: [], cursorsUnknown: [], ok: 1 };
}
