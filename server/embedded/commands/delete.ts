import { getField, type Document } from "../bson";
import type { Variables } from "../expressions/scope";
import { compileFilter } from "../match/filter";
import { deleteTarget, type Target } from "../modify";
import type { Reply } from "../reply";
import { catchWriteError, runBatch, type BatchState } from "../statements";
import { toNumber } from "../values";
import {
  checkFields,
  checkKnown,
  readCollation,
  readDocument,
  readDocuments,
  readNamespace,
  readNumber,
  readVariables,
  type Call,
} from "./call";
import { checkBatchSize } from "./insert";
import { locateQuietly } from "./update";

/** delete: `{ delete, deletes: [{ q, limit, collation, hint }], ordered, let }` */
export async function deleteDocuments(call: Call): Promise<Reply> {
  checkFields(call, ["deletes", "ordered", "let"]);
  const namespace = readNamespace(call);
  const statements = readDocuments(getField(call.command, "deletes"), "delete.deletes");
  checkBatchSize(statements.length);
  for (const statement of statements) checkKnown(statement, "delete.deletes", ["q", "limit", "collation", "hint"]);
  const variables = readVariables(call.command);
  const isOrdered = call.command.ordered !== false;
  const initial: BatchState & { n: unknown } = { n: 0, errors: [] };
  const state = await runBatch(call, {
    count: statements.length,
    initial,
    locate: (position) => locateQuietly(call, namespace, () => readTarget(statements[position] ?? {}, variables)),
    run: (context, position, progress, located) =>
      catchWriteError(progress, position, isOrdered, context, () => {
        const target = readTarget(statements[position] ?? {}, variables);
        compileFilter(target.filter, { variables });
        const outcome = deleteTarget(context, namespace, target, call.deadline, located);
        progress.n = toNumber(progress.n) + outcome.deleted;
        return outcome.isFinished ? "next" : "again";
      }),
  });
  return { n: toNumber(state.n), ...(state.errors.length > 0 ? { writeErrors: state.errors } : {}), ok: 1 };
}

function readTarget(statement: Document, variables: Variables): Target {
  return {
    filter: readDocument(statement.q, "delete.deletes.q") ?? {},
    isMulti: readNumber(statement.limit, 0) === 0,
    options: { hint: statement.hint, collation: readCollation(statement.collation), variables },
  };
}
