import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { historyEntry, historyPage } from "@/lib/contracts/history";
import { prediction, predictionList } from "@/lib/contracts/predict";
import {
  ask,
  createCustomer,
  createTestKey,
  loadDemoModels,
  post,
  readExampleInput,
  readProblem,
  send,
  useOwnDatabase,
} from "@/server/api/test-support";
import { createId } from "@/server/core/ids";

const slugs = ["breast-cancer", "customer-churn", "handwritten-digits", "house-price", "spam-filter"] as const;

beforeAll(async () => {
  await useOwnDatabase("history-answers", process.env.MONGODB_URI);
  await loadDemoModels();
}, 60_000);

/** The text of a prediction without the member that only the history has. */
function withoutKey(text: string): string {
  return text.replace(/,"key":(null|\{"id":"key_\w+"\})\}$/, "}");
}

/** How tRPC wraps an answer. */
function answerOf<Data extends z.ZodType>(data: Data) {
  return z.object({ result: z.object({ data }) });
}

describe.each(slugs)("the history of %s", (slug) => {
  const path = `/api/v1/models/${slug}/predictions`;

  it("has a prediction byte for byte as it was answered", async () => {
    const { id: customerId } = await createCustomer();
    const key = await createTestKey(customerId);
    const response = await post(path, { input: await readExampleInput(slug) }, { headers: key.bearer });
    const answered = await response.text();
    expect(response.status).toBe(200);
    const { id, request_id } = prediction.parse(JSON.parse(answered));
    const kept = await (await send(`/api/v1/predictions/${id}`, { headers: key.bearer })).text();
    expect(withoutKey(kept)).toBe(answered);
    expect(historyEntry.parse(JSON.parse(kept)).key).toEqual({ id: key.id });
    expect(request_id).toBe(response.headers.get("request-id"));
    const listed = await (await send("/api/v1/predictions", { headers: key.bearer })).text();
    expect(listed).toContain(kept);
  });

  it("has every row of a call", async () => {
    const { id: customerId } = await createCustomer();
    const { bearer } = await createTestKey(customerId);
    const input = await readExampleInput(slug);
    const response = await post(path, { inputs: Array.from({ length: 12 }, () => input) }, { headers: bearer });
    const { data } = predictionList.parse(await response.json());
    const address = `/api/v1/predictions?limit=100&request_id=${response.headers.get("request-id")}`;
    const listed: unknown = await (await send(address, { headers: bearer })).json();
    const ids = data.map(({ id }) => id);
    expect(listed).toMatchObject({ has_more: false, data: ids.sort().reverse().map((id) => ({ id })) });
  });
});

it("a prediction of a signed-in page is in the history without a key, and over tRPC the same as over REST", async () => {
  const customer = await createCustomer();
  const { bearer } = await createTestKey(customer.id);
  const input = await readExampleInput("house-price");
  const made: unknown = await (await ask("mutation", "predict.run", { model: "house-price", input }, customer.page)).json();
  const listed: unknown = await (await ask("query", "history.list", {}, customer.page)).json();
  const [kept] = answerOf(historyPage).parse(listed).result.data.items;
  expect(kept).toMatchObject({ key: null });
  expect({ ...answerOf(prediction).parse(made).result.data, key: null }).toEqual(kept);
  expect(await (await send(`/api/v1/predictions/${kept?.id}`, { headers: bearer })).json()).toEqual(kept);
});

it("a visitor's predictions are in nobody's history", async () => {
  const customer = await createCustomer();
  const { bearer } = await createTestKey(customer.id);
  const response = await post("/api/v1/models/house-price/predictions", { input: await readExampleInput("house-price") });
  const { id } = prediction.parse(await response.json());
  expect((await send(`/api/v1/predictions/${id}`, { headers: bearer })).status).toBe(404);
});

describe("a key that is limited to models", () => {
  it("predicts with its own model in every spelling, and with no other, before a row is looked at", async () => {
    const { id: customerId } = await createCustomer();
    const { bearer } = await createTestKey(customerId, ["house-price"]);
    const input = await readExampleInput("house-price");
    for (const address of ["house-price/predictions", "house-price@live/predictions", "house-price/versions/1/predictions"]) {
      expect((await post(`/api/v1/models/${address}`, { input }, { headers: bearer })).status, address).toBe(200);
    }
    for (const address of ["customer-churn/predictions", "customer-churn@live/predictions", "customer-churn/versions/1/predictions"]) {
      const refused = await post(`/api/v1/models/${address}`, { input: { nothing: 1 } }, { headers: bearer });
      const detail = "This key may call house-price and no other model.";
      expect(await readProblem(refused)).toMatchObject({ status: 403, code: "forbidden", detail });
    }
    const unknown = await post("/api/v1/models/no-such-model/predictions", { input }, { headers: bearer });
    expect((await readProblem(unknown)).code).toBe("not_found");
    expect((await send("/api/v1/models/customer-churn", { headers: bearer })).status).toBe(200);
  });
});

it("somebody else's prediction answers with the bytes of one that never was", async () => {
  const [owner, stranger] = [await createCustomer(), await createCustomer()];
  const [own, foreign] = [await createTestKey(owner.id), await createTestKey(stranger.id)];
  const input = await readExampleInput("house-price");
  const response = await post("/api/v1/models/house-price/predictions", { input }, { headers: own.bearer });
  const { id } = prediction.parse(await response.json());
  const read = async (wanted: string) => {
    const headers = { ...foreign.bearer, "request-id": "req_the_same" };
    const answer = await send(`/api/v1/predictions/${wanted}`, { headers });
    return { status: answer.status, body: (await answer.text()).replaceAll(wanted, "{id}") };
  };
  expect(await read(id)).toEqual(await read(createId("prediction")));
  expect((await read(id)).status).toBe(404);
});
