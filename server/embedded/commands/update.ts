import { getField, type Document } from "../bson";
import { updateTarget } from "../modify";
import type { Reply } from "../reply";
import { catchWriteError, runBatch, type BatchState } from "../statements";
import { toNumber } from "../values";
import { checkFields, checkStatements, readDocuments, readFlag, readNamespace, readVariables, type Call } from "./call";
import { checkBatchSize } from "./insert";
import { checkRetryable, locateQuietly, readChange, readTarget } from "./statement";

const NOTATION = { where: "update.updates", filter: "q", update: "u" };
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
  await checkStatements(call, statements, "update.updates", () => STATEMENT_FIELDS);
  const variables = readVariables(call.command);
  const isOrdered = call.command.ordered !== false;
  const bypassValidation = readFlag(call.command.bypassDocumentValidation);
  const targetOf = (statement: Document) => readTarget(statement, NOTATION, readFlag(statement.multi), variables);
  const initial: UpdateState = { n: 0, modified: 0, upserted: [], errors: [] };
  const state = await runBatch(call, {
    count: statements.length,
    initial,
    locate: (position) => locateQuietly(call, namespace, () => targetOf(statements.at(position))),
    run: (context, position, progress, located) =>
      catchWriteError(progress, position, isOrdered, context, () => {
        const statement = statements.at(position);
        const target = targetOf(statement);
        checkRetryable(call, target, "multi=true");
        const collection = context.getCollection(namespace);
        const change = readChange(statement, NOTATION, { isMulti: target.isMulti, variables, bypassValidation, collection });
        const outcome = updateTarget(context, namespace, target, change, call.deadline, located);
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
