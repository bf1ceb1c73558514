import "server-only";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { TRPC_ERROR_CODES_BY_KEY } from "@trpc/server/unstable-core-do-not-import";
import { answer, MethodRefused, originOf, refusalHeaders, toRefusal } from "@/server/api/answer";
import { assertJson, readText } from "@/server/api/body";
import { identifyCaller } from "@/server/api/identity";
import { appRouter } from "@/server/api/router";
import { DomainError } from "@/server/core/errors";
import { logRefusal } from "@/server/core/log";
import type { Context, ErrorData } from "@/server/core/trpc";

const ENDPOINT = "/api/trpc";
const MAX_BATCH = 10;

/**
 * A browser sends cookies along with whatever another site makes it post; only our own pages may speak with them.
 * @throws {DomainError} `forbidden`
 */
function assertSameOrigin(request: Request): void {
  if (!request.headers.has("cookie")) return;
  const origin = request.headers.get("origin") ?? "";
  // By host alone: a proxy that ends TLS in front of us may not tell which scheme the page was loaded by.
  const own = URL.canParse(origin) && new URL(origin).host === new URL(originOf(request)).host;
  if (!own) throw new DomainError("forbidden", "Calls with a cookie must come from a page of this service.");
}

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
  if (request.method !== "POST") throw new MethodRefused("GET, HEAD, POST");
  assertSameOrigin(request);
  assertJson(request);
  const body = await readText(request);
  assertReadable(request, body);
  return new Request(request.url, { method: "POST", headers: request.headers, body });
}

/** A refusal made before any procedure, in the form tRPC clients read. */
function answerError(refusal: DomainError, requestId: string): Response {
  const { code, status: httpStatus, errors } = refusal;
  const data: ErrorData = { code, httpStatus, path: undefined, request_id: requestId, errors };
  const error = { message: refusal.message, code: TRPC_ERROR_CODES_BY_KEY.BAD_REQUEST, data };
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

/**
 * The tRPC door, everything below `/api/trpc`: at most 10 calls in a batch, bodies of at most 1 MiB, JSON only.
 * @param address the caller's network address, as the host knows it
 */
export async function handleTrpc(request: Request, address: string): Promise<Response> {
  return answer(request, async (requestId) => {
    let bounded;
    try {
      bounded = await boundRequest(request);
    } catch (thrown) {
      return answerError(toRefusal(thrown), requestId);
    }
    const context: Context = { caller: await identifyCaller(address), requestId, headers: new Headers() };
    return runProcedures(bounded, context);
  });
}
