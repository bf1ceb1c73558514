import "server-only";
import { initTRPC, TRPCError } from "@trpc/server";
import type { TRPC_ERROR_CODES_BY_KEY } from "@trpc/server/unstable-core-do-not-import";
import { ZodError } from "zod";
import type { FieldProblem } from "@/lib/contracts/problem";
import type { PlanLimits, PlanName } from "@/lib/plans";
import { DomainError, type ErrorCode, toDomainError } from "@/server/core/errors";
import type { HeaderFields } from "@/server/core/exchange";

/** Somebody without an account. `id` stands for the address in limits and idempotency keys, and does not hold it in plain text. */
export interface VisitorCaller {
  kind: "visitor";
  id: string;
}

/** A customer, by a key or by a signed-in page: both lead to the same one. */
export interface CustomerCaller {
  kind: "customer";
  /** `customer:cus_…`, for limits and idempotency keys. */
  id: string;
  customerId: string;
  plan: PlanName;
  /** The plan's limits with what was agreed for this customer alone. */
  limits: PlanLimits;
  via: { kind: "session" } | { kind: "key"; keyId: string; /** null: every model */ models: string[] | null };
}

export type Caller = VisitorCaller | CustomerCaller;

/** One run of a procedure, filled as it goes: for whoever keeps a record of calls. Nothing of what was sent or answered is in it. */
export interface ProcedureRun {
  /** `predict.run`. */
  path: string;
  /** The model that was asked for predictions, once it is known that there is one; without a version while it is paused. */
  asked: { model: string; version: number | null; arm: "live" | "candidate" | "pinned" | null } | null;
  /** Rows that were sent. */
  rows: number | null;
  /** How it ended; null while it goes on. */
  end: { milliseconds: number; refusal: DomainError | null } | null;
}

/** What a door hands to every procedure. */
export interface Context {
  caller: Caller;
  requestId: string;
  /** Where the caller reached us, without a trailing slash: what links in mails begin with. */
  origin: string;
  /** Headers a procedure wants on the answer (rate limits, model version, timing); the door adds them. */
  headers: HeaderFields;
  /** Where the procedures of this call are written down, for a door that wants to know. */
  runs?: ProcedureRun[];
}

/** tRPC's own words for our statuses, so that clients who look at them see the right HTTP status. */
const trpcCodes: Record<number, keyof typeof TRPC_ERROR_CODES_BY_KEY> = {
  400: "BAD_REQUEST", 401: "UNAUTHORIZED", 403: "FORBIDDEN", 404: "NOT_FOUND", 405: "METHOD_NOT_SUPPORTED", 409: "CONFLICT",
  413: "PAYLOAD_TOO_LARGE", 415: "UNSUPPORTED_MEDIA_TYPE", 422: "UNPROCESSABLE_CONTENT", 429: "TOO_MANY_REQUESTS", 503: "SERVICE_UNAVAILABLE",
};

/** tRPC's name for what a refusal means. */
export function trpcCodeOf(refusal: DomainError): keyof typeof TRPC_ERROR_CODES_BY_KEY {
  return trpcCodes[refusal.status] ?? "INTERNAL_SERVER_ERROR";
}

/** The shape of `error.data` for every client. */
export interface ErrorData {
  code: ErrorCode;
  httpStatus: number;
  path: string | undefined;
  request_id: string | undefined;
  errors: FieldProblem[] | undefined;
}

/** A JSON pointer as a URI fragment, RFC 6901 section 6. */
function pointerTo(path: readonly PropertyKey[]): string {
  return `#${path.map((part) => `/${encodeURIComponent(String(part).replaceAll("~", "~0").replaceAll("/", "~1"))}`).join("")}`;
}

/** An envelope that does not parse is `malformed_body`, with a pointer for every part that is wrong. */
export function fromZodError(error: ZodError): DomainError {
  const errors = error.issues.map((issue) => ({ pointer: pointerTo(issue.path), detail: issue.message }));
  return new DomainError("malformed_body", "The body is not shaped as this address expects.", { errors, cause: error });
}

