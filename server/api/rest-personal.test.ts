import { beforeAll, describe, expect, it, vi } from "vitest";
import type { HistoryEntry } from "@/lib/contracts/history";
import type { Prediction, PredictionList } from "@/lib/contracts/predict";
import type { HistoryList, Me } from "@/lib/contracts/rest";
import type { UsageSeries } from "@/lib/contracts/usage";
import { routes } from "@/server/api/routes";
import {
  ask,
  createCustomer,
  createTestKey,
  loadDemoModels,
  post,
  readExampleInput,
  readProblem,
  send,
  type TestCustomer,
  useOwnDatabase,
} from "@/server/api/test-support";
import { createId } from "@/server/core/ids";

const CHURN = "/api/v1/models/customer-churn/predictions";
const HOUSE = "/api/v1/models/house-price/predictions";
type Headers = Record<string, string>;
type Key = Awaited<ReturnType<typeof createTestKey>>;

let churn: Record<string, unknown>;
let house: Record<string, unknown>;
let ada: TestCustomer;
let bob: TestCustomer;
let key: Key;
let made: Prediction;

async function predict(headers: Headers, path = CHURN, body: unknown = { input: path === CHURN ? churn : house }): Promise<Prediction> {
  const response = await post(path, body, { headers });
  expect(response.status).toBe(200);
  return (await response.json()) as Prediction;
}

beforeAll(async () => {
  await useOwnDatabase("personal", process.env.MONGODB_URI);
  await loadDemoModels();
  [churn, house] = await Promise.all([readExampleInput("customer-churn"), readExampleInput("house-price")]);
  [ada, bob] = [await createCustomer(), await createCustomer()];
  key = await createTestKey(ada.id);
  made = await predict(key.bearer);
});

const read = async <Body>(path: string, headers: Headers) => (await (await send(`/api/v1${path}`, { headers })).json()) as Body;
const codeOf = async (response: Response) => (response.status === 200 ? "ok" : (await readProblem(response)).code);

/** An address of every route, by its operation; about what Ada has. */
const addresses: Record<string, () => string> = {
  discover: () => "",
  listModels: () => "/models",
  getModel: () => "/models/customer-churn",
  getModelSchema: () => "/models/customer-churn/schema",
  createPrediction: () => "/models/customer-churn/predictions",
  createVersionPrediction: () => "/models/customer-churn/versions/1/predictions",
  listPredictions: () => "/predictions",
  getPrediction: () => `/predictions/${made.id}`,
  readUsage: () => "/usage?start_time=2020-01-01T00:00:00Z",
  getMe: () => "/me",
};

const cases = routes.map(({ operationId, method, access }) => [operationId, { method, access }] as const);

async function call(operationId: string, method: string, headers: Headers): Promise<Response> {
  const address = addresses[operationId];
  if (!address) throw new Error(`No address of ${operationId}.`);
  const path = operationId === "readUsage" ? address().replace("2020-01-01", new Date().toISOString().slice(0, 10)) : address();
  return send(`/api/v1${path}`, { method, headers, ...(method === "POST" && { body: { input: churn } }) });
}

describe("every route", () => {
  it.each(cases)("%s answers its owner by key and session, a visitor as far as it is public", async (operationId, { method, access }) => {
    expect(await codeOf(await call(operationId, method, key.bearer))).toBe("ok");
    expect(await codeOf(await call(operationId, method, ada.page))).toBe("ok");
    expect(await codeOf(await call(operationId, method, {}))).toBe(access === "customer" ? "key_missing" : "ok");
  });

  it.each(cases)("%s tells another customer nothing of it", async (operationId, { method }) => {
    for (const headers of [bob.page, (await createTestKey((await createCustomer()).id)).bearer]) {
      const response = await call(operationId, method, headers);
      const text = await response.clone().text();
      expect(await codeOf(response)).toBe(operationId === "getPrediction" ? "not_found" : "ok");
      for (const secret of [ada.id, ada.email, key.id]) expect(text).not.toContain(secret);
      if (operationId !== "getPrediction") expect(text).not.toContain(made.id);
    }
  });

  it.each(cases)("%s refuses a key that is not good, with the way to come in", async (operationId, { method }) => {
    const revoked = await createTestKey((await createCustomer()).id);
    const owner = await createCustomer();
    const mine = await createTestKey(owner.id);
    await ask("mutation", "keys.revoke", { id: mine.id }, owner.page);
    for (const [authorization, code] of [["Bearer nonsense", "key_invalid"], [mine.bearer.authorization, "key_revoked"]] as const) {
      const response = await call(operationId, method, { ...revoked.bearer, authorization });
      expect(response.headers.get("www-authenticate")).toBe('Bearer realm="Vitrine", error="invalid_token"');
      expect(await codeOf(response)).toBe(code);
    }
  });

  it.each(cases)("%s keeps what is personal out of every cache", async (operationId, { method, access }) => {
    const headers = (await call(operationId, method, key.bearer)).headers;
    expect([headers.get("cache-control"), headers.has("etag")]).toEqual(access === "anyone" ? ["no-cache", true] : ["no-store", false]);
  });

  it("asks for a key in the words of RFC 6750 where there is none", async () => {
    const response = await send("/api/v1/me");
    expect([response.status, response.headers.get("www-authenticate")]).toEqual([401, 'Bearer realm="Vitrine"']);
  });
});

