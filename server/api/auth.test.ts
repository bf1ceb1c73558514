import { beforeAll, describe, expect, it, vi } from "vitest";
import { handleAuth } from "@/server/api/auth";
import { cookieNames, keepOnOrigin } from "@/server/api/auth-options";
import { newAddress, ORIGIN, readProblem } from "@/server/api/test-support";
import { closeDatabase, database } from "@/server/core/db";
import { signOutEverywhere } from "@/server/modules/accounts/service";
import { resolveSession } from "@/server/modules/accounts/session";
import { MOST_ATTEMPTS, signIn } from "@/server/modules/accounts/sign-in";
import { codeOf, newCustomer, newEmail, PASSWORD, useAccounts } from "@/server/modules/accounts/test-support";

beforeAll(async () => useAccounts("auth", process.env.MONGODB_URI));

type Door = typeof handleAuth;

interface Sent {
  body?: Record<string, string>;
  form?: Record<string, string>;
  headers?: Record<string, string>;
}

/** A browser with its cookies, at an address of its own. */
class Browser {
  readonly address = newAddress();
  readonly cookies = new Map<string, string>();

  constructor(
    readonly door: Door = handleAuth,
    readonly origin = ORIGIN,
  ) {}

  async ask(path: string, { body, form, headers = {} }: Sent = {}): Promise<Response> {
    const text = body ? JSON.stringify(body) : form && new URLSearchParams(form).toString();
    const type: Record<string, string> = text === undefined ? {} : { "content-type": body ? "application/json" : "application/x-www-form-urlencoded" };
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const sent = { ...(cookie && { cookie }), ...(text !== undefined && { origin: this.origin }), ...type, ...headers };
    const init = text === undefined ? { headers: sent } : { method: "POST", headers: sent, body: text };
    const response = await this.door(new Request(`${this.origin}/api/auth/${path}`, init), this.address);
    for (const line of response.headers.getSetCookie()) {
      const [pair = ""] = line.split(";");
      const value = pair.slice(pair.indexOf("=") + 1);
      if (value === "") this.cookies.delete(pair.slice(0, pair.indexOf("=")));
      else this.cookies.set(pair.slice(0, pair.indexOf("=")), value);
    }
    return response;
  }

  async readCsrf(): Promise<string> {
    const { csrfToken } = (await (await this.ask("csrf")).json()) as { csrfToken: string };
    return csrfToken;
  }

  async signIn(email: string, password: string, callbackUrl?: string): Promise<Response> {
    const fields = { csrfToken: await this.readCsrf(), email, password, ...(callbackUrl !== undefined && { callbackUrl }) };
    return this.ask("callback/credentials", { body: fields });
  }

  get session(): string | undefined {
    return this.cookies.get("vitrine.session");
  }
}

/** The door as a process with other variables would have it. */
async function loadDoor(variables: Record<string, string>): Promise<Door> {
  vi.resetModules();
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  try {
    const { handleAuth: door } = await import("@/server/api/auth");
    await door(new Request(`${ORIGIN}/api/auth/providers`), newAddress());
    return door;
  } finally {
    for (const name of Object.keys(variables)) vi.stubEnv(name, "");
  }
}

