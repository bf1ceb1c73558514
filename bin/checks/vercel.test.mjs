import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { inProject } from "../support/project.mjs";

const { crons, functions } = JSON.parse(readFileSync(inProject("vercel.json"), "utf8"));
const groups = Object.entries(functions).map(([pattern, settings]) => ({ prefix: pattern.replace(/\*\*\/\*$/, ""), pattern, settings }));
const routes = readdirSync(inProject("app"), { recursive: true })
  .map((name) => `app/${String(name).replaceAll("\\", "/")}`)
  .filter((name) => /(^|\/)(page|route)\.tsx?$/.test(name));

describe("vercel.json", () => {
  it("names whole route groups, the only form that is read the same everywhere", () => {
    for (const { pattern } of groups) expect(pattern).toMatch(/^app\/\([a-z]+\)\/\*\*\/\*$/);
  });

  it("gives every group a duration of its own, which is what makes functions of their own", () => {
    const durations = groups.map(({ settings }) => settings.maxDuration);
    expect(new Set(durations).size).toBe(groups.length);
    for (const { settings } of groups) expect(Object.keys(settings)).toEqual(["maxDuration"]);
  });

  it("has the jobs started every minute, at an address that there is", () => {
    expect(crons).toEqual([{ path: "/admin/jobs/upkeep", schedule: "* * * * *" }]);
    for (const { path } of crons) expect(routes).toContain(`app/(admin)${path}/route.ts`);
  });

  it("matches every page and route, by the pattern of its own group", () => {
    expect(routes.length).toBeGreaterThan(3);
    const unmatched = routes.filter((route) => !groups.some(({ prefix }) => route.startsWith(prefix)));
    expect(unmatched).toEqual([]);
  });
});
