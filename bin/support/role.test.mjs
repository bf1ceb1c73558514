import { afterEach, describe, expect, it, vi } from "vitest";
import { fileRule, servesConsole } from "./role.mjs";
import { environmentOf } from "./supervisor.mjs";

afterEach(() => vi.unstubAllEnvs());

const files = ["/icon.svg", "/vitrine.d.ts", "/_next/static/chunks/a.js", "/vitrine.png", "/"];
const served = (role, urls) => {
  vi.stubEnv("ROLE", role);
  return urls.filter(fileRule());
};

describe("what lies in front of pages and doors", () => {
  it("leaves a process of the API no file, and the console its own scripts alone", () => {
    expect(served("api", [...files, "/api", "/api/v1/models?limit=1", "/health", "/apiary", "/healthy"])).toEqual(["/api", "/api/v1/models?limit=1", "/health"]);
    expect(served("admin", [...files, "/admin", "/admin/x", "/administration"])).toEqual(["/icon.svg", "/_next/static/chunks/a.js", "/admin", "/admin/x"]);
    expect(served("site", files)).toEqual(files);
    expect(served("", files)).toEqual(files);
  });

  it("has upkeep and first operator where the console is", () => {
    const roles = ["", "all", "admin", "site", "api"];
    expect(roles.map((role) => (vi.stubEnv("ROLE", role), servesConsole()))).toEqual([true, true, true, false, false]);
  });
});

describe("the variables of one process", () => {
  const given = { MONGODB_URI: "mongodb://any", MONGODB_URI_ADMIN: "mongodb://admin", ADMIN_SECRET: "a", CRON_SECRET: "c", AUTH_SECRET: "s" };

  it("hold no secret of another part, and the database user of its own", () => {
    for (const role of ["site", "api"]) {
      const env = { ...given, ...environmentOf(role, given) };
      expect(env).toMatchObject({ ROLE: role, MONGODB_URI: "mongodb://any", MONGODB_URI_ADMIN: "", ADMIN_SECRET: "", ADMIN_PASSWORD: "", CRON_SECRET: "", AUTH_SECRET: "s" });
    }
    const env = { ...given, ...environmentOf("admin", given) };
    expect(env).toMatchObject({ ROLE: "admin", MONGODB_URI: "mongodb://admin", MONGODB_URI_ADMIN: "", ADMIN_SECRET: "a", AUTH_SECRET: "" });
  });
});
