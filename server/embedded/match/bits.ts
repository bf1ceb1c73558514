import { failBadValue } from "../errors";
import { toBigInt } from "../numbers";
import { isNumber, toBinary, toInteger, toNumber } from "../types";

/** A test of the value's bits against a mask: a number, binary data or a list of bit positions. */
export function compileBits(argument: unknown, holds: (bits: bigint, mask: bigint) => boolean): (value: unknown) => boolean {
  const mask = toMask(argument);
  return (value) => {
    const bits = toBits(value);
    return bits !== undefined && holds(bits, mask);
  };
}

function toMask(argument: unknown): bigint {
  if (Array.isArray(argument)) return argument.reduce<bigint>((mask, position) => mask | (1n << toPosition(position)), 0n);
  const bits = toBits(argument);
  if (bits === undefined) failBadValue("bit mask takes an Array, a number, or a BinData but received another type");
  if (bits < 0n) failBadValue("Expected a non-negative number as a bit mask");
  return bits;
}

function toPosition(value: unknown): bigint {
  const position = toInteger(value);
  if (position === undefined || position < 0) failBadValue("bit positions must be non-negative integers");
  // A number has 64 bits with its sign repeated, so positions beyond it say the same.
  return BigInt(Math.min(position, 1_000_000));
}

function toBits(value: unknown): bigint | undefined {
  if (isNumber(value)) {
    const number = toNumber(value);
    return toBigInt(value) ?? (Number.isSafeInteger(number) ? BigInt(number) : undefined);
  }
  const bytes = toBinary(value)?.bytes;
  return bytes?.reduceRight<bigint>((bits, byte) => (bits << 8n) | BigInt(byte), 0n);
}
