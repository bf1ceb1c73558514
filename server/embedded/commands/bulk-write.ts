import { getField, type Document } from "../bson";
import { failBadValue, failToParse } from "../errors";
import type { Variables } from "../expressions/scope";
import { deleteTarget, updateTarget, type Target } from "../modify";
import { insertDocument } from "../records";
import { CursorReply, type Reply } from "../reply";
import { catchWriteError, runBatch, type BatchState, type Located, type StatementResult } from "../statements";
import type { DocumentList } from "../document-list";
import type { WriteContext } from "../engine";
import { toNumber } from "../values";
import {
  checkFields,
  checkStatements,
  readDocument,
  readDocuments,
  readFlag,
  readNumber,
  readVariables,
  type Call,
} from "./call";
import { drawAll } from "./find";
import { checkBatchSize } from "./insert";
import { checkRetryable, locateQuietly, readChange, readTarget } from "./statement";

interface BulkState extends BatchState {
  nInserted: unknown;
  nMatched: unknown;
  nModified: unknown;
  nUpserted: unknown;
  nDeleted: unknown;
  results: Document[];
}

type Counter = "nInserted" | "nMatched" | "nModified" | "nUpserted" | "nDeleted";

const NOTATION = { where: "bulkWrite.ops", filter: "filter", update: "updateMods" };
const OPERATION_FIELDS = {
  insert: ["insert", "document"],
  update: ["update", "filter", "updateMods", "multi", "upsert", "arrayFilters", "hint", "collation", "sort", "constants"],
  delete: ["delete", "filter", "multi", "hint", "collation"],
};
type Kind = keyof typeof OPERATION_FIELDS;

interface Bulk {
  call: Call;
  operations: DocumentList;
  namespaces: string[];
  variables: Variables;
  bypassValidation: boolean;
}

/** bulkWrite (on the admin database): inserts, updates and deletes in several collections, in one command. */
export async function bulkWrite(call: Call): Promise<Reply> {
  const { command } = call;
  checkFields(call, ["ops", "nsInfo", "ordered", "bypassDocumentValidation", "let", "errorsOnly", "cursor"]);
  const bulk: Bulk = {
    call,
    operations: readDocuments(getField(command, "ops"), "bulkWrite.ops"),
    namespaces: Array.from(readDocuments(getField(command, "nsInfo"), "bulkWrite.nsInfo"), (info) => String(info.ns)),
    variables: readVariables(command),
    bypassValidation: readFlag(command.bypassDocumentValidation),
  };
  checkBatchSize(bulk.operations.length);
  await checkStatements(call, bulk.operations, "bulkWrite.ops", (operation) => OPERATION_FIELDS[readKind(operation)]);
  const isOrdered = command.ordered !== false;
  const initial: BulkState = { nInserted: 0, nMatched: 0, nModified: 0, nUpserted: 0, nDeleted: 0, results: [], errors: [] };
  const state = await runBatch(call, {
    count: bulk.operations.length,
    initial,
    locate: (position) => locateOperation(bulk, position),
    run: (context, position, progress, located) => {
      const errors = progress.errors.length;
      const result = catchWriteError(progress, position, isOrdered, context, () =>
        runOperation(bulk, context, position, progress, located),
      );
      if (progress.errors.length > errors) addError(progress, position);
      return result;
    },
  });
  return answer(call, state);
}

function readKind(operation: Document): Kind {
  const kind = Object.keys(operation)[0];
  if (kind === "insert" || kind === "update" || kind === "delete") return kind;
  return failToParse(`BSON field 'bulkWrite.ops' holds an unknown operation '${kind ?? ""}'`);
}

function readOperationNamespace(bulk: Bulk, operation: Document): string {
  const position = toNumber(operation[readKind(operation)]);
  return bulk.namespaces[position] ?? failBadValue(`BulkWrite ops entry has an invalid nsInfo index ${position}`);
}

function readOperationTarget(bulk: Bulk, operation: Document): Target {
  return readTarget(operation, NOTATION, readFlag(operation.multi), bulk.variables);
}

