import { Double } from "bson";
import { mapFields, setField, type Document } from "../bson";
import { failBadValue, failLocation } from "../errors";
import {
  alignDecimals,
  divideDecimals,
  promoteToDecimal,
  toBigInt,
  toDecimal128,
  toExact,
  toIntegral,
  type ExactDecimal,
} from "../numbers";
import { encodeKey } from "../key-encoding";
import { isDocument, isNumber, toNumber, typeName } from "../types";
import { compareValues, type Collation } from "../values";
import { isNullish, requireNamed } from "./arguments";
import type { Operator, OperatorTable } from "./scope";

/** Takes values one by one and gives a result at the end. */
export interface Accumulator {
  add(value: unknown): void;
  result(): unknown;
}

function addExact(left: ExactDecimal, right: ExactDecimal): ExactDecimal {
  const [a, b, exponent] = alignDecimals(left, right);
  return { digits: a + b, exponent };
}

/** Sums exactly per type: integers as integers, decimals as decimals, doubles with a compensation for lost digits. */
class Sum implements Accumulator {
  protected count = 0;
  private integers = 0n;
  private doubles = 0;
  private compensation = 0;
  private decimals: ExactDecimal = { digits: 0n, exponent: 0 };
  private readonly seen = new Set<string>();
  private special = 0;

  add(value: unknown): void {
    if (!isNumber(value)) return;
    this.count += 1;
    const type = typeName(value);
    this.seen.add(type);
    const integer = toBigInt(value);
    if (integer !== undefined) this.integers += integer;
    else if (type === "decimal") this.addDecimal(value);
    else this.addDouble(toNumber(value));
  }

  private addDecimal(value: unknown): void {
    const exact = toExact(value);
    if (!exact) {
      this.special += toNumber(value);
      return;
    }
    this.decimals = addExact(this.decimals, exact);
  }

  // Neumaier's summation.
  private addDouble(value: number): void {
    const total = this.doubles + value;
    if (Number.isFinite(total)) {
      const [large, small] = Math.abs(this.doubles) >= Math.abs(value) ? [this.doubles, value] : [value, this.doubles];
      this.compensation += large - total + small;
    }
    this.doubles = total;
  }

  result(): unknown {
    if (this.seen.has("decimal")) return this.decimalTotal();
    const doubles = this.doubles + this.compensation;
    if (this.seen.has("double")) return new Double(Number(this.integers) + doubles);
    return toIntegral(this.integers, this.seen.has("long")) ?? new Double(Number(this.integers));
  }

  private decimalTotal(): unknown {
    const doubles = this.doubles + this.compensation;
    const rest = toExact(promoteToDecimal(new Double(doubles)));
    if (!rest || this.special !== 0) return promoteToDecimal(new Double(doubles + this.special));
    return toDecimal128(addExact(addExact(this.decimals, rest), { digits: this.integers, exponent: 0 }));
  }
}

class Average extends Sum {
  override result(): unknown {
    if (this.count === 0) return null;
    const total = super.result();
    return typeName(total) === "decimal" ? divideDecimals(total, new Double(this.count)) : new Double(toNumber(total) / this.count);
  }
}

class Extreme implements Accumulator {
  private best: unknown = null;

  constructor(
    private readonly sign: number,
    private readonly collation?: Collation,
  ) {}

  add(value: unknown): void {
    if (isNullish(value)) return;
    if (this.best === null || compareValues(value, this.best, this.collation) === this.sign) this.best = value;
  }

  result(): unknown {
    return this.best;
  }
}

// Welford's algorithm.
class Deviation implements Accumulator {
  private count = 0;
  private mean = 0;
  private squares = 0;

  constructor(private readonly isSample: boolean) {}

  add(value: unknown): void {
    if (!isNumber(value)) return;
    this.count += 1;
    const delta = toNumber(value) - this.mean;
    this.mean += delta / this.count;
    this.squares += delta * (toNumber(value) - this.mean);
  }

  result(): unknown {
    const divisor = this.isSample ? this.count - 1 : this.count;
    return divisor > 0 ? new Double(Math.sqrt(this.squares / divisor)) : null;
  }
}

class Merge implements Accumulator {
  private readonly merged: Document = {};

  add(value: unknown): void {
    if (isNullish(value)) return;
    if (!isDocument(value)) failLocation(40400, `$mergeObjects requires object inputs, but input is of type ${typeName(value)}`);
    for (const name of Object.keys(value)) setField(this.merged, name, value[name]);
  }

