import { expect, type Page } from "@playwright/test";

/** What a program sends and gets, in a test: over the wire, without the browser's cookies. */
export interface Sent {
  status: number;
  requestId: string;
  // The body is whatever the service answers; tests compare the parts they are about.
  body: { id: string; code: string; data: { id: string }[] };
}

/** A model's predictions by key, from a program's point of view. */
export async function sendRows(baseURL: string | undefined, secret: string, model: string, rows: object[]): Promise<Sent> {
  const [input] = rows;
  const response = await fetch(`${baseURL}/api/v1/models/${model}/predictions`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${secret}` },
    body: JSON.stringify(rows.length === 1 ? { input } : { inputs: rows }),
  });
  return { status: response.status, requestId: response.headers.get("request-id") ?? "", body: await response.json() };
}

/** A new key of the signed-in customer, made without the page. */
export async function makeKey(page: Page, baseURL: string | undefined, name: string, models: string[] | null = null): Promise<string> {
  const headers = { Origin: new URL(baseURL ?? "").origin };
  const response = await page.request.post("/api/trpc/keys.create", { data: { name, models }, headers });
  expect(response.ok(), await response.text()).toBe(true);
  return (await response.json()).result.data.secret;
}

/** One prediction asked by somebody without an account. @param requestId what the call is found by afterwards */
export async function sendAsVisitor(baseURL: string | undefined, model: string, input: object, requestId?: string): Promise<Sent> {
  const response = await fetch(`${baseURL}/api/v1/models/${model}/predictions`, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...(requestId !== undefined && { "request-id": requestId }) },
    body: JSON.stringify({ input }),
  });
  return { status: response.status, requestId: response.headers.get("request-id") ?? "", body: await response.json() };
}