async function locateOperation(bulk: Bulk, position: number): Promise<Located | undefined> {
  const operation = bulk.operations.at(position);
  if (readKind(operation) === "insert") return undefined;
  return locateQuietly(bulk.call, readOperationNamespace(bulk, operation), () => readOperationTarget(bulk, operation));
}

function runOperation(
  bulk: Bulk,
  context: WriteContext,
  position: number,
  state: BulkState,
  located: Located | undefined,
): StatementResult {
  const operation = bulk.operations.at(position);
  const namespace = readOperationNamespace(bulk, operation);
  const kind = readKind(operation);
  if (kind === "insert") {
    const document = readDocument(operation.document, "bulkWrite.ops.document") ?? {};
    const collection = context.getCollection(namespace) ?? context.createCollection(namespace);
    insertDocument(context, collection, document, { bypassValidation: bulk.bypassValidation });
    addResult(state, position, "nInserted", 1);
    return "next";
  }
  const target = readOperationTarget(bulk, operation);
  checkRetryable(bulk.call, target, "multi=true");
  if (kind === "delete") {
    const outcome = deleteTarget(context, namespace, target, bulk.call.deadline, located);
    addResult(state, position, "nDeleted", outcome.deleted);
    return outcome.isFinished ? "next" : "again";
  }
  return runUpdate(bulk, context, position, state, target, located);
}

function runUpdate(
  bulk: Bulk,
  context: WriteContext,
  position: number,
  state: BulkState,
  target: Target,
  located: Located | undefined,
): StatementResult {
  const operation = bulk.operations.at(position);
  const { variables, bypassValidation } = bulk;
  const namespace = readOperationNamespace(bulk, operation);
  const collection = context.getCollection(namespace);
  const change = readChange(operation, NOTATION, { isMulti: target.isMulti, variables, bypassValidation, collection });
  const outcome = updateTarget(context, namespace, target, change, bulk.call.deadline, located);
  const isUpserted = outcome.upsertedId !== undefined;
  addResult(state, position, "nMatched", outcome.matched, { nModified: outcome.modified });
  state.nModified = toNumber(state.nModified) + outcome.modified;
  if (isUpserted) {
    state.nUpserted = toNumber(state.nUpserted) + 1;
    const last = state.results.pop() ?? {};
    state.results.push({ ...last, n: 1, upserted: { _id: outcome.upsertedId } });
  }
  return outcome.isFinished ? "next" : "again";
}

/** Adds to the counter and to the operation's own result; a statement in several slices has one result. */
function addResult(state: BulkState, position: number, counter: Counter, n: number, more: Document = {}): void {
  state[counter] = toNumber(state[counter]) + n;
  const last = state.results.at(-1);
  if (last && toNumber(last.idx) === position) {
    state.results.pop();
    const nModified = more.nModified === undefined ? {} : { nModified: toNumber(last.nModified) + toNumber(more.nModified) };
    state.results.push({ ...last, n: toNumber(last.n) + n, ...nModified });
  } else {
    state.results.push({ ok: 1, idx: position, n, ...more });
  }
}

function addError(state: BulkState, position: number): void {
  const { index: _index, ...error } = state.errors.at(-1) ?? {};
  if (toNumber(state.results.at(-1)?.idx) === position) state.results.pop();
  state.results.push({ ok: 0, idx: position, n: 0, ...error });
}

async function answer(call: Call, state: BulkState): Promise<Reply> {
  const isErrorsOnly = readFlag(call.command.errorsOnly);
  const shown = isErrorsOnly ? state.results.filter((result) => toNumber(result.ok) === 0) : state.results;
  const cursor = readDocument(call.command.cursor, "bulkWrite.cursor");
  const batchSize = readNumber(cursor?.batchSize, Number.POSITIVE_INFINITY);
  const { transaction } = call;
  const opened = await call.server.cursors.open("admin.$cmd.bulkWrite", drawAll(shown), call.deadline, { batchSize, transaction });
  const counters: Document = { nErrors: state.errors.length };
  for (const name of ["nInserted", "nMatched", "nModified", "nUpserted", "nDeleted"] as const) {
    counters[name] = toNumber(state[name]);
  }
  return new CursorReply(opened.namespace, opened.cursorId, "firstBatch", opened.batch, { ...counters, ok: 1 });
}
