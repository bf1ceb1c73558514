import { Int32 } from "bson";
import { fail, failLocation, refuse } from "../errors";
import { ACCUMULATORS, pickPercentiles, readRanks } from "../expressions/accumulators";
import { isNullish, requireNamed } from "../expressions/arguments";
import { compileExpression } from "../expressions/compile";
import { ELSEWHERE } from "../expressions/elsewhere";
import type { Scope } from "../expressions/scope";
import { compileSort, type Sorter } from "../sort";
import { isDocument, toInteger } from "../types";
import { compareValues, type Collation } from "../values";
import { estimateBytes } from "./context";

/** Gathers something from the documents of one group. */
export interface GroupAccumulator {
  /** Takes a document in and answers how many bytes of it are kept. */
  add(scope: Scope): number;
  result(): unknown;
}

/** Makes one for each group. */
export type CreateAccumulator = (collation?: Collation) => GroupAccumulator;

type Compile = (argument: unknown, name: string) => CreateAccumulator;

/** Keeps what `take` sees and works on it at the end. */
function gather<T>(take: (scope: Scope) => T, finish: (items: T[]) => unknown): GroupAccumulator {
  const items: T[] = [];
  const add = (scope: Scope) => {
    const item = take(scope);
    items.push(item);
    return estimateBytes(item);
  };
  return { add, result: () => finish(items) };
}

const compileCount: Compile = (argument) => {
  if (!isDocument(argument) || Object.keys(argument).length > 0)
    fail(14, "TypeMismatch", "$count takes no arguments, i.e. $count:{}");
  return () => {
    let count = 0;
    const add = () => {
      count += 1;
      return 0;
    };
    return { add, result: () => new Int32(count) };
  };
};

function readCount(value: unknown): number {
  const count = toInteger(value);
  return count !== undefined && count >= 1 ? count : failLocation(5787908, `'n' must be greater than 0, found ${String(value)}`);
}

function someOf(pick: (values: unknown[], count: number, collation?: Collation) => unknown[]): Compile {
  return (argument, name) => {
    const fields = requireNamed(name, argument, ["input", "n"], []);
    const [input, n] = [compileExpression(fields.input), compileExpression(fields.n)];
    return (collation) => {
      let count = 1;
      const take = (scope: Scope) => {
        count = readCount(n(scope));
        return input(scope);
      };
      return gather(take, (values) => pick(values, count, collation));
    };
  };
}

function smallest(values: unknown[], count: number, sign: number, collation?: Collation): unknown[] {
  const present = values.filter((value) => !isNullish(value));
  return present.sort((a, b) => sign * compareValues(a, b, collation)).slice(0, count);
}

interface Ranked {
  key: unknown[];
  output: unknown;
}

/** `$top`, `$bottom` and their N forms. */
function ranked(isBottom: boolean, isSingle: boolean): Compile {
  return (argument, name) => {
    const fields = requireNamed(name, argument, isSingle ? ["sortBy", "output"] : ["sortBy", "output", "n"], []);
    compileSort(fields.sortBy);
    const [output, n] = [compileExpression(fields.output), compileExpression(isSingle ? 1 : fields.n)];
    return (collation) => {
      const sorter = compileSort(fields.sortBy, collation);
      let count = 1;
      const take = (scope: Scope): Ranked => {
        count = readCount(n(scope));
        return { key: sorter.keyOf(scope.root), output: output(scope) ?? null };
      };
      return gather(take, (items) => {
        const kept = pickRanked(items, sorter, count, isBottom);
        return isSingle ? (kept[0] ?? null) : kept;
      });
    };
  };
}

function pickRanked(items: Ranked[], sorter: Sorter, count: number, isBottom: boolean): unknown[] {
  const sorted = items.sort((a, b) => sorter.compareKeys(a.key, b.key));
  return (isBottom ? sorted.slice(-count) : sorted.slice(0, count)).map(({ output }) => output);
}

const compilePercentile: Compile = (argument, name) => {
  const fields = requireNamed(name, argument, ["input", "method"], ["p"]);
  const ranks = readRanks(name, fields);
  const input = compileExpression(fields.input);
  return () =>
    gather(input, (values) => {
      const picked = pickPercentiles(values, ranks);
      return name === "$median" ? picked[0] : picked;
    });
};

const SPECIAL: ReadonlyMap<string, Compile> = new Map<string, Compile>([
  ["$count", compileCount],
  ["$firstN", someOf((values, count) => values.slice(0, count).map((value) => value ?? null))],
  ["$lastN", someOf((values, count) => values.slice(-count).map((value) => value ?? null))],
  ["$minN", someOf((values, count, collation) => smallest(values, count, 1, collation))],
  ["$maxN", someOf((values, count, collation) => smallest(values, count, -1, collation))],
  ["$top", ranked(false, true)],
  ["$topN", ranked(false, false)],
  ["$bottom", ranked(true, true)],
  ["$bottomN", ranked(true, false)],
  ["$median", compilePercentile],
  ["$percentile", compilePercentile],
]);

/** Compiles one accumulator of `$group`. Throws 15952 for an unknown one, 40237 for several arguments. */
export function compileAccumulator(name: string, argument: unknown): CreateAccumulator {
  const special = SPECIAL.get(name);
  if (special) return special(argument, name);
  const create = ACCUMULATORS.get(name);
  if (name === "$accumulator") refuse(name);
  if (!create) failLocation(15952, `unknown group operator '${name}' ${ELSEWHERE}`);
  if (Array.isArray(argument) && argument.length !== 1) failLocation(40237, `The ${name} accumulator is a unary operator`);
  const evaluate = compileExpression(Array.isArray(argument) ? argument[0] : argument);
  const keepsValues = name === "$push" || name === "$addToSet";
  return (collation) => {
    const accumulator = create(collation);
    const add = (scope: Scope) => {
      const value = evaluate(scope);
      accumulator.add(value);
      return keepsValues ? estimateBytes(value) : 0;
    };
    return { add, result: () => accumulator.result() };
  };
}
