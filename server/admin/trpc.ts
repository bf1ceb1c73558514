import "server-only";
import { BACKGROUND_HEADER } from "@/lib/background-header.admin";
import { addressOfProcedure, CONSOLE_TRPC, INSPECTION_TRPC } from "@/lib/console-addresses.admin";
import { assertAllowedAddress } from "@/server/admin/network";
import { answerObserved, type ObservedConsoleCall } from "@/server/admin/observe";
import { assertConsolePage, readConsoleCookie } from "@/server/admin/own-page";
import type { ConsoleContext } from "@/server/admin/procedures";
import { consoleRouter } from "@/server/admin/router";
import { inTime, originOf, toRefusal } from "@/server/core/answer";
import { MAX_BODY_BYTES } from "@/server/core/body";
import { DomainError } from "@/server/core/errors";
import { type Answer, type Asked, toResponse } from "@/server/core/exchange";
import { describeNetwork, findAddress } from "@/server/core/forwarded";
import { nameSubject } from "@/server/core/limits";
import { logRefusal } from "@/server/core/log";
import { answerTrpcError, boundCall, runProcedures } from "@/server/core/trpc-http";
import { resolveOperatorSession } from "@/server/modules/operators/sessions";

type Endpoint = typeof CONSOLE_TRPC | typeof INSPECTION_TRPC;
const METHODS = "GET, HEAD, POST";
/** Looking into an uploaded file may take its child process some seconds. */
const ANSWER_MS = 50_000;

/** What somebody may send who only looks, or must choose a password first: names, passwords and codes. Reading more costs everybody time. */
const MOST_LOOKING_BYTES = 16 * 1024;

/** The context of one call: who is signed in, and from where. */
export async function readContext(request: Request, requestId: string): Promise<ConsoleContext> {
  const token = readConsoleCookie(request, "session");
  const address = findAddress(request.headers);
  const [session, subject] = await Promise.all([
    token === null ? null : resolveOperatorSession(token, request.headers.get(BACKGROUND_HEADER) === "1"),
    nameSubject(describeNetwork(address)),
  ]);
  return { session, address, subject, requestId, origin: originOf(request), headers: new Headers() };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The procedures of an address, as far as there are such: what was made up stays out of the record. */
function readNames(request: Request, endpoint: Endpoint): string[] {
  const names = decode(new URL(request.url).pathname.slice(endpoint.length + 1)).split(",");
  return names.filter((name) => Object.hasOwn(consoleRouter._def.procedures, name));
}

/** @throws {DomainError} `not_found`, when a procedure is asked at the other address: what it needs may not be there */
function assertAnsweredHere(request: Request, endpoint: Endpoint): void {
  const strayed = readNames(request, endpoint).find((name) => addressOfProcedure(name) !== endpoint);
  if (strayed !== undefined) throw new DomainError("not_found", `${strayed} is answered at ${addressOfProcedure(strayed)}.`);
}

/**
 * How much the body of a call may hold. Whoever is not signed in is refused before a byte of it is read.
 * @throws {DomainError} `console_session_needed`
 */
function mostBytesOf({ session }: ConsoleContext): number {
  if (!session) throw new DomainError("console_session_needed", "Sign in to the console.");
  return session.mustChangePassword || session.operator.role === "viewer" ? MOST_LOOKING_BYTES : MAX_BODY_BYTES;
}

async function dispatch(request: Request, requestId: string, call: ObservedConsoleCall, endpoint: Endpoint): Promise<Answer> {
  const refuse = (refusal: DomainError) => {
    call.refusal = refusal;
    return answerTrpcError(refusal, requestId);
  };
  let bounded, context;
  const admit = async (asked: Asked) => {
    assertConsolePage(asked);
    return mostBytesOf(await readContext(request, requestId));
  };
  try {
    assertAllowedAddress(findAddress(request.headers));
    assertAnsweredHere(request, endpoint);
    bounded = await boundCall(request, METHODS, admit);
    // Once more, because a body may take its time, and a session may have ended meanwhile.
    context = await readContext(request, requestId);
  } catch (thrown) {
    const refusal = toRefusal(thrown);
    logRefusal(refusal, { method: request.method, path: endpoint });
    return refuse(refusal);
  }
  const running = runProcedures({
    endpoint,
    router: consoleRouter,
    call: bounded,
    context,
    headers: context.headers,
    onRefusal: (refusal) => {
      call.refusal ??= refusal;
    },
  });
  return inTime(ANSWER_MS, running).catch((thrown: unknown) => refuse(toRefusal(thrown)));
}

function answerAt(endpoint: Endpoint, request: Request): Promise<Response> {
  const route = ["trpc", ...readNames(request, endpoint)].join(" ");
  return answerObserved(request, route, async (requestId, call) => toResponse(await dispatch(request, requestId, call, endpoint)));
}

/** The console's tRPC door, everything below `/admin/trpc`: an operator's session opens it and nothing else does. */
export async function handleConsoleTrpc(request: Request): Promise<Response> {
  return answerAt(CONSOLE_TRPC, request);
}

/** As {@link handleConsoleTrpc}, for the procedures that open a model file: everything below `/admin/uploads/trpc`. */
export async function handleInspectionTrpc(request: Request): Promise<Response> {
  return answerAt(INSPECTION_TRPC, request);
}