describe("signing in", () => {
  it("gives a session that leads to the customer, and the path to go on to", async () => {
    const { email, customerId } = await newCustomer();
    const browser = new Browser();
    const response = await browser.signIn(email, PASSWORD, "/keys?new=1");
    expect(response.status).toBe(200);
    expect(response.headers.get("request-id")).toMatch(/^req_/);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await response.json()).toEqual({ url: "/keys?new=1" });
    expect(await resolveSession(browser.session ?? "")).toMatchObject({ customerId, via: { kind: "session" } });
    const told = await browser.ask("session");
    expect(await told.json()).toEqual({ customer: { id: customerId }, expires: expect.any(String) });
  });

  it("keeps its cookies from scripts and from other sites' posts, for 30 days, at this host alone", async () => {
    const { email } = await newCustomer();
    const response = await new Browser().signIn(email, PASSWORD);
    const session = response.headers.getSetCookie().find((line) => line.startsWith("vitrine.session=")) ?? "";
    const [, ...attributes] = session.split("; ");
    expect(attributes.filter((attribute) => !attribute.startsWith("Expires="))).toEqual(["Path=/", "HttpOnly", "SameSite=Lax"]);
    const days = (Date.parse(/Expires=([^;]+)/.exec(session)?.[1] ?? "") - Date.now()) / 86_400_000;
    expect(days).toBeCloseTo(30, 1);
    for (const line of response.headers.getSetCookie()) expect(line).toMatch(/^vitrine\.\w+=.*; Path=\/;.*HttpOnly; SameSite=Lax$/);
  });

  it("sends cookies encrypted alone where the service is reached by https", async () => {
    const { email, customerId } = await newCustomer();
    const browser = new Browser(await loadDoor({ VITRINE_URL: "https://models.example.com" }), "https://models.example.com");
    const response = await browser.signIn(email, PASSWORD);
    expect(response.status).toBe(200);
    const lines = response.headers.getSetCookie();
    for (const line of lines) expect(line).toMatch(/^__Host-vitrine\.\w+=.*; Path=\/;.*HttpOnly; Secure; SameSite=Lax$/);
    expect(lines.join()).not.toContain("Domain=");
    expect(await resolveSession(browser.cookies.get("__Host-vitrine.session") ?? "")).toMatchObject({ customerId });
  });

  it("refuses a wrong password and what is no address alike", async () => {
    const { email } = await newCustomer();
    for (const given of [email, newEmail(), "no address"]) {
      const browser = new Browser();
      const response = await browser.signIn(given, "not the password");
      expect(response.status).toBe(401);
      expect(await readProblem(response)).toMatchObject({ code: "sign_in_refused", detail: "The email address or the password is wrong." });
      expect(browser.session).toBeUndefined();
    }
  });

  it("tells a locked-out page and a plain form how long to wait", async () => {
    const { email } = await newCustomer();
    const browser = new Browser();
    const csrfToken = await browser.readCsrf();
    const { nameSubject } = await import("@/server/core/limits");
    const address = await nameSubject(browser.address);
    for (let n = 0; n < MOST_ATTEMPTS; n++) await codeOf(signIn({ email, password: "not the password", address }, async () => undefined));
    const fields = { csrfToken, email, password: PASSWORD };
    const page = await browser.ask("callback/credentials", { body: fields });
    expect(page.status).toBe(429);
    expect(Number(page.headers.get("retry-after"))).toBeGreaterThan(850);
    expect(await readProblem(page)).toMatchObject({ code: "sign_in_locked", detail: expect.stringContaining("15 minutes") });
    const form = await browser.ask("callback/credentials", { form: fields });
    expect(form.status).toBe(303);
    expect(form.headers.get("location")).toMatch(/^\/sign-in\?error=sign_in_locked&retry=(8\d\d|900)$/);
  });

  it("sends a plain form on to where it wanted", async () => {
    const { email } = await newCustomer();
    const browser = new Browser();
    const form = { csrfToken: await browser.readCsrf(), email, password: PASSWORD, callbackUrl: "/keys" };
    const response = await browser.ask("callback/credentials", { form });
    expect([response.status, response.headers.get("location")]).toEqual([303, "/keys"]);
    expect(browser.session).toBeDefined();
  });

  it("needs the token of the page, which comes with a cookie", async () => {
    const { email } = await newCustomer();
    const tokenOfSomebodyElse = await new Browser().readCsrf();
    for (const csrfToken of ["", "made up", tokenOfSomebodyElse]) {
      const browser = new Browser();
      await browser.readCsrf();
      const response = await browser.ask("callback/credentials", { body: { csrfToken, email, password: PASSWORD } });
      expect(response.status).toBe(403);
      expect(await readProblem(response)).toMatchObject({ code: "forbidden" });
      const form = await browser.ask("callback/credentials", { form: { csrfToken, email, password: PASSWORD } });
      expect(form.headers.get("location")).toBe("/sign-in?error=forbidden");
      expect(browser.session).toBeUndefined();
    }
  });

  it.each(["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "\t//evil.example", "http://vitrine.test.evil.example", "/.//evil.example", "/a/..//evil.example", `${ORIGIN}//evil.example`])(
    "never sends anybody elsewhere: %s",
    async (callbackUrl) => {
      const { email } = await newCustomer();
      const browser = new Browser();
      expect(await (await browser.signIn(email, PASSWORD, callbackUrl)).json()).toEqual({ url: "/" });
      expect([ORIGIN, `${ORIGIN}/`]).toContain(keepOnOrigin(callbackUrl, ORIGIN));
    },
  );

  it("takes no notice of a broken cookie of its own", async () => {
    const { email } = await newCustomer();
    const browser = new Browser();
    browser.cookies.set("vitrine.callback", "%zz");
    expect((await browser.signIn(email, PASSWORD)).status).toBe(200);
  });
});

describe("a session at the door", () => {
  it("is over after signing out, which another site cannot make a browser do", async () => {
    const { email } = await newCustomer();
    const browser = new Browser();
    await browser.signIn(email, PASSWORD);
    const body = { csrfToken: await browser.readCsrf() };
    const foreign = await browser.ask("signout", { body, headers: { origin: "https://evil.example" } });
    expect(foreign.status).toBe(403);
    expect((await browser.ask("signout", { body: { csrfToken: "made up" } })).status).toBe(403);
    const copy = browser.session ?? "";
    expect(await resolveSession(copy)).not.toBeNull();
    await browser.ask("session");
    expect(browser.session).not.toBe(copy);
    const response = await browser.ask("signout", { body: { ...body, callbackUrl: "/" } });
    expect(await response.json()).toEqual({ url: "/" });
    expect(browser.session).toBeUndefined();
    expect(await (await browser.ask("session")).json()).toEqual({});
    expect(await resolveSession(copy), "a copy of the cookie, from before it was renewed").toBeNull();
  });

  it("is cleared away when it was ended elsewhere", async () => {
    const { email, customerId } = await newCustomer();
    const browser = new Browser();
    await browser.signIn(email, PASSWORD);
    await signOutEverywhere(customerId);
    expect(await (await browser.ask("session")).json()).toEqual({});
    expect(browser.session).toBeUndefined();
  });

  it("stays while the database is away", async () => {
    const { email } = await newCustomer();
    const browser = new Browser();
    await browser.signIn(email, PASSWORD);
    await (await database()).getClient().close();
    try {
      expect((await browser.ask("session")).status).toBe(503);
      expect(browser.session).toBeDefined();
    } finally {
      await closeDatabase();
    }
    expect((await browser.ask("session")).status).toBe(200);
  });
});

