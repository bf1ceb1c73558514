import { ObjectId, Timestamp } from "bson";
import { isNumber, toNumber, toText, typeName } from "../types";

/** A scalar as `$toString` and `$concat`'s relatives write it; `undefined` for what has no text. */
export function formatScalar(value: unknown): string | undefined {
  const text = toText(value);
  if (text !== undefined) return text;
  if (typeof value === "boolean") return String(value);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof ObjectId) return value.toHexString();
  if (value instanceof Timestamp) return value.toString();
  if (!isNumber(value)) return undefined;
  const type = typeName(value);
  return type === "decimal" || type === "long" ? String(value) : formatDouble(toNumber(value));
}

function formatDouble(value: number): string {
  if (Object.is(value, -0)) return "-0";
  return String(value);
}
