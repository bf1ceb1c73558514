import { createTRPCClient, httpBatchLink, TRPCClientError } from "@trpc/client";
import { beforeAll, describe, expect, it, vi } from "vitest";
import type { Prediction } from "@/lib/contracts/predict";
import type { Problem } from "@/lib/contracts/problem";
import { handleRest } from "@/server/api/rest";
import type { AppRouter } from "@/server/api/router";
import { loadDemoModels, newAddress, readExampleInput, remaining, useOwnDatabase } from "@/server/api/test-support";
import { handleTrpc } from "@/server/api/trpc";

const ORIGIN = "http://vitrine.test";
let churn: Record<string, unknown>;

beforeAll(async () => {
  await useOwnDatabase("trpc", process.env.MONGODB_URI);
  await loadDemoModels();
  churn = await readExampleInput("customer-churn");
  vi.useFakeTimers({ toFake: ["Date"] });
  return () => vi.useRealTimers();
});

/** tRPC's own client, wired to the door without a network between them. */
function createClient(address = newAddress()) {
  const fetch = async (url: string | URL | Request, init?: RequestInit) => handleTrpc(new Request(url, init), address);
  return createTRPCClient<AppRouter>({ links: [httpBatchLink({ url: `${ORIGIN}/api/trpc`, fetch: fetch as typeof globalThis.fetch })] });
}

interface Call {
  headers?: Record<string, string>;
  body?: BodyInit;
  method?: string;
  address?: string;
}

async function send(path: string, { headers = {}, body, method = "POST", address = newAddress() }: Call = {}): Promise<Response> {
  const init = { method, headers: { "content-type": "application/json", ...headers }, ...(body !== undefined && { body }) };
  return handleTrpc(new Request(`${ORIGIN}/api/trpc/${path}`, init), address);
}

const runBody = () => JSON.stringify({ model: "customer-churn", input: churn });
const codeOf = async (response: Response) => (await response.json()).error?.data?.code as string | undefined;

describe("the tRPC door", () => {
  it("serves tRPC's own client", async () => {
    const client = createClient();
    const [page, model, prediction] = await Promise.all([
      client.catalog.list.query({ limit: 2 }),
      client.catalog.get.query({ model: "house-price" }),
      client.predict.run.mutate({ model: "customer-churn", input: churn }),
    ]);
    expect(page.items).toHaveLength(2);
    expect(model.slug).toBe("house-price");
    expect(prediction.status).toBe("succeeded");
  });

  it("puts request id, limits, version and time on the answer", async () => {
    const response = await send("predict.run", { body: runBody(), headers: { "request-id": "my-own-id-1" } });
    expect(response.headers.get("request-id")).toBe("my-own-id-1");
    expect(remaining(response)).toBe('"minute";r=59, "rows";r=1999');
    expect(response.headers.get("model-version")).toBe("1");
    expect(response.headers.get("server-timing")).toMatch(/^model;dur=.*, total;dur=/);
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  it("tells code and fields of a refusal in its data, counts nothing and repeats nothing", async () => {
    const address = newAddress();
    const wrong = { model: "customer-churn", input: { ...churn, tenure: "S3CRET", ["__proto__x"]: 1 } };
    const thrown = await createClient(address).predict.run.mutate(wrong).catch((error: unknown) => error);
    if (!(thrown instanceof TRPCClientError)) throw new Error("Nothing was refused.");
    expect(thrown.data).toMatchObject({ code: "invalid_input", httpStatus: 422, path: "predict.run" });
    expect(thrown.data.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual(["#/input/tenure", "#/input/__proto__x"]);
    expect(JSON.stringify(thrown.shape)).not.toContain("S3CRET");
    expect(remaining(await send("predict.run", { body: runBody(), address }))).toBe('"minute";r=59, "rows";r=1999');
  });

  it.each([
    ["text/plain", "{}"],
    ["application/x-www-form-urlencoded", "a=1"],
    ["multipart/form-data; boundary=x", "--x--"],
  ])("takes no body of %s", async (type, body) => {
    const response = await send("predict.run", { headers: { "content-type": type }, body });
    expect([response.status, await codeOf(response)]).toEqual([415, "unsupported_media_type"]);
    expect(response.headers.get("request-id")).toMatch(/^req_/);
  });

  it("takes no body over 1 MiB, no broken JSON, no nesting without end", async () => {
    expect((await send("predict.run", { body: "x".repeat(1024 * 1024 + 1) })).status).toBe(413);
    for (const body of ["{", "[".repeat(100_000), `{"model":"customer-churn","input":${"[".repeat(50_000)}${"]".repeat(50_000)}}`]) {
      const response = await send("predict.run", { body });
      expect([response.status, await codeOf(response)]).toEqual([400, "malformed_body"]);
    }
    for (const path of ["catalog.list?input={", "catalog.list?batch=1&input=%zz", "catalog%zz"]) {
      const response = await send(path, { method: "GET" });
      expect([response.status, await codeOf(response)]).toEqual([400, "malformed_body"]);
    }
  });

  it("takes 10 calls in a batch and not 11", async () => {
    const batch = (count: number) => {
      const paths = Array.from({ length: count }, () => "catalog.list").join(",");
      const input = encodeURIComponent(JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, index) => [index, {}]))));
      return send(`${paths}?batch=1&input=${input}`, { method: "GET" });
    };
    expect((await batch(10)).status).toBe(200);
    expect((await batch(11)).status).toBe(400);
  });

  it("refuses other methods and unknown procedures", async () => {
    expect((await send("predict.run", { method: "DELETE" })).headers.get("allow")).toBe("GET, HEAD, POST, OPTIONS");
    expect(await codeOf(await send("predict.run", { method: "GET" }))).toBe("method_not_allowed");
    expect(await codeOf(await send("nothing.list", { method: "GET" }))).toBe("not_found");
  });

  it("says when to come back after a refusal for a limit", async () => {
    const address = newAddress();
    const client = createClient(address);
    const inputs = Array.from({ length: 1_000 }, () => churn);
    await client.predict.runMany.mutate({ model: "customer-churn", inputs });
    await client.predict.runMany.mutate({ model: "customer-churn", inputs });
    const response = await send("predict.run", { body: runBody(), address });
    expect([response.status, await codeOf(response)]).toEqual([429, "rate_limited"]);
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(remaining(response)).toBe('"minute";r=58, "rows";r=0');
  });
});

