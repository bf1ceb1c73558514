import { beforeAll, describe, expect, it, vi } from "vitest";
import { handleConsoleReadyz } from "@/server/admin/health";
import { handleUpkeep } from "@/server/admin/jobs";
import { askDoor, createSignedIn } from "@/server/admin/test-support";
import { handleAuth } from "@/server/api/auth";
import { handleLivez } from "@/server/api/health";
import {
  ask,
  createCustomer,
  createTestKey,
  loadDemoModels,
  newAddress,
  ORIGIN,
  post,
  readExampleInput,
  send,
  type TestCustomer,
  useOwnDatabase,
} from "@/server/api/test-support";
import { handleTrpc } from "@/server/api/trpc";
import { handleUnknown } from "@/server/api/unknown";
import { openUpstash } from "@/server/core/limit-stores/upstash";
import { startUpstash } from "@/server/core/limit-stores/test-support";
import { runInCall } from "@/server/core/trace";

const CHURN = "/api/v1/models/customer-churn/predictions";
const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT = "00f067aa0ba902b7";
const traceparent = `00-${TRACE}-${PARENT}-01`;

vi.stubEnv("VITRINE_BUILD", "build-7");
vi.stubEnv("ROLE", "all");

let churn: Record<string, unknown>;
let customer: TestCustomer;
let key: Awaited<ReturnType<typeof createTestKey>>;

beforeAll(async () => {
  await useOwnDatabase("telling", process.env.MONGODB_URI, "debug");
  await loadDemoModels();
  churn = await readExampleInput("customer-churn");
  customer = await createCustomer();
  key = await createTestKey(customer.id, ["customer-churn"]);
}, 60_000);

type Line = Record<string, unknown>;

/** What reaches the log while something is done. */
async function logOf(work: () => Promise<unknown>): Promise<{ text: string; lines: Line[] }> {
  const parts: string[] = [];
  const spy = vi.spyOn(process.stderr, "write").mockImplementation((text) => parts.push(String(text)) > 0);
  await work().finally(() => spy.mockRestore());
  const text = parts.join("");
  return { text, lines: text.split("\n").filter(Boolean).map((line) => JSON.parse(line) as Line) };
}

/** The one line that tells of an answered call, without what differs each time. */
async function toldOf(work: () => Promise<unknown>): Promise<Line> {
  const { lines } = await logOf(work);
  const told = lines.filter(({ event }) => event === "answered");
  expect(told).toHaveLength(1);
  const { time, milliseconds, request_id: requestId, trace_id: traceId, ...rest } = told[0] ?? {};
  expect(Math.abs(Date.parse(String(time)) - Date.now())).toBeLessThan(20_000);
  expect(milliseconds).toBeGreaterThanOrEqual(0);
  expect([requestId, traceId]).toEqual([expect.stringMatching(/^req_/), expect.stringMatching(/^[0-9a-f]{32}$/)]);
  return rest;
}

const line = { level: "info", event: "answered", build: "build-7", role: "all" };
const visitor = { caller: "visitor", customer_id: null, key_id: null };
const nobody = { caller: null, customer_id: null, key_id: null };
const asked = { model: "customer-churn", version: 1, arm: "live" };

