import "server-only";
import { DomainError } from "@/server/core/errors";

/** What the inspection says about a file that cannot be used, in words for the one who uploaded it. */
export class FileRefusal extends Error {
  override readonly name = "FileRefusal";
}

/** The runtime's own text behind a refusal of ours, to be translated. */
export function runtimeText(error: unknown): string {
  let cause = error;
  while (cause instanceof DomainError && cause.cause !== undefined) cause = cause.cause;
  return cause instanceof Error ? cause.message : String(cause);
}

/** A name out of the file, short and on one line. */
export function quoteName(name: string): string {
  return JSON.stringify(name.length > 60 ? `${name.slice(0, 57)}…` : name);
}
