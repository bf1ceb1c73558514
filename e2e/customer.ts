import { expect, type Page } from "@playwright/test";

export interface Customer {
  name: string;
  email: string;
  password: string;
}

/** An address nobody has used, and a good password. */
export function inventCustomer(): Customer {
  const mark = `${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}`;
  return { name: "Ada Lovelace", email: `ada.${mark}@example.com`, password: `four quiet words ${mark}` };
}

/** The newest link in the outbox that was mailed to an address. */
export async function readMailedLink(page: Page, email: string, path: "/confirm" | "/reset"): Promise<string> {
  const html = await (await page.request.get("/outbox")).text();
  const start = html.indexOf(email);
  const found = new RegExp(`${path}\\?token=[A-Za-z0-9_-]{43}`).exec(html.slice(start));
  if (start < 0 || !found) throw new Error(`There is no ${path} link to ${email} in the outbox.`);
  return found[0];
}

async function post(page: Page, path: string, data: object): Promise<void> {
  const origin = new URL((await page.request.get("/api/livez")).url()).origin;
  const response = await page.request.post(path, { data, headers: { Origin: origin } });
  expect(response.ok(), `${path}: ${await response.text()}`).toBe(true);
}

/** Signs in as the pages do. */
export async function signIn(page: Page, { email, password }: Customer): Promise<void> {
  const { csrfToken } = await (await page.request.get("/api/auth/csrf")).json();
  await post(page, "/api/auth/callback/credentials", { csrfToken, email, password, callbackUrl: "/" });
}

/** Makes an account, not signed in. */
export async function makeCustomer(page: Page): Promise<Customer> {
  const customer = inventCustomer();
  await post(page, "/api/trpc/account.signUp", customer);
  const link = await readMailedLink(page, customer.email, "/confirm");
  await post(page, "/api/trpc/account.confirm", { token: link.slice(-43), password: customer.password });
  return customer;
}

/** Makes an account and signs in to it; the pages of the test's browser are then those of a customer. */
export async function becomeCustomer(page: Page): Promise<Customer> {
  const customer = await makeCustomer(page);
  await signIn(page, customer);
  return customer;
}