describe("an answered call is one line", () => {
  it("of a prediction, with the build, who asked, what was asked and how long it took", async () => {
    const predict = { ...line, surface: "api", route: "/api/v1/models/{model}/predictions", method: "POST", status: 200, code: null };
    expect(await toldOf(() => post(CHURN, { input: churn }))).toEqual({ ...predict, ...visitor, ...asked, rows: 1 });
    const byKey = { caller: "key", customer_id: customer.id, key_id: key.id };
    expect(await toldOf(() => post(CHURN, { input: churn }, { headers: key.bearer }))).toEqual({ ...predict, ...byKey, ...asked, rows: 1 });
  });

  it("of a batch of procedures, whatever became of each", async () => {
    const body = JSON.stringify({ 0: { model: "customer-churn", input: { nope: 1 } }, 1: {} });
    const init = { method: "POST", headers: { "content-type": "application/json" }, body };
    const batch = () => handleTrpc(new Request(`${ORIGIN}/api/trpc/predict.run,no.such?batch=1`, init), newAddress());
    const told = { route: "trpc predict.run", method: "POST", status: 207, code: "invalid_input" };
    expect(await toldOf(batch)).toEqual({ ...line, surface: "api", ...told, ...visitor, ...asked, rows: null });
    const own = await toldOf(() => ask("query", "account.get", {}, customer.page));
    const bySession = { caller: "session", customer_id: customer.id, key_id: null };
    expect(own).toEqual({ ...line, surface: "api", route: "trpc account.get", method: "GET", status: 200, code: null, ...bySession });
  });

  it("of signing in, of the console, of a scheduler and of an address that nobody knows, by its pattern", async () => {
    const operator = await createSignedIn("viewer");
    const call = (path: string) => new Request(`${ORIGIN}${path}`);
    const got = { ...line, method: "GET", status: 200, code: null };
    const auth = await toldOf(() => handleAuth(call("/api/auth/csrf"), newAddress()));
    expect(auth).toEqual({ ...got, surface: "api", route: "/api/auth/csrf", ...visitor });
    const page = await toldOf(() => askDoor("me.get", {}, operator.page));
    expect(page).toEqual({ ...got, surface: "console", route: "trpc me.get", caller: "session", customer_id: null, key_id: null });
    const job = await toldOf(() => handleUpkeep(call("/admin/jobs/upkeep")));
    expect(job).toEqual({ ...got, surface: "console", route: "/admin/jobs/upkeep", status: 401, code: "key_missing", ...nobody });
    const lost = await toldOf(() => handleUnknown(call("/api/secret-place?secret=1")));
    expect(lost).toEqual({ ...got, surface: "api", route: "/api/{unknown}", status: 404, code: "not_found", ...nobody });
  });

  it("that only who looks closely sees where a machine or a browser asks", async () => {
    const quiet = { ...line, level: "debug", method: "GET", status: 200, code: null, ...nobody };
    const probe = (path: string) => new Request(`${ORIGIN}${path}`);
    expect(await toldOf(() => handleLivez(probe("/api/livez")))).toEqual({ ...quiet, surface: "api", route: "/api/livez" });
    expect(await toldOf(() => handleConsoleReadyz(probe("/admin/readyz")))).toEqual({ ...quiet, surface: "console", route: "/admin/readyz" });
    expect(await toldOf(() => send(CHURN, { method: "OPTIONS" }))).toMatchObject({ level: "debug", method: "OPTIONS" });
  });
});

describe("the log", () => {
  it("carries the caller's request id and trace in every line that is written for the call, and a new trace where the caller's is none", async () => {
    const headers = { "request-id": "req_of_the_caller", traceparent };
    const { lines } = await logOf(() => send("/api/v1/nowhere", { headers }));
    expect(lines.map(({ event }) => event)).toEqual(["refused", "answered"]);
    for (const told of lines) expect(told).toMatchObject({ request_id: "req_of_the_caller", trace_id: TRACE });
    const broken = await logOf(() => send("/api/v1", { headers: { traceparent: traceparent.toUpperCase() } }));
    expect(broken.lines[0]?.["trace_id"]).toMatch(/^[0-9a-f]{32}$/);
    expect(broken.text.toLowerCase()).not.toContain(TRACE);
  });

  it("holds no input, answer, key, mail address, network address or raw address", async () => {
    const marked = { input: { ...churn, tenure: 61, monthly_charges: 73.127 } };
    const address = "203.0.113.77";
    const headers = { ...key.bearer, "user-agent": "marked-agent", cookie: "marked=cookie", "x-forwarded-for": address };
    const { text, lines } = await logOf(async () => {
      expect((await post(`${CHURN}?marked=query`, marked, { headers, address })).status).toBe(200);
      expect((await post(CHURN, { input: { ...marked.input, contract: "marked-contract" } }, { headers, address })).status).toBe(422);
      await send("/api/v1/marked-place", { headers, address });
      const form = { method: "POST", headers: { origin: ORIGIN, "content-type": "application/json" }, body: `{"email":"${customer.email}"}` };
      await handleAuth(new Request(`${ORIGIN}/api/auth/callback/credentials`, form), address);
    });
    expect(lines.filter(({ event }) => event === "answered")).toHaveLength(4);
    for (const secret of ["73.127", "marked", address, key.secret, key.hint, customer.email]) expect(text).not.toContain(secret);
  });
});

it("a service that is asked for a call is told its trace", async () => {
  const upstash = await startUpstash();
  const { UPSTASH_REDIS_REST_URL: url = "", UPSTASH_REDIS_REST_TOKEN: token = "" } = upstash.variables;
  const redis = openUpstash({ url, token });
  const trace = { traceId: TRACE, spanId: "b7ad6b7169203331", sampled: true, state: "a=b" };
  const count = () => redis.eval("INCRBY", ["key"], ["1", "1"]);
  await runInCall({ requestId: "req_1", trace, untraced: false }, count);
  await count();
  await upstash.stop();
  expect(upstash.calls.map(({ headers }) => [headers["traceparent"], headers["tracestate"]])).toEqual([
    [`00-${TRACE}-b7ad6b7169203331-01`, "a=b"],
    [undefined, undefined],
  ]);
});

it("the API says which build answers", async () => {
  await logOf(async () => {
    expect(await (await send("/api/v1")).json()).toMatchObject({ object: "api", build: "build-7" });
  });
});
