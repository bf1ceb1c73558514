import { getField, type Document } from "../bson";
import { failToParse, MongoServerFault } from "../errors";
import type { Variables } from "../expressions/scope";
import { locateTarget, updateTarget, type Target, type UpdateChange } from "../modify";
import type { Reply } from "../reply";
import { catchWriteError, runBatch, type BatchState, type Located } from "../statements";
import { compileUpdate } from "../update/compile";
import { toNumber } from "../values";
import {
  checkFields,
  checkKnown,
  findCollection,
  getReadContext,
  readCollation,
  readDocument,
  readDocuments,
  readFlag,
  readNamespace,
  readVariables,
  type Call,
} from "./call";
import { checkBatchSize } from "./insert";

const STATEMENT_FIELDS = ["q", "u", "c", "upsert", "multi", "collation", "arrayFilters", "hint", "sort"];

interface UpdateState extends BatchState {
  n: unknown;
  modified: unknown;
  upserted: Document[];
}

/** update: `{ update, updates: [{ q, u, upsert, multi, collation, arrayFilters, hint, sort }], ordered, let }` */
export async function update(call: Call): Promise<Reply> {
  checkFields(call, ["updates", "ordered", "bypassDocumentValidation", "let"]);
  const namespace = readNamespace(call);
  const statements = readDocuments(getField(call.command, "updates"), "update.updates");
  checkBatchSize(statements.length);
  for (const statement of statements) checkKnown(statement, "update.updates", STATEMENT_FIELDS);
  const variables = readVariables(call.command);
  const isOrdered = call.command.ordered !== false;
  const bypassValidation = readFlag(call.command.bypassDocumentValidation);
  const initial: UpdateState = { n: 0, modified: 0, upserted: [], errors: [] };
  const state = await runBatch(call, {
    count: statements.length,
    initial,
    locate: (position) => locateQuietly(call, namespace, () => readTarget(statements[position] ?? {}, variables)),
    run: (context, position, progress, located) =>
      catchWriteError(progress, position, isOrdered, context, () => {
        const statement = statements[position] ?? {};
        const change = readChange(statement, variables, bypassValidation);
        const outcome = updateTarget(context, namespace, readTarget(statement, variables), change, call.deadline, located);
        addOutcome(progress, position, outcome);
        return outcome.isFinished ? "next" : "again";
      }),
  });
  return {
    n: toNumber(state.n),
    nModified: toNumber(state.modified),
    ...(state.upserted.length > 0 ? { upserted: state.upserted } : {}),
    ...(state.errors.length > 0 ? { writeErrors: state.errors } : {}),
    ok: 1,
  };
}

function addOutcome(
  state: UpdateState,
  position: number,
  outcome: { matched: number; modified: number; upsertedId?: unknown },
): void {
  const isUpserted = outcome.upsertedId !== undefined;
  state.n = toNumber(state.n) + outcome.matched + (isUpserted ? 1 : 0);
  state.modified = toNumber(state.modified) + outcome.modified;
  if (isUpserted) state.upserted.push({ index: position, _id: outcome.upsertedId });
}

/** A statement that is malformed fails when it runs, as a write error of its own: here it is just not located. */
export async function locateQuietly(call: Call, namespace: string, readTarget: () => Target): Promise<Located | undefined> {
  try {
    return await locateTarget(getReadContext(call), findCollection(call, namespace), readTarget(), call.deadline);
  } catch (error) {
    const isLimit = error instanceof MongoServerFault && (error.code === 50 || error.code === 146);
    if (isLimit || !(error instanceof MongoServerFault)) throw error;
    return undefined;
  }
}

function readTarget(statement: Document, variables: Variables): Target {
  return {
    filter: readDocument(statement.q, "update.updates.q") ?? {},
    isMulti: readFlag(statement.multi),
    options: {
      sort: readDocument(statement.sort, "update.updates.sort"),
      hint: statement.hint,
      collation: readCollation(statement.collation),
      variables,
    },
  };
}

/** @throws 9 for an update that is neither operators, a replacement nor a pipeline, or a replacement of many */
function readChange(statement: Document, variables: Variables, bypassValidation: boolean): UpdateChange {
  const compiled = compileUpdate(statement.u, {
    arrayFilters: statement.arrayFilters,
    variables,
    collation: readCollation(statement.collation),
  });
  if (compiled.kind === "replacement" && readFlag(statement.multi)) {
    failToParse("multi update is not supported for replacement-style update");
  }
  return { update: compiled, isUpsert: readFlag(statement.upsert), bypassValidation };
}
