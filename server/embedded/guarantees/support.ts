import type { mongo } from "mongoose";
import { MongoServerFault } from "../errors";

/** The code that `action` is refused with; `undefined` when it is not. Anything but a refusal is thrown on. */
export function codeOf(action: () => unknown): number | undefined {
  try {
    action();
  } catch (error) {
    if (error instanceof MongoServerFault) return error.code;
    throw error;
  }
  return undefined;
}

/** The error reply of the server that `work` fails with. Anything else, success included, is thrown on. */
export async function failureOf(work: Promise<unknown>): Promise<mongo.MongoServerError> {
  const outcome = await work.then(
    () => new Error("expected the server to refuse this"),
    (error: unknown) => error,
  );
  if (isServerError(outcome)) return outcome;
  throw outcome;
}

function isServerError(error: unknown): error is mongo.MongoServerError {
  return error instanceof Error && "code" in error && "errorResponse" in error;
}

/** What a server said when it refused a command, be it with an error reply or with a write error in a reply. */
export interface Refusal {
  code: unknown;
  message: string;
  /** The error's own fields, such as `keyPattern`. */
  details: mongo.Document;
}

/** The refusal of a command. @throws Error when the server did what it was asked */
export async function refusalOf(db: mongo.Db, command: mongo.Document, options: mongo.RunCommandOptions = {}): Promise<Refusal> {
  const outcome: unknown = await db.command(command, options).catch((error: unknown) => error);
  if (isServerError(outcome)) return { code: outcome.code, message: outcome.message, details: outcome.errorResponse };
  if (outcome instanceof Error) throw outcome;
  const [writeError] = (outcome as { writeErrors?: mongo.Document[] }).writeErrors ?? [];
  if (!writeError) throw new Error(`expected a refusal, but the answer was ${JSON.stringify(outcome)}`);
  return { code: writeError.code, message: String(writeError.errmsg), details: writeError };
}
