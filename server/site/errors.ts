import "server-only";
import { type ErrorCode, errorKind, errorKinds, publicErrorKinds } from "@/server/core/errors";

export interface ErrorPage {
  code: ErrorCode;
  status: number;
  title: string;
  remedy: string;
  retryAfterSeconds: number | undefined;
}

function describe(code: ErrorCode): ErrorPage {
  return { code, retryAfterSeconds: undefined, ...errorKind(code) };
}

/** Every error that the API can answer with, in the order of their status. */
export function listErrors(): ErrorPage[] {
  const codes = Object.keys(publicErrorKinds).filter((code): code is keyof typeof publicErrorKinds => code in publicErrorKinds);
  return codes.map(describe).sort((one, other) => one.status - other.status);
}

/** The page behind an error's `type`, or undefined for a code that does not exist. */
export function findError(code: string): ErrorPage | undefined {
  const isCode = (text: string): text is ErrorCode => Object.hasOwn(errorKinds, text);
  return isCode(code) ? describe(code) : undefined;
}
