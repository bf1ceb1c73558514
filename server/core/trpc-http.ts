import "server-only";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { type AnyRouter, type inferRouterContext, TRPC_ERROR_CODES_BY_KEY, type TRPCError } from "@trpc/server/unstable-core-do-not-import";
import { MethodRefused, refusalHeaders, toRefusal } from "@/server/core/answer";
import { assertJson, BODY_PATIENCE_MS, readText } from "@/server/core/body";
import { DomainError } from "@/server/core/errors";
import { addressOf, Answer, type Asked, type BoundCall, HeaderFields } from "@/server/core/exchange";
import { logRefusal } from "@/server/core/log";
import { type ErrorData, trpcCodeOf } from "@/server/core/trpc";
import { type Alone, findAlone, runAlone } from "@/server/core/trpc-alone";

const MAX_BATCH = 10;

/**
 * Reads what tRPC would only find out to be none inside a procedure, where it looks like a fault of ours.
 * @throws {DomainError} `malformed_body`
 */
function readJson(asked: Asked, text: string | null): unknown {
  const { pathname, searchParams } = addressOf(asked);
  const input = text ?? searchParams.get("input");
  try {
    decodeURIComponent(pathname);
    return input === null ? undefined : JSON.parse(input);
  } catch {
    throw new DomainError("malformed_body", text === null ? "The address cannot be read." : "The body is not JSON.");
  }
}

/** What tRPC reads of a call beside method, address and body. */
const READ_HEADERS = ["accept", "content-type", "trpc-accept"];

/** A call whose body was read: it gives its text, which is all that tRPC asks of one in JSON, and no stream is made of it. */
class ReadRequest extends Request {
  readonly #text: string;

  constructor(url: string, init: RequestInit, text: string) {
    super(url, init);
    this.#text = text;
  }

  override async text(): Promise<string> {
    return this.#text;
  }
}

function toRequest({ asked: { method, url, headers: sent }, body }: BoundCall): Request {
  const headers = READ_HEADERS.flatMap((name): [string, string][] => {
    const value = sent.get(name);
    return value === null ? [] : [[name, value]];
  });
  return new ReadRequest(url, { method, headers }, body?.text ?? "");
}

/** Whether a call may change something; it may tell how many bytes its body may have, where that is less than usual. */
type MayChange = (asked: Asked) => void | Promise<number>;

/**
 * What tRPC is to read of a call, the body read and bounded; its own adapter would read any size and any form.
 * @param assertMayChange is asked before the body of a call that may change something is read
 * @throws {DomainError} `method_not_allowed`, `unsupported_media_type`, `body_too_large`, `malformed_body`, and as `assertMayChange`
 */
export async function boundCall(asked: Asked, methods: string, assertMayChange: MayChange): Promise<BoundCall> {
  if (asked.method === "GET" || asked.method === "HEAD") {
    readJson(asked, null);
    return { asked, body: null };
  }
  if (asked.method !== "POST") throw new MethodRefused(methods);
  assertJson(asked);
  const most = assertMayChange(asked);
  const text = await (most ? readText(asked, BODY_PATIENCE_MS, await most) : readText(asked));
  return { asked, body: { text, value: readJson(asked, text) } };
}

/** A refusal made before any procedure, in the form tRPC clients read. */
export function answerTrpcError(refusal: DomainError, requestId: string): Answer {
  const { code, status: httpStatus, errors } = refusal;
  const data: ErrorData = { code, httpStatus, path: undefined, request_id: requestId, errors };
  const error = { message: refusal.message, code: TRPC_ERROR_CODES_BY_KEY[trpcCodeOf(refusal)], data };
  const headers = refusalHeaders(refusal);
  headers.set("content-type", "application/json");
  return new Answer(JSON.stringify({ error }), { status: httpStatus, headers });
}

interface Procedures<Router extends AnyRouter> {
  endpoint: string;
  router: Router;
  call: BoundCall;
  context: inferRouterContext<Router> & object;
  /** What procedures put on the answer. */
  headers: Iterable<[string, string]>;
  /** Is told of every procedure that was refused or failed. */
  onRefusal?: (refusal: DomainError, procedure: string | undefined) => void;
}

function refuse<Router extends AnyRouter>({ onRefusal }: Procedures<Router>, error: TRPCError, path: string | undefined): DomainError {
  const refusal = toRefusal(error);
  logRefusal(refusal, { procedure: path });
  onRefusal?.(refusal, path);
  return refusal;
}

function headersOf(given: Iterable<[string, string]>, refusals: DomainError[]): HeaderFields {
  const headers = new HeaderFields(given);
  headers.set("cache-control", "no-store");
  for (const refusal of refusals) refusalHeaders(refusal).forEach((value, name) => headers.set(name, value));
  return headers;
}

async function answerAlone<Router extends AnyRouter>(procedures: Procedures<Router>, alone: Alone): Promise<Answer> {
  const refusals: DomainError[] = [];
  const note = (error: TRPCError) => void refusals.push(refuse(procedures, error, alone.path));
  const outcome = await runAlone(alone, procedures.router, procedures.context, note);
  const headers = headersOf(procedures.headers, refusals);
  headers.set("content-type", "application/json");
  headers.set("vary", "trpc-accept, accept");
  return new Answer(JSON.stringify(outcome), { status: refusals[0]?.status ?? 200, headers });
}

/** Runs the procedures of a bounded call, at most ten in a batch. */
export async function runProcedures<Router extends AnyRouter>(procedures: Procedures<Router>): Promise<Answer> {
  const { endpoint, router, call, context } = procedures;
  const alone = await findAlone(call, endpoint, router);
  if (alone) return answerAlone(procedures, alone);
  const response = await fetchRequestHandler({
    endpoint,
    req: toRequest(call),
    router,
    maxBatchSize: MAX_BATCH,
    createContext: () => context,
    onError: ({ error, path }) => void refuse(procedures, error, path),
    responseMeta: ({ errors }) => ({ headers: new Headers([...headersOf(procedures.headers, errors.map(toRefusal))]) }),
  });
  const headers = new HeaderFields(response.headers);
  // A batch that is refused as a whole comes without a type, though its body is JSON.
  if (!headers.get("content-type")?.includes("json")) headers.set("content-type", "application/json");
  return new Answer(await response.text(), { status: response.status, headers });
}
