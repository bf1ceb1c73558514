import { Int32 } from "bson";
import { failLocation } from "../errors";
import { isDocument, isTruthy } from "../types";
import { compareValues } from "../values";
import { compileNamed, positional, requireNamed, unary } from "./arguments";
import type { Operator, OperatorTable } from "./scope";

function comparison(holds: (order: number) => boolean): Operator {
  return positional(2, 2, ([a, b], { collation }) => holds(compareValues(a, b, collation)));
}

// Evaluates only as many arguments as the answer needs.
function connective(stopsOn: boolean): Operator {
  return (argument, compile) => {
    const parts = (Array.isArray(argument) ? argument : [argument]).map(compile);
    return (scope) => parts.some((evaluate) => isTruthy(evaluate(scope)) === stopsOn) === stopsOn;
  };
}

const compileCondition: Operator = (argument, compile, name) => {
  const parts = Array.isArray(argument) ? argument : undefined;
  if (parts && parts.length !== 3)
    failLocation(16020, `Expression $cond takes exactly 3 arguments. ${parts.length} were passed in.`);
  const given = parts ? { if: parts[0], then: parts[1], else: parts[2] } : argument;
  const fields = compileNamed(name, given, compile, ["if", "then", "else"]);
  return (scope) => (isTruthy(fields.if(scope)) ? fields.then(scope) : fields.else(scope));
};

const compileSwitch: Operator = (argument, compile, name) => {
  const fields = requireNamed(name, argument, ["branches"], ["default"]);
  if (!Array.isArray(fields.branches) || fields.branches.length === 0) failLocation(40068, "$switch requires at least one branch.");
  const branches = fields.branches.map((branch) => compileNamed(name, branch, compile, ["case", "then"]));
  const otherwise = isDocument(argument) && "default" in argument ? compile(argument.default) : undefined;
  return (scope) => {
    const hit = branches.find((branch) => isTruthy(branch.case(scope)));
    if (hit) return hit.then(scope);
    return otherwise
      ? otherwise(scope)
      : failLocation(40066, "$switch could not find a matching branch for an input, and no default was specified.");
  };
};

const compileIfNull: Operator = (argument, compile) => {
  if (!Array.isArray(argument) || argument.length < 2) failLocation(1257300, "$ifNull needs at least two arguments");
  const parts = argument.map(compile);
  return (scope) => {
    let value: unknown;
    for (const evaluate of parts) {
      value = evaluate(scope);
      if (value !== null && value !== undefined) return value;
    }
    return value;
  };
};

/** Comparison, boolean and conditional operators. */
export const LOGIC_OPERATORS: OperatorTable = [
  ["$eq", comparison((order) => order === 0)],
  ["$ne", comparison((order) => order !== 0)],
  ["$gt", comparison((order) => order > 0)],
  ["$gte", comparison((order) => order >= 0)],
  ["$lt", comparison((order) => order < 0)],
  ["$lte", comparison((order) => order <= 0)],
  ["$cmp", positional(2, 2, ([a, b], { collation }) => new Int32(compareValues(a, b, collation)))],
  ["$and", connective(false)],
  ["$or", connective(true)],
  ["$not", unary((value) => !isTruthy(value))],
  ["$cond", compileCondition],
  ["$switch", compileSwitch],
  ["$ifNull", compileIfNull],
];
