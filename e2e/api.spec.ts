import { connect } from "node:net";
import type { APIResponse } from "@playwright/test";
import { expect, test } from "./fixtures";

const CHURN = "/api/v1/models/customer-churn/predictions";
const JSON_BODY = { "content-type": "application/json" };

/** What every refusal has in common, over the wire. */
async function readProblem(response: APIResponse): Promise<{ code: string; errors?: { pointer: string }[] }> {
  expect(response.headers()["content-type"]).toContain("application/problem+json");
  const problem = await response.json();
  expect(problem).toMatchObject({ status: response.status(), request_id: response.headers()["request-id"] });
  expect(problem.type).toMatch(new RegExp(`/docs/errors/${problem.code}$`));
  return problem;
}

test("a program finds its way from the root of the API to an answer", async ({ request }) => {
  const root = await (await request.get("/api/v1")).json();
  const models = await (await request.get(root.models_url)).json();
  const slugs = models.data.map((model: { slug: string }) => model.slug);
  expect(slugs).toContain("customer-churn");
  for (const slug of slugs) {
    const model = await (await request.get(`${root.models_url}/${slug}`)).json();
    const { input, output } = model.live.examples[0];
    const response = await request.post(root.predictions_url.replace("{model}", slug), { data: { input } });
    const prediction = await response.json();
    expect(response.status()).toBe(200);
    expect(Object.keys(prediction.output)).toEqual(Object.keys(output));
    expect(response.headers()["model-version"]).toBe(String(model.live_version));
    expect(response.headers()["server-timing"]).toMatch(/^model;dur=[\d.]+, total;dur=[\d.]+$/);
    expect(prediction.request_id).toBe(response.headers()["request-id"]);
  }
});

test("health tells by check whether the service can answer", async ({ request }) => {
  for (const path of ["/api/livez", "/api/readyz", "/health"]) {
    const response = await request.get(path);
    expect(response.status()).toBe(200);
    expect((await response.json()).status).toBe("ok");
    expect(response.headers()["request-id"]).toMatch(/^req_/);
  }
});

test("the OpenAPI document names every model's own address", async ({ request }) => {
  const document = await (await request.get("/api/openapi.json")).json();
  expect(document.openapi).toMatch(/^3\.1/);
  const models = await (await request.get("/api/v1/models")).json();
  for (const { slug } of models.data) expect(document.paths).toHaveProperty([`/api/v1/models/${slug}/predictions`]);
});

test("every address below /api answers in JSON and with a request id, also one that does not exist", async ({ request }) => {
  for (const path of ["/api/nothing", "/api/v1/nothing", "/api/v1/models/nothing", "/api/v1/you"]) {
    const response = await request.get(path, { headers: { "request-id": "e2e-own-id" } });
    expect(response.status()).toBe(404);
    expect((await readProblem(response)).code).toBe("not_found");
    expect(response.headers()["request-id"]).toBe("e2e-own-id");
  }
});

test("what cannot be read is refused by its own code, over a real connection", async ({ request }) => {
  const send = (data: string, headers: Record<string, string> = JSON_BODY) => request.post(CHURN, { data: Buffer.from(data), headers });
  const cases: [string, APIResponse][] = [
    ["malformed_body", await send('{"input": {')],
    ["malformed_body", await send("[".repeat(100_000))],
    ["malformed_body", await send('{"input":{},"inputs":[]}')],
    ["invalid_input", await send('{"input":{"__proto__":{},"$where":1,"tenure":"many"}}')],
    ["body_too_large", await send(`{"input":{"x":"${"a".repeat(2_000_000)}"}}`)],
    ["unsupported_media_type", await send("input=1", { "content-type": "text/plain" })],
    ["method_not_allowed", await request.get(CHURN)],
    ["not_acceptable", await request.get("/api/v1/models", { headers: { accept: "text/html" } })],
  ];
  for (const [code, response] of cases) expect((await readProblem(response)).code).toBe(code);
});

test("a call repeated with its idempotency key gives the first answer again", async ({ request }) => {
  const headers = { "idempotency-key": `e2e-${Date.now()}` };
  const first = await request.post(CHURN, { data: { input: {} }, headers });
  const again = await request.post(CHURN, { data: { input: {} }, headers });
  expect(await again.text()).toBe(await first.text());
  expect(again.headers()["idempotent-replayed"]).toBe("true");
  const other = await request.post(CHURN, { data: { inputs: [{}] }, headers });
  expect((await readProblem(other)).code).toBe("idempotency_mismatch");
});

test("tRPC answers beside REST, with the same codes", async ({ request }) => {
  const answer = await request.post("/api/trpc/predict.run", { data: { model: "customer-churn", input: { tenure: 2 } } });
  expect((await answer.json()).result.data).toMatchObject({ model: "customer-churn", input: { tenure: 2 } });
  const refused = await request.post("/api/trpc/predict.run", { data: { model: "customer-churn", input: { tenure: "x" } } });
  expect((await refused.json()).error.data).toMatchObject({ code: "invalid_input", errors: [{ pointer: "#/input/tenure" }] });
});

/** One request written by hand: what a client sends that no well-behaved library would. */
function sendRaw(baseURL: string, head: string): Promise<string> {
  const { hostname, port } = new URL(baseURL);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(`${head}\r\nConnection: close\r\n\r\n`));
    let text = "";
    socket.setEncoding("utf8").on("data", (part: string) => {
      text += part;
    });
    socket.on("end", () => resolve(text)).on("error", reject);
  });
}

test("what cannot be understood is refused in JSON, never with a 500 and never with silence", async ({ baseURL }) => {
  const cases: [head: string, status: number][] = [
    ["GET /api/v1/models/%zz HTTP/1.1\r\nHost: a", 404],
    ["TRACE /api/v1/models HTTP/1.1\r\nHost: a", 405],
    ["GET /api/v1/models/ HTTP/1.1\r\nHost: a", 404],
    ["GET /api/v1/models?q=%00 HTTP/1.1\r\nHost: a", 422],
    ["GET /api/v1/models HTTP/1.1\r\nHost: [", 200],
    ["GET /api/v1/models HTTP/1.1\r\nHost: a\r\nExpect: tea", 200],
    ["hello", 400],
    [`GET /api/v1/models HTTP/1.1\r\nHost: a\r\nCookie: ${"x".repeat(17_000)}`, 431],
  ];
  for (const [head, status] of cases) {
    const answer = await sendRaw(baseURL ?? "", head);
    expect(answer, head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer, head).toMatch(/\r\nrequest-id: req_/i);
  }
});

test("a client that offers another protocol gets its answer all the same", async ({ baseURL }) => {
  const offer = "GET /api/v1 HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__";
  const { hostname, port } = new URL(baseURL ?? "");
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(`${offer}\r\nConnection: Upgrade, HTTP2-Settings\r\n\r\n`));
    socket.setEncoding("utf8").once("data", (part: string) => {
      socket.destroy();
      resolve(part);
    });
    socket.once("error", reject).once("close", () => resolve(""));
  });
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
});
