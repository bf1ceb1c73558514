import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { createCustomer, createTestKey, loadDemoModels, post, readExampleInput, send, useOwnDatabase } from "@/server/api/test-support";
import { handleReadyz } from "@/server/api/health";
import { settleSpans, startTracing } from "@/server/core/tracing";

const CHURN = "/api/v1/models/customer-churn/predictions";
const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT = "00f067aa0ba902b7";

interface Attribute {
  key: string;
  value: { stringValue?: string; intValue?: number };
}

/** A span as OTLP's JSON has it (opentelemetry-proto, trace.proto). */
interface Span {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  attributes: Attribute[];
  status: { code?: number };
}

interface Told {
  resourceSpans: { resource: { attributes: Attribute[] }; scopeSpans: { spans: Span[] }[] }[];
}

const spans: Span[] = [];
const texts: string[] = [];
const asked: IncomingMessage["url"][] = [];
let resource: Attribute[] = [];

async function receive(request: IncomingMessage): Promise<void> {
  let text = "";
  for await (const part of request) text += String(part);
  asked.push(request.url);
  texts.push(text);
  for (const { resource: of, scopeSpans } of (JSON.parse(text) as Told).resourceSpans) {
    resource = of.attributes;
    spans.push(...scopeSpans.flatMap((scope) => scope.spans));
  }
}

const CLIENT = 3;
const SERVER = 2;
const namesOf = (attributes: Attribute[]) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue]));

/** The spans that were handed over for what is done. */
async function spansOf(work: () => Promise<unknown>): Promise<Span[]> {
  const before = spans.length;
  await work();
  await settleSpans();
  return spans.slice(before);
}

/** The same, of calls alone: what the first of them asked of the database may end later than its answer. */
async function callsOf(work: () => Promise<unknown>): Promise<Span[]> {
  return (await spansOf(work)).filter(({ kind }) => kind === SERVER);
}

beforeAll(async () => {
  const server = createServer((request, response) => {
    void receive(request).then(() => response.writeHead(200, { "content-type": "application/json" }).end("{}"));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  server.unref();
  vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  vi.stubEnv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test");
  // A process that sleeps between calls hands its spans over after each of them.
  vi.stubEnv("VERCEL", "1");
  vi.stubEnv("VITRINE_BUILD", "build-7");
  vi.stubEnv("TRUST_PROXY", "0");
  await useOwnDatabase("tracing", process.env.MONGODB_URI);
  await loadDemoModels();
  startTracing();
}, 60_000);

describe("spans", () => {
  it("of a prediction continue the caller's trace, with what it asked the database below", async () => {
    const customer = await createCustomer();
    const key = await createTestKey(customer.id);
    const input = await readExampleInput("customer-churn");
    const headers = { ...key.bearer, "request-id": "req_of_this_test", traceparent: `00-${TRACE}-${PARENT}-01` };
    const found = await spansOf(() => post(`${CHURN}?marked=query`, { input: { ...input, monthly_charges: 73.127 } }, { headers }));
    const call = found.find(({ kind }) => kind === SERVER);
    expect(call).toMatchObject({ traceId: TRACE, parentSpanId: PARENT, name: "POST /api/v1/models/{model}/predictions" });
    expect(namesOf(call?.attributes ?? [])).toEqual({
      "http.request.method": "POST",
      "http.route": "/api/v1/models/{model}/predictions",
      "http.response.status_code": 200,
      "vitrine.surface": "api",
      "vitrine.request_id": "req_of_this_test",
      "vitrine.model": "customer-churn",
      "vitrine.version": 1,
      "vitrine.arm": "live",
      "vitrine.rows": 1,
      "vitrine.caller": "key",
      "vitrine.customer_id": customer.id,
      "vitrine.key_id": key.id,
    });
    const commands = found.filter(({ kind }) => kind === CLIENT);
    expect(commands.length).toBeGreaterThan(0);
    for (const command of commands) expect(command).toMatchObject({ traceId: TRACE, parentSpanId: call?.spanId });
    const stored = commands.find(({ name }) => name === "insert predictions");
    expect(namesOf(stored?.attributes ?? [])).toMatchObject({ "db.system.name": "mongodb", "db.operation.name": "insert" });
    for (const secret of ["73.127", "marked", key.secret, customer.email]) expect(texts.join("")).not.toContain(secret);
  });

  it("of a call without a trace begin one; probes write none, and a trace that is not written down elsewhere is not here", async () => {
    const [call] = await callsOf(() => send("/api/v1/nowhere", { headers: { traceparent: "nonsense" } }));
    expect(call).toMatchObject({ name: "GET /api/v1/{unknown}", traceId: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(call?.parentSpanId).toBeUndefined();
    expect(namesOf(call?.attributes ?? [])["http.response.status_code"]).toBe(404);
    const probed = await spansOf(() => handleReadyz(new Request("http://vitrine.test/api/readyz")));
    expect(probed.filter(({ name, kind }) => kind === SERVER || name === "ping")).toEqual([]);
    const quiet = await callsOf(async () => {
      await send("/api/v1", { headers: { traceparent: `00-${TRACE}-${PARENT}-00` } });
    });
    expect(quiet).toEqual([]);
  });

  it("say which service and build they are of, by the protocol's own address", () => {
    expect(namesOf(resource)).toMatchObject({
      "service.name": "vitrine",
      "service.version": "build-7",
      "vitrine.role": "all",
      "deployment.environment.name": "test",
    });
    expect(new Set(asked)).toEqual(new Set(["/v1/traces"]));
  });
});
