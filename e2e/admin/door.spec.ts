import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { APIRequestContext, Page } from "@playwright/test";
import { becomeCustomer } from "../customer";
import { expect, test } from "../fixtures";
import { signInToConsole } from "../operator";

/** What the running product answers at every address of the console, by its own host: doors and pages one by one are tested beside them. */
const ROOT = join(import.meta.dirname, "..", "..");

const filesOf = (folder: string) => readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" });
const read = (file: string) => readFileSync(join(ROOT, file), "utf8");

/** The address of a page or route by where its file lies; what stands for a name is one that nothing has. */
function addressOf(file: string): string {
  const parts = file.split("/").slice(0, -1).filter((part) => !part.startsWith("("));
  return `/${parts.map((part) => (part.startsWith("[...") ? "no/such" : part.replace(/^\[.*\]$/, "x"))).join("/")}`;
}

const addresses = (name: string) => filesOf("app/(admin)").filter((file) => file.endsWith(`/${name}`)).map(addressOf);
/** What is there before somebody signed in; probes tell nothing that a stranger may not know. */
const OPEN = ["/admin/sign-in", "/admin/sign-in/code", "/admin/livez", "/admin/readyz"];
const pages = addresses("page.tsx").filter((address) => !OPEN.includes(address));
const routes = addresses("route.ts").filter((address) => !OPEN.includes(address));

/** Every procedure, as the sections' files declare them. */
const procedures = [...read("server/admin/router.ts").matchAll(/^ {2}(\w+): \w+Router,$/gm)].flatMap(([, section = ""]) => {
  const source = read(`server/admin/${section}.ts`);
  return [...source.matchAll(/^ {2}(\w+): \w*Procedure\b/gm)].map(([, name = ""]) => `${section}.${name}`);
});
const doorOf = (procedure: string) => (/^uploads\.(finish|try|readRows|publish)$/.test(procedure) ? "/admin/uploads/trpc" : "/admin/trpc");

type Headers = Record<string, string>;

interface Refused {
  what: string;
  status: number;
}

/** As a browser loads a page, as it goes on to one and fetches one ahead, and as somebody who knows Next would leave its proxy out. */
const WAYS: Headers[] = [{}, { rsc: "1" }, { rsc: "1", "next-router-prefetch": "1" }, { "x-middleware-subrequest": "proxy:proxy:proxy:proxy:proxy" }];

/** Asks every page, as a browser that loads it and as one that goes on to it. @returns those that did not lead to the sign-in */
async function walkPages(request: APIRequestContext, headers: Headers): Promise<Refused[]> {
  const shown: Refused[] = [];
  for (const address of pages) {
    for (const more of WAYS) {
      const query = "rsc" in more ? "?_rsc=1" : "";
      const response = await request.get(`${address}${query}`, { headers: { ...headers, ...more }, maxRedirects: 0 });
      const leads = response.headers()["location"] ?? "";
      if (response.status() !== 307 || !/^\/admin(\/sign-in\?next=|.*_rsc)/.test(leads)) shown.push({ what: address, status: response.status() });
    }
  }
  return shown;
}

/** Asks every route by every method, and every procedure both ways. @returns those that were not refused */
async function walkDoors(request: APIRequestContext, headers: Headers): Promise<Refused[]> {
  const answered: Refused[] = [];
  for (const address of routes) {
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE"]) {
      const response = await request.fetch(address, { method, headers, maxRedirects: 0 });
      if (![401, 403, 404, 405, 415].includes(response.status())) answered.push({ what: `${method} ${address}`, status: response.status() });
    }
  }
  for (const procedure of procedures) {
    const address = `${doorOf(procedure)}/${procedure}`;
    for (const response of [await request.get(address, { headers }), await request.post(address, { headers, data: {} })]) {
      if (![401, 405].includes(response.status())) answered.push({ what: procedure, status: response.status() });
    }
  }
  return answered;
}

async function expectRefused(page: Page, headers: Headers): Promise<void> {
  expect(await walkPages(page.request, headers)).toEqual([]);
  expect(await walkDoors(page.request, headers)).toEqual([]);
}

/** The cookie of a signed-in browser. */
async function cookieOf(page: Page, name: RegExp): Promise<string> {
  const found = (await page.context().cookies()).find((cookie) => name.test(cookie.name));
  if (!found) throw new Error(`There is no cookie ${name}.`);
  return found.value;
}

test.describe.configure({ timeout: 120_000 });

test("what is walked is all there is", () => {
  expect(pages).toContain("/admin/models/drafts/x");
  expect(pages.length).toBeGreaterThan(12);
  expect(routes.length).toBeGreaterThan(8);
  expect(procedures.length).toBeGreaterThan(80);
  expect(new Set(procedures).size).toBe(procedures.length);
});

test("every page and every door refuses whoever is not signed in", async ({ page, baseURL }) => {
  await expectRefused(page, { origin: new URL(baseURL ?? "").origin });
});

test("every page and every door refuses a customer, also one whose cookie has the console's name", async ({ page, baseURL }) => {
  await becomeCustomer(page);
  const origin = new URL(baseURL ?? "").origin;
  const session = await cookieOf(page, /vitrine\.session$/);
  await expectRefused(page, { origin });
  await expectRefused(page, { origin, cookie: `console.session=${session}` });
});

test("every page and every door refuses an operator's session under the customers' name, and as a key", async ({ page, baseURL }) => {
  await signInToConsole(page);
  const session = await cookieOf(page, /console\.session$/);
  await page.context().clearCookies();
  await expectRefused(page, { origin: new URL(baseURL ?? "").origin, cookie: `vitrine.session=${session}`, authorization: `Bearer ${session}` });
});
