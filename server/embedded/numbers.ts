import { Decimal128, Double, Int32, Long } from "bson";
import { toNumber, typeName } from "./types";

/** An exact decimal: `digits * 10^exponent`. */
export interface ExactDecimal {
  digits: bigint;
  exponent: number;
}

const INT32_MAX = 2147483647n;
const INT32_MIN = -2147483648n;
const INT64_LIMIT = 1n << 63n;
const DECIMAL_DIGITS = 34;
/** Of the last digit, and of the first. */
const LEAST_EXPONENT = -6176;
const LARGEST_EXPONENT = 6144;

/** The integer of an int or long, `undefined` for other types. */
export function toBigInt(value: unknown): bigint | undefined {
  if (typeof value === "bigint") return value;
  if (value instanceof Long) return value.toBigInt();
  return typeName(value) === "int" ? BigInt(toNumber(value)) : undefined;
}

/** Exact value of any finite number; `undefined` for NaN and infinities. */
export function toExact(value: unknown): ExactDecimal | undefined {
  if (value instanceof Decimal128) return parseDecimal(value.toString());
  const integer = toBigInt(value);
  if (integer !== undefined) return { digits: integer, exponent: 0 };
  const number = toNumber(value);
  return Number.isFinite(number) ? exactDouble(number) : undefined;
}

function exactDouble(number: number): ExactDecimal {
  let exponent = 0;
  let mantissa = number;
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2;
    exponent += 1;
  }
  // mantissa / 2^e is mantissa * 5^e / 10^e
  return { digits: BigInt(mantissa) * 5n ** BigInt(exponent), exponent: exponent === 0 ? 0 : -exponent };
}

function parseDecimal(text: string): ExactDecimal | undefined {
  const parts = /^(-?)(\d*)\.?(\d*)(?:E([+-]?\d+))?$/i.exec(text);
  if (!parts) return undefined;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = parts;
  return { digits: BigInt(sign + (whole + fraction || "0")), exponent: Number(exponent) - fraction.length };
}

/** Brings two exact decimals to one exponent, so that their digits can be compared and added. */
export function alignDecimals(a: ExactDecimal, b: ExactDecimal): [bigint, bigint, number] {
  const exponent = Math.min(a.exponent, b.exponent);
  return [a.digits * 10n ** BigInt(a.exponent - exponent), b.digits * 10n ** BigInt(b.exponent - exponent), exponent];
}

/** Rounds half to even to the 34 digits of a Decimal128. What is too large for one becomes infinite, what is too small zero. */
export function toDecimal128({ digits, exponent }: ExactDecimal): Decimal128 {
  const negative = digits < 0n;
  let text = (negative ? -digits : digits).toString();
  let shift = exponent;
  const cut = Math.max(text.length - DECIMAL_DIGITS, LEAST_EXPONENT - exponent);
  if (cut > 0) {
    text = divideHalfEven(BigInt(text), 10n ** BigInt(cut)).toString();
    shift += cut;
  }
  if (text !== "0" && text.length - 1 + shift > LARGEST_EXPONENT) return Decimal128.fromString(negative ? "-Infinity" : "Infinity");
  return Decimal128.fromString(`${negative ? "-" : ""}${text}${shift === 0 ? "" : `E${shift}`}`);
}

/** Integer division of a positive number, rounded half to even. */
export function divideHalfEven(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  const twice = (dividend % divisor) * 2n;
  return twice > divisor || (twice === divisor && quotient % 2n === 1n) ? quotient + 1n : quotient;
}

/** A number as Decimal128, the way MongoDB promotes: doubles keep 15 significant digits. */
export function promoteToDecimal(value: unknown): Decimal128 {
  if (value instanceof Decimal128) return value;
  const integer = toBigInt(value);
  if (integer !== undefined) return Decimal128.fromString(integer.toString());
  const number = toNumber(value);
  if (!Number.isFinite(number)) return Decimal128.fromString(String(number));
  return Decimal128.fromString(String(Number(number.toPrecision(15))));
}

