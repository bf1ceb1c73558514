import "server-only";
import type { FieldProblem } from "@/lib/contracts/problem";

interface ErrorKind {
  status: number;
  title: string;
  /** What a caller can do about it; the text of the page under `/docs/errors/{code}`. */
  remedy: string;
  /** Seconds after which asking again makes sense, where no better figure is known. */
  retryAfterSeconds?: number;
}

/** What customers can be answered in place of a result: code, status, words. */
export const publicErrorKinds = {
  malformed_body: { status: 400, title: "The body cannot be read", remedy: "Send a JSON object shaped as the reference shows, and nothing else beside it." },
  malformed_request: { status: 400, title: "This is not a call", remedy: "Send the call by an HTTP library: its first line or its headers could not be read." },
  key_missing: { status: 401, title: "A key is needed", remedy: "Send your key as `Authorization: Bearer …`." },
  key_invalid: { status: 401, title: "This key is not known", remedy: "Check that the whole key was copied, or create a new one." },
  key_revoked: { status: 401, title: "This key was revoked", remedy: "Create a new key." },
  key_expired: { status: 401, title: "This key has expired", remedy: "Create a new key, or one without an expiry date." },
  sign_in_refused: { status: 401, title: "Email or password is wrong", remedy: "Check both, or ask for a new password." },
  forbidden: { status: 403, title: "This caller may not do that", remedy: "`detail` says why: use a key that is allowed to, or sign in on the page." },
  not_found: { status: 404, title: "Not found", remedy: "Check the address; `GET /api/v1/models` lists the models there are." },
  method_not_allowed: { status: 405, title: "This address does not take that method", remedy: "The `Allow` header of the answer lists the methods it takes." },
  not_acceptable: { status: 406, title: "The answer is JSON only", remedy: "Accept `application/json`, or leave the `Accept` header out." },
  request_timeout: { status: 408, title: "The call did not arrive in time", remedy: "Send the call again, all of it at once." },
  idempotency_in_progress: { status: 409, title: "The first call with this key is still running", remedy: "Wait a second and send the same call again.", retryAfterSeconds: 1 },
  too_many_keys: { status: 409, title: "There are as many keys as an account may have", remedy: "Revoke a key that is not used any more." },
  body_too_large: { status: 413, title: "The body is larger than 1 MiB", remedy: "Send fewer rows in one call." },
  unsupported_media_type: { status: 415, title: "The body must be JSON", remedy: "Send `Content-Type: application/json`." },
  invalid_input: { status: 422, title: "Some fields are not valid", remedy: "`errors` names each field by a JSON pointer and says what it takes." },
  idempotency_mismatch: { status: 422, title: "This idempotency key was used with another body", remedy: "Use a new key for a new call." },
  link_invalid: { status: 422, title: "This link does not work any more", remedy: "Links work once and for a limited time: ask for a new one." },
  rate_limited: { status: 429, title: "Too much for one minute", remedy: "Wait as long as `Retry-After` says; `RateLimit` tells what is left." },
  quota_exhausted: { status: 429, title: "The month's quota is used up", remedy: "Wait for the new month, or move to a larger plan." },
  sign_in_locked: { status: 429, title: "Too many wrong passwords", remedy: "Wait as long as `Retry-After` says, or ask for a new password." },
  headers_too_large: { status: 431, title: "The headers are larger than 16 KiB", remedy: "Send fewer or shorter headers, or a shorter address." },
  internal_error: { status: 500, title: "Something went wrong on our side", remedy: "Send the same call again; if it stays, tell us the request id." },
  model_unavailable: { status: 503, title: "The model cannot answer at the moment", remedy: "Wait as long as `Retry-After` says.", retryAfterSeconds: 5 },
  overloaded: { status: 503, title: "Too much at once", remedy: "Wait as long as `Retry-After` says.", retryAfterSeconds: 2 },
  mail_unavailable: { status: 503, title: "Mail cannot be sent at the moment", remedy: "Wait as long as `Retry-After` says; nothing was changed.", retryAfterSeconds: 30 },
  sign_in_unavailable: { status: 503, title: "That service does not answer", remedy: "Wait as long as `Retry-After` says, or sign in with your password.", retryAfterSeconds: 15 },
  database_unavailable: { status: 503, title: "The database does not answer", remedy: "Wait as long as `Retry-After` says; nothing was counted.", retryAfterSeconds: 5 },
} as const satisfies Record<string, ErrorKind>;

