import { beforeAll, describe, expect, it } from "vitest";
import type { RequestEntry } from "@/lib/contracts/traffic.admin";
import { handleAuth } from "@/server/api/auth";
import { handleExport } from "@/server/api/export";
import { handleReadyz } from "@/server/api/health";
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
import { database } from "@/server/core/db";
import { createId } from "@/server/core/ids";
import { writeTraffic } from "@/server/modules/traffic/service";
import { listRequests } from "@/server/modules/traffic/service.admin";

const CHURN = "/api/v1/models/customer-churn/predictions";
const PREDICTIONS = "/api/v1/models/{model}/predictions";
const churned = { model: "customer-churn", version: 1 };
const house = { model: "house-price", version: 1 };
const nothing = { model: null, version: null, arm: null, rows: null };
const visitor = { customer_id: null, key_id: null, came_by: "visitor" };
const unknown = { customer_id: null, key_id: null, came_by: null };
let churn: Record<string, unknown>;
let customer: TestCustomer;
let key: Awaited<ReturnType<typeof createTestKey>>;

beforeAll(async () => {
  await useOwnDatabase("observe", process.env.MONGODB_URI);
  await loadDemoModels();
  churn = await readExampleInput("customer-churn");
  customer = await createCustomer();
  key = await createTestKey(customer.id, ["customer-churn"]);
}, 60_000);

/** What the log holds of one call, oldest first. */
async function readLog(requestId: string): Promise<Omit<RequestEntry, "id" | "at" | "request_id" | "milliseconds">[]> {
  await writeTraffic();
  const { items } = await listRequests({ filters: { request_id: requestId } });
  for (const item of items) {
    expect(item.milliseconds).toBeGreaterThanOrEqual(0);
    expect(Math.abs(Date.parse(item.at) - Date.now())).toBeLessThan(20_000);
  }
  return items.reverse().map(({ id: _id, at: _at, request_id: _request, milliseconds: _time, ...rest }) => rest);
}

/** Makes a call under a request id of its own, and reads what was recorded of it. */
async function observe(call: (headers: { "request-id": string }) => Promise<Response>) {
  const requestId = createId("request");
  const response = await call({ "request-id": requestId });
  expect(response.headers.get("request-id")).toBe(requestId);
  return readLog(requestId);
}

const api = { surface: "api", route: PREDICTIONS, method: "POST", status: 200, code: null };

