import { Long } from "bson";
import { getField, serializeDocument, type Document } from "../bson";
import type { DocumentSource } from "../cursors";
import type { Deadline } from "../deadline";
import { failLocation, failToParse, refuse } from "../errors";
import { compileFilter } from "../match/filter";
import { compileProjection } from "../project";
import { prepareQuery, runQuery, type PreparedQuery, type QueryOptions } from "../query";
import type { Reply } from "../reply";
import { toNumber } from "../values";
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
  const { options, isSingleBatch } = readQueryOptions(command);
  const project = compileProjection(command.projection, {
    filter,
    variables: options.variables,
    collation: options.collation,
  });
  const collection = findCollection(call, namespace);
  if (!collection) compileFilter(filter, options);
  const source = collection
    ? drawDocuments(prepareQuery(getReadContext(call), collection, filter, options), call.deadline, project)
    : drawNothing();
  return call.server.cursors.open(namespace, source, call.deadline, {
    batchSize: command.batchSize === undefined ? undefined : toNumber(command.batchSize),
    isSingleBatch,
    transaction: call.transaction,
  });
}

/** Fields shared by find and explain of find. A negative limit asks for one batch of that many. */
export function readQueryOptions(command: Document): { options: QueryOptions; isSingleBatch: boolean } {
  const limit = Math.trunc(readNumber(command.limit, 0));
  const skip = Math.trunc(readNumber(command.skip, 0));
  if (skip < 0) failLocation(51024, `BSON field 'skip' value must be >= 0, actual value '${skip}'`);
  return {
    isSingleBatch: limit < 0 || readFlag(command.singleBatch),
    options: {
      sort: readDocument(command.sort, "find.sort"),
      skip,
      limit: Math.abs(limit),
      hint: command.hint,
      collation: readCollation(command.collation),
      variables: readVariables(command),
    },
  };
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

/** Documents that are at hand already. */
export function* drawAll(documents: Iterable<Document>): DocumentSource {
  for (const document of documents) yield serializeDocument(document);
}

export async function getMore(call: Call): Promise<Reply> {
  checkFields(call, ["collection", "batchSize"]);
  const id = call.command.getMore;
  if (!(id instanceof Long)) failToParse("BSON field 'getMore.getMore' is the wrong type, expected type 'long'");
  return call.server.cursors.next(id.toBigInt(), readNumber(call.command.batchSize, 0), 0);
}

export function killCursors(call: Call): Reply {
  checkFields(call, ["cursors"]);
  const ids = Array.isArray(call.command.cursors) ? call.command.cursors : [];
  const killed: unknown[] = [];
  const unknown: unknown[] = [];
  for (const id of ids) (id instanceof Long && call.server.cursors.kill(id.toBigInt()) ? killed : unknown).push(id);
  return { cursorsKilled: killed, cursorsNotFound: unknown, cursorsAlive: [], cursorsUnknown: [], ok: 1 };
}
