import { Double, Int32, Long } from "bson";
import { fail, failBadValue, failLocation } from "../errors";
import {
  calculate,
  divideDecimals,
  divideHalfEven,
  promoteToDecimal,
  toBigInt,
  toDecimal128,
  toExact,
  toIntegral,
  type BinaryOperator,
} from "../numbers";
import { isNumber, toInteger, toNumber, typeName } from "../types";
import { isNullish, positional, unaryOrNull, variadic } from "./arguments";
import type { Operator, OperatorTable } from "./scope";

function requireNumber(value: unknown, name: string): unknown {
  if (!isNumber(value)) failLocation(28765, `${name} only supports numeric types, not ${typeName(value)}`);
  return value;
}

// Where int64 is left, MongoDB's expressions go on with doubles.
function compute(a: unknown, b: unknown, operator: BinaryOperator): unknown {
  return calculate(a, b, operator) ?? calculate(new Double(toNumber(a)), new Double(toNumber(b)), operator);
}

function shiftDate(date: Date, milliseconds: number): Date {
  return new Date(date.getTime() + Math.round(milliseconds));
}

function add(args: unknown[]): unknown {
  if (args.some(isNullish)) return null;
  const dates = args.filter((value) => value instanceof Date);
  if (dates.length > 1) failLocation(16612, "only one date allowed in an $add expression");
  let total: unknown = new Int32(0);
  for (const value of args) {
    if (value instanceof Date) continue;
    if (!isNumber(value)) fail(14, "TypeMismatch", `$add only supports numeric or date types, not ${typeName(value)}`);
    total = compute(total, value, "+");
  }
  return dates[0] ? shiftDate(dates[0], toNumber(total)) : total;
}

function subtract(a: unknown, b: unknown): unknown {
  if (isNullish(a) || isNullish(b)) return null;
  if (a instanceof Date && b instanceof Date) return Long.fromNumber(a.getTime() - b.getTime());
  if (a instanceof Date && isNumber(b)) return shiftDate(a, -toNumber(b));
  if (isNumber(a) && isNumber(b)) return compute(a, b, "-");
  return fail(14, "TypeMismatch", `can't $subtract ${typeName(b)} from ${typeName(a)}`);
}

function multiply(args: unknown[]): unknown {
  if (args.some(isNullish)) return null;
  return args.reduce<unknown>((product, value) => {
    if (!isNumber(value)) fail(14, "TypeMismatch", `$multiply only supports numeric types, not ${typeName(value)}`);
    return compute(product, value, "*");
  }, new Int32(1));
}

function requireDivision(name: string, a: unknown, b: unknown): void {
  if (!isNumber(a) || !isNumber(b)) {
    fail(14, "TypeMismatch", `${name} only supports numeric types, not ${typeName(a)} and ${typeName(b)}`);
  }
  if (toNumber(b) === 0) failBadValue(`can't ${name} by zero`);
}

function divide(a: unknown, b: unknown): unknown {
  if (isNullish(a) || isNullish(b)) return null;
  requireDivision("$divide", a, b);
  if (typeName(a) === "decimal" || typeName(b) === "decimal") return divideDecimals(a, b);
  return new Double(toNumber(a) / toNumber(b));
}

function modulo(a: unknown, b: unknown): unknown {
  if (isNullish(a) || isNullish(b)) return null;
  requireDivision("$mod", a, b);
  const [x, y] = [toBigInt(a), toBigInt(b)];
  if (x !== undefined && y !== undefined) return toIntegral(x % y, typeName(a) === "long" || typeName(b) === "long");
  if (typeName(a) !== "decimal" && typeName(b) !== "decimal") return new Double(toNumber(a) % toNumber(b));
  const [left, right] = [toExact(promoteToDecimal(a)), toExact(promoteToDecimal(b))];
  if (!left || !right) return promoteToDecimal(new Double(toNumber(a) % toNumber(b)));
  const exponent = Math.min(left.exponent, right.exponent);
  const scale = (part: typeof left) => part.digits * 10n ** BigInt(part.exponent - exponent);
  return toDecimal128({ digits: scale(left) % scale(right), exponent });
}

function absolute(value: unknown): unknown {
  if (toNumber(value) >= 0) return value;
  const result = compute(new Int32(0), value, "-");
  return typeName(value) === "long" && typeName(result) === "double"
    ? failLocation(28680, "can't take $abs of long long min")
    : result;
}

type Rounding = (digits: bigint, unit: bigint) => bigint;

const truncate: Rounding = (digits, unit) => digits / unit;
const roundEven: Rounding = (digits, unit) => (digits < 0n ? -divideHalfEven(-digits, unit) : divideHalfEven(digits, unit));
const floor: Rounding = (digits, unit) => digits / unit - (digits < 0n && digits % unit !== 0n ? 1n : 0n);
const ceiling: Rounding = (digits, unit) => -floor(-digits, unit);

