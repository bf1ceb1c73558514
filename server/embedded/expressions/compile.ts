import { getField, setField, type Document } from "../bson";
import { fail, failLocation, refuse } from "../errors";
import { isDocument } from "../types";
import { ACCUMULATOR_OPERATORS } from "./accumulators";
import { ARITHMETIC_OPERATORS } from "./arithmetic";
import { ARRAY_OPERATORS } from "./arrays";
import { BINDING_OPERATORS } from "./bindings";
import { CONVERSION_OPERATORS } from "./conversion";
import { DATE_OPERATORS } from "./dates";
import { DATE_MATH_OPERATORS } from "./date-math";
import { ELSEWHERE } from "./elsewhere";
import { LOGIC_OPERATORS } from "./logic";
import { OBJECT_OPERATORS } from "./objects";
import type { Evaluate, Operator } from "./scope";
import { SET_OPERATORS } from "./sets";
import { STRING_OPERATORS } from "./strings";

const OPERATORS: ReadonlyMap<string, Operator> = new Map([
  ...LOGIC_OPERATORS,
  ...ARITHMETIC_OPERATORS,
  ...STRING_OPERATORS,
  ...ARRAY_OPERATORS,
  ...SET_OPERATORS,
  ...OBJECT_OPERATORS,
  ...BINDING_OPERATORS,
  ...CONVERSION_OPERATORS,
  ...DATE_OPERATORS,
  ...DATE_MATH_OPERATORS,
  ...ACCUMULATOR_OPERATORS,
]);

const CODE_OPERATORS = new Set(["$function", "$accumulator"]);

/**
 * Compiles an aggregation expression. Throws 168 for an operator this server does not have, 15983 for an
 * object that mixes operators, 17276 (on evaluation) for an unknown variable.
 */
export function compileExpression(expression: unknown): Evaluate {
  if (typeof expression === "string" && expression.startsWith("$")) return compilePath(expression);
  if (Array.isArray(expression)) {
    const items = expression.map(compileExpression);
    return (scope) => items.map((evaluate) => evaluate(scope) ?? null);
  }
  if (!isDocument(expression)) return () => expression;
  const names = Object.keys(expression);
  if (names.some((name) => name.startsWith("$"))) return compileOperator(expression, names);
  return compileObject(expression);
}

function compileOperator(expression: Document, names: string[]): Evaluate {
  const [name = ""] = names;
  if (names.length > 1)
    failLocation(15983, `An object representing an expression must have exactly one field: { ${names.join(", ")} }`);
  if (CODE_OPERATORS.has(name)) refuse(name);
  const operator = OPERATORS.get(name);
  if (!operator) fail(168, "InvalidPipelineOperator", `Unrecognized expression '${name}' ${ELSEWHERE}`);
  return operator(expression[name], compileExpression, name);
}

function compileObject(expression: Document): Evaluate {
  const fields = Object.entries(expression).map(([name, value]) => {
    if (name.includes("."))
      failLocation(16412, `FieldPath field names may not contain '.'. Consider using $getField or $setField.`);
    return [name, compileExpression(value)] as const;
  });
  return (scope) => {
    const out: Document = {};
    for (const [name, evaluate] of fields) {
      const value = evaluate(scope);
      if (value !== undefined) setField(out, name, value);
    }
    return out;
  };
}

function compilePath(text: string): Evaluate {
  if (!text.startsWith("$$")) {
    const path = splitFieldPath(text.slice(1));
    return (scope) => readFieldPath(scope.current, path);
  }
  const [name = "", ...path] = text.slice(2).split(".");
  if (name === "ROOT") return (scope) => readFieldPath(scope.root, path);
  if (name === "CURRENT") return (scope) => readFieldPath(scope.current, path);
  if (name === "REMOVE") return () => undefined;
  if (name === "") failLocation(16869, "empty variable names are not allowed");
  return (scope) => {
    if (scope.variables.has(name)) return readFieldPath(scope.variables.get(name), path);
    return name === "NOW" ? new Date() : failLocation(17276, `Use of undefined variable: ${name}`);
  };
}

function splitFieldPath(path: string): string[] {
  if (path === "") failLocation(16872, "'$' by itself is not a valid FieldPath");
  const parts = path.split(".");
  if (parts.includes("")) failLocation(15998, "FieldPath field names may not be empty strings.");
  return parts;
}

/** A value by field names; over an array it gathers the values of its documents, and positions are not understood. */
function readFieldPath(value: unknown, path: readonly string[], from = 0): unknown {
  let node = value;
  for (let i = from; i < path.length; i += 1) {
    if (Array.isArray(node)) {
      return node.flatMap((item) => {
        const found = isDocument(item) ? readFieldPath(item, path, i) : undefined;
        return found === undefined ? [] : [found];
      });
    }
    if (!isDocument(node)) return undefined;
    node = getField(node, path[i] ?? "");
  }
  return node;
}
