import { failLocation } from "../errors";
import { encodeKey } from "../key-encoding";
import { isTruthy, typeName } from "../types";
import { compareValues } from "../values";
import { isNullish, positional, requireArray, unary, variadic } from "./arguments";
import type { OperatorTable } from "./scope";

type ValueSet = Map<string, unknown>;

function toSet(value: unknown, name: string): ValueSet {
  if (!Array.isArray(value))
    failLocation(17048, `All operands of ${name} must be arrays. One argument is of type: ${typeName(value)}`);
  const set: ValueSet = new Map();
  for (const item of value) {
    const key = encodeKey(item).toString("latin1");
    if (!set.has(key)) set.set(key, item);
  }
  return set;
}

function sorted(set: ValueSet): unknown[] {
  return [...set.values()].sort((a, b) => compareValues(a, b));
}

function union(args: unknown[], name: string): unknown {
  if (args.some(isNullish)) return null;
  const out: ValueSet = new Map();
  for (const set of args.map((value) => toSet(value, name))) for (const [key, item] of set) if (!out.has(key)) out.set(key, item);
  return sorted(out);
}

function intersection(args: unknown[], name: string): unknown {
  if (args.some(isNullish)) return null;
  const [first = new Map(), ...others] = args.map((value) => toSet(value, name));
  return sorted(new Map([...first].filter(([key]) => others.every((other) => other.has(key)))));
}

function difference([a, b]: unknown[], name: string): unknown {
  if (isNullish(a) || isNullish(b)) return null;
  const drop = toSet(b, name);
  return [...toSet(a, name)].filter(([key]) => !drop.has(key)).map(([, item]) => item);
}

function isSubset([a, b]: unknown[], name: string): boolean {
  const all = toSet(b, name);
  return [...toSet(a, name).keys()].every((key) => all.has(key));
}

function areEqual(args: unknown[], name: string): boolean {
  if (args.length < 2) failLocation(17045, "$setEquals needs at least two arguments");
  const [first = new Map(), ...others] = args.map((value) => toSet(value, name));
  return others.every((other) => other.size === first.size && [...first.keys()].every((key) => other.has(key)));
}

/** Arrays taken as sets. */
export const SET_OPERATORS: OperatorTable = [
  ["$setUnion", variadic(union)],
  ["$setIntersection", variadic(intersection)],
  ["$setDifference", positional(2, 2, (args, _scope, name) => difference(args, name))],
  ["$setIsSubset", positional(2, 2, (args, _scope, name) => isSubset(args, name))],
  ["$setEquals", variadic(areEqual)],
  ["$anyElementTrue", unary((value) => requireArray(value, 17041, "$anyElementTrue's argument must be an array").some(isTruthy))],
  [
    "$allElementsTrue",
    unary((value) => requireArray(value, 17040, "$allElementsTrue's argument must be an array").every(isTruthy)),
  ],
];
