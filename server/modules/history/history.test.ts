import { beforeAll, describe, expect, it } from "vitest";
import type { Prediction } from "@/lib/contracts/predict";
import { useOwnDatabase } from "@/server/api/test-support";
import { database } from "@/server/core/db";
import { HeaderFields } from "@/server/core/exchange";
import { createId } from "@/server/core/ids";
import { createCallerFactory, createRouter, type CustomerCaller } from "@/server/core/trpc";
import { historyRouter } from "@/server/modules/history/router";
import {
  deletePredictions,
  forgetCustomer,
  getPrediction,
  listPredictions,
  readAllPredictions,
  recordPredictions,
} from "@/server/modules/history/service";
import { byKey, makePrediction, newCustomer, retentionOf } from "@/server/modules/history/test-support";

beforeAll(async () => useOwnDatabase("history", process.env.MONGODB_URI));

const NOON = Date.UTC(2030, 0, 1, 12);
const createCaller = createCallerFactory(createRouter({ history: historyRouter }));

function callAs(caller: CustomerCaller) {
  return createCaller({ caller, requestId: "req_test_1", origin: "http://vitrine.test", headers: new HeaderFields() }).history;
}

/** Stores predictions of one customer, one a second, the oldest first. */
async function store(caller: CustomerCaller, count: number, change?: (index: number) => Partial<Prediction>): Promise<Prediction[]> {
  const made = Array.from({ length: count }, (_none, index) => makePrediction(new Date(NOON + index * 1_000), change?.(index)));
  await recordPredictions(caller, made);
  return made;
}

async function idsOf(caller: CustomerCaller, filter: Partial<Parameters<typeof listPredictions>[1]> = {}): Promise<string[]> {
  return (await listPredictions(caller, { limit: 100, ...filter })).items.map(({ id }) => id);
}

async function collect(customerId: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of readAllPredictions(customerId)) ids.push(id);
  return ids;
}

async function refusalOf(work: Promise<unknown>): Promise<{ code: string; message: string }> {
  const thrown = await work.catch((error: unknown) => error);
  if (thrown instanceof Error && "code" in thrown) return { code: String(thrown.code), message: thrown.message };
  throw new Error("Nothing was refused.");
}

describe("listPredictions", () => {
  it("gives pages, newest first, without a gap and nothing twice, also while further ones come in", async () => {
    const caller = newCustomer();
    const made = (await store(caller, 7)).map(({ id }) => id).reverse();
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listPredictions(caller, { limit: 3, cursor });
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor ?? undefined;
      await recordPredictions(caller, [makePrediction(new Date(NOON + 60_000))]);
    } while (cursor);
    expect(seen).toEqual(made);
  });

  it("says that there is no further page when a page was just filled", async () => {
    const caller = newCustomer();
    await store(caller, 3);
    expect((await listPredictions(caller, { limit: 3 })).nextCursor).toBeNull();
    expect((await listPredictions(newCustomer(), { limit: 3 }))).toEqual({ items: [], nextCursor: null });
  });

  it("finds by model, by time to the millisecond, by call, and by all of them", async () => {
    const caller = newCustomer();
    const made = await store(caller, 6, (index) => ({ model: index % 2 ? "a" : "b", request_id: index < 4 ? "req_first" : "req_other" }));
    const newest = (indexes: number[]) => indexes.map((index) => made[index]?.id);
    const [from, to] = [made[1]?.created_at, made[4]?.created_at];
    expect(await idsOf(caller, { model: "a" })).toEqual(newest([5, 3, 1]));
    expect(await idsOf(caller, { from, to })).toEqual(newest([3, 2, 1]));
    expect(await idsOf(caller, { from: "2030-01-01T13:00:01.000+01:00", to })).toEqual(newest([3, 2, 1]));
    expect(await idsOf(caller, { from: new Date(NOON + 1_001).toISOString(), to })).toEqual(newest([3, 2]));
    expect(await idsOf(caller, { request_id: "req_other" })).toEqual(newest([5, 4]));
    expect(await idsOf(caller, { request_id: "req_first", model: "a", from, to, cursor: made[3]?.id })).toEqual(newest([1]));
    expect(await idsOf(caller, { from: to, to: from })).toEqual([]);
  });

  it("shows a key that is limited to models those of its models alone", async () => {
    const owner = newCustomer();
    const [a = "", b = "", c = ""] = (await store(owner, 3, (index) => ({ model: ["a", "b", "c"][index] ?? "" }))).map(({ id }) => id);
    const limited = byKey(owner, ["a", "c"]);
    expect(await idsOf(limited)).toEqual([c, a]);
    expect(await idsOf(limited, { model: "c" })).toEqual([c]);
    expect(await idsOf(limited, { model: "b" })).toEqual([]);
    expect((await getPrediction(limited, a)).id).toBe(a);
    expect(await refusalOf(getPrediction(limited, b))).toEqual(await refusalOf(getPrediction(limited, createId("prediction"))));
    expect(await idsOf(byKey(owner))).toEqual([c, b, a]);
  });
});

