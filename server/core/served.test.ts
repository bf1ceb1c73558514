import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it, vi } from "vitest";

// Routes have their records written after the answer; there is no request of Next's around them here.
vi.mock("next/server", async (original) => ({ ...(await original<object>()), after: () => {} }));

const APP = join(import.meta.dirname, "..", "..", "app");
const files = readdirSync(APP, { recursive: true, encoding: "utf8" });
const routes = files.filter((file) => /(^|\/)route\.tsx?$/.test(file)).toSorted();
const pages = files.filter((file) => /(^|\/)page\.tsx$/.test(file)).toSorted();
const roles = ["site", "api", "admin"] as const;
type Role = (typeof roles)[number];

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
const PARTS = { slug: "x", id: "x", n: "1", code: "x", rest: ["x"], path: ["x"], step: ["x"], nextauth: ["session"], trpc: "x" };
/** Probes are asked of every process that customers reach. */
const PROBES = /\/(api\/livez|api\/readyz|health)\/route\.ts$/;

/** Which role serves a file, by the folder it lies in. */
function servedBy(file: string): string[] {
  if (PROBES.test(file)) return ["site", "api"];
  const part = /^\((site|api|admin)\)\//.exec(file)?.[1];
  if (part === undefined) throw new Error(`${file} lies in none of the three parts.`);
  return [part];
}

function addressOf(file: string): string {
  const path = file.replace(/\/[^/]+$/, "").replace(/\([^)]*\)\/?/g, "").replace(/\[+[^\]]*\]+/g, "x");
  return `http://vitrine.test/${path}`;
}

async function load(file: string): Promise<Map<string, unknown>> {
  return new Map(Object.entries(await import(/* @vite-ignore */ join(APP, file))));
}

async function callRoute(file: string, method: string): Promise<Response> {
  const handle = (await load(file)).get(method);
  if (typeof handle !== "function") throw new Error(`${file} has no ${method}.`);
  const request = new Request(addressOf(file), { method, headers: { authorization: "Bearer of nothing at all" } });
  return handle(request, { params: Promise.resolve(PARTS) });
}

it("every route and every page belongs to one of the three parts", () => {
  expect([...routes, ...pages].filter((file) => servedBy(file).length === 0)).toEqual([]);
  expect([routes.length, pages.length].every((count) => count > 15)).toBe(true);
});

describe.each(roles)("a process with ROLE=%s", (role: Role) => {
  beforeAll(() => {
    vi.resetModules();
    vi.stubEnv("ROLE", role);
    // Whatever gets as far as the database would wait for it.
    vi.stubEnv("MONGODB_URI", "mongodb://127.0.0.1:1/none");
    vi.stubGlobal("vitrineConnection", undefined);
  });

  it.each(routes.filter((file) => !servedBy(file).includes(role)))("has nothing behind %s, by any method", async (file) => {
    for (const method of METHODS) {
      const response = await callRoute(file, method);
      expect([method, response.status]).toEqual([method, 404]);
      if (method !== "HEAD") expect(await response.json()).toMatchObject({ code: "not_found", detail: "There is nothing at this address." });
    }
  });
});

describe("a page of the site", () => {
  it.each(pages.filter((file) => file.startsWith("(site)/")))("%s asks before anything else whether it is served here", (file) => {
    const source = readFileSync(join(APP, file), "utf8");
    expect(source).toMatch(/export default (async )?function \w+\(.*\{\n {2}assertSitePage\(\);\n/);
    expect(source).toContain('import { assertSitePage } from "@/server/site/served";');
  });
});

describe("what the proxy lets through to pages", () => {
  const plain = ["/admin", "/admin/", "/admin/models", "/admin.rsc", "/admin.segments/_tree"];
  const consoles = [...plain, "/%61dmin", "//admin", "/ADMIN/team", "/admin%2Fteam"];
  const others = ["/", "/models/customer-churn", "/administration", "/sign-in", "/docs"];

  it("leaves of the console's addresses only those out of the proxy that are a door's", async () => {
    const { config } = await import("@/proxy");
    const isAsked = (path: string) => config.matcher.some((pattern) => new RegExp(`^${pattern}$`).test(path));
    expect(["/admin/trpc/me.get", "/admin/auth/signout", "/admin/jobs/upkeep", "/admin/livez"].filter(isAsked)).toEqual([]);
    const pages = ["/admin", "/admin/jobs", "/admin/jobs/upkeep.rsc", "/admin/trpc/me.get.segments/_tree.segment.rsc", "/admin/uploads/a"];
    expect(pages.filter((path) => !isAsked(path))).toEqual([]);
  });

  it.each([
    ["site", false, true],
    ["api", false, false],
    ["admin", true, false],
    ["all", true, true],
  ])("with ROLE=%s: the console's %s, the site's %s", async (role, admin, site) => {
    vi.resetModules();
    vi.stubEnv("ROLE", role);
    const { proxy } = await import("@/proxy");
    const { NextRequest } = await import("next/server");
    const statusOf = (path: string) => proxy(new NextRequest(new URL(`http://vitrine.test${path}`))).status;
    expect(consoles.filter((path) => (statusOf(path) === 200) !== admin)).toEqual([]);
    expect(others.filter((path) => (statusOf(path) === 200) !== site)).toEqual([]);
  });

  it.each(["all", "admin"])("with ROLE=%s: the console, to a network that ADMIN_ALLOW does not name, is what a wrong address is", async (role) => {
    vi.resetModules();
    vi.stubEnv("ROLE", role);
    vi.stubEnv("ADMIN_ALLOW", "198.51.100.0/24");
    const { proxy } = await import("@/proxy");
    const { NextRequest } = await import("next/server");
    const ask = (path: string, address: string) => {
      const response = proxy(new NextRequest(new URL(`http://vitrine.test${path}`), { headers: { "x-forwarded-for": address } }));
      return response.headers.get("x-middleware-rewrite") ?? response.status;
    };
    const nowhere = role === "all" ? "http://vitrine.test/-/nowhere" : 404;
    expect(consoles.filter((path) => ask(path, "192.0.2.1") !== nowhere)).toEqual([]);
    expect(consoles.filter((path) => ask(path, "198.51.100.7") !== 200)).toEqual([]);
    expect(others.filter((path) => ask(path, "192.0.2.1") !== (role === "all" ? 200 : 404))).toEqual([]);
  });
});