/** Rounds to a decimal place, exactly, and gives back the type it was given. */
function roundTo(value: unknown, place: number, rounding: Rounding): unknown {
  const exact = toExact(value);
  if (!exact || exact.exponent >= -place) return value;
  const digits = rounding(exact.digits, 10n ** BigInt(-place - exact.exponent));
  const type = typeName(value);
  if (type === "decimal") return toDecimal128({ digits, exponent: -place });
  if (type === "double") return new Double(Number(`${digits}e${-place}`));
  return toIntegral(digits * 10n ** BigInt(-place), type === "long") ?? failLocation(51080, "integer overflow while rounding");
}

function placed(rounding: Rounding): Operator {
  return positional(1, 2, ([value, place], _scope, name) => {
    if (isNullish(value) || place === null) return null;
    const at = place === undefined ? 0 : toInteger(place);
    if (at === undefined || at < -20 || at > 100)
      failLocation(51083, `cannot apply ${name} with precision value outside of [-20, 100]`);
    return roundTo(requireNumber(value, name), at, rounding);
  });
}

function whole(rounding: Rounding): Operator {
  return unaryOrNull((value, name) => roundTo(requireNumber(value, name), 0, rounding));
}

function real(apply: (value: number) => number, domain?: { code: number; allows: (value: number) => boolean }): Operator {
  return unaryOrNull((value, name) => {
    const number = toNumber(requireNumber(value, name));
    if (domain && !domain.allows(number)) failLocation(domain.code, `${name}'s argument is outside its domain: ${number}`);
    const result = new Double(apply(number));
    return typeName(value) === "decimal" ? promoteToDecimal(result) : result;
  });
}

const atLeastZero = (value: number) => !(value < 0);
const aboveZero = (value: number) => !(value <= 0);

function power(base: unknown, exponent: unknown): unknown {
  if (isNullish(base) || isNullish(exponent)) return null;
  requireNumber(base, "$pow's base");
  requireNumber(exponent, "$pow's exponent");
  if (toNumber(base) === 0 && toNumber(exponent) < 0) failLocation(28764, "$pow cannot take a base of 0 and a negative exponent");
  const [x, y] = [toBigInt(base), toBigInt(exponent)];
  const result = new Double(toNumber(base) ** toNumber(exponent));
  if (typeName(base) === "decimal" || typeName(exponent) === "decimal") return promoteToDecimal(result);
  if (x === undefined || y === undefined || y < 0n || Math.abs(result.value) >= 2 ** 63) return result;
  return toIntegral(x ** y, typeName(base) === "long" || typeName(exponent) === "long") ?? result;
}

function logarithm(value: unknown, base: unknown): unknown {
  if (isNullish(value) || isNullish(base)) return null;
  const [x, y] = [toNumber(requireNumber(value, "$log's argument")), toNumber(requireNumber(base, "$log's base"))];
  if (x <= 0) failLocation(28758, "$log's argument must be a positive number");
  if (y <= 0 || y === 1) failLocation(28759, "$log's base must be a positive number not equal to 1");
  return new Double(Math.log(x) / Math.log(y));
}

function bitwise(start: bigint, apply: (a: bigint, b: bigint) => bigint): Operator {
  return variadic((args, name) => {
    if (args.some(isNullish)) return null;
    const bits = args.map((value) => toBigInt(value) ?? fail(14, "TypeMismatch", `${name} only supports int and long operands.`));
    return toIntegral(
      bits.reduce(apply, start),
      args.some((value) => typeName(value) === "long"),
    );
  });
}

/** Numbers in, numbers out. */
export const ARITHMETIC_OPERATORS: OperatorTable = [
  ["$add", variadic(add)],
  ["$subtract", positional(2, 2, ([a, b]) => subtract(a, b))],
  ["$multiply", variadic(multiply)],
  ["$divide", positional(2, 2, ([a, b]) => divide(a, b))],
  ["$mod", positional(2, 2, ([a, b]) => modulo(a, b))],
  ["$abs", unaryOrNull((value, name) => absolute(requireNumber(value, name)))],
  ["$ceil", whole(ceiling)],
  ["$floor", whole(floor)],
  ["$round", placed(roundEven)],
  ["$trunc", placed(truncate)],
  ["$sqrt", real(Math.sqrt, { code: 28714, allows: atLeastZero })],
  ["$exp", real(Math.exp)],
  ["$ln", real(Math.log, { code: 28766, allows: aboveZero })],
  ["$log10", real(Math.log10, { code: 28761, allows: aboveZero })],
  ["$log", positional(2, 2, ([value, base]) => logarithm(value, base))],
  ["$pow", positional(2, 2, ([base, exponent]) => power(base, exponent))],
  ["$bitAnd", bitwise(-1n, (a, b) => a & b)],
  ["$bitOr", bitwise(0n, (a, b) => a | b)],
  ["$bitXor", bitwise(0n, (a, b) => a ^ b)],
  ["$rand", positional(0, 1, () => new Double(Math.random()))],
];
