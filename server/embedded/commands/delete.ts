import { getField, type Document } from "../bson";
import { failToParse } from "../errors";
import { compileFilter } from "../match/filter";
import { deleteTarget } from "../modify";
import type { Reply } from "../reply";
import { catchWriteError, runBatch, type BatchState } from "../statements";
import { toNumber } from "../values";
import { checkFields, checkStatements, readDocuments, readNamespace, readNumber, readVariables, type Call } from "./call";
import { checkBatchSize } from "./insert";
import { checkRetryable, locateQuietly, readTarget } from "./statement";

const NOTATION = { where: "delete.deletes", filter: "q" };
const STATEMENT_FIELDS = ["q", "limit", "collation", "hint"];

/** delete: `{ delete, deletes: [{ q, limit, collation, hint }], ordered, let }` */
export async function deleteDocuments(call: Call): Promise<Reply> {
  checkFields(call, ["deletes", "ordered", "let"]);
  const namespace = readNamespace(call);
  const statements = readDocuments(getField(call.command, "deletes"), "delete.deletes");
  checkBatchSize(statements.length);
  await checkStatements(call, statements, "delete.deletes", () => STATEMENT_FIELDS);
  const variables = readVariables(call.command);
  const isOrdered = call.command.ordered !== false;
  const targetOf = (statement: Document) => readTarget(statement, NOTATION, readLimit(statement) === 0, variables);
  const initial: BatchState & { n: unknown } = { n: 0, errors: [] };
  const state = await runBatch(call, {
    count: statements.length,
    initial,
    locate: (position) => locateQuietly(call, namespace, () => targetOf(statements.at(position))),
    run: (context, position, progress, located) =>
      catchWriteError(progress, position, isOrdered, context, () => {
        const target = targetOf(statements.at(position));
        checkRetryable(call, target, "limit=0");
        compileFilter(target.filter, { variables });
        const outcome = deleteTarget(context, namespace, target, call.deadline, located);
        progress.n = toNumber(progress.n) + outcome.deleted;
        return outcome.isFinished ? "next" : "again";
      }),
  });
  return { n: toNumber(state.n), ...(state.errors.length > 0 ? { writeErrors: state.errors } : {}), ok: 1 };
}

/** 1 is one document, 0 all of them. */
function readLimit(statement: Document): number {
  const limit = readNumber(statement.limit, 0);
  if (limit !== 0 && limit !== 1) failToParse(`The limit field in delete objects must be 0 or 1. Got ${limit}`);
  return limit;
}
