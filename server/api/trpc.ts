import "server-only";
import { allowOrigin, answerOptions } from "@/server/api/cors";
import { identifyCaller } from "@/server/api/identity";
import { type ObservedCall, observeCall, recordProcedures } from "@/server/api/observe";
import { assertOwnPage } from "@/server/api/own-page";
import { appRouter } from "@/server/api/router";
import { answer, inTime, originOf, toRefusal } from "@/server/core/answer";
import type { DomainError } from "@/server/core/errors";
import { logRefusal } from "@/server/core/log";
import { answerNowhere, serves } from "@/server/core/served";
import { answerTrpcError, boundRequest, runProcedures } from "@/server/core/trpc-http";

const ENDPOINT = "/api/trpc";
/** Some procedures wait for good reason: a deletion for other processes, a sign-up for the mail server. */
const ANSWER_MS = 15_000;
const METHODS = "GET, HEAD, POST, OPTIONS";

async function dispatch(request: Request, address: string, requestId: string, call: ObservedCall): Promise<Response> {
  if (request.method === "OPTIONS") return answerOptions(request, METHODS);
  const refuse = (refusal: DomainError) => {
    call.refusal = refusal;
    return answerTrpcError(refusal, requestId);
  };
  let bounded, caller;
  try {
    bounded = await boundRequest(request, METHODS, assertOwnPage);
    caller = await identifyCaller(request, address);
  } catch (thrown) {
    const refusal = toRefusal(thrown);
    logRefusal(refusal, { method: request.method, path: ENDPOINT });
    return refuse(refusal);
  }
  call.caller = caller;
  const { runs } = call;
  const context = { caller, requestId, origin: originOf(request), headers: new Headers(), runs };
  const running = runProcedures({
    endpoint: ENDPOINT,
    router: appRouter,
    request: bounded,
    context,
    headers: context.headers,
    onRefusal: (refusal, procedure) => void (runs.some(({ path }) => path === procedure) || call.strangers.push(refusal)),
  });
  return inTime(ANSWER_MS, running).catch((thrown: unknown) => refuse(toRefusal(thrown)));
}

/**
 * The tRPC door, everything below `/api/trpc`: at most 10 calls in a batch, bodies of at most 1 MiB, JSON only.
 * @param address the caller's network address, as the host knows it
 */
export async function handleTrpc(request: Request, address: string): Promise<Response> {
  if (!serves("api")) return answerNowhere(request);
  const call = observeCall("trpc");
  const response = await answer(request, (requestId) => dispatch(request, address, requestId, call), {
    surface: "api",
    route: call.route,
    describe: (answered) => recordProcedures(call, answered),
  });
  allowOrigin(request, response.headers);
  return response;
}
