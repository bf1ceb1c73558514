import { type Refusal, RefusedError, sayWait } from "@/lib/refusal";

const unreachable: Refusal = { code: null, message: "The service cannot be reached. Nothing was changed; try again.", fields: {} };

/** A problem document in words for the page; its `detail` says what to do. */
function readProblem(body: object, response: Response): Refusal {
  const code = "code" in body && typeof body.code === "string" ? body.code : null;
  const detail = "detail" in body && typeof body.detail === "string" ? body.detail : null;
  if (code === null || detail === null) return unreachable;
  // A lock says its minutes itself.
  const message = code === "sign_in_locked" ? detail : `${detail}${sayWait(response)}`;
  return { code, message, fields: code === "sign_in_refused" ? { password: detail } : {} };
}

/** Asks one of the endpoints around sessions. @throws {RefusedError} */
async function ask(path: string, values?: Record<string, string>): Promise<object> {
  const headers = { "Content-Type": "application/json" };
  const sent = values && { method: "POST", headers, body: JSON.stringify(values) };
  const response = await fetch(`/api/auth/${path}`, sent).catch(() => null);
  const body: unknown = await response?.json().catch(() => null);
  if (!response || typeof body !== "object" || body === null) throw new RefusedError(unreachable);
  if (!response.ok) throw new RefusedError(readProblem(body, response));
  return body;
}

/** Posts values with a fresh token that proves they came from one of our pages. @returns where to go on */
async function post(path: string, values: Record<string, string>): Promise<string> {
  const csrf = await ask("csrf");
  if (!("csrfToken" in csrf) || typeof csrf.csrfToken !== "string") throw new RefusedError(unreachable);
  const answer = await ask(path, { ...values, csrfToken: csrf.csrfToken });
  if (!("url" in answer) || typeof answer.url !== "string") throw new RefusedError(unreachable);
  return answer.url;
}

/**
 * Signs in and loads `next` afresh: what was shown to a visitor does not stay.
 * @throws {RefusedError} in words for the page
 */
export async function signIn(email: string, password: string, next: string): Promise<void> {
  window.location.assign(await post("callback/credentials", { email, password, callbackUrl: next }));
}

/** Leaves for GitHub or Google, which send the reader back to `next`. @throws {RefusedError} */
export async function leaveForProvider(provider: "github" | "google", next: string): Promise<void> {
  window.location.assign(await post(`signin/${provider}`, { callbackUrl: next }));
}

/** Ends this browser's session and loads the catalog afresh. @throws {RefusedError} */
export async function signOut(): Promise<void> {
  window.location.assign(await post("signout", { callbackUrl: "/" }));
}

/**
 * Goes on after the service has ended this session. The cookie that is left means nothing any more, so its removal may fail without
 * harm; the page is loaded afresh, so that nothing of the customer stays in it.
 */
export async function leaveSignedOut(path: string): Promise<void> {
  await post("signout", { callbackUrl: "/" }).catch(() => undefined);
  window.location.assign(path);
}