/** What is answered at the console alone. */
const consoleErrorKinds = {
  console_session_needed: { status: 401, title: "Nobody is signed in", remedy: "Sign in to the console." },
  code_refused: { status: 401, title: "The code is wrong", remedy: "Type the newest code of your authenticator, or one of your recovery codes." },
  password_expired: { status: 403, title: "This password has expired", remedy: "Ask an owner of the team for a new one; that of the first start is told anew by each start of the service." },
  password_change_needed: { status: 403, title: "This password must be changed first", remedy: "Choose a password of your own." },
  confirmation_needed: { status: 403, title: "This act needs your password again", remedy: "Type your password, then send the same call again." },
  conflict: { status: 409, title: "Somebody else changed it meanwhile", remedy: "Load the page again, look at what is there now, and repeat the change if it still makes sense." },
  breaking_change: { status: 409, title: "This version breaks what customers send or read", remedy: "`errors` names each change. Tell the customers first; then send the same call with `accept_breaking`." },
  model_refused: { status: 422, title: "The model file cannot be used", remedy: "`detail` says why and what to do; export the model again and upload the new file." },
} as const satisfies Record<string, ErrorKind>;

/** The one table of everything that can be answered in place of a result. */
export const errorKinds = { ...publicErrorKinds, ...consoleErrorKinds };

export type ErrorCode = keyof typeof errorKinds;

export function errorKind(code: ErrorCode): ErrorKind {
  return errorKinds[code];
}

interface DomainErrorOptions {
  errors?: FieldProblem[];
  retryAfterSeconds?: number;
  cause?: unknown;
}

/** Marks every refusal, whichever evaluation of this file made it: in one process the API's bundle and Next's build share caches. */
const MARK = Symbol.for("vitrine.DomainError");

/** A refusal that a rule made. `message` is read by the caller: it says what to change and never repeats the input. */
export class DomainError extends Error {
  static override [Symbol.hasInstance](value: unknown): boolean {
    if (this !== DomainError) return Function.prototype[Symbol.hasInstance].call(this, value);
    return typeof value === "object" && value !== null && MARK in value;
  }

  readonly [MARK] = true;
  readonly code: ErrorCode;
  readonly errors: FieldProblem[] | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, options: DomainErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.name = "DomainError";
    this.code = code;
    this.errors = options.errors;
    this.retryAfterSeconds = options.retryAfterSeconds ?? errorKind(code).retryAfterSeconds;
  }

  get status(): number {
    return errorKind(this.code).status;
  }
}

/** The driver's names for "no server", "connection lost", "pool closed": all of them pass, none is the caller's fault. */
const DATABASE_GONE = /^Mongo(ose)?(Network|ServerSelection|PoolClear|PoolClosed|NotConnected|TopologyClosed|WaitQueueTimeout|OperationTimeout)/;
/** What a socket says by itself: the driver passes that on bare while it hands a large command over. */
const SOCKET_GONE = ["EPIPE", "ECONNRESET", "ECONNREFUSED", "ETIMEDOUT"];
/** The server's own word for an operation that took longer than it was given. */
const MAX_TIME_EXPIRED = 50;

/** A bulk write tells of a lost connection as of a failed write, without a code and without a write that failed. */
function isDatabaseGone(error: Error): boolean {
  const code = "code" in error ? error.code : undefined;
  const failedWrites = "writeErrors" in error && Array.isArray(error.writeErrors) ? error.writeErrors.length : null;
  if (error.name === "MongoBulkWriteError") return failedWrites === 0 && (code === undefined || code === MAX_TIME_EXPIRED);
  if ("syscall" in error && typeof code === "string") return SOCKET_GONE.includes(code);
  return DATABASE_GONE.test(error.name) || (error.name.startsWith("Mongo") && code === MAX_TIME_EXPIRED);
}

/** What to tell about anything that was thrown: a refusal as it is, a lost database as such, the rest without its text. */
export function toDomainError(thrown: unknown): DomainError {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    if (error instanceof DomainError) return error;
    if (isDatabaseGone(error)) return new DomainError("database_unavailable", "The database does not answer.", { cause: thrown });
  }
  return new DomainError("internal_error", "The call failed on our side.", { cause: thrown });
}
