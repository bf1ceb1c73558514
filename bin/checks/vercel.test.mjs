import { readdirSync, readFileSync } from "node:fs";
import { afterEach, describe, expect, it, vi } from "vitest";
import { inProject } from "../support/project.mjs";
import { findPattern } from "./route-patterns.mjs";

const { crons, functions, regions } = JSON.parse(readFileSync(inProject("vercel.json"), "utf8"));
const patterns = Object.keys(functions);
const routes = readdirSync(inProject("app"), { recursive: true })
  .map((name) => `app/${String(name).replaceAll("\\", "/")}`)
  .filter((name) => /(^|\/)(page|route)\.tsx?$/.test(name));

/** Every function and the routes that are meant for it: each route is in exactly one of them. */
const MEANT = {
  "app/(admin)/admin/uploads/**/*": (route) => route.startsWith("app/(admin)/admin/uploads/"),
  "app/(admin)/**/route.ts": (route) => /^app\/\(admin\)\/(?!admin\/uploads\/).*\/route\.ts$/.test(route),
  "app/(admin)/**/page.tsx": (route) => /^app\/\(admin\)\/.*\/page\.tsx$/.test(route),
  "app/(api)/api/{v1,trpc}/**/*": (route) => /^app\/\(api\)\/api\/(v1|trpc)\//.test(route),
  "app/(api)/**/*": (route) => /^app\/\(api\)\/(?!api\/(v1|trpc)\/)/.test(route),
  "app/(site)/**/*": (route) => route.startsWith("app/(site)/"),
};

describe("vercel.json", () => {
  it("has one entry for each function that is meant", () => {
    expect(patterns).toEqual(Object.keys(MEANT));
  });

  it.each(routes)("puts %s into the function it is meant for", (route) => {
    const meant = Object.keys(MEANT).filter((pattern) => MEANT[pattern](route));
    expect([findPattern(route, patterns)]).toEqual(meant);
  });

  it("has no entry that no route goes by: a wrong one would be passed over in silence", () => {
    expect(new Set(routes.map((route) => findPattern(route, patterns)))).toEqual(new Set(patterns));
  });

  it("gives every entry a duration of its own, which is what makes functions of their own, and nothing that is not heeded", () => {
    const settings = Object.values(functions);
    expect(new Set(settings.map(({ maxDuration }) => maxDuration)).size).toBe(settings.length);
    for (const entry of settings) expect(Object.keys(entry)).toEqual(["maxDuration"]);
  });

  it("runs in one region, because there is one database", () => {
    expect(regions).toEqual([expect.stringMatching(/^[a-z]{3}\d$/)]);
  });

  it("has the jobs started every minute, at an address that there is", () => {
    expect(crons).toEqual([{ path: "/admin/jobs/upkeep", schedule: "* * * * *" }]);
    for (const { path } of crons) expect(routes).toContain(`app/(admin)${path}/route.ts`);
  });
});

describe("a pattern", () => {
  const verdict = (pattern, file) => findPattern(file, [pattern]) === pattern;

  it("takes folders of any depth, but none that begins with a dot", () => {
    expect(verdict("app/(api)/**/*", "app/(api)/route.ts")).toBe(true);
    expect(verdict("app/(api)/**/*", "app/(api)/api/v1/[[...path]]/route.ts")).toBe(true);
    expect(verdict("app/(api)/**/*", "app/(api)/.well-known/route.ts")).toBe(false);
    expect(verdict("app/(api)/**/*", "app/(site)/route.ts")).toBe(false);
  });

  it("takes one of several names, and a dot for a dot", () => {
    expect(verdict("app/{a,b}/*/route.ts", "app/b/c/route.ts")).toBe(true);
    expect(verdict("app/{a,b}/*/route.ts", "app/b/route.ts")).toBe(false);
    expect(verdict("app/{a,b}/*/route.ts", "app/ab/c/route.ts")).toBe(false);
    expect(verdict("app/*/route.ts", "app/a/route-ts")).toBe(false);
  });

  it("is refused in a form that means something else than it looks like", () => {
    expect(() => verdict("app/[slug]/route.ts", "app/s/route.ts")).toThrow("not read the same everywhere");
    expect(() => verdict("app/@(a|b)/route.ts", "app/a/route.ts")).toThrow("not read the same everywhere");
    expect(() => verdict("app/a*/route.ts", "app/a/route.ts")).toThrow("whole name");
  });
});

describe("the headers of a deployment", () => {
  afterEach(() => vi.unstubAllEnvs());
  const readRobots = async (kind) => {
    vi.resetModules();
    vi.stubEnv("VERCEL_ENV", kind);
    const { default: config } = await import("../../next.config.mjs");
    const headers = (await config.headers()).filter(({ source }) => source === "/:path*").flatMap((entry) => entry.headers);
    return headers.filter(({ key }) => key === "X-Robots-Tag").map(({ value }) => value);
  };

  it("keep search engines from every address of a preview, and from none of production", async () => {
    expect(await readRobots("preview")).toEqual(["noindex, nofollow"]);
    expect(await readRobots("production")).toEqual([]);
    expect(await readRobots("")).toEqual([]);
  });
});
