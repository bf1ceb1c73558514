import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { call, type Gateway, MISSING, startGateway, startUpstream, testConfiguration, type Upstream } from "./gateway-support";
import { GATEWAY_NAMES, readDeployed } from "./test-support";

const PREDICT = "/api/v1/models/customer-churn/predictions";
const json = { "content-type": "application/json" };

describe("the gateway's configuration", () => {
  it("has every name filled in that stands in braces", () => {
    const named = new Set([...readDeployed("nginx.conf").matchAll(/\$\{([A-Z_]+)\}/g)].map(([, name]) => name));
    expect([...named].sort()).toEqual([...GATEWAY_NAMES].sort());
    for (const name of ["compose.yaml", "kubernetes/gateway.yaml"])
      for (const wanted of GATEWAY_NAMES) expect(readDeployed(name)).toContain(wanted);
  });

  it("sets headers in one place: a location with one of its own would drop all others", () => {
    const locations = readDeployed("nginx.conf")
      .split(/^ {2}location /m)
      .slice(1);
    for (const location of locations) expect(location).not.toContain("proxy_set_header");
  });

  it("is one that nginx takes", async ({ skip }) => {
    if (MISSING) return skip(MISSING);
    expect(await testConfiguration()).toContain("test is successful");
  });
});

describe.skipIf(MISSING)(`the gateway${MISSING ? ` (${MISSING})` : ""}`, () => {
  let site: Upstream, one: Upstream, two: Upstream, admin: Upstream, open: Gateway, shut: Gateway;
  const all = () => [site, one, two, admin];
  const seen = () => all().flatMap((upstream) => upstream.seen);
  const last = () => seen().at(-1)?.headers ?? {};

  beforeAll(async () => {
    [site, one, two, admin] = (await Promise.all(["site", "api", "api", "admin"].map((name) => startUpstream(name)))) as [
      Upstream,
      Upstream,
      Upstream,
      Upstream,
    ];
    const servers = { site: [site.port], api: [one.port, two.port], admin: [admin.port] };
    open = await startGateway({ ...servers, allow: "127.0.0.0/8 1;" });
    shut = await startGateway({ ...servers, allow: "192.0.2.0/24 1;" });
  });
  afterAll(async () => {
    await Promise.all([open.close(), shut.close()]);
    await Promise.all(all().map((upstream) => upstream.close()));
  });
  beforeEach(() => {
    for (const upstream of all()) Object.assign(upstream, { seen: [], act: null });
  });

  it.each([
    ["/", "site"],
    ["/models/customer-churn", "site"],
    ["/_next/static/a.js", "site"],
    ["/administrators", "site"],
    ["/apiary", "site"],
    ["/healthy", "site"],
    ["/api", "api"],
    ["/api/", "api"],
    [PREDICT, "api"],
    ["/api/trpc/predict.run", "api"],
    ["/api/auth/session", "api"],
    ["/health", "api"],
    ["/api/livez", "api"],
    ["/admin", "admin"],
    ["/admin/", "admin"],
    ["/admin/trpc/me.get", "admin"],
    ["/%61dmin/sign-in", "admin"],
    ["/x/../admin/sign-in", "admin"],
    ["/api/../admin", "admin"],
  ])("sends %s to the %s process", async (path, name) => {
    const { status, headers } = await call(open.port, path);
    expect([status, headers["x-served-by"]]).toEqual([200, name]);
  });

  it.each(["/admin", "/admin/", "/admin/livez", "/%61dmin", "/admin/../admin/trpc/me.get", "/api/../admin/sign-in", "/admin%2Ftrpc"])(
    "has nothing at %s for a network that may not administer",
    async (path) => {
      const { status } = await call(shut.port, path);
      expect(status === 404 || admin.seen.length === 0).toBe(true);
      expect(admin.seen).toEqual([]);
      expect((await call(shut.port, "/")).status).toBe(200);
    },
  );

  it("writes down itself who called, whatever the caller claims", async () => {
    const claims = {
      "x-forwarded-for": "198.51.100.9",
      "x-forwarded-host": "evil.example",
      "x-forwarded-proto": "https",
      "x-real-ip": "198.51.100.9",
      forwarded: "for=198.51.100.9",
    };
    await call(open.port, "/api/v1/models", { headers: { ...claims, host: "models.example.com" } });
    expect(last()).toMatchObject({
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-host": "models.example.com",
      "x-forwarded-proto": "http",
      host: "models.example.com",
    });
    expect([last()["x-real-ip"], last()["forwarded"]]).toEqual([undefined, undefined]);
  });

  it("takes away what parts of Next tell each other, on every way", async () => {
    const inside = [
      "x-middleware-subrequest",
      "x-middleware-rewrite",
      "x-middleware-next",
      "x-middleware-prefetch",
      "x-invoke-path",
      "x-invoke-query",
      "x-invoke-status",
      "x-matched-path",
      "x-now-route-matches",
      "x-nextjs-data",
      "x-nextjs-rewritten-path",
      "x-action-forwarded",
      "x-prerender-revalidate",
    ];
    const headers = Object.fromEntries(inside.map((name) => [name, "1"]));
    for (const [path, method] of [
      ["/", "GET"],
      ["/api/v1/models", "GET"],
      ["/api/trpc/keys.create", "POST"],
      [PREDICT, "POST"],
      ["/admin", "GET"],
    ] as const) {
      await call(open.port, path, { method, headers });
    }
    expect(seen()).toHaveLength(5);
    expect(seen().flatMap((each) => Object.keys(each.headers).filter((name) => inside.includes(name)))).toEqual([]);
  });

  it("passes a caller's request id on, makes one where there is none, and lets no other form through", async () => {
    await call(open.port, "/api/v1/models", { headers: { "request-id": "my-own_id-123" } });
    expect(last()["request-id"]).toBe("my-own_id-123");
    await call(open.port, "/api/v1/models");
    expect(last()["request-id"]).toMatch(/^req_[0-9a-f]{32}$/);
    await call(open.port, "/api/v1/models", { headers: { "request-id": '"}<x>' } });
    expect(last()["request-id"]).toMatch(/^req_[0-9a-f]{32}$/);
  });

  it("takes a part of an upload, and refuses more than 4 MB as the API would", async () => {
    const part = await call(open.port, "/admin/uploads/upl_1/0", { method: "PUT", body: Buffer.alloc(3 * 1024 * 1024 + 100) });
    expect([part.status, admin.seen[0]?.bytes]).toEqual([200, 3 * 1024 * 1024 + 100]);
    const large = await call(open.port, PREDICT, {
      method: "POST",
      headers: { ...json, "request-id": "large-one", expect: "100-continue" },
      body: Buffer.alloc(4 * 1024 * 1024 + 1),
    });
    expect([large.status, large.headers["content-type"], large.headers["request-id"]]).toEqual([
      413,
      "application/problem+json",
      "large-one",
    ]);
    expect(JSON.parse(large.body)).toMatchObject({ code: "body_too_large", status: 413, request_id: "large-one" });
    expect([one.seen, two.seen]).toEqual([[], []]);
  });

  it("compresses what the processes leave as it is", async () => {
    const { headers } = await call(open.port, "/api/v1/models", { headers: { "accept-encoding": "gzip" } });
    expect([headers["content-encoding"], headers["vary"]]).toEqual(["gzip", "Accept-Encoding"]);
  });

  it("says that it is well by itself", async () => {
    expect((await call(open.port, "/nginx-health")).body).toBe("ok\n");
    expect(seen()).toEqual([]);
  });

  it("keeps the path of a call in its log, and nothing of what was asked with it", async () => {
    await call(open.port, "/reset?token=a-mailed-secret", { headers: { "request-id": "find-me-in-the-log" } });
    const line =
      readFileSync(join(open.folder, "access.log"), "utf8")
        .split("\n")
        .find((each) => each.includes("find-me-in-the-log")) ?? "{}";
    expect(JSON.parse(line)).toMatchObject({ method: "GET", path: "/reset", status: 200 });
    expect(line).not.toContain("a-mailed-secret");
  });

  it("loses no call of any kind while one of two processes is away", async () => {
    const { port } = one;
    await one.close();
    const calls = Array.from(
      { length: 20 },
      (_unused, index) =>
        [
          [PREDICT, "POST"],
          ["/api/trpc/keys.create", "POST"],
          ["/api/v1/models", "GET"],
          ["/api/v1/predictions/prd_1", "DELETE"],
        ][index % 4] as [string, string],
    );
    const answers = await Promise.all(
      calls.map(([path, method]) => call(open.port, path, { method, ...(method === "POST" && { headers: json, body: "{}" }) })),
    );
    expect(answers.map(({ status }) => status)).toEqual(calls.map(() => 200));
    expect(two.seen).toHaveLength(20);
    one = await startUpstream("api", port);
  });

  it("asks the other process for a prediction that broke off, and never twice for a change that may have been made", async () => {
    // The first process that is asked breaks off, whichever it is.
    const breakOff = () => {
      let broken = false;
      for (const upstream of [one, two]) {
        upstream.act = (_request, response) => {
          if (broken) return void response.end("{}");
          broken = true;
          response.socket?.destroy();
        };
      }
    };
    breakOff();
    expect((await call(open.port, PREDICT, { method: "POST", headers: json, body: "{}" })).status).toBe(200);
    breakOff();
    expect((await call(open.port, "/api/trpc/predict.run", { method: "POST", headers: json, body: "{}" })).status).toBe(200);
    breakOff();
    expect((await call(open.port, "/api/v1/models")).status).toBe(200);
    for (const upstream of [one, two]) upstream.seen = [];
    breakOff();
    const change = await call(open.port, "/api/trpc/keys.create", { method: "POST", headers: json, body: "{}" });
    expect([change.status, one.seen.length + two.seen.length]).toEqual([503, 1]);
  });

  it("says 503 and when to come back where nobody answers, to programs as problem details and to readers as a page", async () => {
    const nobody = await startGateway({ site: [1], api: [1], admin: [1], allow: "127.0.0.0/8 1;" });
    const program = await call(nobody.port, PREDICT, { method: "POST", headers: { ...json, "request-id": "nobody-there" }, body: "{}" });
    const readers = await Promise.all(["/", "/admin"].map((path) => call(nobody.port, path)));
    await nobody.close();
    expect([program.status, program.headers["retry-after"], program.headers["content-type"]]).toEqual([
      503,
      "2",
      "application/problem+json",
    ]);
    expect(JSON.parse(program.body)).toMatchObject({ status: 503, code: "overloaded", request_id: "nobody-there" });
    for (const reader of readers)
      expect([reader.status, reader.headers["retry-after"], reader.body.includes("Back in a moment")]).toEqual([503, "2", true]);
  });
});
