import { fail, failLocation } from "../errors";
import { isDocument, typeName } from "../types";
import type { Evaluate, Operator, Scope } from "./scope";

const ARITY_ERROR = 16020;

/** Whether a value makes most operators answer null. */
export function isNullish(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

/** An operator of positional arguments. A single one need not be in an array. */
export function positional(least: number, most: number, apply: (args: unknown[], scope: Scope, name: string) => unknown): Operator {
  return (argument, compile, name) => {
    const expressions = Array.isArray(argument) ? argument : [argument];
    checkArity(name, expressions.length, least, most);
    const evaluators = expressions.map(compile);
    return (scope) =>
      apply(
        evaluators.map((evaluate) => evaluate(scope)),
        scope,
        name,
      );
  };
}

function checkArity(name: string, count: number, least: number, most: number): void {
  if (count >= least && count <= most) return;
  const wanted = least === most ? `exactly ${least} arguments` : `at least ${least} arguments, and at most ${most}`;
  failLocation(ARITY_ERROR, `Expression ${name} takes ${wanted}. ${count} were passed in.`);
}

/** An operator of one argument. */
export function unary(apply: (value: unknown, name: string) => unknown): Operator {
  return positional(1, 1, ([value], _scope, name) => apply(value, name));
}

/** An operator of one argument that answers null to null and missing. */
export function unaryOrNull(apply: (value: unknown, name: string) => unknown): Operator {
  return unary((value, name) => (isNullish(value) ? null : apply(value, name)));
}

/** An operator of any number of arguments. */
export function variadic(apply: (args: unknown[], name: string, scope: Scope) => unknown): Operator {
  return positional(0, Number.POSITIVE_INFINITY, (args, scope, name) => apply(args, name, scope));
}

/** Named arguments, each compiled. Throws 9 for one that is missing or unknown. */
export function compileNamed<R extends string, O extends string = never>(
  name: string,
  argument: unknown,
  compile: (expression: unknown) => Evaluate,
  required: readonly R[],
  optional: readonly O[] = [],
): Record<R, Evaluate> & Partial<Record<O, Evaluate>> {
  const fields = requireNamed(name, argument, required, optional);
  const entries = Object.entries(fields).map(([field, expression]) => [field, compile(expression)] as const);
  return Object.fromEntries(entries) as Record<R, Evaluate> & Partial<Record<O, Evaluate>>;
}

/** Checks that an operator's argument is an object with exactly these fields. */
export function requireNamed(
  name: string,
  argument: unknown,
  required: readonly string[],
  optional: readonly string[],
): Record<string, unknown> {
  if (!isDocument(argument)) fail(9, "FailedToParse", `${name} only supports an object as its argument`);
  for (const field of Object.keys(argument)) {
    if (!required.includes(field) && !optional.includes(field))
      fail(9, "FailedToParse", `Unrecognized argument to ${name}: ${field}`);
  }
  for (const field of required) {
    if (!(field in argument)) fail(9, "FailedToParse", `Missing '${field}' parameter to ${name}`);
  }
  return argument;
}

/** An operator of named arguments; `apply` gets their values, absent ones as `undefined`. */
export function named(
  required: readonly string[],
  optional: readonly string[],
  apply: (args: Record<string, unknown>, name: string, scope: Scope) => unknown,
): Operator {
  return (argument, compile, name) => {
    const fields = Object.entries(compileNamed(name, argument, compile, required, optional));
    return (scope) => apply(Object.fromEntries(fields.map(([field, evaluate]) => [field, evaluate?.(scope)])), name, scope);
  };
}

export function requireArray(value: unknown, code: number, message: string): unknown[] {
  return Array.isArray(value) ? value : failLocation(code, `${message}, found: ${typeName(value)}`);
}
