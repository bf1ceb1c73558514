import "server-only";
import { createHash } from "node:crypto";
import { TRPCError } from "@trpc/server";
import type { Problem } from "@/lib/contracts/problem";
import { isDatabaseAway } from "@/server/core/db";
import { type CallFacts, NOTHING_KNOWN, type Surface } from "@/server/core/call-facts";
import { DomainError, errorKind, toDomainError } from "@/server/core/errors";
import { createId } from "@/server/core/ids";
import { findOrigin } from "@/server/core/forwarded";
import { LimitReached } from "@/server/core/limits";
import { logRefusal } from "@/server/core/log";
import { countCall } from "@/server/core/process-metrics";
import { openCall } from "@/server/core/telling";
import { refusalOf } from "@/server/core/trpc";
import { within } from "@/server/core/within";

/** Where the service is reached from outside, without a trailing slash. */
export function originOf(request: Request): string {
  return findOrigin(request.headers, new URL(request.url).origin);
}

/** The caller's own `request-id` where it has the agreed form, else a new one. */
export function takeRequestId(request: Request): string {
  const given = request.headers.get("request-id");
  return given !== null && /^[A-Za-z0-9_-]{8,64}$/.test(given) ? given : createId("request");
}

/** A method this address does not take; the answer lists those it takes. */
export class MethodRefused extends DomainError {
  readonly headers: Headers;

  constructor(allowed: string) {
    super("method_not_allowed", "This address does not take that method.");
    this.headers = new Headers({ Allow: allowed });
  }
}

/** For addresses that are only read. @throws {MethodRefused} */
export function assertReading(request: Request): void {
  if (request.method !== "GET" && request.method !== "HEAD") throw new MethodRefused("GET, HEAD");
}

/** What to tell about anything a door or a procedure threw. */
export function toRefusal(thrown: unknown): DomainError {
  return thrown instanceof TRPCError ? refusalOf(thrown) : toDomainError(thrown);
}

/** How to come in, RFC 6750 section 3; a key that is not good is told apart from none. */
function challengeOf({ code }: DomainError): string {
  return `Bearer realm="Vitrine"${code.startsWith("key_") && code !== "key_missing" ? ', error="invalid_token"' : ""}`;
}

/** The headers a refusal brings along: when to come back, how to come in, and the counters where it was a limit. */
export function refusalHeaders(refusal: DomainError): Headers {
  const headers = new Headers(refusal instanceof LimitReached || refusal instanceof MethodRefused ? refusal.headers : undefined);
  if (refusal.retryAfterSeconds !== undefined) headers.set("Retry-After", String(refusal.retryAfterSeconds));
  if (refusal.status === 401) headers.set("WWW-Authenticate", challengeOf(refusal));
  headers.set("Cache-Control", "no-store");
  return headers;
}

/** A refusal as problem details, RFC 9457. It names the address that was called, never what was sent there. */
export function answerProblem(request: Request, requestId: string, refusal: DomainError): Response {
  const body: Problem = {
    type: `${originOf(request)}/docs/errors/${refusal.code}`,
    title: errorKind(refusal.code).title,
    status: refusal.status,
    detail: refusal.message,
    instance: new URL(request.url).pathname,
    code: refusal.code,
    request_id: requestId,
    ...(refusal.errors && { errors: refusal.errors }),
  };
  const headers = refusalHeaders(refusal);
  headers.set("Content-Type", "application/problem+json");
  return new Response(JSON.stringify(body), { status: refusal.status, headers });
}

/**
 * An answer that may be kept and asked about again: with an `ETag`, and 304 without a body where the caller has it already.
 * `no-cache` means "ask each time", so that a newly published version is seen at once.
 */
export function answerCacheable(request: Request, text: string, contentType = "application/json"): Response {
  const etag = `"${createHash("sha256").update(text).digest("base64url").slice(0, 22)}"`;
  const headers = { "Content-Type": contentType, "Cache-Control": "no-cache", ETag: etag };
  const known = (request.headers.get("if-none-match") ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return known.includes(etag) ? new Response(null, { status: 304, headers }) : new Response(text, { headers });
}

/** An answer that is one caller's alone: nobody keeps it. */
export function answerPersonal(text: string): Response {
  return new Response(text, { headers: { "Content-Type": "application/json", "Cache-Control": "no-store" } });
}

/**
 * What a handler answers, if it does in time.
 * @throws {DomainError} `database_unavailable` where that is known to be why, else `overloaded`
 */
export async function inTime(milliseconds: number, work: Promise<Response>): Promise<Response> {
  const why = () => (isDatabaseAway() ? "database_unavailable" : "overloaded");
  return within(milliseconds, work, () => new DomainError(why(), "There was no answer in time; whether the call was run is not known."));
}

/** Adds the whole time spent to `Server-Timing` where the model's own time is already told. */
function addTotalTime(headers: Headers, started: number): void {
  const timing = headers.get("Server-Timing");
  if (timing !== null) headers.set("Server-Timing", `${timing}, total;dur=${(performance.now() - started).toFixed(1)}`);
}

/** A call that was answered, for whoever keeps a record of calls. */
export interface Answered {
  request: Request;
  requestId: string;
  response: Response;
  /** Why there was no result; null where there was one, and where a body of its own tells (tRPC). */
  refusal: DomainError | null;
  milliseconds: number;
}

/** How the calls of an address are told: by log, metrics and traces. */
export interface Address {
  surface: Surface;
  /** The pattern of the address, never what was really asked for. */
  route: string;
  /** Whether machines ask it again and again: told where somebody looks closely, and never counted. */
  probe?: boolean;
  /** What a door found out, where it records its calls; null for a call that is none. Must not throw. */
  describe?: (answered: Answered) => CallFacts | null;
}

function describePlainly({ request, response, refusal, milliseconds }: Answered, route: string): CallFacts {
  return { ...NOTHING_KNOWN, route, method: request.method, status: response.status, code: refusal?.code ?? null, milliseconds };
}

async function answerAnyway(request: Request, requestId: string, handle: (requestId: string) => Promise<Response>): Promise<Answered> {
  const started = performance.now();
  let refusal: DomainError | null = null;
  let response: Response;
  try {
    response = await handle(requestId);
  } catch (thrown) {
    refusal = toRefusal(thrown);
    logRefusal(refusal, { method: request.method });
    response = answerProblem(request, requestId, refusal);
  }
  response.headers.set("request-id", requestId);
  addTotalTime(response.headers, started);
  return { request, requestId, response, refusal, milliseconds: performance.now() - started };
}

/**
 * The one way out of every address of a door: whatever happens inside, there is an answer, it carries `request-id`, a `HEAD` has no
 * body, and one line of the log tells of it.
 */
export async function answer(request: Request, handle: (requestId: string) => Promise<Response>, address: Address): Promise<Response> {
  const { surface, route, probe = false, describe } = address;
  const requestId = takeRequestId(request);
  const call = openCall(request, surface, requestId, probe);
  const answered = await call.run(() => answerAnyway(request, requestId, handle));
  const plain = describePlainly(answered, route);
  if (!describe && !probe) countCall(surface, plain);
  const facts = describe ? describe(answered) : plain;
  call.tell(facts ?? plain, probe || facts === null);
  const { response } = answered;
  return request.method === "HEAD" ? new Response(null, { status: response.status, headers: response.headers }) : response;
}
