import "server-only";
import { type ErrorCode, errorKind, errorKinds } from "@/server/core/errors";

export interface ErrorPage {
  code: ErrorCode;
  status: number;
  title: string;
  remedy: string;
  retryAfterSeconds: number | undefined;
}

/** Every error that the API can answer with, in the order of their status. */
export function listErrors(): ErrorPage[] {
  const codes = Object.keys(errorKinds).filter((code): code is ErrorCode => code in errorKinds);
  return codes.map((code) => ({ code, retryAfterSeconds: undefined, ...errorKind(code) })).sort((one, other) => one.status - other.status);
}

/** The page behind an error's `type`, or undefined for a code that does not exist. */
export function findError(code: string): ErrorPage | undefined {
  return listErrors().find((entry) => entry.code === code);
}
