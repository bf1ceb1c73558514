import { getField } from "../bson";
import { fail } from "../errors";
import { insertDocument } from "../records";
import type { Reply } from "../reply";
import { catchWriteError, runBatch, type BatchState } from "../statements";
import { toNumber } from "../values";
import { checkFields, readDocuments, readFlag, readNamespace, type Call } from "./call";

const MAX_STATEMENTS = 100_000;

/** @throws 16 for an empty or too long batch */
export function checkBatchSize(count: number): void {
  if (count > 0 && count <= MAX_STATEMENTS) return;
  fail(16, "InvalidLength", `Write batch sizes must be between 1 and ${MAX_STATEMENTS}. Got ${count} operations.`);
}

/** insert: `{ insert, documents, ordered, bypassDocumentValidation }` */
export async function insert(call: Call): Promise<Reply> {
  checkFields(call, ["documents", "ordered", "bypassDocumentValidation"]);
  const namespace = readNamespace(call);
  const documents = readDocuments(getField(call.command, "documents"), "insert.documents");
  checkBatchSize(documents.length);
  const isOrdered = call.command.ordered !== false;
  const bypassValidation = readFlag(call.command.bypassDocumentValidation);
  const initial: BatchState & { n: unknown } = { n: 0, errors: [] };
  const state = await runBatch(call, {
    count: documents.length,
    initial,
    locate: async () => undefined,
    run: (context, statement, progress) =>
      catchWriteError(progress, statement, isOrdered, context, () => {
        const collection = context.getCollection(namespace) ?? context.createCollection(namespace);
        insertDocument(context, collection, documents.at(statement), { bytes: documents.bytesAt(statement), bypassValidation });
        progress.n = toNumber(progress.n) + 1;
        return "next";
      }),
  });
  return { n: toNumber(state.n), ...(state.errors.length > 0 ? { writeErrors: state.errors } : {}), ok: 1 };
}
