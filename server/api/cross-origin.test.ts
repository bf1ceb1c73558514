import { beforeAll, describe, expect, it, vi } from "vitest";
import { handleRest } from "@/server/api/rest";
import {
  ask,
  createCustomer,
  createTestKey,
  loadDemoModels,
  newAddress,
  ORIGIN,
  readExampleInput,
  type TestCustomer,
  useOwnDatabase,
} from "@/server/api/test-support";
import { handleTrpc } from "@/server/api/trpc";

const CHURN = "/api/v1/models/customer-churn/predictions";
const PARTNER = "https://partner.example";
const STRANGER = "https://stranger.example";
let churn: Record<string, unknown>;
let customer: TestCustomer;
let bearer: { authorization: string };

beforeAll(async () => {
  vi.stubEnv("CORS_ORIGINS", `${PARTNER}, https://second.example`);
  await useOwnDatabase("cross-origin", process.env.MONGODB_URI);
  await loadDemoModels();
  churn = await readExampleInput("customer-churn");
  customer = await createCustomer();
  ({ bearer } = await createTestKey(customer.id));
});

function requestTo(path: string, headers: Record<string, string>, body: string): Request {
  return new Request(`${ORIGIN}${path}`, { method: "POST", headers: { "content-type": "application/json", ...headers }, body });
}

/** One prediction by each door, in the words of that door. */
const doors = {
  REST: async (headers: Record<string, string>, body = JSON.stringify({ input: churn })) =>
    handleRest(requestTo(CHURN, headers, body), newAddress()),
  tRPC: async (headers: Record<string, string>, body = JSON.stringify({ model: "customer-churn", input: churn })) =>
    handleTrpc(requestTo("/api/trpc/predict.run", headers, body), newAddress()),
};
const bothDoors = Object.entries(doors);

async function codeOf(response: Response): Promise<string | undefined> {
  const body = (await response.json()) as { code?: string; error?: { data: { code: string } } };
  return body.code ?? body.error?.data.code;
}
const corsHeaders = (response: Response) => [...response.headers.keys()].filter((name) => name.startsWith("access-control-"));

describe.each(bothDoors)("a change by session over %s", (_name, predict) => {
  it.each([
    ["no Origin", {}],
    ["the Origin of a stranger", { origin: STRANGER }],
    ["the Origin of a page that may use keys", { origin: PARTNER }],
    ["a sandboxed page", { origin: "null" }],
    ["our host as part of another", { origin: `${ORIGIN}.stranger.example` }],
    ["another port", { origin: `${ORIGIN}:8080` }],
    ["a browser that says it came from elsewhere", { origin: ORIGIN, "sec-fetch-site": "cross-site" }],
    ["a browser that says it came from a neighbour", { origin: ORIGIN, "sec-fetch-site": "same-site" }],
  ])("is refused with %s", async (_what, headers) => {
    const response = await predict({ cookie: customer.page.cookie, ...headers });
    expect([response.status, await codeOf(response)]).toEqual([403, "forbidden"]);
  });

  it("is refused with a session that opens nothing, too", async () => {
    const [name] = customer.page.cookie.split("=");
    expect((await predict({ cookie: `${name}=broken`, origin: STRANGER })).status).toBe(403);
  });

  it("is taken from our own pages, among other cookies", async () => {
    const cookie = `theme=dark; ${customer.page.cookie}; x${customer.page.cookie}`;
    expect((await predict({ cookie, origin: ORIGIN, "sec-fetch-site": "same-origin" })).status).toBe(200);
    expect((await predict({ cookie, origin: ORIGIN })).status).toBe(200);
  });

  it("by a key needs no Origin, also where a cookie comes along", async () => {
    expect((await predict({ ...bearer, cookie: customer.page.cookie })).status).toBe(200);
    expect((await predict({ ...bearer, origin: STRANGER, "sec-fetch-site": "cross-site" })).status).toBe(200);
  });

  it("without a session is taken whatever other cookies there are", async () => {
    expect((await predict({ cookie: "theme=dark; vitrine.sessions=1; =; a" })).status).toBe(200);
  });

  it("is not made of a scheme that browsers add by themselves", async () => {
    const response = await predict({ cookie: customer.page.cookie, authorization: "Basic dXNlcjpwYXNz" });
    expect(response.status).toBe(403);
  });

  it.each([
    ["multipart/form-data; boundary=x", "--x\r\ncontent-disposition: form-data; name=0\r\n\r\n{}\r\n--x--"],
    ["text/plain", "{}"],
    ["application/x-www-form-urlencoded", "input=1"],
    ["application/octet-stream", "{}"],
  ])("is refused as %s before anybody looks who is calling", async (type, body) => {
    const response = await predict({ "content-type": type, cookie: customer.page.cookie, authorization: "Bearer broken" }, body);
    expect([response.status, await codeOf(response)]).toEqual([415, "unsupported_media_type"]);
  });
});

