import "server-only";
import { admission } from "@/server/api/admission";
import { allowOrigin, answerOptions } from "@/server/api/cors";
import { identifyCaller } from "@/server/api/identity";
import { type ObservedCall, observeCall, recordProcedures } from "@/server/api/observe";
import { assertOwnPage } from "@/server/api/own-page";
import { appRouter } from "@/server/api/router";
import { answer, inTime, originOf, toRefusal } from "@/server/core/answer";
import { HeaderFields, toResponse } from "@/server/core/exchange";
import { logRefusal } from "@/server/core/log";
import { answerNowhere, serves } from "@/server/core/served";
import { answerTrpcError, boundRequest, runProcedures } from "@/server/core/trpc-http";

const ENDPOINT = "/api/trpc";
/** Some procedures wait for good reason: a deletion for other processes, a sign-up for the mail server. */
const ANSWER_MS = 15_000;
const METHODS = "GET, HEAD, POST, OPTIONS";

/** The procedures that are asked for, with commas between; what cannot be decoded names none. */
function namesOf(request: Request): string[] {
  try {
    return decodeURIComponent(new URL(request.url).pathname.slice(ENDPOINT.length + 1)).split(",");
  } catch {
    return [];
  }
}

/** Whether one of the procedures that are asked for runs a model. */
const predicts = (request: Request) => namesOf(request).some((name) => name.startsWith("predict."));

async function runCall(request: Request, address: string, requestId: string, call: ObservedCall): Promise<Response> {
  const caller = await identifyCaller(request, address);
  call.caller = caller;
  const { runs } = call;
  const context = { caller, requestId, origin: originOf(request), headers: new HeaderFields(), runs };
  return runProcedures({
    endpoint: ENDPOINT,
    router: appRouter,
    request,
    context,
    headers: context.headers,
    onRefusal: (refusal, procedure) => void (runs.some(({ path }) => path === procedure) || call.strangers.push(refusal)),
  });
}

async function dispatch(request: Request, address: string, requestId: string, call: ObservedCall): Promise<Response> {
  if (request.method === "OPTIONS") return toResponse(answerOptions(request, METHODS));
  try {
    const bounded = await boundRequest(request, METHODS, assertOwnPage);
    const work = async () => runCall(bounded, address, requestId, call);
    return await inTime(ANSWER_MS, predicts(bounded) ? admission().run(work) : work());
  } catch (thrown) {
    const refusal = toRefusal(thrown);
    logRefusal(refusal, { method: request.method, path: ENDPOINT });
    call.refusal = refusal;
    return answerTrpcError(refusal, requestId);
  }
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