describe("the door of signing in", () => {
  it.each([
    ["", "GET", 404], ["unknown", "GET", 404], ["constructor", "GET", 404], ["__proto__", "POST", 404], ["_log", "POST", 404], ["signin", "GET", 404], ["signin/github", "POST", 404],
    ["signin/credentials", "POST", 404], ["callback/google", "GET", 404], ["session", "POST", 405], ["callback/credentials", "GET", 405],
    ["csrf", "DELETE", 405], ["signout", "GET", 405],
  ])("answers what is not for customers: %s by %s with %i", async (path, method, status) => {
    const response = await handleAuth(new Request(`${ORIGIN}/api/auth/${path}`, { method }), newAddress());
    expect(response.status).toBe(status);
    await readProblem(response);
  });

  it.each([
    ["text/plain", "csrfToken=a", 415],
    ["multipart/form-data; boundary=x", "--x--", 415],
    ["application/json", "no json", 400],
    ["application/json", "[1]", 400],
    ["application/x-www-form-urlencoded", `email=${"a".repeat(1024 * 1024)}`, 413],
  ])("bounds what it reads: %s", async (type, body, status) => {
    const request = new Request(`${ORIGIN}/api/auth/callback/credentials`, { method: "POST", headers: { "content-type": type }, body });
    expect((await handleAuth(request, newAddress())).status).toBe(status);
  });

  it("has cookie names that the console's cannot be mistaken for", () => {
    for (const name of Object.values(cookieNames())) expect("console.session".startsWith(name) || name.startsWith("console.")).toBe(false);
  });

  it("begins a sign-in at GitHub with a state, a challenge and our own address, whatever a host header says", async () => {
    const door = await loadDoor({ GITHUB_ID: "id", GITHUB_SECRET: "secret", VITRINE_URL: ORIGIN });
    const browser = new Browser(door);
    const body = { csrfToken: await browser.readCsrf(), callbackUrl: "/keys" };
    const headers = { host: "evil.example", "x-forwarded-host": "evil.example" };
    const response = await browser.ask("signin/github", { body, headers });
    const { url } = (await response.json()) as { url: string };
    const { origin, searchParams } = new URL(url);
    expect(origin).toBe("https://github.com");
    expect(searchParams.get("redirect_uri")).toBe(`${ORIGIN}/api/auth/callback/github`);
    for (const name of ["state", "code_challenge"]) expect(searchParams.get(name)).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect([...browser.cookies.keys()]).toEqual(expect.arrayContaining(["vitrine.state", "vitrine.pkce"]));
    const back = await browser.ask("callback/github?code=made-up&state=made-up");
    expect([back.status, back.headers.get("location")]).toEqual([303, "/sign-in?error=sign_in_refused"]);
    expect((await browser.ask("signin/github", { body: { csrfToken: "made up" } })).status).toBe(403);
  });
});

describe("a preview", () => {
  const preview = { VERCEL: "1", VERCEL_ENV: "preview", VITRINE_URL: "https://models.example.com", GITHUB_ID: "id", GITHUB_SECRET: "secret" };

  it("signs in at whatever address it was given, and keeps its cookies and its readers there", async () => {
    const { email } = await newCustomer();
    const door = await loadDoor(preview);
    for (const host of ["vitrine-git-new-page.vercel.app", "vitrine-8f3k2.vercel.app"]) {
      const browser = new Browser(door, `https://${host}`);
      const headers = { "x-forwarded-host": host, "x-forwarded-proto": "https", host: "10.0.0.7" };
      const form = { csrfToken: "", email, password: PASSWORD, callbackUrl: `https://${host}/keys` };
      form.csrfToken = ((await (await browser.ask("csrf", { headers })).json()) as { csrfToken: string }).csrfToken;
      const response = await browser.ask("callback/credentials", { form, headers });
      expect([response.status, response.headers.get("location")]).toEqual([303, "/keys"]);
      expect([...browser.cookies.keys()]).toContain("__Host-vitrine.session");
    }
  });

  it("offers no sign-in by a provider, which would send its readers back to production", async () => {
    const door = await loadDoor(preview);
    const response = await new Browser(door, "https://vitrine-8f3k2.vercel.app").ask("providers");
    expect(Object.keys((await response.json()) as object)).toEqual(["credentials"]);
  });
});
