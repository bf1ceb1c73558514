import type { Document } from "../bson";
import { fail, failBadValue, refuse } from "../errors";
import { compileExpression } from "../expressions/compile";
import { newScope, withCollation, type Variables } from "../expressions/scope";
import { encodeKey } from "../key-encoding";
import { isDocument, isTruthy, toRegexParts } from "../types";
import type { Collation } from "../values";
import {
  compileEquality,
  compileRegexOperator,
  isNegated,
  isNullish,
  isOperatorDocument,
  LIST_LIMIT,
  REFUSED_OPERATORS,
  VALUE_OPERATORS,
  type ValueTest,
} from "./operators";
import { walkPath } from "./path";

/** Whether a document satisfies a filter. */
export type Predicate = (document: Document) => boolean;

export interface FilterOptions {
  collation?: Collation;
  variables?: Variables;
}

/**
 * One condition on a path. "some" looks for a value that passes; "every" for all of a list of values; "not" for its conditions not
 * to hold together.
 */
type Condition =
  | { kind: "some"; test: ValueTest; negated: boolean }
  | { kind: "every"; begin(): ValueTest }
  | { kind: "not"; conditions: Condition[] };

/**
 * Compiles a query filter. Throws MongoDB's codes for what is malformed (2, 14) and 238 for what this server leaves
 * out (`$where`, `$jsonSchema`, `$text`, bits, geo).
 */
export function compileFilter(filter: unknown, options: FilterOptions = {}): Predicate {
  if (!isDocument(filter)) fail(14, "TypeMismatch", "Expected field filter to be of type object");
  const predicates = Object.keys(filter).flatMap((name) => {
    const predicate = name.startsWith("$")
      ? compileLogical(name, filter[name], options)
      : compileField(name, filter[name], options);
    return predicate ? [predicate] : [];
  });
  const [only] = predicates;
  if (only && predicates.length === 1) return only;
  return (document) => predicates.every((predicate) => predicate(document));
}

function compileLogical(name: string, argument: unknown, options: FilterOptions): Predicate | undefined {
  switch (name) {
    case "$and":
    case "$or":
    case "$nor":
      return compileClauses(name, argument, options);
    case "$expr": {
      const evaluate = compileExpression(argument);
      const variables = withCollation(options.variables, options.collation);
      return (document) => isTruthy(evaluate(newScope(document, variables)));
    }
    case "$comment":
      return undefined;
    case "$alwaysTrue":
      return () => true;
    case "$alwaysFalse":
      return () => false;
    case "$where":
    case "$jsonSchema":
    case "$text":
    case "$sampleRate":
      return refuse(name);
    default:
      return failBadValue(
        `unknown top level operator: ${name}. If you have a field name that starts with a '$' symbol, ` +
          "consider using $getField or $setField.",
      );
  }
}

function compileClauses(name: string, argument: unknown, options: FilterOptions): Predicate {
  if (!Array.isArray(argument)) failBadValue(`${name} must be an array`);
  if (argument.length === 0) failBadValue("$and/$or/$nor must be a nonempty array");
  const clauses = argument.map((clause) => {
    if (!isDocument(clause)) failBadValue("$or/$and/$nor entries need to be full objects");
    return compileFilter(clause, options);
  });
  if (name === "$and") return (document) => clauses.every((clause) => clause(document));
  if (name === "$or") return (document) => clauses.some((clause) => clause(document));
  return (document) => !clauses.some((clause) => clause(document));
}

function compileField(name: string, argument: unknown, { collation }: FilterOptions): Predicate {
  const path = name.split(".");
  const conditions: Condition[] =
    isDocument(argument) && isOperatorDocument(argument)
      ? compileOperators(argument, collation)
      : [{ kind: "some", test: compileEquality(argument, collation), negated: false }];
  return (document) => conditions.every((condition) => holdsForPath(condition, document, path));
}

function holdsForPath(condition: Condition, document: Document, path: string[]): boolean {
  if (condition.kind === "not") return !condition.conditions.every((inner) => holdsForPath(inner, document, path));
  if (condition.kind === "every") return walkPath(document, path, condition.begin());
  return walkPath(document, path, condition.test) !== condition.negated;
}

function holdsForValue(condition: Condition, value: unknown): boolean {
  if (condition.kind === "not") return !condition.conditions.every((inner) => holdsForValue(inner, value));
  if (condition.kind === "every") return condition.begin()(value);
  return condition.test(value) !== condition.negated;
}

