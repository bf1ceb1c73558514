import "server-only";
import { admission } from "@/server/api/admission";
import { allowOrigin, answerOptions } from "@/server/api/cors";
import { identifyCaller } from "@/server/api/identity";
import { type ObservedCall, observeCall, recordProcedures } from "@/server/api/observe";
import { assertOwnPage } from "@/server/api/own-page";
import { appRouter } from "@/server/api/router";
import { answerAsked, inTime, originOf, toRefusal } from "@/server/core/answer";
import { addressOf, type Answer, type Asked, type BoundCall, HeaderFields, toResponse } from "@/server/core/exchange";
import { logRefusal } from "@/server/core/log";
import { answerAskedNowhere, serves } from "@/server/core/served";
import { answerTrpcError, boundCall, runProcedures } from "@/server/core/trpc-http";

const ENDPOINT = "/api/trpc";
/** Some procedures wait for good reason: a deletion for other processes, a sign-up for the mail server. */
const ANSWER_MS = 15_000;
const METHODS = "GET, HEAD, POST, OPTIONS";

/** The procedures that are asked for, with commas between; what cannot be decoded names none. */
function namesOf(asked: Asked): string[] {
  try {
    return decodeURIComponent(addressOf(asked).pathname.slice(ENDPOINT.length + 1)).split(",");
  } catch {
    return [];
  }
}

/** Whether one of the procedures that are asked for runs a model. */
const predicts = (asked: Asked) => namesOf(asked).some((name) => name.startsWith("predict."));

interface Arrived {
  asked: Asked;
  address: string;
  requestId: string;
  call: ObservedCall;
}

async function runCall({ asked, address, requestId, call }: Arrived, bounded: BoundCall): Promise<Answer> {
  const caller = await identifyCaller(asked, address);
  call.caller = caller;
  const { runs } = call;
  const context = { caller, requestId, origin: originOf(asked), headers: new HeaderFields(), runs };
  return runProcedures({
    endpoint: ENDPOINT,
    router: appRouter,
    call: bounded,
    context,
    headers: context.headers,
    onRefusal: (refusal, procedure) => void (runs.some(({ path }) => path === procedure) || call.strangers.push(refusal)),
  });
}

async function dispatch(arrived: Arrived): Promise<Answer> {
  const { asked, requestId, call } = arrived;
  if (asked.method === "OPTIONS") return answerOptions(asked, METHODS);
  try {
    const bounded = await boundCall(asked, METHODS, assertOwnPage);
    const work = async () => runCall(arrived, bounded);
    return await inTime(ANSWER_MS, predicts(asked) ? admission().run(work) : work());
  } catch (thrown) {
    const refusal = toRefusal(thrown);
    logRefusal(refusal, { method: asked.method, path: ENDPOINT });
    call.refusal = refusal;
    return answerTrpcError(refusal, requestId);
  }
}

/**
 * The tRPC door, everything below `/api/trpc`: at most 10 calls in a batch, bodies of at most 1 MiB, JSON only.
 * @param address the caller's network address, as the host knows it
 */
export async function answerTrpc(asked: Asked, address: string): Promise<Answer> {
  if (!serves("api")) return answerAskedNowhere(asked);
  const call = observeCall("trpc");
  const answered = await answerAsked(asked, (requestId) => dispatch({ asked, address, requestId, call }), {
    surface: "api",
    route: call.route,
    describe: (told) => recordProcedures(call, told),
  });
  allowOrigin(asked, answered.headers);
  return answered;
}

/** {@link answerTrpc} for a host that speaks the Web's own words. */
export async function handleTrpc(request: Request, address: string): Promise<Response> {
  return toResponse(await answerTrpc(request, address));
}