  result(): unknown {
    return mapFields(this.merged, (value) => value);
  }
}

class Distinct implements Accumulator {
  private readonly items = new Map<string, unknown>();

  constructor(private readonly collation?: Collation) {}

  add(value: unknown): void {
    if (value === undefined) return;
    const key = encodeKey(value, false, this.collation).toString("latin1");
    if (!this.items.has(key)) this.items.set(key, value);
  }

  result(): unknown {
    return [...this.items.values()];
  }
}

class Collect implements Accumulator {
  private readonly items: unknown[] = [];

  add(value: unknown): void {
    if (value !== undefined) this.items.push(value);
  }

  result(): unknown {
    return this.items;
  }
}

class Edge implements Accumulator {
  private kept: unknown = null;
  private isEmpty = true;

  constructor(private readonly side: "first" | "last") {}

  add(value: unknown): void {
    if (this.isEmpty || this.side === "last") this.kept = value ?? null;
    this.isEmpty = false;
  }

  result(): unknown {
    return this.kept;
  }
}

/** Accumulators that take one plain expression. */
export const ACCUMULATORS: ReadonlyMap<string, (collation?: Collation) => Accumulator> = new Map<
  string,
  (collation?: Collation) => Accumulator
>([
  ["$sum", () => new Sum()],
  ["$avg", () => new Average()],
  ["$min", (collation) => new Extreme(-1, collation)],
  ["$max", (collation) => new Extreme(1, collation)],
  ["$stdDevPop", () => new Deviation(false)],
  ["$stdDevSamp", () => new Deviation(true)],
  ["$mergeObjects", () => new Merge()],
  ["$addToSet", (collation) => new Distinct(collation)],
  ["$push", () => new Collect()],
  ["$first", () => new Edge("first")],
  ["$last", () => new Edge("last")],
]);

/** Sorted numbers at the wanted ranks: the exact answer, which is as good as any approximation MongoDB may give. */
export function pickPercentiles(values: readonly unknown[], ranks: readonly number[]): (Double | null)[] {
  const numbers = values.filter((value) => isNumber(value) && !Number.isNaN(toNumber(value))).map(toNumber);
  numbers.sort((a, b) => a - b);
  return ranks.map((rank) => {
    const number = numbers[Math.max(0, Math.ceil(rank * numbers.length) - 1)];
    return number === undefined ? null : new Double(number);
  });
}

/** Checks `p` and `method` of `$percentile` and `$median`. */
export function readRanks(name: string, fields: Record<string, unknown>): number[] {
  if (fields.method !== "approximate") failBadValue(`Currently only 'approximate' can be used as percentile 'method'.`);
  if (name === "$median") return [0.5];
  const ranks = Array.isArray(fields.p) ? fields.p.map(toNumber) : [];
  const isValid = ranks.length > 0 && ranks.every((rank) => rank >= 0 && rank <= 1);
  return isValid ? ranks : failLocation(7750301, "The $percentile 'p' field must be an array of numbers from [0.0, 1.0]");
}

function overArguments(name: string): Operator {
  return (argument, compile) => {
    const parts = (Array.isArray(argument) ? argument : [argument]).map(compile);
    return (scope) => {
      const accumulator = ACCUMULATORS.get(name)?.(scope.collation);
      const values = parts.map((evaluate) => evaluate(scope));
      const [only] = values;
      for (const value of values.length === 1 && Array.isArray(only) ? only : values) accumulator?.add(value);
      return accumulator?.result();
    };
  };
}

const compilePercentile: Operator = (argument, compile, name) => {
  const fields = requireNamed(name, argument, ["input", "method"], ["p"]);
  const ranks = readRanks(name, fields);
  const input = compile(fields.input);
  return (scope) => {
    const value = input(scope);
    const picked = pickPercentiles(Array.isArray(value) ? value : [value], ranks);
    return name === "$median" ? picked[0] : picked;
  };
};

/** Accumulators that are expressions too: over their arguments, or over the one array they are given. */
export const ACCUMULATOR_OPERATORS: OperatorTable = [
  ...["$sum", "$avg", "$min", "$max", "$stdDevPop", "$stdDevSamp", "$mergeObjects"].map(
    (name) => [name, overArguments(name)] as const,
  ),
  ["$median", compilePercentile],
  ["$percentile", compilePercentile],
];
