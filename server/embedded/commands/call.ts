import { getField, type Document } from "../bson";
import type { Collection } from "../catalog";
import type { Cursors } from "../cursors";
import type { Deadline } from "../deadline";
import { DocumentList } from "../document-list";
import type { Engine, ReadContext, WriteContext } from "../engine";
import { fail, failToParse } from "../errors";
import { evaluateLet } from "../expressions/evaluate";
import type { Variables } from "../expressions/scope";
import type { Reply } from "../reply";
import type { RetrySlot } from "../retry";
import type { Session, Sessions } from "../sessions";
import type { Transaction } from "../transactions";
import { isDocument, isTruthy, parseCollation, toNumber, type Collation } from "../values";

/** What all commands of one server share. */
export interface ServerState {
  engine: Engine;
  sessions: Sessions;
  cursors: Cursors;
  address: string;
  startedAt: number;
  connectionCount: () => number;
  /** Asks the server to end, as the `shutdown` command does. */
  requestStop: () => void;
}

export interface ConnectionInfo {
  id: number;
  appName: string | null;
}

/** One command on its way through the server. */
export interface Call {
  name: string;
  command: Document;
  database: string;
  server: ServerState;
  connection: ConnectionInfo;
  session: Session | null;
  transaction: Transaction | null;
  /** Present for a retryable write outside a transaction. */
  retry: RetrySlot | null;
  deadline: Deadline;
}

export type Handler = (call: Call) => Promise<Reply> | Reply;

/** Fields every command may carry. */
const COMMON_FIELDS = new Set([
  "$db",
  "lsid",
  "txnNumber",
  "autocommit",
  "startTransaction",
  "$clusterTime",
  "$readPreference",
  "readConcern",
  "writeConcern",
  "maxTimeMS",
  "comment",
  "apiVersion",
  "apiStrict",
  "apiDeprecationErrors",
  "stmtId",
  "stmtIds",
]);

/** @throws 40415 for a field this server does not know: ignoring it could give a wrong answer */
export function checkFields(call: Call, known: readonly string[]): void {
  checkKnown(call.command, call.name, [call.name, ...known], COMMON_FIELDS);
}

/** The same for a statement inside a command. */
export function checkKnown(document: Document, where: string, known: readonly string[], also?: Set<string>): void {
  for (const field of Object.keys(document)) {
    if (known.includes(field) || also?.has(field)) continue;
    fail(40415, "Location40415", `BSON field '${where}.${field}' is an unknown field.`);
  }
}

/** The namespace that the command's first field names. @throws 73 */
export function readNamespace(call: Call): string {
  const name = getField(call.command, call.name);
  if (typeof name !== "string" || name === "") {
    fail(73, "InvalidNamespace", `collection name has invalid type or is empty in ${call.name}`);
  }
  return `${call.database}.${name}`;
}

/** Where the command reads: its transaction, or the store as it is. */
export function getReadContext(call: Call): ReadContext {
  return call.transaction ?? call.server.engine.reading;
}

export function findCollection(call: Call, namespace: string): Collection | undefined {
  return call.transaction?.getCollection(namespace) ?? call.server.engine.catalog.get(namespace);
}

/** Runs a write in the command's transaction, or in a store transaction of its own. */
export async function write<T>(call: Call, work: (context: WriteContext) => T): Promise<T> {
  if (call.transaction) return work(call.transaction);
  return call.server.engine.runUnitPatiently(work, call.deadline);
}

export function readNumber(value: unknown, otherwise: number): number {
  return value === undefined || value === null ? otherwise : toNumber(value);
}

export function readFlag(value: unknown): boolean {
  return isTruthy(value);
}

/** A document field, or undefined when missing. @throws 14 for another type */
export function readDocument(value: unknown, name: string): Document | undefined {
  if (value === undefined || value === null) return undefined;
  if (isDocument(value)) return value;
  return fail(14, "TypeMismatch", `BSON field '${name}' is the wrong type, expected type 'object'`);
}

/** An array of documents. @throws 40414 when missing, 14 for another type */
export function readDocuments(value: unknown, name: string): DocumentList {
  if (value instanceof DocumentList) return value;
  if (value === undefined) fail(40414, "Location40414", `BSON field '${name}' is missing but a required field`);
  if (!Array.isArray(value) || !value.every((item) => item instanceof Buffer || isDocument(item))) {
    fail(14, "TypeMismatch", `BSON field '${name}' is the wrong type, expected an array of objects`);
  }
  return new DocumentList(value);
}

/** Checks the fields of all statements of a command before any of them runs. @throws 40415 */
export async function checkStatements(
  call: Call,
  statements: DocumentList,
  where: string,
  knownOf: (statement: Document) => readonly string[],
): Promise<void> {
  for (const statement of statements) {
    checkKnown(statement, where, knownOf(statement));
    await call.deadline.breathe();
  }
}

const SIMPLE: Collation = { caseInsensitive: false };

/** A command's collation; undefined leaves it to the collection, "simple" overrules the collection's. */
export function readCollation(value: unknown): Collation | undefined {
  const parsed = parseCollation(value);
  const isSimple = parsed === undefined && isDocument(value) && Object.keys(value).length > 0;
  return isSimple ? SIMPLE : parsed;
}

/** The variables a command's `let` gives to its expressions. */
export function readVariables(command: Document): Variables {
  return evaluateLet(getField(command, "let"));
}

/** @throws 9 for a negative number */
export function readCount(value: unknown, name: string): number {
  const number = readNumber(value, 0);
  if (!(number >= 0)) failToParse(`BSON field '${name}' value must be >= 0, actual value '${number}'`);
  return Math.trunc(number);
}