/** An int when both operands were ints and it fits, else a long; `undefined` when int64 overflows. */
export function toIntegral(result: bigint, wide: boolean): Int32 | Long | undefined {
  if (!wide && result >= INT32_MIN && result <= INT32_MAX) return new Int32(Number(result));
  return result >= INT64_LIMIT || result < -INT64_LIMIT ? undefined : Long.fromBigInt(result);
}

/** The BSON number a JavaScript one stands for: int when it is a small integer, otherwise double. */
export function fromNumber(value: number): Int32 | Double {
  return typeName(value) === "int" ? new Int32(value) : new Double(value);
}

export type BinaryOperator = "+" | "-" | "*";

/**
 * Adds, subtracts or multiplies with MongoDB's promotion: int, long, double, decimal, the wider type wins and
 * an int result that does not fit becomes a long. Returns `undefined` when a long overflows; the caller decides.
 */
export function calculate(a: unknown, b: unknown, operator: BinaryOperator): Int32 | Long | Double | Decimal128 | undefined {
  const types = [typeName(a), typeName(b)];
  if (types.includes("decimal")) return calculateDecimal(a, b, operator);
  if (types.includes("double")) return new Double(applyOperator(toNumber(a), toNumber(b), operator));
  const result = applyBigOperator(toBigInt(a) ?? 0n, toBigInt(b) ?? 0n, operator);
  return toIntegral(result, types.includes("long"));
}

function calculateDecimal(a: unknown, b: unknown, operator: BinaryOperator): Decimal128 {
  const left = toExact(promoteToDecimal(a));
  const right = toExact(promoteToDecimal(b));
  if (!left || !right) return Decimal128.fromString(String(applyOperator(toNumber(a), toNumber(b), operator)));
  if (operator === "*") return toDecimal128({ digits: left.digits * right.digits, exponent: left.exponent + right.exponent });
  const [x, y, exponent] = alignDecimals(left, right);
  return toDecimal128({ digits: applyBigOperator(x, y, operator), exponent });
}

function applyOperator(a: number, b: number, operator: BinaryOperator): number {
  if (operator === "+") return a + b;
  return operator === "-" ? a - b : a * b;
}

function applyBigOperator(a: bigint, b: bigint, operator: BinaryOperator): bigint {
  if (operator === "+") return a + b;
  return operator === "-" ? a - b : a * b;
}

/** Quotient of two decimals to 34 digits; the caller has excluded a zero divisor. */
export function divideDecimals(a: unknown, b: unknown): Decimal128 {
  const left = toExact(promoteToDecimal(a));
  const right = toExact(promoteToDecimal(b));
  if (!left || !right) return Decimal128.fromString(String(toNumber(a) / toNumber(b)));
  if (left.digits === 0n) return Decimal128.fromString("0");
  const negative = left.digits < 0n !== right.digits < 0n;
  const dividend = left.digits < 0n ? -left.digits : left.digits;
  const divisor = right.digits < 0n ? -right.digits : right.digits;
  const scale = Math.max(0, DECIMAL_DIGITS + 2 + divisor.toString().length - dividend.toString().length);
  const scaled = dividend * 10n ** BigInt(scale);
  // A sticky last digit keeps the final rounding honest when the division leaves a remainder.
  const sticky = scaled % divisor === 0n ? 0n : 1n;
  const digits = (scaled / divisor) * 10n + sticky;
  return trimZeros({ digits: negative ? -digits : digits, exponent: left.exponent - right.exponent - scale - 1 });
}

function trimZeros(value: ExactDecimal): Decimal128 {
  let { digits, exponent } = value;
  while (exponent < 0 && digits % 10n === 0n) {
    digits /= 10n;
    exponent += 1;
  }
  return toDecimal128({ digits, exponent });
}
