import { failLocation } from "../errors";
import { encodeKey } from "../key-encoding";
import { isTruthy, typeName } from "../types";
import { compareValues } from "../values";
import { isNullish, positional, requireArray, unary, variadic } from "./arguments";
import type { OperatorTable, Scope } from "./scope";

type ValueSet = Map<string, unknown>;

function toSet(value: unknown, name: string, { collation }: Scope): ValueSet {
  if (!Array.isArray(value))
    failLocation(17048, `All operands of ${name} must be arrays. One argument is of type: ${typeName(value)}`);
  const set: ValueSet = new Map();
  for (const item of value) {
    const key = encodeKey(item, false, collation).toString("latin1");
    if (!set.has(key)) set.set(key, item);
  }
  return set;
}

function sorted(set: ValueSet, { collation }: Scope): unknown[] {
  return [...set.values()].sort((a, b) => compareValues(a, b, collation));
}

function union(args: unknown[], name: string, scope: Scope): unknown {
  if (args.some(isNullish)) return null;
  const out: ValueSet = new Map();
  for (const set of args.map((value) => toSet(value, name, scope))) for (const [key, item] of set) if (!out.has(key)) out.set(key, item);
  return sorted(out, scope);
}

function intersection(args: unknown[], name: string, scope: Scope): unknown {
  if (args.some(isNullish)) return null;
  const [first = new Map(), ...others] = args.map((value) => toSet(value, name, scope));
  return sorted(new Map([...first].filter(([key]) => others.every((other) => other.has(key)))), scope);
}

function difference([a, b]: unknown[], name: string, scope: Scope): unknown {
  if (isNullish(a) || isNullish(b)) return null;
  const drop = toSet(b, name, scope);
  return [...toSet(a, name, scope)].filter(([key]) => !drop.has(key)).map(([, item]) => item);
}

function isSubset([a, b]: unknown[], name: string, scope: Scope): boolean {
  const all = toSet(b, name, scope);
  return [...toSet(a, name, scope).keys()].every((key) => all.has(key));
}

function areEqual(args: unknown[], name: string, scope: Scope): boolean {
  if (args.length < 2) failLocation(17045, "$setEquals needs at least two arguments");
  const [first = new Map(), ...others] = args.map((value) => toSet(value, name, scope));
  return others.every((other) => other.size === first.size && [...first.keys()].every((key) => other.has(key)));
}

/** Arrays taken as sets. */
export const SET_OPERATORS: OperatorTable = [
  ["$setUnion", variadic(union)],
  ["$setIntersection", variadic(intersection)],
  ["$setDifference", positional(2, 2, (args, scope, name) => difference(args, name, scope))],
  ["$setIsSubset", positional(2, 2, (args, scope, name) => isSubset(args, name, scope))],
  ["$setEquals", variadic(areEqual)],
  ["$anyElementTrue", unary((value) => requireArray(value, 17041, "$anyElementTrue's argument must be an array").some(isTruthy))],
  [
    "$allElementsTrue",
    unary((value) => requireArray(value, 17040, "$allElementsTrue's argument must be an array").every(isTruthy)),
  ],
];
