import { expect, type Page, request } from "@playwright/test";

export interface OperatorSignIn {
  email: string;
  password: string;
}

/** The console's first operator, as the product under test was configured with. */
export function firstOperator(): OperatorSignIn {
  const { ADMIN_EMAIL: email, ADMIN_PASSWORD: password } = process.env;
  if (!email || !password) throw new Error("ADMIN_EMAIL and ADMIN_PASSWORD must be what the product was started with.");
  return { email, password };
}

/** Whoever calls: a page, or a context of its own. */
type Calling = Pick<Page, "request">;

async function readOrigin(page: Calling): Promise<string> {
  return new URL((await page.request.get("/api/livez")).url()).origin;
}

/** Signs in to the console as its form does; the pages of the test's browser are then those of this operator. */
export async function signInToConsole(page: Calling, { email, password }: OperatorSignIn = firstOperator()): Promise<void> {
  const headers = { Origin: await readOrigin(page) };
  const response = await page.request.post("/admin/auth/callback/password", { form: { email, password }, headers, maxRedirects: 0 });
  expect(response.headers()["location"], "where the sign-in leads").toBe("/admin");
}

/** Asks one of the console's procedures that only read. @returns what it answered */
export async function readConsole<Result>(page: Calling, procedure: string): Promise<Result> {
  const response = await page.request.get(`/admin/trpc/${procedure}`);
  const body = await response.json();
  expect(response.ok(), `${procedure}: ${JSON.stringify(body)}`).toBe(true);
  return body.result.data;
}

/** What opens a model file has an address of its own. */
const OPENS_FILE = /^uploads\.(finish|try|readRows|publish)$/;

/** Asks one of the console's procedures that change something, as its pages do. @returns what it answered */
export async function askConsole<Result>(page: Calling, procedure: string, input: object = {}): Promise<Result> {
  const headers = { Origin: await readOrigin(page) };
  const address = OPENS_FILE.test(procedure) ? "/admin/uploads/trpc" : "/admin/trpc";
  const response = await page.request.post(`${address}/${procedure}`, { data: input, headers });
  const body = await response.json();
  expect(response.ok(), `${procedure}: ${JSON.stringify(body)}`).toBe(true);
  return body.result.data;
}

/** Types the password again for the browser's session, so that dangerous acts are open for ten minutes. */
export async function confirmPassword(page: Page, { password }: OperatorSignIn = firstOperator()): Promise<void> {
  await askConsole(page, "me.confirmPassword", { password });
}

/** A new operator of a role, who has chosen a password. */
export async function addOperator(page: Page, role: "viewer" | "operator" | "owner"): Promise<OperatorSignIn> {
  const mark = `${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}`;
  const email = `${role}.${mark}@example.com`;
  await confirmPassword(page);
  const { password: current } = await askConsole<{ password: string }>(page, "team.add", { email, name: `A ${role}`, role });
  const password = "eleven calm lighthouses";
  const theirs = { request: await request.newContext({ baseURL: await readOrigin(page) }) };
  await signInToConsole(theirs, { email, password: current });
  await askConsole(theirs, "me.changePassword", { current, password });
  await theirs.request.dispose();
  return { email, password };
}