describe("a call of the REST door leaves one record", () => {
  it("of a visitor's prediction, with model, version, arm and rows", async () => {
    const records = await observe((headers) => post(CHURN, { input: churn }, { headers }));
    expect(records).toEqual([{ ...api, ...churned, arm: "live", rows: 1, ...visitor }]);
    const inputs = [churn, churn, churn];
    const pinned = "/api/v1/models/customer-churn/versions/1/predictions";
    const [record] = await observe((headers) => post(pinned, { inputs }, { headers }));
    expect(record).toEqual({
      ...api,
      route: "/api/v1/models/{model}/versions/{version}/predictions",
      ...churned,
      arm: "pinned",
      rows: 3,
      ...visitor,
    });
  });

  it("of a customer, with how the customer came", async () => {
    const byKey = { customer_id: customer.id, key_id: key.id, came_by: "key" };
    expect(await observe((headers) => post(CHURN, { input: churn }, { headers: { ...headers, ...key.bearer } }))).toEqual([
      { ...api, ...churned, arm: "live", rows: 1, ...byKey },
    ]);
    const bySession = { customer_id: customer.id, key_id: null, came_by: "session" };
    expect(await observe((headers) => send("/api/v1/me", { headers: { ...headers, ...customer.page } }))).toEqual([
      { ...api, method: "GET", route: "/api/v1/me", ...nothing, ...bySession },
    ]);
  });

  it.each([
    ["a row that is wrong", CHURN, { input: { tenure: "long" } }, { status: 422, code: "invalid_input", ...churned, arm: "live", rows: 1 }],
    ["a model that is not", "/api/v1/models/none/predictions", { input: {} }, { status: 404, code: "not_found", ...nothing, rows: 1 }],
    ["a body that is none", CHURN, "{", { status: 400, code: "malformed_body", ...nothing }],
  ])("of a refusal for %s", async (_name, path, body, refused) => {
    expect(await observe((headers) => post(path, body, { headers }))).toEqual([{ ...api, ...refused, ...visitor }]);
  });

  it("of a refusal before anybody is known, never naming the address that was asked for", async () => {
    const refused = { ...api, status: 404, code: "not_found", route: "/api/v1/{unknown}", method: "GET", ...nothing, ...unknown };
    expect(await observe((headers) => send("/api/v1/secret-place?with=secrets", { headers }))).toEqual([refused]);
    const method = await observe((headers) => send(CHURN, { method: "DELETE", headers }));
    expect(method).toEqual([{ ...api, status: 405, code: "method_not_allowed", method: "DELETE", ...nothing, ...unknown }]);
    const wrong = { authorization: "Bearer vt_live_0000000000000000000000000000000000000000" };
    const keyed = await observe((headers) => post(CHURN, { input: churn }, { headers: { ...headers, ...wrong } }));
    expect(keyed).toEqual([{ ...api, status: 401, code: "key_invalid", ...nothing, ...unknown, came_by: "key" }]);
  });

  it("of a refusal by a limit and by a key's models, with the model", async () => {
    const address = newAddress();
    const flood = await Promise.all(Array.from({ length: 61 }, () => post(CHURN, { input: churn }, { address })));
    const [limited] = flood.filter(({ status }) => status === 429);
    const [record] = await readLog(limited?.headers.get("request-id") ?? "");
    expect(record).toEqual({ ...api, status: 429, code: "rate_limited", ...churned, arm: "live", rows: 1, ...visitor });
    const other = await readExampleInput("house-price");
    const path = "/api/v1/models/house-price/predictions";
    const [refused] = await observe((headers) => post(path, { input: other }, { headers: { ...headers, ...key.bearer } }));
    expect(refused).toMatchObject({ status: 403, code: "forbidden", model: "house-price", version: 1, customer_id: customer.id });
  });

  it("of an answer that is given again, as one of the same version", async () => {
    const again = { "idempotency-key": createId("request"), ...key.bearer };
    await post(CHURN, { input: churn }, { headers: again });
    const [record] = await observe((headers) => post(CHURN, { input: churn }, { headers: { ...headers, ...again } }));
    expect(record).toMatchObject({ status: 200, code: null, ...churned, arm: "live", rows: null, customer_id: customer.id });
  });
});