describe("a procedure that is called alone", () => {
  /** What hangs on the moment of a call is left out. */
  const steady = (text: string) => text.replace(/"(id|request_id|created_at|completed_at)":"[^"]*"|"predict_time":[\d.e-]+/g, '"$1"');

  async function tell(path: string, body: string): Promise<unknown> {
    const response = await send(path, { body });
    const names = [...response.headers.keys()].sort();
    const fixed = ["content-type", "cache-control", "vary", "model-version"].map((name) => response.headers.get(name));
    return { status: response.status, names, fixed, body: steady(await response.text()) };
  }

  const inputs = (input: unknown) => JSON.stringify({ model: "customer-churn", input });
  it.each([
    ["predict.run", () => runBody()],
    ["predict.run", () => inputs({ ...churn, tenure: "x" })],
    ["predict.run", () => inputs(7)],
    ["predict.run", () => JSON.stringify({ model: "no-such-model", input: churn })],
    ["predict.run", () => JSON.stringify({ model: 1, extra: true })],
    ["predict.run", () => "null"],
    ["predict.run", () => "[]"],
    ["predict.runMany", () => JSON.stringify({ model: "customer-churn", inputs: [churn, churn] })],
    ["predict.runMany", () => JSON.stringify({ model: "customer-churn", inputs: [churn, {}] })],
    ["keys.create", () => JSON.stringify({ name: "a" })],
    ["catalog.list", () => "{}"],
    ["no.such", () => "{}"],
    ["__proto__", () => "{}"],
  ])("is answered as tRPC's own adapter answers it: %s, case %#", async (path, body) => {
    // With a query it is tRPC's adapter that answers.
    expect(await tell(path, body())).toEqual(await tell(`${path}?adapter`, body()));
  });
});

describe("REST and tRPC", () => {
  async function viaRest(path: string, body?: unknown): Promise<unknown> {
    const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
    const response = await handleRest(new Request(`${ORIGIN}/api/v1${path}`, body === undefined ? {} : init), newAddress());
    return response.json();
  }

  /** What two calls with one question have in common. */
  const essenceOf = ({ model, version, arm, input, output, warnings }: Prediction) => ({ model, version, arm, input, output, warnings });

  it.each(["customer-churn", "house-price", "breast-cancer", "spam-filter"])("answer alike about %s", async (model) => {
    const input = await readExampleInput(model);
    const client = createClient();
    expect(await viaRest(`/models/${model}`)).toEqual(await client.catalog.get.query({ model }));
    const rest = (await viaRest(`/models/${model}/predictions`, { input })) as Prediction;
    const trpc = await client.predict.run.mutate({ model, input });
    expect(essenceOf(rest)).toEqual(essenceOf(trpc));
  });

  it("refuse alike", async () => {
    const input = { tenure: "x", contract: "y", extra: 1 };
    const rest = (await viaRest("/models/customer-churn/predictions", { input })) as Problem;
    const thrown = await createClient().predict.run.mutate({ model: "customer-churn", input }).catch((error: unknown) => error);
    if (!(thrown instanceof TRPCClientError)) throw new Error("Nothing was refused.");
    expect(thrown.data).toMatchObject({ code: rest.code, httpStatus: rest.status, errors: rest.errors });
    expect(thrown.message).toBe(rest.detail);
  });
});
