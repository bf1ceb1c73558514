import { getField, type Document } from "../bson";
import { fail, failToParse } from "../errors";
import { deleteTarget, locateTarget, updateTarget } from "../modify";
import { compileProjection } from "../project";
import type { Reply } from "../reply";
import { runBatch, type BatchState } from "../statements";
import { checkFields, findCollection, getReadContext, readCollation, readFlag, readNamespace, readVariables, type Call } from "./call";
import { readChange, readTarget } from "./statement";

const NOTATION = { where: "findAndModify", filter: "query", update: "update" };

interface FindAndModifyState extends BatchState {
  lastErrorObject: Document;
  value: Document | null;
}

const FIELDS = [
  "query",
  "sort",
  "remove",
  "update",
  "new",
  "fields",
  "upsert",
  "bypassDocumentValidation",
  "collation",
  "arrayFilters",
  "hint",
  "let",
];

/** findAndModify: changes or removes one document and answers with it, as it was or as it has become. */
export async function findAndModify(call: Call): Promise<Reply> {
  const { command } = call;
  checkFields(call, FIELDS);
  checkCombination(command);
  const namespace = readNamespace(call);
  const variables = readVariables(command);
  const target = readTarget(command, NOTATION, false, variables);
  const collection = findCollection(call, namespace);
  const collation = readCollation(command.collation) ?? collection?.collation;
  const project = compileProjection(command.fields, { filter: target.filter, variables, collation });
  const bypassValidation = readFlag(command.bypassDocumentValidation);
  const options = { isMulti: false, variables, bypassValidation, collection };
  const change = readFlag(command.remove) ? null : readChange(command, NOTATION, options);
  const initial: FindAndModifyState = { lastErrorObject: { n: 0 }, value: null, errors: [] };
  const state = await runBatch(call, {
    count: 1,
    initial,
    locate: () => locateTarget(getReadContext(call), findCollection(call, namespace), target, call.deadline),
    run: (context, _statement, progress, located) => {
      if (change) {
        const outcome = updateTarget(context, namespace, target, change, call.deadline, located);
        const isUpserted = outcome.upsertedId !== undefined;
        const chosen = readFlag(command.new) ? outcome.after : outcome.before;
        progress.value = chosen ?? null;
        progress.lastErrorObject = {
          n: outcome.matched + (isUpserted ? 1 : 0),
          updatedExisting: outcome.matched > 0,
          ...(isUpserted ? { upserted: outcome.upsertedId } : {}),
        };
      } else {
        const outcome = deleteTarget(context, namespace, target, call.deadline, located);
        progress.value = outcome.before ?? null;
        progress.lastErrorObject = { n: outcome.deleted };
      }
      if (progress.value && project) progress.value = project(progress.value);
      return "next";
    },
  });
  return { lastErrorObject: state.lastErrorObject, value: state.value, ok: 1 };
}

function checkCombination(command: Document): void {
  if (getField(command, "update") === undefined) {
    if (!readFlag(command.remove)) failToParse("Either an update or remove=true must be specified");
    if (readFlag(command.new)) failToParse("Cannot specify both new=true and remove=true; 'remove' always returns the deleted document");
    if (readFlag(command.upsert)) failToParse("Cannot specify both upsert=true and remove=true");
  } else if (readFlag(command.remove)) {
    fail(9, "FailedToParse", "Cannot specify both an update and remove=true");
  }
}
