import "server-only";
import { ownPath } from "@/lib/own-path";
import { answer, MethodRefused, originOf } from "@/server/core/answer";
import { authOptions, type AuthState, cookieNames, keepOnOrigin } from "@/server/api/auth-options";
import { parseObject, readText } from "@/server/core/body";
import { askNextAuth, type AuthAnswer } from "@/server/core/next-auth";
import { type ObservedCall, observeCall, recordCall } from "@/server/api/observe";
import { assertOwnPage, readSessionCookie } from "@/server/api/own-page";
import { DomainError } from "@/server/core/errors";
import { describeNetwork } from "@/server/core/forwarded";
import { nameSubject } from "@/server/core/limits";
import { answerNowhere, serves } from "@/server/core/served";
import { listProviders } from "@/server/modules/accounts/providers";
import { endSession, openSession, resolveSession } from "@/server/modules/accounts/session";
import { AccountSuspended } from "@/server/modules/accounts/suspension";

const BASE = "/api/auth/";

/** What may be asked here, `{provider}` standing for GitHub or Google where configured. next-auth knows more; that is shut. */
const ADDRESSES = new Map([
  ["csrf", "GET"],
  ["session", "GET"],
  ["providers", "GET"],
  ["error", "GET"],
  ["signout", "POST"],
  ["callback/credentials", "POST"],
  ["signin/{provider}", "POST"],
  ["callback/{provider}", "GET"],
]);

/** @throws {DomainError} `not_found`; `method_not_allowed` */
function readPath(request: Request, call: ObservedCall): string[] {
  const path = new URL(request.url).pathname.slice(BASE.length).split("/");
  const [action = "", provider] = path;
  const isConfigured = listProviders().some(({ id }) => id === provider);
  const pattern = isConfigured && path.length === 2 ? `${action}/{provider}` : path.join("/");
  const method = ADDRESSES.get(pattern);
  if (method === undefined) throw new DomainError("not_found", "There is nothing at this address.");
  call.route = `${BASE}${pattern}`;
  const given = request.method === "HEAD" ? "GET" : request.method;
  if (given !== method) throw new MethodRefused(method === "GET" ? "GET, HEAD" : method);
  return path;
}

/** The fields of a form or of a JSON object; `json` as next-auth's own client asks for an answer to read instead of a redirect. */
async function readFields(request: Request): Promise<Record<string, string>> {
  if (request.method !== "POST") return {};
  const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  const isJson = type === "application/json";
  if (!isJson && type !== "application/x-www-form-urlencoded") {
    throw new DomainError("unsupported_media_type", "Send `Content-Type: application/json` or a form.");
  }
  const text = await readText(request);
  const entries = isJson ? Object.entries({ ...parseObject(text), json: "true" }) : [...new URLSearchParams(text)];
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

function decodeCookie(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return "";
  }
}

/** Our own cookies alone: next-auth joins every cookie whose name begins like the session's, and trips over broken addresses. */
function readCookies(request: Request, origin: string): Record<string, string> {
  const names = cookieNames();
  const own = new Set<string>(Object.values(names));
  const pairs = (request.headers.get("cookie") ?? "").split(";").map((pair) => {
    const equals = pair.indexOf("=");
    return [pair.slice(0, Math.max(0, equals)).trim(), decodeCookie(pair.slice(equals + 1).trim())] as const;
  });
  const found: Record<string, string> = Object.fromEntries(pairs.filter(([name, value]) => own.has(name) && value !== ""));
  const callback = found[names.callbackUrl];
  return callback === undefined ? found : { ...found, [names.callbackUrl]: keepOnOrigin(callback, origin) };
}

/** The session that came along while it counts; a database that is away must not look like a session that is over. */
async function findSession(request: Request): Promise<AuthState["signedIn"]> {
  const token = readSessionCookie(request);
  return token !== null && (await resolveSession(token)) ? openSession(token) : null;
}