describe("GET /me", () => {
  it("tells whom a key belongs to, what the plan allows and what is left", async () => {
    const customer = await createCustomer({ plan: "free", limits: { rowsPerMonth: 10 } });
    const { id, bearer } = await createTestKey(customer.id);
    await predict(bearer, CHURN, { inputs: [churn, churn, churn] });
    const me = await read<Me>("/me", bearer);
    expect(me).toMatchObject({ object: "me", id: customer.id, email: customer.email, name: customer.name, plan: "free", key: { id } });
    expect(me.limits).toMatchObject({ rows_per_minute: 3_000, rows_per_month: 10, rows_per_call: 1_000 });
    expect(me.minute).toMatchObject({ limit: 3_000, used: 3, remaining: 2_997 });
    expect(me.month).toMatchObject({ limit: 10, used: 3, remaining: 7 });
    expect(Date.parse(me.month.resets_at)).toBeGreaterThan(Date.now());
    expect((await read<Me>("/me", customer.page)).key).toBeNull();
  });
});

describe("GET /predictions", () => {
  it("lists by pages, newest first, what key and session made alike", async () => {
    const customer = await createCustomer();
    const { id, bearer } = await createTestKey(customer.id);
    const own = [await predict(bearer), await predict(customer.page), await predict(bearer, HOUSE)];
    const first = await read<HistoryList>("/predictions?limit=2", bearer);
    expect(first).toMatchObject({ object: "list", url: "/api/v1/predictions", has_more: true });
    const second = await read<HistoryList>(`/predictions?limit=2&starting_after=${first.data[1]?.id}`, customer.page);
    expect(second.has_more).toBe(false);
    const all = [...first.data, ...second.data];
    expect(all.map((entry) => entry.id)).toEqual(own.map((prediction) => prediction.id).reverse());
    expect(all.map((entry) => entry.key)).toEqual([{ id }, null, { id }]);
  });

  it("looks for one model, one call and one span of time", async () => {
    const customer = await createCustomer();
    const { data } = (await predict(customer.page, CHURN, { inputs: [churn, churn] })) as unknown as PredictionList;
    const other = await predict(customer.page, HOUSE);
    const list = (query: string) => read<HistoryList>(`/predictions?${query}`, customer.page);
    const idsOf = async (query: string) => (await list(query)).data.map(({ id }) => id).sort();
    expect(await idsOf("model=house-price")).toEqual([other.id]);
    expect(await idsOf(`request_id=${data[0]?.request_id}`)).toEqual(data.map(({ id }) => id).sort());
    expect(await idsOf("to=2020-01-01T00:00:00Z")).toEqual([]);
    expect(await idsOf(`from=${encodeURIComponent("2020-01-01T00:00:00+02:00")}`)).toHaveLength(3);
  });

  it.each(["limit=0", "limit=x", "starting_after=x", "model=No%20Slug", "from=yesterday", "request_id=x", "limit=1&limit=2"])(
    "refuses the query %s",
    async (query) => {
      const problem = await readProblem(await send(`/api/v1/predictions?${query}`, { headers: key.bearer }));
      expect(problem).toMatchObject({ code: "invalid_input", errors: [{ pointer: `#/${query.split("=")[0]}` }] });
    },
  );

  it("shows a key for one model that model's predictions alone", async () => {
    const limited = await createTestKey(ada.id, ["house-price"]);
    const prediction = await predict(limited.bearer, HOUSE);
    const seen = (await read<HistoryList>("/predictions?limit=100", limited.bearer)).data;
    expect(seen.map(({ id }) => id)).toContain(prediction.id);
    expect(new Set(seen.map(({ model }) => model))).toEqual(new Set(["house-price"]));
    expect((await read<HistoryList>("/predictions?model=customer-churn", limited.bearer)).data).toEqual([]);
    expect(await codeOf(await send(`/api/v1/predictions/${made.id}`, { headers: limited.bearer }))).toBe("not_found");
  });
});

