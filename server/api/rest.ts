import "server-only";
import { answer, answerCacheable, answerPersonal, inTime, MethodRefused, originOf } from "@/server/core/answer";
import { assertJson, parseObject, readText } from "@/server/core/body";
import { admission } from "@/server/api/admission";
import { allowOrigin, answerOptions } from "@/server/api/cors";
import { identifyCaller } from "@/server/api/identity";
import { type ObservedCall, observeCall, recordCall } from "@/server/api/observe";
import { assertOwnPage } from "@/server/api/own-page";
import { part, type RestCall, type Route } from "@/server/api/route";
import { createCaller } from "@/server/api/router";
import { routes } from "@/server/api/routes";
import { DomainError } from "@/server/core/errors";
import { readIdempotencyKey, runOnce, type StoredAnswer } from "@/server/core/idempotency";
import { answerNowhere, serves } from "@/server/core/served";
import { type Context, requireCustomer } from "@/server/core/trpc";
import { assertMayCall } from "@/server/modules/predict/service";

const BASE = "/api/v1";
/** Whatever hangs behind the door, callers are told within five seconds. */
const ANSWER_MS = 4_500;
const notFound = () => new DomainError("not_found", "There is nothing at this address.");

/** Longer than any `slug@alias` there can be. */
const MAX_NAME_LENGTH = 140;

/** What a replay says again beside the body; counters and times belong to the call they were made in. */
const REPLAYED_HEADERS = ["content-type", "cache-control", "model-version", "model-arm"];

/** @returns the decoded parts, or null when the pattern is another address */
function matchPath(pattern: string, parts: string[]): Record<string, string> | null {
  const wanted = pattern.split("/").slice(1);
  if (wanted.length !== parts.length) return null;
  const names: Record<string, string> = {};
  for (const [index, word] of wanted.entries()) {
    const given = parts[index] ?? "";
    if (word.startsWith("{")) names[word.slice(1, -1)] = given;
    else if (word !== given) return null;
  }
  const known = Object.values(names).every((name) => name !== "" && name.length <= MAX_NAME_LENGTH);
  return known ? names : null;
}

/** @throws {DomainError} `not_found`, also for an escape that decodes to nothing */
function decodeParts(pathname: string): string[] {
  try {
    return pathname.slice(BASE.length).split("/").slice(1).map(decodeURIComponent);
  } catch {
    throw notFound();
  }
}

/** The methods of the routes at one address; `HEAD` wherever there is `GET`. */
function allowedMethods(found: { route: Route }[]): string {
  const methods = found.flatMap(({ route }) => (route.method === "GET" ? ["GET", "HEAD"] : [route.method]));
  return [...new Set([...methods, "OPTIONS"])].join(", ");
}

/** RFC 9110 section 12.5.1, as far as it matters to somebody who only speaks JSON. @throws {DomainError} `not_acceptable` */
function assertAcceptable(request: Request): void {
  const accept = request.headers.get("accept");
  if (accept === null || accept.trim() === "") return;
  const ranges = accept.toLowerCase().split(",").map((range) => range.split(";").map((part) => part.trim()));
  const wanted = ranges.filter(([, ...parameters]) => !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter)));
  const types = ["*/*", "application/*", "application/json", "application/problem+json"];
  if (!wanted.some(([type]) => types.includes(type ?? ""))) throw new DomainError("not_acceptable", "The answer is JSON only.");
}

function toStored(text: string, headers: Headers): StoredAnswer {
  const all = new Headers(headers);
  all.set("Content-Type", "application/json");
  all.set("Cache-Control", "no-store");
  return { status: 200, headers: [...all], body: text };
}

/**
 * The customer's other keys and sessions share the scope, so the answer may be one that this key could not have asked for.
 * @throws {DomainError} `forbidden`
 */
function noteReplay({ headers }: StoredAnswer, model: string, { caller, runs }: Context): void {
  const kept = new Headers(headers);
  const arm = (["live", "candidate", "pinned"] as const).find((name) => name === kept.get("model-arm")) ?? null;
  const version = Number(kept.get("model-version")) || null;
  runs?.push({ path: "predict.run", asked: { model, version, arm }, rows: null, end: null });
  assertMayCall(caller, model);
}