/** A refusal as what a script can read, or for a plain form as the sign-in page with the code and the seconds to wait. */
function refuse(refusal: DomainError, state: AuthState, asJson: boolean): string {
  if (asJson) throw refusal;
  state.refusal = refusal;
  const query = new URLSearchParams({ error: refusal instanceof AccountSuspended ? "suspended" : refusal.code });
  if (refusal.retryAfterSeconds !== undefined) query.set("retry", String(refusal.retryAfterSeconds));
  return `/sign-in?${query}`;
}

/** Where the browser goes next: an address of ours without its origin, or a provider's. */
function readTarget(location: string, origin: string, state: AuthState, asJson: boolean): string {
  if (state.refusal) return refuse(state.refusal, state, asJson);
  const url = new URL(location, origin);
  if (url.origin !== origin) return url.href;
  if (url.searchParams.get("csrf") === "true" && url.pathname.startsWith(BASE)) {
    return refuse(new DomainError("forbidden", "This page is too old: load it again."), state, asJson);
  }
  if (url.pathname.startsWith(BASE)) {
    return refuse(new DomainError("sign_in_refused", "The provider did not confirm that sign-in."), state, asJson);
  }
  return ownPath(`${url.pathname}${url.search}${url.hash}`, "/");
}

/** Where next-auth wants the browser to go, told by a header or, to scripts, in the body. */
function locationOf({ location, body }: AuthAnswer): string | null {
  if (location !== null) return location;
  const isTold = typeof body === "object" && body !== null && "url" in body && typeof body.url === "string";
  return isTold ? String(body.url) : null;
}

function toResponse(answered: AuthAnswer, origin: string, state: AuthState, asJson: boolean): Response {
  const headers = new Headers({ "Cache-Control": "no-store" });
  const location = locationOf(answered);
  const target = location === null ? null : readTarget(location, origin, state, asJson);
  for (const cookie of answered.cookies) headers.append("set-cookie", cookie);
  if (target !== null && !asJson) {
    headers.set("location", target);
    return new Response(null, { status: 303, headers });
  }
  headers.set("content-type", "application/json");
  return new Response(JSON.stringify(target === null ? answered.body : { url: target }), { status: 200, headers });
}

async function dispatch(request: Request, address: string, call: ObservedCall): Promise<Response> {
  const path = readPath(request, call);
  if (request.method === "POST") assertOwnPage(request);
  const body = await readFields(request);
  const origin = originOf(request);
  const query = path[0] === "callback" ? Object.fromEntries(new URL(request.url).searchParams) : {};
  delete query.callbackUrl;
  const subject = await nameSubject(describeNetwork(address));
  const signedIn = path[0] === "session" ? await findSession(request) : null;
  const state: AuthState = { address: subject, signedIn, vouched: null, refusal: null };
  const method = request.method === "HEAD" ? "GET" : request.method;
  const sent = { method, path, query, body, cookies: readCookies(request, origin), origin };
  const answered = await askNextAuth(sent, await authOptions(state));
  if (path[0] === "signout") await endCleared(request, answered);
  call.found = { cameBy: signedIn ? "session" : "visitor", customerId: state.signedIn?.customerId ?? null };
  const response = toResponse(answered, origin, state, body.json === "true");
  call.refusal = state.refusal;
  return response;
}

/** What is signed out of is over, also for who kept a copy of the cookie; a sign-out that was refused clears none. */
async function endCleared(request: Request, { cookies }: AuthAnswer): Promise<void> {
  const token = readSessionCookie(request);
  if (token !== null && cookies.some((cookie) => cookie.startsWith(`${cookieNames().sessionToken}=;`))) await endSession(token);
}

/**
 * The door of signing in and out, everything below `/api/auth`: next-auth 4 behind the rules of the accounts room.
 * @param address the caller's network address, as the host knows it
 * @returns always an answer, with `request-id`; refusals are problem details, for plain forms redirects to the sign-in page
 */
export async function handleAuth(request: Request, address: string): Promise<Response> {
  if (!serves("api")) return answerNowhere(request);
  const call = observeCall(`${BASE}{unknown}`);
  return answer(request, () => dispatch(request, address, call), {
    surface: "api",
    route: call.route,
    describe: (answered) => recordCall(call, answered),
  });
}
