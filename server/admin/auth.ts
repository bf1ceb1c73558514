import "server-only";
import { createHash, randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { ownPath } from "@/lib/own-path";
import { consoleAuthOptions, type SignInState } from "@/server/admin/auth-options";
import { assertAllowedAddress } from "@/server/admin/network";
import { answerObserved } from "@/server/admin/observe";
import { assertConsolePage, readConsoleCookie } from "@/server/admin/own-page";
import { MethodRefused, originOf } from "@/server/core/answer";
import { BODY_PATIENCE_MS, readText } from "@/server/core/body";
import { env } from "@/server/core/env";
import { DomainError, toDomainError } from "@/server/core/errors";
import { describeNetwork, findAddress } from "@/server/core/forwarded";
import { nameSubject } from "@/server/core/limits";
import { askNextAuth } from "@/server/core/next-auth";
import { readConsoleSecret } from "@/server/core/secrets";
import { recordEvent } from "@/server/modules/audit/service.admin";
import { ensureConfiguredOperator, findOperatorId, noteSignIn } from "@/server/modules/operators/service.admin";
import { WrongTry } from "@/server/modules/operators/sign-in";
import { consoleCookieName, endOperatorSession, openPending, resolveOperatorSession, sealPending } from "@/server/modules/operators/sessions";

const BASE = "/admin/auth/";
const HOME = "/admin";
/** No refusal leaves sooner: those of operators are written to the audit, those of strangers are not, and the time must not tell. */
const REFUSAL_MS = 250;

/** One call to the door of signing in. */
interface Arrived {
  request: Request;
  requestId: string;
  fields: Record<string, string>;
  /** Where to go on afterwards. */
  next: string;
}

/** What a form of the sign-in may hold, in bytes: an address, a password, and the page to go on to. Anybody may send one. */
const MOST_FORM_BYTES = 32 * 1024;

/** The fields of a plain form: the way in needs no script. @throws {DomainError} `unsupported_media_type`, `body_too_large` */
async function readForm(request: Request): Promise<Record<string, string>> {
  const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/x-www-form-urlencoded") throw new DomainError("unsupported_media_type", "Send a form.");
  return Object.fromEntries(new URLSearchParams(await readText(request, BODY_PATIENCE_MS, MOST_FORM_BYTES)));
}

/** `name=value` with what all cookies of the console have in common (RFC 6265 section 4.1). */
function writeCookie(name: Parameters<typeof consoleCookieName>[0], value: string, maxAge: number): string {
  const secure = env().auth.secureCookies ? "; Secure" : "";
  return `${consoleCookieName(name)}=${value}; Path=/admin; Max-Age=${maxAge}; HttpOnly; SameSite=Strict${secure}`;
}

function goTo(location: string, cookies: string[] = []): Response {
  const headers = new Headers({ Location: location, "Cache-Control": "no-store" });
  for (const cookie of cookies) headers.append("set-cookie", cookie);
  return new Response(null, { status: 303, headers });
}

function withNext(path: string, next: string, more: Record<string, string> = {}): string {
  const query = new URLSearchParams({ ...more, ...(next !== HOME && { next }) });
  return query.size === 0 ? path : `${path}?${query}`;
}

/**
 * Sends a step through next-auth. Its own token against forged forms needs a call before the form; our check of the origin stands in for
 * it, so it is handed a pair of its own making.
 * @returns the cookies it sets
 */
async function ask(step: "password" | "code", { request, fields }: Arrived, state: SignInState): Promise<string[]> {
  const csrfToken = randomBytes(32).toString("hex");
  const proof = createHash("sha256").update(`${csrfToken}${await readConsoleSecret()}`).digest("hex");
  const cookies = { [consoleCookieName("csrf")]: `${csrfToken}|${proof}` };
  const body = { ...fields, csrfToken, json: "true" };
  const sent = { method: "POST", path: ["callback", step], query: {}, body, cookies, origin: originOf(request) };
  const answered = await askNextAuth(sent, await consoleAuthOptions(state));
  return answered.cookies.filter((cookie) => cookie.startsWith(`${consoleCookieName("session")}=`));
}

/** Who is locked out already goes on trying as long as he likes: that is told once, by the tries that were wrong. */
const UNTOLD: readonly string[] = ["sign_in_locked", "rate_limited"];

/** A wrong try of a known operator's sign-in belongs into the audit; of unknown addresses there is nobody to tell about. */
async function recordSignIn({ request, requestId, fields }: Arrived, state: SignInState): Promise<void> {
  if (state.refusal && UNTOLD.includes(state.refusal.code)) return;
  const operatorId = state.operatorId ?? state.pending ?? (await findOperatorId(fields["email"] ?? ""));
  if (operatorId === null) return;
  const address = findAddress(request.headers);
  const act = { action: "operator.sign_in", target: { kind: "operator", id: operatorId } };
  if (state.refusal) return recordEvent({ operator: null, address, requestId }, act, { outcome: "refused", code: state.refusal.code });
  const { _id: id, email, name } = await noteSignIn(operatorId);
  await recordEvent({ operator: { id, email, name }, address, requestId }, act);
}

function describeRefusal(refusal: DomainError): Record<string, string> {
  const retry = refusal.retryAfterSeconds !== undefined && { retry: String(refusal.retryAfterSeconds) };
  return { error: refusal.code, ...retry, ...(refusal instanceof WrongTry && { left: String(refusal.left) }) };
}

async function takeStep(step: "password" | "code", arrived: Arrived): Promise<Response> {
  const { request, next } = arrived;
  const subject = await nameSubject(describeNetwork(findAddress(request.headers)));
  const given = readConsoleCookie(request, "pending");
  const pending = step === "code" && given !== null ? await openPending(given) : null;
  const state: SignInState = { subject, pending, operatorId: null, owesCode: false, refusal: null };
  const soonest = sleep(REFUSAL_MS);
  if (step === "password") await ensureConfiguredOperator();
  const cookies = await ask(step, arrived, state);
  if (state.owesCode && state.operatorId !== null) {
    const act = { action: "operator.first_step", target: { kind: "operator", id: state.operatorId } };
    await recordEvent({ operator: null, address: findAddress(request.headers), requestId: arrived.requestId }, act);
    return goTo(withNext("/admin/sign-in/code", next), [writeCookie("pending", await sealPending(state.operatorId), 300)]);
  }
  if (!state.refusal && cookies.length === 0) state.refusal = toDomainError(new Error("next-auth made no session."));
  await recordSignIn(arrived, state);
  if (state.refusal) {
    await soonest;
    return goTo(withNext(step === "code" && pending !== null ? "/admin/sign-in/code" : "/admin/sign-in", next, describeRefusal(state.refusal)));
  }
  return goTo(next, [...cookies, writeCookie("pending", "", 0)]);
}

async function signOut({ request, requestId }: Arrived): Promise<Response> {
  const token = readConsoleCookie(request, "session");
  const session = token === null ? null : await resolveOperatorSession(token);
  if (token !== null) await endOperatorSession(token);
  if (session) {
    const { operator } = session;
    const actor = { operator, address: findAddress(request.headers), requestId };
    await recordEvent(actor, { action: "operator.sign_out", target: { kind: "operator", id: operator.id } });
  }
  return goTo("/admin/sign-in?notice=signed_out", [writeCookie("session", "", 0), writeCookie("pending", "", 0)]);
}

const steps = new Map<string, (arrived: Arrived) => Promise<Response>>([
  ["callback/password", (arrived) => takeStep("password", arrived)],
  ["callback/code", (arrived) => takeStep("code", arrived)],
  ["signout", signOut],
]);

async function dispatch(request: Request, requestId: string): Promise<Response> {
  assertAllowedAddress(findAddress(request.headers));
  const step = steps.get(new URL(request.url).pathname.slice(BASE.length));
  if (!step) throw new DomainError("not_found", "There is nothing at this address.");
  if (request.method !== "POST") throw new MethodRefused("POST");
  assertConsolePage(request);
  const fields = await readForm(request);
  return step({ request, requestId, fields, next: ownConsolePath(fields["next"]) });
}

/** Where to go on, if that is a page of the console. */
function ownConsolePath(given: string | undefined): string {
  const path = ownPath(given, HOME);
  return /^\/admin(\/|\?|$)/.test(path) && !path.startsWith(BASE) ? path : HOME;
}

/** The step of an address, as far as there is such: what was made up stays out of the record. */
function nameRoute(request: Request): string {
  const step = new URL(request.url).pathname.slice(BASE.length);
  return steps.has(step) ? `auth ${step}` : "auth";
}

/** The console's sign-in, everything below `/admin/auth`: plain forms come in, redirects go out. */
export async function handleConsoleAuth(request: Request): Promise<Response> {
  return answerObserved(request, nameRoute(request), (requestId) => dispatch(request, requestId));
}