describe("a call of another door leaves its record", () => {
  const asked = { surface: "api", method: "POST", status: 200, code: null };

  it("of a procedure, by its name", async () => {
    const run = { model: "customer-churn", input: churn };
    expect(await observe((headers) => ask("mutation", "predict.run", run, headers))).toEqual([
      { ...asked, route: "trpc predict.run", ...churned, arm: "live", rows: 1, ...visitor },
    ]);
    expect(await observe((headers) => ask("query", "account.get", {}, headers))).toEqual([
      { ...asked, route: "trpc account.get", method: "GET", status: 401, code: "key_missing", ...nothing, ...visitor },
    ]);
    const lost = await observe((headers) => ask("query", "secret.place", {}, headers));
    expect(lost).toEqual([{ ...asked, route: "trpc", method: "GET", status: 404, code: "not_found", ...nothing, ...visitor }]);
  });

  it("of each procedure of a batch, with its own outcome", async () => {
    const body = JSON.stringify({ 0: { model: "customer-churn", input: churn }, 1: { model: "house-price", input: { nope: 1 } }, 2: {} });
    const path = "/api/trpc/predict.run,predict.run,no.such?batch=1";
    const type = { "content-type": "application/json" };
    const records = await observe((headers) =>
      handleTrpc(new Request(`${ORIGIN}${path}`, { method: "POST", headers: { ...headers, ...type }, body }), newAddress()),
    );
    expect(new Set(records)).toEqual(
      new Set([
        { ...asked, route: "trpc predict.run", ...churned, arm: "live", rows: 1, ...visitor },
        { ...asked, route: "trpc predict.run", status: 422, code: "invalid_input", ...house, arm: "live", rows: 1, ...visitor },
        { ...asked, route: "trpc", status: 404, code: "not_found", ...nothing, ...visitor },
      ]),
    );
  });

  it("of a call that no procedure was run for", async () => {
    const refused = { ...asked, route: "trpc", ...nothing, ...unknown };
    const path = `${ORIGIN}/api/trpc/predict.run`;
    const send = (init: RequestInit) => observe((headers) => handleTrpc(new Request(path, { ...init, headers }), newAddress()));
    expect(await send({ method: "POST", body: "text" })).toEqual([{ ...refused, status: 415, code: "unsupported_media_type" }]);
    expect(await send({ method: "PUT", body: "text" })).toEqual([{ ...refused, method: "PUT", status: 405, code: "method_not_allowed" }]);
  });

  it("of signing in", async () => {
    const sign = (path: string, { headers: own, ...init }: RequestInit = {}) =>
      observe((headers) => {
        return handleAuth(new Request(`${ORIGIN}/api/auth/${path}`, { ...init, headers: { ...own, ...headers } }), newAddress());
      });
    const got = { ...asked, method: "GET", ...nothing, ...visitor };
    expect(await sign("csrf")).toEqual([{ ...got, route: "/api/auth/csrf" }]);
    const bySession = { customer_id: customer.id, key_id: null, came_by: "session" };
    expect(await sign("session", { headers: customer.page })).toEqual([{ ...got, route: "/api/auth/session", ...bySession }]);
    expect(await sign("secret/place")).toEqual([{ ...got, route: "/api/auth/{unknown}", status: 404, code: "not_found", ...unknown }]);
    const type = { "content-type": "application/x-www-form-urlencoded" };
    const form = { method: "POST", headers: type, body: "email=a%40b.c&password=secret-word" };
    expect(await sign("callback/credentials", form)).toEqual([
      { ...got, route: "/api/auth/callback/credentials", method: "POST", status: 303, code: "forbidden" },
    ]);
  });

  it("of the export", async () => {
    const exported = (words: Record<string, string>) =>
      observe((headers) => handleExport(new Request(`${ORIGIN}/api/account/export`, { headers: { ...words, ...headers } })));
    const record = { ...asked, route: "/api/account/export", method: "GET", ...nothing };
    const bySession = { customer_id: customer.id, key_id: null, came_by: "session" };
    expect(await exported(customer.page)).toEqual([{ ...record, ...bySession }]);
    expect(await exported({})).toEqual([{ ...record, status: 401, code: "key_missing", ...unknown }]);
  });
});

it("questions of browsers and health probes leave none", async () => {
  expect(await observe((headers) => send(CHURN, { method: "OPTIONS", headers }))).toEqual([]);
  expect(await observe((headers) => handleReadyz(new Request(`${ORIGIN}/api/readyz`, { headers })))).toEqual([]);
});

it("nothing sent or answered, no key, no mail and no network address is in any document that is kept of calls", async () => {
  const marked = { input: { ...churn, tenure: 61, monthly_charges: 73.127 } };
  const address = "203.0.113.77";
  const headers = { ...key.bearer, "user-agent": "marked-agent", cookie: "marked=cookie", "x-forwarded-for": address };
  const response = await post(`${CHURN}?marked=query`, marked, { headers, address });
  const answered = (await response.json()) as { id: string; output: { churn: { probabilities: { Yes: number } } } };
  const refused = await post(CHURN, { input: { ...marked.input, contract: "marked-contract" } }, { headers, address });
  expect([response.status, refused.status]).toEqual([200, 422]);
  await writeTraffic();
  const { db } = await database();
  const names = ["request_blocks", "traffic_buckets", "traffic_customers", "traffic_errors", "answer_buckets", "process_reports"];
  const kept = await Promise.all(names.map(async (name) => JSON.stringify(await db?.collection(name).find().toArray())));
  for (const [index, name] of names.entries()) expect([name, kept[index]?.length ?? 0]).not.toEqual([name, 2]);
  const yes = answered.output.churn.probabilities.Yes;
  const secrets = ["73.127", "marked", address, key.secret, key.hint, customer.email, customer.session, answered.id, yes, yes.toFixed(6)];
  for (const secret of secrets) expect(kept.filter((text) => text.includes(String(secret)))).toEqual([]);
});
