import { failLocation } from "../errors";
import { isDocument, isTruthy, toNumber } from "../types";
import { compileNamed, isNullish, requireArray, requireNamed } from "./arguments";
import { spendWork, type Compile, type Evaluate, type Operator, type OperatorTable, type Scope } from "./scope";

const VARIABLE_NAME = /^[a-z\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*$/;

function requireName(name: string): string {
  if (!VARIABLE_NAME.test(name)) failLocation(16866, `'${name}' starts with an invalid character for a user variable name`);
  return name;
}

const compileLet: Operator = (argument, compile, name) => {
  const fields = requireNamed(name, argument, ["vars", "in"], []);
  if (!isDocument(fields.vars)) failLocation(16876, "invalid parameter: expected an object (vars)");
  const bindings = Object.entries(fields.vars).map(([variable, value]) => [requireName(variable), compile(value)] as const);
  const body = compile(fields.in);
  return (scope) => {
    const variables = new Map(scope.variables);
    for (const [variable, evaluate] of bindings) variables.set(variable, evaluate(scope));
    return body({ ...scope, variables });
  };
};

/** Evaluates `body` for each item under the name the operator gives it. */
function eachItem(items: readonly unknown[], as: string, scope: Scope, body: Evaluate): unknown[] {
  const variables = new Map(scope.variables);
  const inner = { ...scope, variables };
  return items.map((item) => {
    spendWork(scope, 1);
    variables.set(as, item);
    return body(inner);
  });
}

function readAs(fields: Record<string, unknown>): string {
  return typeof fields.as === "string" ? requireName(fields.as) : "this";
}

/** Characters that count like an element. */
const CHARACTERS_A_STEP = 16;

/** Elements a value counts for that is kept while others are made. */
function weigh(value: unknown): number {
  if (Array.isArray(value)) return value.length;
  return typeof value === "string" ? Math.floor(value.length / CHARACTERS_A_STEP) : 0;
}

const compileMap: Operator = (argument, compile, name) => {
  const fields = requireNamed(name, argument, ["input", "in"], ["as"]);
  const [input, body, as] = [compile(fields.input), compile(fields.in), readAs(fields)];
  return (scope) => {
    const items = input(scope);
    if (isNullish(items)) return null;
    const list = requireArray(items, 16883, "input to $map must be an array");
    const weighed: Evaluate = (inner) => {
      const value = body(inner) ?? null;
      spendWork(scope, weigh(value));
      return value;
    };
    return eachItem(list, as, scope, weighed);
  };
};

const compileFilterItems: Operator = (argument, compile, name) => {
  const fields = requireNamed(name, argument, ["input", "cond"], ["as", "limit"]);
  const [input, condition, as] = [compile(fields.input), compile(fields.cond), readAs(fields)];
  const limit = compileLimit(fields, compile);
  return (scope) => {
    const items = input(scope);
    if (isNullish(items)) return null;
    const list = requireArray(items, 28651, "input to $filter must be an array");
    const kept = eachItem(list, as, scope, condition);
    return list.filter((_, index) => isTruthy(kept[index])).slice(0, limit(scope));
  };
};

function compileLimit(fields: Record<string, unknown>, compile: Compile): (scope: Scope) => number {
  const limit = compile(fields.limit ?? null);
  return (scope) => {
    const value = limit(scope);
    if (isNullish(value)) return Number.POSITIVE_INFINITY;
    const count = toNumber(value);
    return count >= 1 ? count : failLocation(327392, "$filter: limit must be greater than 0");
  };
}

const compileReduce: Operator = (argument, compile, name) => {
  const fields = compileNamed(name, argument, compile, ["input", "initialValue", "in"]);
  return (scope) => {
    const items = fields.input(scope);
    if (isNullish(items)) return null;
    const variables = new Map(scope.variables);
    const inner = { ...scope, variables };
    let value = fields.initialValue(scope);
    for (const item of requireArray(items, 40080, "$reduce requires that 'input' be an array")) {
      spendWork(scope, 1);
      variables.set("this", item).set("value", value);
      value = fields.in(inner);
    }
    return value;
  };
};

const compileLiteral: Operator = (argument) => () => argument;

/** Operators that bind variables, and `$literal`, which evaluates nothing. */
export const BINDING_OPERATORS: OperatorTable = [
  ["$let", compileLet],
  ["$map", compileMap],
  ["$filter", compileFilterItems],
  ["$reduce", compileReduce],
  ["$literal", compileLiteral],
  ["$const", compileLiteral],
];
