import { beforeAll, describe, expect, it, vi } from "vitest";
import { handleLivez, handleReadyz } from "@/server/api/health";
import { useOwnDatabase } from "@/server/api/test-support";
import { handleUnknown } from "@/server/api/unknown";
import { pingDatabase } from "@/server/core/db";

beforeAll(async () => {
  await useOwnDatabase("health", process.env.MONGODB_URI);
  await pingDatabase();
});

const request = (path: string, method = "GET") => new Request(`http://vitrine.test${path}`, { method });

describe("health", () => {
  it("says that the process lives, without asking anybody", async () => {
    const response = await handleLivez(request("/api/livez"));
    expect([response.status, await response.json()]).toEqual([200, { status: "ok", checks: {} }]);
    expect(response.headers.get("request-id")).toMatch(/^req_/);
  });

  it("says by check that the service can answer", async () => {
    const response = await handleReadyz(request("/health"));
    const ok = { status: "ok", duration_ms: expect.any(Number) };
    expect([response.status, await response.json()]).toEqual([200, { status: "ok", checks: { process: ok, database: ok, models: ok } }]);
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  it("is not ready any more, but lives, once the process was asked to end", async () => {
    vi.stubGlobal("vitrineEnding", true);
    const response = await handleReadyz(request("/api/readyz"));
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ checks: { process: { status: "failed" }, database: { status: "ok" } } });
    expect((await handleLivez(request("/api/livez"))).status).toBe(200);
    vi.unstubAllGlobals();
  });

  it("takes no other methods", async () => {
    expect((await handleReadyz(request("/health", "POST"))).headers.get("allow")).toBe("GET, HEAD");
    expect(await (await handleReadyz(request("/health", "HEAD"))).text()).toBe("");
  });

  it("says 503 and when to ask again, within three seconds, while no database answers", async () => {
    vi.resetModules();
    vi.stubEnv("MONGODB_URI", "mongodb://127.0.0.1:1/none");
    vi.stubGlobal("vitrineConnection", undefined);
    const fresh = await import("@/server/api/health");
    const started = performance.now();
    const response = await fresh.handleReadyz(request("/api/readyz"));
    expect(performance.now() - started).toBeLessThan(3_000);
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "5"]);
    expect(await response.json()).toMatchObject({ status: "unavailable", checks: { database: { status: "failed" } } });
    expect((await fresh.handleLivez(request("/api/livez"))).status).toBe(200);
    vi.unstubAllGlobals();
  });
});

describe("an unknown address below /api", () => {
  it("is answered with problem details, not with a page", async () => {
    const response = await handleUnknown(request("/api/nothing/here"));
    expect(response.status).toBe(404);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(await response.json()).toMatchObject({ code: "not_found", instance: "/api/nothing/here" });
  });
});