function compileOperators(operators: Document, collation?: Collation): Condition[] {
  const conditions: Condition[] = [];
  for (const [name, argument] of Object.entries(operators)) {
    if (name === "$options") {
      if (!("$regex" in operators)) failBadValue("$options needs a $regex");
    } else if (name === "$all") {
      conditions.push(...compileAll(argument, collation));
    } else if (name === "$not") {
      conditions.push(compileNot(argument, collation));
    } else if (name !== "$comment") {
      const test = compileOperator(name, argument, operators, collation);
      conditions.push({ kind: "some", test, negated: isNegated(name, argument) });
    }
  }
  return conditions;
}

function compileOperator(name: string, argument: unknown, siblings: Document, collation?: Collation): ValueTest {
  if (name === "$regex") return compileRegexOperator(argument, siblings.$options);
  if (name === "$elemMatch") return compileElementMatch(argument, collation);
  const compile = VALUE_OPERATORS.get(name);
  if (compile) return compile(argument, collation);
  return REFUSED_OPERATORS.has(name) ? refuse(name) : failBadValue(`unknown operator: ${name}`);
}

function compileNot(argument: unknown, collation?: Collation): Condition {
  if (toRegexParts(argument)) return { kind: "some", test: compileEquality(argument), negated: true };
  if (!isDocument(argument)) failBadValue("$not needs a regex or a document");
  if (Object.keys(argument).length === 0) failBadValue("$not cannot be empty");
  return { kind: "not", conditions: compileOperators(argument, collation) };
}

const DOCUMENT_CONDITIONS = new Set(["$and", "$or", "$nor", "$expr", "$where", "$jsonSchema", "$comment"]);

/** `$elemMatch`: of values when it holds operators, of documents otherwise. */
function compileElementMatch(argument: unknown, collation?: Collation): ValueTest {
  const matches = compileElement(argument, collation);
  return (value) => Array.isArray(value) && value.some(matches);
}

/** The test `$elemMatch` applies to each element. */
export function compileElement(argument: unknown, collation?: Collation): ValueTest {
  if (!isDocument(argument)) failBadValue("$elemMatch needs an Object");
  const first = Object.keys(argument)[0] ?? "";
  if (first.startsWith("$") && !DOCUMENT_CONDITIONS.has(first)) {
    const conditions = compileOperators(argument, collation);
    return (value) => conditions.every((condition) => holdsForValue(condition, value));
  }
  const matches = compileFilter(argument, { collation });
  // An array's elements count as its fields "0", "1", …
  return (value) => (Array.isArray(value) ? matches({ ...value }) : isDocument(value) && matches(value));
}

/** One condition for each wanted value, since different documents of an array may hold them. Nothing has all of none. */
function compileAll(argument: unknown, collation?: Collation): Condition[] {
  if (!Array.isArray(argument)) failBadValue("$all needs an array");
  if (argument.length === 0) return [{ kind: "some", test: () => false, negated: false }];
  const plain = argument.filter((wanted) => !isNullish(wanted) && !toRegexParts(wanted) && !isOperatorDocument(wanted));
  if (plain.length <= LIST_LIMIT) return argument.map((wanted) => compileWanted(wanted, collation));
  const kept = new Set(plain);
  const others = argument.filter((wanted) => !kept.has(wanted));
  return [compileEvery(plain, collation), ...others.map((wanted) => compileWanted(wanted, collation))];
}

/** Values that are looked for together, by a table: one after the other they would each be looked for in a whole array. */
function compileEvery(values: unknown[], collation?: Collation): Condition {
  const toKey = (value: unknown) => encodeKey(value, false, collation).toString("latin1");
  const keys = new Set(values.map(toKey));
  const begin = (): ValueTest => {
    const missing = new Set(keys);
    const take = (value: unknown) => value !== undefined && missing.delete(toKey(value)) && missing.size === 0;
    return (value) => take(value) || (Array.isArray(value) && value.some(take));
  };
  return { kind: "every", begin };
}

function compileWanted(wanted: unknown, collation?: Collation): Condition {
  if (isDocument(wanted) && "$elemMatch" in wanted) {
    return { kind: "some", test: compileElementMatch(wanted.$elemMatch, collation), negated: false };
  }
  if (isOperatorDocument(wanted)) failBadValue("no $ expressions in $all");
  return { kind: "some", test: compileEquality(wanted, collation), negated: false };
}
