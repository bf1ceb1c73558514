import "server-only";
import { answer, answerCacheable, MethodRefused, originOf } from "@/server/api/answer";
import { assertJson, parseObject, readText } from "@/server/api/body";
import { identifyCaller } from "@/server/api/identity";
import { createCaller } from "@/server/api/router";
import { type RestCall, type Route, routes } from "@/server/api/routes";
import { DomainError } from "@/server/core/errors";
import { readIdempotencyKey, runOnce, type StoredAnswer } from "@/server/core/idempotency";
import type { Context } from "@/server/core/trpc";

const BASE = "/api/v1";
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

/** Runs a route that does something, once for each idempotency key where the caller sent one. */
async function runPost(request: Request, route: Route, call: Omit<RestCall, "body">, context: Context): Promise<Response> {
  assertJson(request);
  const key = readIdempotencyKey(request.headers);
  const text = await readText(request);
  const body = parseObject(text);
  const run = async () => toStored(JSON.stringify(await route.run({ ...call, body })), context.headers);
  if (key === null) {
    const fresh = await run();
    return new Response(fresh.body, { status: fresh.status, headers: fresh.headers });
  }
  const keyed = { callerId: context.caller.id, route: `POST ${new URL(request.url).pathname}`, key, body: text };
  const { answer: kept, replayed } = await runOnce(keyed, run);
  const headers = new Headers(replayed ? kept.headers.filter(([name]) => REPLAYED_HEADERS.includes(name)) : kept.headers);
  if (replayed) headers.set("Idempotent-Replayed", "true");
  return new Response(kept.body, { status: kept.status, headers });
}

async function dispatch(request: Request, address: string, requestId: string): Promise<Response> {
  const url = new URL(request.url);
  const parts = decodeParts(url.pathname);
  const found = routes.flatMap((route) => {
    const path = matchPath(route.path, parts);
    return path ? [{ route, path }] : [];
  });
  if (found.length === 0) throw notFound();
  if (request.method === "OPTIONS") return new Response(null, { status: 204, headers: { Allow: allowedMethods(found) } });
  const method = request.method === "HEAD" ? "GET" : request.method;
  const chosen = found.find(({ route }) => route.method === method);
  if (!chosen) throw new MethodRefused(allowedMethods(found));
  assertAcceptable(request);
  const context: Context = { caller: await identifyCaller(address), requestId, headers: new Headers() };
  const { route, path } = chosen;
  const call = { procedures: createCaller(context), origin: originOf(request), path, query: url.searchParams };
  if (route.method === "POST") return runPost(request, route, call, context);
  return answerCacheable(request, JSON.stringify(await route.run({ ...call, body: {} })));
}

/**
 * The REST door, everything below `/api/v1`.
 * @param address the caller's network address, as the host knows it
 * @returns always an answer, with `request-id`; refusals are problem details
 */
export async function handleRest(request: Request, address: string): Promise<Response> {
  return answer(request, (requestId) => dispatch(request, address, requestId));
}