/** Runs a route that does something, once for each idempotency key where the caller sent one. */
async function runPost(request: Request, text: string, route: Route, call: Omit<RestCall, "body">, context: Context): Promise<Response> {
  const key = readIdempotencyKey(request.headers);
  const body = parseObject(text);
  const run = async () => toStored(JSON.stringify(await route.run({ ...call, body })), context.headers);
  if (key === null) {
    const fresh = await run();
    return new Response(fresh.body, { status: fresh.status, headers: fresh.headers });
  }
  const keyed = { callerId: context.caller.id, route: `POST ${new URL(request.url).pathname}`, key, body: text };
  const { answer: kept, replayed } = await runOnce(keyed, run);
  if (replayed) noteReplay(kept, part(call, "model").replace(/@.*$/, ""), context);
  const headers = new Headers(replayed ? kept.headers.filter(([name]) => REPLAYED_HEADERS.includes(name)) : kept.headers);
  if (replayed) headers.set("Idempotent-Replayed", "true");
  return new Response(kept.body, { status: kept.status, headers });
}

interface Fitting {
  route: Route;
  path: Record<string, string>;
}

/** The body of a call that may change something. @throws {DomainError} as the checks it is made of */
async function readChange(request: Request): Promise<string> {
  assertJson(request);
  assertOwnPage(request);
  return readText(request);
}

async function dispatch(request: Request, address: string, requestId: string, observed: ObservedCall): Promise<Response> {
  const url = new URL(request.url);
  const parts = decodeParts(url.pathname);
  const fitting: Fitting[] = routes.flatMap((route) => {
    const path = matchPath(route.path, parts);
    return path ? [{ route, path }] : [];
  });
  const [first] = fitting;
  if (!first) throw notFound();
  observed.route = `${BASE}${first.route.path}`;
  if (request.method === "OPTIONS") return answerOptions(request, allowedMethods(fitting));
  const method = request.method === "HEAD" ? "GET" : request.method;
  const chosen = fitting.find(({ route }) => route.method === method);
  if (!chosen) throw new MethodRefused(allowedMethods(fitting));
  assertAcceptable(request);
  if (chosen.route.predicts) admission().assertRoom();
  const text = method === "POST" ? await readChange(request) : null;
  const work = async () => answerRoute({ request, address, requestId, text, observed }, chosen);
  return inTime(ANSWER_MS, chosen.route.predicts ? admission().run(work) : work());
}

interface Arrived {
  request: Request;
  address: string;
  requestId: string;
  /** The body; null where the method has none. */
  text: string | null;
  observed: ObservedCall;
}

/** The caller is found after the body has come: whoever holds it back must not outlive the key or the account it began with. */
async function answerRoute({ request, address, requestId, text, observed }: Arrived, { route, path }: Fitting): Promise<Response> {
  const caller = await identifyCaller(request, address);
  observed.caller = caller;
  const context: Context = { caller, requestId, origin: originOf(request), headers: new Headers(), runs: observed.runs };
  if (route.access === "customer") requireCustomer(caller);
  const query = new URL(request.url).searchParams;
  const call = { procedures: createCaller(context), caller, origin: context.origin, path, query };
  if (text !== null) return runPost(request, text, route, call, context);
  const found = JSON.stringify(await route.run({ ...call, body: {} }));
  return route.access === "customer" ? answerPersonal(found) : answerCacheable(request, found);
}

/**
 * The REST door, everything below `/api/v1`.
 * @param address the caller's network address, as the host knows it
 * @returns always an answer, with `request-id`; refusals are problem details
 */
export async function handleRest(request: Request, address: string): Promise<Response> {
  if (!serves("api")) return answerNowhere(request);
  const observed = observeCall(`${BASE}/{unknown}`);
  const response = await answer(request, (requestId) => dispatch(request, address, requestId, observed), {
    surface: "api",
    route: observed.route,
    describe: (answered) => recordCall(observed, answered),
  });
  allowOrigin(request, response.headers);
  return response;
}