describe("GET", () => {
  it.each(["keys.create", "account.update", "account.delete", "history.delete", "predict.run"])("changes nothing as %s", async (path) => {
    const input = { name: "Changed", model: "customer-churn", input: churn, email: customer.email, ids: [] };
    const response = await ask("query", path, input, customer.page);
    expect([response.status, await codeOf(response)]).toEqual([405, "method_not_allowed"]);
  });
});

describe.each(bothDoors)("pages of other origins over %s", (_name, predict) => {
  it("read answers and refusals where they are configured, and never with credentials", async () => {
    for (const headers of [{ ...bearer }, { authorization: "Bearer vt_live_broken" }, {}]) {
      const response = await predict({ ...headers, origin: PARTNER });
      expect(response.headers.get("access-control-allow-origin")).toBe(PARTNER);
      expect(response.headers.has("access-control-allow-credentials")).toBe(false);
      expect(response.headers.get("vary")).toMatch(/(^|, )Origin$/);
      const readable = response.headers.get("access-control-expose-headers")?.toLowerCase().split(", ");
      expect(readable).toEqual(expect.arrayContaining(["request-id", "ratelimit", "retry-after", "model-version", "idempotent-replayed"]));
    }
  });

  it.each([STRANGER, "null", `${PARTNER}.stranger.example`, "http://partner.example", `${PARTNER}:444`, `${PARTNER}, ${PARTNER}`])(
    "read nothing where they are not: %s",
    async (origin) => {
      const response = await predict({ ...bearer, origin });
      expect(corsHeaders(response)).toEqual([]);
      expect(response.headers.get("vary")).toMatch(/(^|, )Origin$/);
    },
  );
});

describe("a browser that asks before it sends", () => {
  const asks = { "access-control-request-method": "POST", "access-control-request-headers": "authorization,content-type,idempotency-key" };
  const preflight = async (path: string, origin: string) => {
    const request = new Request(`${ORIGIN}${path}`, { method: "OPTIONS", headers: { ...asks, origin } });
    return path.startsWith("/api/trpc") ? handleTrpc(request, newAddress()) : handleRest(request, newAddress());
  };

  it.each([
    [CHURN, "POST, OPTIONS"],
    ["/api/v1/me", "GET, HEAD, OPTIONS"],
    ["/api/v1/predictions", "GET, HEAD, OPTIONS"],
    ["/api/trpc/predict.run", "GET, HEAD, POST, OPTIONS"],
    ["/api/trpc/catalog.list,usage.summary?batch=1", "GET, HEAD, POST, OPTIONS"],
  ])("learns at %s what a page of a configured origin may send", async (path, methods) => {
    const response = await preflight(path, PARTNER);
    expect([response.status, await response.text()]).toEqual([204, ""]);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "access-control-allow-origin": PARTNER,
      "access-control-allow-methods": methods,
      "access-control-max-age": "7200",
      vary: "Origin",
    });
    const sent = response.headers.get("access-control-allow-headers")?.split(", ");
    expect(sent).toEqual(expect.arrayContaining(["authorization", "content-type", "idempotency-key", "request-id"]));
    expect(response.headers.has("access-control-allow-credentials")).toBe(false);
  });

  it("learns nothing for another origin", async () => {
    for (const path of [CHURN, "/api/trpc/predict.run"]) {
      const response = await preflight(path, STRANGER);
      expect([response.status, corsHeaders(response)]).toEqual([204, []]);
    }
  });
});
