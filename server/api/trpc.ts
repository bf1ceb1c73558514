import "server-only";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { TRPC_ERROR_CODES_BY_KEY } from "@trpc/server/unstable-core-do-not-import";
import { answer, inTime, MethodRefused, originOf, refusalHeaders, toRefusal } from "@/server/api/answer";
import { assertJson, readText } from "@/server/api/body";
import { allowOrigin, answerOptions } from "@/server/api/cors";
import { identifyCaller } from "@/server/api/identity";
import { assertOwnPage } from "@/server/api/own-page";
import { appRouter } from "@/server/api/router";
import { DomainError } from "@/server/core/errors";
import { logRefusal } from "@/server/core/log";
import { type Context, type ErrorData, trpcCodeOf } from "@/server/core/trpc";

const ENDPOINT = "/api/trpc";
const MAX_BATCH = 10;
/** Some procedures wait for good reason: a deletion for other processes, a sign-up for the mail server. */
const ANSWER_MS = 15_000;
const METHODS = "GET, HEAD, POST, OPTIONS";

/** What tRPC would only find out inside a procedure, where it looks like a fault of ours. @throws {DomainError} `malformed_body` */
function assertReadable(request: Request, body: string | null): void {
  const { pathname, searchParams } = new URL(request.url);
  const input = body ?? searchParams.get("input");
  try {
    decodeURIComponent(pathname);
    if (input !== null) JSON.parse(input);
  } catch {
    throw new DomainError("malformed_body", body === null ? "The address cannot be read." : "The body is not JSON.");
  }
}

/** The request with its body read and bounded; tRPC's own adapter would read any size and any form. */
async function boundRequest(request: Request): Promise<Request> {
  if (request.method === "GET" || request.method === "HEAD") {
    assertReadable(request, null);
    return request;
  }
  if (request.method !== "POST") throw new MethodRefused(METHODS);
  assertJson(request);
  assertOwnPage(request);
  const body = await readText(request);
  assertReadable(request, body);
  return new Request(request.url, { method: "POST", headers: request.headers, body });
}

/** A refusal made before any procedure, in the form tRPC clients read. */
function answerError(refusal: DomainError, requestId: string): Response {
  const { code, status: httpStatus, errors } = refusal;
  const data: ErrorData = { code, httpStatus, path: undefined, request_id: requestId, errors };
  const error = { message: refusal.message, code: TRPC_ERROR_CODES_BY_KEY[trpcCodeOf(refusal)], data };
  const headers = refusalHeaders(refusal);
  headers.set("Content-Type", "application/json");
  return new Response(JSON.stringify({ error }), { status: httpStatus, headers });
}

async function runProcedures(request: Request, context: Context): Promise<Response> {
  const response = await fetchRequestHandler({
    endpoint: ENDPOINT,
    req: request,
    router: appRouter,
    maxBatchSize: MAX_BATCH,
    createContext: () => context,
    onError: ({ error, path }) => logRefusal(toRefusal(error), { request_id: context.requestId, procedure: path }),
    responseMeta({ errors }) {
      const headers = new Headers(context.headers);
      headers.set("Cache-Control", "no-store");
      for (const error of errors) refusalHeaders(toRefusal(error)).forEach((value, name) => headers.set(name, value));
      return { headers };
    },
  });
  // A batch that is refused as a whole comes without a type, though its body is JSON.
  if (!response.headers.get("content-type")?.includes("json")) response.headers.set("Content-Type", "application/json");
  return response;
}

async function dispatch(request: Request, address: string, requestId: string): Promise<Response> {
  if (request.method === "OPTIONS") return answerOptions(request, METHODS);
  let bounded, caller;
  try {
    bounded = await boundRequest(request);
    caller = await identifyCaller(request, address);
  } catch (thrown) {
    const refusal = toRefusal(thrown);
    logRefusal(refusal, { request_id: requestId, method: request.method, path: ENDPOINT });
    return answerError(refusal, requestId);
  }
  const context = { caller, requestId, origin: originOf(request), headers: new Headers() };
  return inTime(ANSWER_MS, runProcedures(bounded, context)).catch((thrown: unknown) => answerError(toRefusal(thrown), requestId));
}

/**
 * The tRPC door, everything below `/api/trpc`: at most 10 calls in a batch, bodies of at most 1 MiB, JSON only.
 * @param address the caller's network address, as the host knows it
 */
export async function handleTrpc(request: Request, address: string): Promise<Response> {
  const response = await answer(request, (requestId) => dispatch(request, address, requestId));
  allowOrigin(request, response.headers);
  return response;
}
