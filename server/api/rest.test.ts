import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Prediction, PredictionList } from "@/lib/contracts/predict";
import {
  loadDemoModels,
  newAddress,
  ORIGIN,
  post,
  readExampleInput,
  readProblem,
  remaining,
  send,
  useOwnDatabase,
} from "@/server/api/test-support";

const CHURN = "/api/v1/models/customer-churn/predictions";
let churn: Record<string, unknown>;

beforeAll(async () => {
  await useOwnDatabase("rest", process.env.MONGODB_URI);
  await loadDemoModels();
  churn = await readExampleInput("customer-churn");
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterAll(() => vi.useRealTimers());

describe("reading", () => {
  it("says at its root where everything is", async () => {
    const body = await (await send("/api/v1")).json();
    expect(body).toMatchObject({ name: "Vitrine", openapi_url: `${ORIGIN}/api/openapi.json`, docs_url: `${ORIGIN}/docs` });
    expect(body).toMatchObject({ models_url: `${ORIGIN}/api/v1/models`, health: { readyz: `${ORIGIN}/api/readyz` } });
  });

  it("lists published models in pages", async () => {
    const first = await (await send("/api/v1/models?limit=3")).json();
    expect(first).toMatchObject({ object: "list", url: "/api/v1/models", has_more: true });
    const rest = await (await send(`/api/v1/models?starting_after=${first.data[2].slug}`)).json();
    expect(rest.has_more).toBe(false);
    const slugs = [...first.data, ...rest.data].map((model: { slug: string }) => model.slug);
    expect(slugs).toEqual(["breast-cancer", "customer-churn", "handwritten-digits", "house-price", "spam-filter"]);
    const regressions = await (await send("/api/v1/models?task=regression")).json();
    expect(regressions.data).toHaveLength(1);
  });

  it.each(["limit=0", "limit=101", "limit=ten", "limit=1e1", "task=astrology"])("refuses the query %s", async (query) => {
    const problem = await readProblem(await send(`/api/v1/models?${query}`));
    expect(problem).toMatchObject({ code: "invalid_input", errors: [{ pointer: `#/${query.split("=")[0]}` }] });
  });

  it("shows a model and its JSON Schema", async () => {
    expect(await (await send("/api/v1/models/customer-churn")).json()).toMatchObject({ slug: "customer-churn", live_version: 1, card: {} });
    const schema = await (await send("/api/v1/models/customer-churn/schema")).json();
    expect(schema).toMatchObject({ model: "customer-churn", version: 1 });
    expect(schema.input).toMatchObject({ $schema: "https://json-schema.org/draft/2020-12/schema", additionalProperties: false });
    expect(Object.keys(schema.input.properties)).toEqual(expect.arrayContaining(Object.keys(churn)));
    expect(schema.output.properties.churn.properties.probabilities.required).toEqual(["No", "Yes"]);
  });

  it("answers 304 to somebody who has the answer already", async () => {
    const etag = (await send("/api/v1/models")).headers.get("etag") ?? "";
    const again = await send("/api/v1/models", { headers: { "if-none-match": `"other", W/${etag}` } });
    expect([again.status, await again.text()]).toEqual([304, ""]);
  });
});

describe("predicting", () => {
  it("answers one row with a prediction and tells version, time and limits", async () => {
    const response = await post(CHURN, { input: churn });
    const prediction = (await response.json()) as Prediction;
    expect(prediction).toMatchObject({ object: "prediction", model: "customer-churn", version: 1, arm: "live", status: "succeeded" });
    expect(prediction.request_id).toBe(response.headers.get("request-id"));
    expect(response.headers.get("server-timing")).toMatch(/^model;dur=\d+(\.\d+)?, total;dur=\d+(\.\d+)?$/);
    expect(response.headers.get("ratelimit-policy")).toBe('"minute";q=60;w=60, "rows";q=2000;w=60');
    expect(remaining(response)).toBe('"minute";r=59, "rows";r=1999');
    expect(response.headers.get("x-ratelimit-remaining")).toBe("59");
    expect(Object.fromEntries(response.headers)).toMatchObject({ "model-version": "1", "model-arm": "live", "cache-control": "no-store" });
  });

  it("answers many rows in their order, and counts them", async () => {
    const response = await post(CHURN, { inputs: [churn, { ...churn, tenure: "70" }, churn] });
    const list = (await response.json()) as PredictionList;
    expect(list.object).toBe("list");
    expect(list.data.map(({ input }) => input.tenure)).toEqual([churn.tenure, 70, churn.tenure]);
    expect(remaining(response)).toBe('"minute";r=59, "rows";r=1997');
  });

  it("asks the version that is named", async () => {
    const response = await post("/api/v1/models/customer-churn/versions/2/predictions", { input: churn });
    expect(await response.json()).toMatchObject({ version: 2, arm: "pinned" });
    expect(response.headers.get("model-version")).toBe("2");
    expect((await post("/api/v1/models/customer-churn@live/predictions", { input: churn })).status).toBe(200);
  });

  it("takes 1,000 rows and refuses the call after the limit of a minute with its state", async () => {
    const address = newAddress();
    const inputs = Array.from({ length: 1_000 }, () => churn);
    for (const left of [1_000, 0]) expect(remaining(await post(CHURN, { inputs }, { address }))).toContain(`"rows";r=${left}`);
    const refused = await post(CHURN, { input: churn }, { address });
    expect((await readProblem(refused)).code).toBe("rate_limited");
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(remaining(refused)).toBe('"minute";r=58, "rows";r=0');
  });
});

describe("the manners of HTTP", () => {
  it("puts request-id on every answer and takes over a well-formed one", async () => {
    const paths = ["/api/v1", "/api/v1/models", "/api/v1/none", "/api/v1/models/none", "/api/v1/%zz"];
    for (const path of paths) expect((await send(path)).headers.get("request-id")).toMatch(/^req_[0-9A-Z]{26}$/);
    expect((await send("/api/v1/none", { headers: { "request-id": "my-own_id1" } })).headers.get("request-id")).toBe("my-own_id1");
    expect((await send("/api/v1", { headers: { "request-id": "short" } })).headers.get("request-id")).toMatch(/^req_/);
  });

  it("knows no other addresses, and says the same for all of them", async () => {
    const names = ["none", "customer-churn@candidate", "customer-churn@2", "%2e%2e", "a%2Fb", "a".repeat(200)];
    const models = names.map((name) => `/models/${name}`);
    const others = ["/you", "/predictions/", "/models/", "/models/customer-churn/", "/models/%zz", "/models/customer-churn/versions/1"];
    for (const path of [...models, ...others]) {
      expect(await readProblem(await send(`/api/v1${path}`))).toMatchObject({ status: 404, code: "not_found" });
    }
    for (const version of ["0", "01", "3", "1.0", "-1", "1e0", "99999999999999999999"]) {
      const response = await post(`/api/v1/models/customer-churn/versions/${version}/predictions`, { input: churn });
      expect((await readProblem(response)).code).toBe("not_found");
    }
  });

  it("refuses other methods with the ones it takes", async () => {
    const refused = await send(CHURN);
    expect((await readProblem(refused)).code).toBe("method_not_allowed");
    expect(refused.headers.get("allow")).toBe("POST, OPTIONS");
    expect((await send("/api/v1/models", { method: "DELETE" })).headers.get("allow")).toBe("GET, HEAD, OPTIONS");
    const options = await send("/api/v1/models", { method: "OPTIONS" });
    expect([options.status, options.headers.get("allow")]).toEqual([204, "GET, HEAD, OPTIONS"]);
  });

  it("answers HEAD as GET without a body", async () => {
    const [head, get] = await Promise.all([send("/api/v1/models", { method: "HEAD" }), send("/api/v1/models")]);
    expect([head.status, await head.text()]).toEqual([200, ""]);
    expect(head.headers.get("etag")).toBe(get.headers.get("etag"));
  });

  it.each(["text/html", "application/xml, text/*;q=0.5", "application/json;q=0"])("cannot answer as %s", async (accept) => {
    expect((await readProblem(await send("/api/v1/models", { headers: { accept } }))).code).toBe("not_acceptable");
  });

  const accepted = ["*/*", "text/html, */*;q=0.8", "application/json", "application/problem+json, application/*"];
  it.each(accepted)("answers to Accept: %s", async (accept) => {
    expect((await send("/api/v1/models", { headers: { accept } })).status).toBe(200);
  });

  it.each(["text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"])("takes no body of %s", async (type) => {
    const response = await post(CHURN, JSON.stringify({ input: churn }), { headers: { "content-type": type } });
    expect((await readProblem(response)).code).toBe("unsupported_media_type");
  });
});

describe("Idempotency-Key", () => {
  const keyed = (key: string, body: unknown, address: string) => post(CHURN, body, { headers: { "idempotency-key": key }, address });

  it("gives the first answer again, marked, and counts it once", async () => {
    const address = newAddress();
    const first = await keyed("replay", { input: churn }, address);
    const again = await keyed("replay", { input: churn }, address);
    expect(again.status).toBe(200);
    expect(await again.text()).toBe(await first.text());
    expect([first.headers.get("idempotent-replayed"), again.headers.get("idempotent-replayed")]).toEqual([null, "true"]);
    expect(again.headers.get("model-version")).toBe("1");
    expect(again.headers.get("request-id")).not.toBe(first.headers.get("request-id"));
    expect(remaining(await post(CHURN, { input: churn }, { address }))).toBe('"minute";r=58, "rows";r=1998');
  });

  it("knows an address in whichever way it is escaped", async () => {
    const [address, headers] = [newAddress(), { "idempotency-key": "escaped" }];
    const first = await post(CHURN, { input: churn }, { headers, address });
    const again = await post(CHURN.replace("-", "%2D"), { input: churn }, { headers, address });
    expect([again.headers.get("idempotent-replayed"), await again.text()]).toEqual(["true", await first.text()]);
  });

  it("refuses another body, but not after a refusal", async () => {
    const address = newAddress();
    await keyed("mismatch", { input: churn }, address);
    expect((await readProblem(await keyed("mismatch", { inputs: [churn] }, address))).code).toBe("idempotency_mismatch");
    expect((await keyed("corrected", { input: { ...churn, tenure: "x" } }, address)).status).toBe(422);
    expect((await keyed("corrected", { input: churn }, address)).status).toBe(200);
  });

  it("belongs to one caller", async () => {
    await keyed("shared", { input: churn }, newAddress());
    expect((await keyed("shared", { inputs: [churn] }, newAddress())).status).toBe(200);
  });

  it("lets one of two calls at once run; the other waits or gets its answer", async () => {
    const address = newAddress();
    const answers = await Promise.all([keyed("twins", { input: churn }, address), keyed("twins", { input: churn }, address)]);
    const running = answers.filter(({ status }) => status === 409);
    for (const answer of running) expect(answer.headers.get("retry-after")).toBe("1");
    expect(remaining(await post(CHURN, { input: churn }, { address }))).toContain('"minute";r=58');
  });

  it.each(["", "k".repeat(256)])("refuses a key of the wrong length", async (key) => {
    expect((await readProblem(await keyed(key, { input: churn }, newAddress()))).code).toBe("malformed_body");
  });
});
