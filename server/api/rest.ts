import "server-only";
import { answerAsked, answerCacheable, answerPersonal, inTime, MethodRefused, originOf } from "@/server/core/answer";
import { assertJson, parseObject, readText } from "@/server/core/body";
import { admission } from "@/server/api/admission";
import { allowOrigin, answerOptions } from "@/server/api/cors";
import { identifyCaller } from "@/server/api/identity";
import { type ObservedCall, observeCall, recordCall } from "@/server/api/observe";
import { assertOwnPage } from "@/server/api/own-page";
import { part, type RestCall, toBody, WrittenAnswer } from "@/server/api/route";
import { createCaller, type Procedures } from "@/server/api/router";
import { addressBelow, type Found, findRoutes } from "@/server/api/route-table";
import type { Prediction } from "@/lib/contracts/predict";
import { DomainError } from "@/server/core/errors";
import { addressOf, Answer, type Asked, HeaderFields, toResponse } from "@/server/core/exchange";
import { readIdempotencyKey, runOnce, type StoredAnswer } from "@/server/core/idempotency";
import { answerAskedNowhere, serves } from "@/server/core/served";
import { type Context, requireCustomer } from "@/server/core/trpc";
import { writePredictionList } from "@/server/modules/predict/prediction-text";
import { predictMany, predictOne } from "@/server/modules/predict/router";
import { assertMayCall } from "@/server/modules/predict/service";

const BASE = "/api/v1";
/** Whatever hangs behind the door, callers are told within five seconds. */
const ANSWER_MS = 4_500;

/** What a replay says again beside the body; counters and times belong to the call they were made in. */
const REPLAYED_HEADERS = ["content-type", "cache-control", "model-version", "model-arm"];

/** The methods of the routes at one address; `HEAD` wherever there is `GET`. */
function allowedMethods(found: Found[]): string {
  const methods = found.flatMap(({ route }) => (route.method === "GET" ? ["GET", "HEAD"] : [route.method]));
  return [...new Set([...methods, "OPTIONS"])].join(", ");
}

/** RFC 9110 section 12.5.1, as far as it matters to somebody who only speaks JSON. @throws {DomainError} `not_acceptable` */
function assertAcceptable(asked: Asked): void {
  const accept = asked.headers.get("accept");
  if (accept === null || accept === "*/*" || accept.trim() === "") return;
  const ranges = accept.toLowerCase().split(",").map((range) => range.split(";").map((part) => part.trim()));
  const wanted = ranges.filter(([, ...parameters]) => !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter)));
  const types = ["*/*", "application/*", "application/json", "application/problem+json"];
  if (!wanted.some(([type]) => types.includes(type ?? ""))) throw new DomainError("not_acceptable", "The answer is JSON only.");
}

/** What a procedure put on the answer, and what every answer of a call that does something says. */
function withForm(headers: HeaderFields): HeaderFields {
  headers.set("content-type", "application/json");
  headers.set("cache-control", "no-store");
  return headers;
}

function toStored(body: string | Buffer, headers: HeaderFields): StoredAnswer {
  return { status: 200, headers: [...withForm(headers)], body: body.toString() };
}

/**
 * The customer's other keys and sessions share the scope, so the answer may be one that this key could not have asked for.
 * @throws {DomainError} `forbidden`
 */
function noteReplay({ headers }: StoredAnswer, model: string, { caller, runs }: Context): void {
  const kept = new HeaderFields(headers);
  const arm = (["live", "candidate", "pinned"] as const).find((name) => name === kept.get("model-arm")) ?? null;
  const version = Number(kept.get("model-version")) || null;
  runs?.push({ path: "predict.run", asked: { model, version, arm }, rows: null, end: null });
  assertMayCall(caller, model);
}

/** What a call brings to the procedures. */
class RestContext implements Context {
  readonly #asked: Asked;
  readonly headers = new HeaderFields();

  constructor(
    asked: Asked,
    readonly caller: Context["caller"],
    readonly requestId: string,
    readonly runs: ObservedCall["runs"],
  ) {
    this.#asked = asked;
  }

  get origin(): string {
    return originOf(this.#asked);
  }
}

/** What a route gets. What only some routes ask for is made when they do. */
class OpenRestCall implements RestCall {
  readonly #asked: Asked;

  constructor(
    asked: Asked,
    readonly context: RestContext,
    readonly path: Record<string, string>,
    readonly body: Record<string, unknown>,
  ) {
    this.#asked = asked;
  }