/** What to tell about a failed procedure; tRPC's own refusals keep their meaning. */
export function refusalOf(error: TRPCError): DomainError {
  if (error.cause instanceof ZodError) {
    return error.code === "BAD_REQUEST" ? fromZodError(error.cause) : toDomainError(error);
  }
  if (error.cause instanceof DomainError || error.code === "INTERNAL_SERVER_ERROR") return toDomainError(error.cause ?? error);
  if (error.code === "PARSE_ERROR" || error.code === "BAD_REQUEST") return new DomainError("malformed_body", "The body cannot be read.");
  if (error.code === "NOT_FOUND") return new DomainError("not_found", "There is no such procedure.");
  if (error.code === "METHOD_NOT_SUPPORTED") return new DomainError("method_not_allowed", "This procedure takes another method.");
  if (error.code === "UNSUPPORTED_MEDIA_TYPE") return new DomainError("unsupported_media_type", "Send JSON.");
  if (error.code === "PAYLOAD_TOO_LARGE") return new DomainError("body_too_large", "The body is larger than 1 MiB.");
  return toDomainError(error);
}

/** What clients read of a failed procedure, by whichever door they came. */
export function describeError(error: TRPCError, path: string | undefined, requestId: string | undefined): { message: string; data: ErrorData } {
  const refusal = refusalOf(error);
  const data: ErrorData = { code: refusal.code, httpStatus: refusal.status, path, request_id: requestId, errors: refusal.errors };
  return { message: refusal.message, data };
}

/** A refusal becomes the tRPC error of the same status; everything else is a 500 whose text stays inside. */
export function translateResult<Result extends { ok: true } | { ok: false; error: TRPCError }>(result: Result): Result {
  if (result.ok || result.error.cause instanceof ZodError || !result.error.cause) return result;
  const refusal = refusalOf(result.error);
  throw new TRPCError({ code: trpcCodeOf(refusal), message: refusal.message, cause: refusal });
}

const trpc = initTRPC.context<Context>().create({
  isDev: false,
  errorFormatter: ({ shape, error, path, ctx }) => ({ ...shape, ...describeError(error, path, ctx?.requestId) }),
});

/**
 * Does the work of a procedure for a door that calls it by itself, and writes it down as tRPC's runs are.
 * @param path the procedure's name
 */
export async function runNoted<Value>(context: Context, path: string, work: (run: ProcedureRun) => Promise<Value>): Promise<Value> {
  const run: ProcedureRun = { path, asked: null, rows: null, end: null };
  context.runs?.push(run);
  const started = performance.now();
  try {
    const value = await work(run);
    run.end = { milliseconds: performance.now() - started, refusal: null };
    return value;
  } catch (error) {
    run.end = { milliseconds: performance.now() - started, refusal: toDomainError(error) };
    throw error;
  }
}

/** Writes the run down in the context it came with, and translates what it threw: one layer, because each of tRPC's costs. */
const noteRun = trpc.middleware(async ({ ctx, path, next }) => {
  const run: ProcedureRun = { path, asked: null, rows: null, end: null };
  ctx.runs?.push(run);
  const started = performance.now();
  const result = await next({ ctx: { run } });
  run.end = { milliseconds: performance.now() - started, refusal: result.ok ? null : refusalOf(result.error) };
  return translateResult(result);
});

export const createRouter = trpc.router;
export const createCallerFactory = trpc.createCallerFactory;
/** A procedure anybody may call. Every procedure names its input and its output. */
export const publicProcedure = trpc.procedure.use(noteRun);

/** @throws {DomainError} `key_missing` for a visitor */
export function requireCustomer(caller: Caller): CustomerCaller {
  if (caller.kind === "customer") return caller;
  throw new DomainError("key_missing", "Send a key, or sign in.");
}

/** A procedure for customers, by key or by session; `ctx.caller` is the customer. */
export const customerProcedure = publicProcedure.use(({ ctx, next }) => next({ ctx: { ...ctx, caller: requireCustomer(ctx.caller) } }));

/** A procedure for signed-in customers alone: a key that leaked must not make further keys or take the account. */
export const sessionProcedure = publicProcedure.use(({ ctx, next }) => {
  const caller = requireCustomer(ctx.caller);
  if (caller.via.kind !== "session") throw new DomainError("forbidden", "A key cannot do that: sign in on the page.");
  return next({ ctx: { ...ctx, caller } });
});
