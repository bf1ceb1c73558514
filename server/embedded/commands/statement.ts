import { getField, type Document } from "../bson";
import type { Collection } from "../catalog";
import { fail, failToParse, MongoServerFault } from "../errors";
import type { Variables } from "../expressions/scope";
import { locateTarget, type Target, type UpdateChange } from "../modify";
import type { Located } from "../statements";
import { compileUpdate } from "../update/compile";
import { findCollection, getReadContext, readCollation, readDocument, readFlag, type Call } from "./call";

/** How a command writes down its statements: what each field is called, and how errors name the place. */
export interface Notation {
  where: string;
  filter: string;
  update?: string;
}

/** Which documents a statement is about. */
export function readTarget(statement: Document, { where, filter }: Notation, isMulti: boolean, variables: Variables): Target {
  return {
    filter: readDocument(getField(statement, filter), `${where}.${filter}`) ?? {},
    isMulti,
    options: {
      sort: readDocument(statement.sort, `${where}.sort`),
      hint: statement.hint,
      collation: readCollation(statement.collation),
      variables,
    },
  };
}

/** @throws 9 for an update that is neither operators, a replacement nor a pipeline, or a replacement of many */
export function readChange(
  statement: Document,
  { update = "update" }: Notation,
  options: { isMulti: boolean; variables: Variables; bypassValidation: boolean; collection: Collection | undefined },
): UpdateChange {
  const compiled = compileUpdate(getField(statement, update), {
    arrayFilters: statement.arrayFilters,
    variables: options.variables,
    collation: readCollation(statement.collation) ?? options.collection?.collation,
  });
  if (compiled.kind === "replacement" && options.isMulti) {
    failToParse("multi update is not supported for replacement-style update");
  }
  return { update: compiled, isUpsert: readFlag(statement.upsert), bypassValidation: options.bypassValidation };
}

/** @throws 72 for a numbered write outside a transaction that is about many documents: repeating it may do something else */
export function checkRetryable(call: Call, target: Target, how: string): void {
  if (call.retry && target.isMulti) fail(72, "InvalidOptions", `Cannot use (or request) retryable writes with ${how}`);
}

/** A statement that is malformed fails when it runs, as a write error of its own: here it is just not located. */
export async function locateQuietly(call: Call, namespace: string, read: () => Target): Promise<Located | undefined> {
  try {
    return await locateTarget(getReadContext(call), findCollection(call, namespace), read(), call.deadline);
  } catch (error) {
    const isLimit = error instanceof MongoServerFault && (error.code === 50 || error.code === 146);
    if (isLimit || !(error instanceof MongoServerFault)) throw error;
    return undefined;
  }
}
