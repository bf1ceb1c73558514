import "server-only";
import { createHash } from "node:crypto";
import { TRPCError } from "@trpc/server";
import type { Problem } from "@/lib/contracts/problem";
import { isDatabaseAway } from "@/server/core/db";
import { type CallFacts, NOTHING_KNOWN, type Surface } from "@/server/core/call-facts";
import { DomainError, errorKind, toDomainError } from "@/server/core/errors";
import { addressOf, Answer, type Asked, HeaderFields, type HeaderReader, toResponse } from "@/server/core/exchange";
import { createId } from "@/server/core/ids";
import { findOrigin } from "@/server/core/forwarded";
import { LimitReached } from "@/server/core/limits";
import { logRefusal } from "@/server/core/log";
import { countCall } from "@/server/core/process-metrics";
import { openCall } from "@/server/core/telling";
import { refusalOf } from "@/server/core/trpc";
import { within } from "@/server/core/within";

/** Where the service is reached from outside, without a trailing slash. */
export function originOf(asked: Asked): string {
  return findOrigin(asked.headers, addressOf(asked).origin);
}

/** The caller's own `request-id` where it has the agreed form, else a new one. */
export function takeRequestId(asked: Asked): string {
  const given = asked.headers.get("request-id");
  return given !== null && /^[A-Za-z0-9_-]{8,64}$/.test(given) ? given : createId("request");
}

/** A method this address does not take; the answer lists those it takes. */
export class MethodRefused extends DomainError {
  readonly headers: HeaderFields;

  constructor(allowed: string) {
    super("method_not_allowed", "This address does not take that method.");
    this.headers = new HeaderFields({ Allow: allowed });
  }
}

/** For addresses that are only read. @throws {MethodRefused} */
export function assertReading({ method }: Asked): void {
  if (method !== "GET" && method !== "HEAD") throw new MethodRefused("GET, HEAD");
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
export function refusalHeaders(refusal: DomainError): HeaderFields {
  const headers = new HeaderFields(refusal instanceof LimitReached || refusal instanceof MethodRefused ? refusal.headers : undefined);
  if (refusal.retryAfterSeconds !== undefined) headers.set("retry-after", String(refusal.retryAfterSeconds));
  if (refusal.status === 401) headers.set("www-authenticate", challengeOf(refusal));
  headers.set("cache-control", "no-store");
  return headers;
}

/** A refusal as problem details, RFC 9457. It names the address that was called, never what was sent there. */
export function answerProblem(asked: Asked, requestId: string, refusal: DomainError): Answer {
  const body: Problem = {
    type: `${originOf(asked)}/docs/errors/${refusal.code}`,
    title: errorKind(refusal.code).title,
    status: refusal.status,
    detail: refusal.message,
    instance: addressOf(asked).pathname,
    code: refusal.code,
    request_id: requestId,
    ...(refusal.errors && { errors: refusal.errors }),
  };
  const headers = refusalHeaders(refusal);
  headers.set("content-type", "application/problem+json");
  return new Answer(JSON.stringify(body), { status: refusal.status, headers });
}

/**
 * An answer that may be kept and asked about again: with an `ETag`, and 304 without a body where the caller has it already.
 * `no-cache` means "ask each time", so that a newly published version is seen at once.
 */
export function answerCacheable({ headers: sent }: Asked, text: string, contentType = "application/json"): Answer {
  const etag = `"${createHash("sha256").update(text).digest("base64url").slice(0, 22)}"`;
  const headers = { "Content-Type": contentType, "Cache-Control": "no-cache", ETag: etag };
  const known = (sent.get("if-none-match") ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return known.includes(etag) ? new Answer(null, { status: 304, headers }) : new Answer(text, { headers });
}

/** An answer that is one caller's alone: nobody keeps it. */
export function answerPersonal(text: string): Answer {
  return new Answer(text, { headers: { "Content-Type": "application/json", "Cache-Control": "no-store" } });
}

/**
 * What a handler answers, if it does in time.
 * @throws {DomainError} `database_unavailable` where that is known to be why, else `overloaded`
 */
export function inTime<Value>(milliseconds: number, work: Promise<Value>): Promise<Value> {
  const why = () => (isDatabaseAway() ? "database_unavailable" : "overloaded");
  return within(milliseconds, work, () => new DomainError(why(), "There was no answer in time; whether the call was run is not known."));
}

/** Adds the whole time spent to `Server-Timing` where the model's own time is already told. */
function addTotalTime(headers: Headers | HeaderFields, started: number): void {
  const timing = headers.get("server-timing");
  if (timing !== null) headers.set("server-timing", `${timing}, total;dur=${(performance.now() - started).toFixed(1)}`);
}

/** A call that was answered, for whoever keeps a record of calls. */
export interface Answered {
  asked: { method: string; headers: HeaderReader };
  requestId: string;
  status: number;
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

function describePlainly({ asked, status, refusal, milliseconds }: Answered, route: string): CallFacts {
  return { ...NOTHING_KNOWN, route, method: asked.method, status, code: refusal?.code ?? null, milliseconds };
}

/** The two kinds of answers: ours, and the Web's for doors that are made of what speaks it. */
interface Form<Given> {
  fromProblem: (problem: Answer) => Given;
  withoutBody: (given: Given) => Given;
}

const plainForm: Form<Answer> = {
  fromProblem: (problem) => problem,
  withoutBody: ({ status, headers }) => new Answer(null, { status, headers }),
};
const webForm: Form<Response> = {
  fromProblem: toResponse,
  withoutBody: ({ status, headers }) => new Response(null, { status, headers }),
};

type Handle<Given> = (requestId: string) => Promise<Given>;

async function answerAs<Given extends Answer | Response>(asked: Asked, handle: Handle<Given>, address: Address, form: Form<Given>): Promise<Given> {
  const { surface, route, probe = false, describe } = address;
  const requestId = takeRequestId(asked);
  const call = openCall(asked.headers, surface, requestId, probe);
  const started = performance.now();
  let refusal: DomainError | null = null;
  let given: Given;
  try {
    given = await call.run(() => handle(requestId));
  } catch (thrown) {
    const found = toRefusal(thrown);
    refusal = found;
    call.run(() => logRefusal(found, { method: asked.method }));
    given = form.fromProblem(answerProblem(asked, requestId, found));
  }
  given.headers.set("request-id", requestId);
  addTotalTime(given.headers, started);
  const answered: Answered = { asked, requestId, status: given.status, refusal, milliseconds: performance.now() - started };
  const facts = describe ? describe(answered) : null;
  const told = facts ?? describePlainly(answered, route);
  if (!describe && !probe) countCall(surface, told);
  call.tell(told, probe || (describe !== undefined && facts === null));
  return asked.method === "HEAD" ? form.withoutBody(given) : given;
}

/**
 * The one way out of every address of a door: whatever happens inside, there is an answer, it carries `request-id`, a `HEAD` has no
 * body, and one line of the log tells of it.
 */
export function answerAsked(asked: Asked, handle: Handle<Answer>, address: Address): Promise<Answer> {
  return answerAs(asked, handle, address, plainForm);
}

/** The same, of a door that is made of what speaks the Web's own words. */
export function answer(request: Request, handle: Handle<Response>, address: Address): Promise<Response> {
  return answerAs(request, handle, address, webForm);
}