  get query(): URLSearchParams {
    return addressOf(this.#asked).searchParams;
  }

  get procedures(): Procedures {
    const { caller, requestId, origin, headers, runs } = this.context;
    // tRPC copies a context, and with it what is its own alone.
    return createCaller({ caller, requestId, origin, headers, runs });
  }

  predictOne(input: unknown): Promise<Prediction> {
    return predictOne(this.context, input);
  }

  async predictMany(input: unknown): Promise<WrittenAnswer> {
    return new WrittenAnswer(writePredictionList(await predictMany(this.context, input)));
  }
}

/** Runs a route that does something, once for each idempotency key where the caller sent one. */
async function runPost(asked: Asked, text: string, found: Found, context: RestContext): Promise<Answer> {
  const { route, path } = found;
  const key = readIdempotencyKey(asked.headers);
  const call = new OpenRestCall(asked, context, path, parseObject(text));
  if (key === null) {
    const fresh = toBody(await route.run(call));
    return new Answer(fresh, { headers: withForm(context.headers) });
  }
  const run = async () => toStored(toBody(await route.run(call)), context.headers);
  const keyed = { callerId: context.caller.id, route: `POST ${BASE}${addressBelow(found)}`, key, body: text };
  const { answer: kept, replayed } = await runOnce(keyed, run);
  if (replayed) noteReplay(kept, part(call, "model").replace(/@.*$/, ""), context);
  const headers = new HeaderFields(replayed ? kept.headers.filter(([name]) => REPLAYED_HEADERS.includes(name)) : kept.headers);
  if (replayed) headers.set("idempotent-replayed", "true");
  return new Answer(kept.body, { status: kept.status, headers });
}

/** The body of a call that may change something. @throws {DomainError} as the checks it is made of */
function readChange(asked: Asked): Promise<string> {
  assertJson(asked);
  assertOwnPage(asked);
  return readText(asked);
}

interface Arrived {
  asked: Asked;
  address: string;
  requestId: string;
  observed: ObservedCall;
}

/** Which route is meant. @throws {DomainError} `not_found`; `method_not_allowed`; `not_acceptable`; `overloaded` */
function chooseRoute(asked: Asked, fitting: Found[]): Found {
  const method = asked.method === "HEAD" ? "GET" : asked.method;
  const chosen = fitting.find(({ route }) => route.method === method);
  if (!chosen) throw new MethodRefused(allowedMethods(fitting));
  assertAcceptable(asked);
  if (chosen.route.predicts) admission().assertRoom();
  return chosen;
}

async function dispatch(arrived: Arrived): Promise<Answer> {
  const { asked, observed } = arrived;
  const fitting = findRoutes(addressOf(asked).pathname.slice(BASE.length));
  const [first] = fitting;
  if (!first) throw new DomainError("not_found", "There is nothing at this address.");
  observed.route = `${BASE}${first.route.path}`;
  if (asked.method === "OPTIONS") return answerOptions(asked, allowedMethods(fitting));
  const chosen = chooseRoute(asked, fitting);
  const text = asked.method === "POST" ? await readChange(asked) : null;
  const work = () => answerRoute(arrived, text, chosen);
  return inTime(ANSWER_MS, chosen.route.predicts ? admission().run(work) : work());
}

/** The caller is found after the body has come: whoever holds it back must not outlive the key or the account it began with. */
async function answerRoute({ asked, address, requestId, observed }: Arrived, text: string | null, found: Found): Promise<Answer> {
  const identified = identifyCaller(asked, address);
  const caller = identified instanceof Promise ? await identified : identified;
  observed.caller = caller;
  const { route, path } = found;
  const context = new RestContext(asked, caller, requestId, observed.runs);
  if (route.access === "customer") requireCustomer(caller);
  if (text !== null) return runPost(asked, text, found, context);
  const json = JSON.stringify(await route.run(new OpenRestCall(asked, context, path, {})));
  return route.access === "customer" ? answerPersonal(json) : answerCacheable(asked, json);
}

/**
 * The REST door, everything below `/api/v1`.
 * @param address the caller's network address, as the host knows it
 * @returns always an answer, with `request-id`; refusals are problem details
 */
export async function answerRest(asked: Asked, address: string): Promise<Answer> {
  if (!serves("api")) return answerAskedNowhere(asked);
  const observed = observeCall(`${BASE}/{unknown}`);
  const answered = await answerAsked(asked, (requestId) => dispatch({ asked, address, requestId, observed }), {
    surface: "api",
    route: observed.route,
    describe: (told) => recordCall(observed, told),
  });
  allowOrigin(asked, answered.headers);
  return answered;
}

/** {@link answerRest} for a host that speaks the Web's own words. */
export async function handleRest(request: Request, address: string): Promise<Response> {
  return toResponse(await answerRest(request, address));
}