describe("GET /predictions/{id}", () => {
  it("gives back what was answered, and by which key", async () => {
    expect(await read<HistoryEntry>(`/predictions/${made.id}`, ada.page)).toEqual({ ...made, key: { id: key.id } });
  });

  it("answers about somebody else's in the same bytes as about one that never was", async () => {
    const answers = [];
    for (const id of [made.id, createId("prediction"), "prd_x", "constructor", "x".repeat(140)]) {
      const response = await send(`/api/v1/predictions/${id}`, { headers: { ...bob.page, "request-id": "the-same-id" } });
      answers.push([response.status, [...response.headers], (await response.text()).replace(`/predictions/${id}"`, '/predictions/ID"')]);
    }
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(answers[0]?.[0]).toBe(404);
  });
});

describe("GET /usage", () => {
  const today = new Date().toISOString().slice(0, 10);
  const start = `start_time=${today}T00:00:00Z`;

  it("counts calls and rows by model and key, however the groups are written", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.parse(`${today}T12:30:30Z`) });
    try {
      const customer = await createCustomer();
      const { id, bearer } = await createTestKey(customer.id);
      await predict(bearer, CHURN, { inputs: [churn, churn] });
      await predict(customer.page, HOUSE);
      const plain = await read<UsageSeries>(`/usage?${start}&bucket_width=1h`, bearer);
      expect(plain).toMatchObject({ object: "usage", bucket_width: "1h", data: [{ results: [{ calls: 2, rows: 3, limited: 0 }] }] });
      const spellings = ["group_by=model,api_key_id", "group_by=model&group_by=api_key_id"];
      const [comma, twice] = await Promise.all(spellings.map((groups) => read<UsageSeries>(`/usage?${start}&${groups}`, bearer)));
      expect(comma).toEqual(twice);
      const results = comma?.data[0]?.results ?? [];
      expect(results).toHaveLength(2);
      expect(results).toContainEqual({ model: "customer-churn", api_key_id: id, calls: 1, rows: 2, limited: 0 });
      expect(results).toContainEqual({ model: "house-price", api_key_id: null, calls: 1, rows: 1, limited: 0 });
    } finally {
      vi.useRealTimers();
    }
  });

  it.each([
    ["", "start_time"],
    ["start_time=today", "start_time"],
    [`${start}&end_time=2020-01-01T00:00:00Z`, "end_time"],
    [`${start}&bucket_width=1w`, "bucket_width"],
    [`${start}&group_by=city`, "group_by"],
    ["start_time=2020-01-01T00:00:00Z&bucket_width=1m", "start_time"],
  ])("refuses the query %j", async (query, name) => {
    const problem = await readProblem(await send(`/api/v1/usage?${query}`, { headers: key.bearer }));
    expect(problem).toMatchObject({ code: "invalid_input", errors: [{ pointer: expect.stringContaining(`#/${name}`) }] });
  });
});

describe("Idempotency-Key of customers", () => {
  const keyed = (name: string, headers: Headers, body: unknown = { input: churn }) =>
    post(CHURN, body, { headers: { ...headers, "idempotency-key": name } });
  const isReplay = (response: Response) => response.headers.get("idempotent-replayed") === "true";

  it("is one customer's own: another customer's call with it is another call", async () => {
    const first = await keyed("shared", ada.page);
    const second = await keyed("shared", bob.page, { inputs: [churn] });
    expect([first.status, second.status, isReplay(second)]).toEqual([200, 200, false]);
  });

  it("is shared by the customer's session and keys, and counts and keeps one prediction", async () => {
    const customer = await createCustomer();
    const { bearer } = await createTestKey(customer.id);
    const first = await keyed("either", bearer);
    const again = await keyed("either", customer.page);
    expect([await again.text(), isReplay(again)]).toEqual([await first.text(), true]);
    expect((await read<HistoryList>("/predictions", bearer)).data).toHaveLength(1);
    expect((await read<Me>("/me", bearer)).month.used).toBe(1);
  });

  it("opens nothing once the key was revoked", async () => {
    const customer = await createCustomer();
    const own = await createTestKey(customer.id);
    expect((await keyed("revoked", own.bearer)).status).toBe(200);
    await ask("mutation", "keys.revoke", { id: own.id }, customer.page);
    expect(await codeOf(await keyed("revoked", own.bearer))).toBe("key_revoked");
  });

  it("gives a key for another model no answer that it could not have asked for", async () => {
    const customer = await createCustomer();
    expect((await keyed("limited", customer.page)).status).toBe(200);
    const limited = await createTestKey(customer.id, ["house-price"]);
    expect(await codeOf(await keyed("limited", limited.bearer))).toBe("forbidden");
    const allowed = await createTestKey(customer.id, ["customer-churn"]);
    expect(isReplay(await keyed("limited", allowed.bearer))).toBe(true);
  });
});
