import "server-only";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { type AnyRouter, type inferRouterContext, TRPC_ERROR_CODES_BY_KEY } from "@trpc/server/unstable-core-do-not-import";
import { MethodRefused, refusalHeaders, toRefusal } from "@/server/core/answer";
import { assertJson, readText } from "@/server/core/body";
import { DomainError } from "@/server/core/errors";
import { Answer, toResponse } from "@/server/core/exchange";
import { logRefusal } from "@/server/core/log";
import { type ErrorData, trpcCodeOf } from "@/server/core/trpc";

const MAX_BATCH = 10;

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

/**
 * The request with its body read and bounded; tRPC's own adapter would read any size and any form.
 * @param assertMayChange is asked before the body of a call that may change something is read
 * @throws {DomainError} `method_not_allowed`, `unsupported_media_type`, `body_too_large`, `malformed_body`, and as `assertMayChange`
 */
export async function boundRequest(request: Request, methods: string, assertMayChange: (request: Request) => void): Promise<Request> {
  if (request.method === "GET" || request.method === "HEAD") {
    assertReadable(request, null);
    return request;
  }
  if (request.method !== "POST") throw new MethodRefused(methods);
  assertJson(request);
  assertMayChange(request);
  const body = await readText(request);
  assertReadable(request, body);
  return new Request(request.url, { method: "POST", headers: request.headers, body });
}

/** A refusal made before any procedure, in the form tRPC clients read. */
export function answerTrpcError(refusal: DomainError, requestId: string): Response {
  const { code, status: httpStatus, errors } = refusal;
  const data: ErrorData = { code, httpStatus, path: undefined, request_id: requestId, errors };
  const error = { message: refusal.message, code: TRPC_ERROR_CODES_BY_KEY[trpcCodeOf(refusal)], data };
  const headers = refusalHeaders(refusal);
  headers.set("Content-Type", "application/json");
  return toResponse(new Answer(JSON.stringify({ error }), { status: httpStatus, headers }));
}

interface Procedures<Router extends AnyRouter> {
  endpoint: string;
  router: Router;
  request: Request;
  context: inferRouterContext<Router>;
  /** What procedures put on the answer. */
  headers: Iterable<[string, string]>;
  /** Is told of every procedure that was refused or failed. */
  onRefusal?: (refusal: DomainError, procedure: string | undefined) => void;
}

/** Runs the procedures of a bounded request, at most ten in a batch. */
export async function runProcedures<Router extends AnyRouter>(call: Procedures<Router>): Promise<Response> {
  const { endpoint, router, request, context, onRefusal } = call;
  const response = await fetchRequestHandler({
    endpoint,
    req: request,
    router,
    maxBatchSize: MAX_BATCH,
    createContext: () => context,
    onError({ error, path }) {
      const refusal = toRefusal(error);
      logRefusal(refusal, { procedure: path });
      onRefusal?.(refusal, path);
    },
    responseMeta({ errors }) {
      const headers = new Headers([...call.headers]);
      headers.set("Cache-Control", "no-store");
      for (const error of errors) refusalHeaders(toRefusal(error)).forEach((value, name) => headers.set(name, value));
      return { headers };
    },
  });
  // A batch that is refused as a whole comes without a type, though its body is JSON.
  if (!response.headers.get("content-type")?.includes("json")) response.headers.set("Content-Type", "application/json");
  return response;
}
