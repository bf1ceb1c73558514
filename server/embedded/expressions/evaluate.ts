import type { Document } from "../bson";
import { fail } from "../errors";
import { isDocument } from "../types";
import { compileExpression } from "./compile";
import { newScope, type Variables } from "./scope";

/** The variables of a command's `let`, with one `$$NOW` for all of the command. */
export function evaluateLet(definitions: unknown): Variables {
  const variables = new Map<string, unknown>([["NOW", new Date()]]);
  if (definitions === undefined || definitions === null) return variables;
  if (!isDocument(definitions)) fail(14, "TypeMismatch", "BSON field 'let' is the wrong type, expected type 'object'");
  const scope = newScope({}, new Map(variables));
  for (const [name, expression] of Object.entries(definitions)) variables.set(name, compileExpression(expression)(scope));
  return variables;
}

/** Compiles and evaluates once. */
export function evaluateExpression(expression: unknown, document: Document, variables?: Variables): unknown {
  return compileExpression(expression)(newScope(document, variables));
}