describe("a prediction", () => {
  it("comes back as it was stored, with the key it was made by", async () => {
    const owner = newCustomer();
    const caller = byKey(owner);
    const [byPage] = await store(owner, 1);
    const made = makePrediction(new Date(NOON), {
      warnings: [{ code: "outside_training_range", pointer: "#/input/rooms", detail: "Few." }],
    });
    await recordPredictions(caller, [made]);
    const id = caller.via.kind === "key" ? caller.via.keyId : "";
    expect(await getPrediction(owner, made.id)).toEqual({ ...made, key: { id } });
    expect(await getPrediction(owner, byPage?.id ?? "")).toEqual({ ...byPage, key: null });
  });

  it.each(["free", "team", "scale"] as const)("of the plan %s goes by itself when its retention is over", async (plan) => {
    const caller = newCustomer(plan);
    const [made] = await store(caller, 1);
    const predictions = (await database()).collection<{ _id: string; expiresAt: Date }>("predictions");
    const kept = await predictions.findOne({ _id: made?.id ?? "" });
    expect(kept?.expiresAt).toEqual(new Date(NOON + retentionOf(plan)));
    await expect.poll(() => predictions.indexes()).toContainEqual(
      expect.objectContaining({ key: { expiresAt: 1 }, expireAfterSeconds: 0 }),
    );
  });

  it("of somebody else is refused in the same words as one that never was, and cannot be deleted", async () => {
    const [owner, stranger] = [newCustomer(), newCustomer()];
    const [made] = await store(owner, 1);
    const id = made?.id ?? "";
    const madeUp = await refusalOf(callAs(stranger).get({ id: createId("prediction") }));
    expect(madeUp).toMatchObject({ code: "NOT_FOUND", message: "There is no such prediction." });
    for (const caller of [stranger, byKey(stranger)]) {
      expect(await refusalOf(callAs(caller).get({ id }))).toEqual(madeUp);
      expect(await callAs(caller).list({ cursor: `${id.slice(0, -1)}Z` })).toEqual({ items: [], nextCursor: null });
      expect(await callAs(caller).list({ request_id: made?.request_id })).toEqual({ items: [], nextCursor: null });
    }
    expect(await callAs(stranger).delete({ ids: [id] })).toEqual({ deleted: 0 });
    expect((await callAs(owner).get({ id })).id).toBe(id);
  });
});

describe("deletePredictions", () => {
  it("removes those of the caller and says how many there were", async () => {
    const [owner, other] = [newCustomer(), newCustomer()];
    const own = (await store(owner, 3)).map(({ id }) => id);
    const theirs = (await store(other, 1)).map(({ id }) => id);
    expect(await deletePredictions(owner, [...own.slice(0, 2), ...theirs, createId("prediction")])).toBe(2);
    expect(await deletePredictions(owner, own.slice(0, 2))).toBe(0);
    expect(await idsOf(owner)).toEqual(own.slice(2));
    expect(await idsOf(other)).toEqual(theirs);
  });

  it("is not for keys", async () => {
    const owner = newCustomer();
    const ids = (await store(owner, 1)).map(({ id }) => id);
    expect((await refusalOf(callAs(byKey(owner)).delete({ ids }))).code).toBe("FORBIDDEN");
    expect(await idsOf(owner)).toEqual(ids);
  });
});

describe("a customer's whole history", () => {
  it("is read in parts, newest first, and is removed without anybody else's, also when asked again", async () => {
    const [owner, other] = [newCustomer(), newCustomer()];
    const own = (await store(owner, 1_234)).map(({ id }) => id).reverse();
    const theirs = (await store(other, 1)).map(({ id }) => id);
    expect(await collect(owner.customerId)).toEqual(own);
    await forgetCustomer(owner.customerId);
    await forgetCustomer(owner.customerId);
    expect(await collect(owner.customerId)).toEqual([]);
    expect(await collect(other.customerId)).toEqual(theirs);
    const left = JSON.stringify(await (await database()).collection("predictions").find().toArray());
    expect(left).not.toContain(owner.customerId);
  });
});
