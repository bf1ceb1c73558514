import { beforeAll, expect, it } from "vitest";
import { BACKGROUND_HEADER } from "@/lib/background-header.admin";
import type { OverviewBoard } from "@/lib/contracts/overview.admin";
import type { NamedRequestPage, NamedRequestTail, RequestDetail } from "@/lib/contracts/requests.admin";
import { askDoor, changeSessions, createSignedIn, dataOf, type SignedInOperator } from "@/server/admin/test-support";
import { createCustomer, useOwnDatabase } from "@/server/api/test-support";
import { database } from "@/server/core/db";
import { promote, rollBack, startCandidate, stopCandidate } from "@/server/modules/catalog/releases.admin";
import { prepareCatalog } from "@/server/modules/catalog/service.admin";
import { createModel, otherSchema, priceSchema, seen } from "@/server/modules/catalog/test-support";
import { writeTraffic } from "@/server/modules/traffic/service";
import { recordCalls } from "@/server/modules/traffic/test-support";

let operator: SignedInOperator;
let customer: Awaited<ReturnType<typeof createCustomer>>;

const ask = async <Data>(path: string, input: unknown) => dataOf<Data>(await askDoor(path, input, operator.page));

beforeAll(async () => {
  await useOwnDatabase("console-overview", process.env.MONGODB_URI);
  operator = await createSignedIn("viewer");
  customer = await createCustomer();
  recordCalls(4, { customerId: customer.id, cameBy: "session" });
  recordCalls(2, { requestId: "one-batch-of-two", customerId: "cus_gone", cameBy: "key", status: 422, code: "invalid_input" });
  await writeTraffic();
});

it("the overview names customers, counts both surfaces apart, and misses nothing while all is well", async () => {
  const { traffic, customers, missing } = await ask<OverviewBoard>("overview.get", { range: "1h" });
  expect(traffic.surfaces.map(({ surface, totals }) => [surface, totals.calls])).toEqual([["api", 6], ["console", 0]]);
  expect(traffic.customers.map(({ customer_id: id, calls }) => [id, calls])).toEqual([[customer.id, 4], ["cus_gone", 2]]);
  expect(Object.keys(customers)).toEqual([customer.id]);
  expect(missing).toEqual([]);
});

it("the latest acts name rules and people, and name nothing twice", async () => {
  const acting = await createSignedIn("operator");
  const rule = { name: "Slow answers", metric: "p95", surface: "api", model: null, threshold: 50, window_minutes: 5, min_calls: 0, enabled: true, mail_to: [] };
  const { id } = await dataOf<{ id: string }>(await askDoor("alerts.createRule", rule, acting.page));
  await askDoor("alerts.muteRule", { id, minutes: 60 }, acting.page);
  await askDoor("operations.setNotice", { seen: null, text: "Down at noon", tone: "info", from: null, to: null }, acting.page);
  const { changes } = await ask<OverviewBoard>("overview.get", { range: "1h" });
  const told = changes.map(({ what, target_name: name }) => [what, name]);
  expect(told).toContainEqual(["mute", "Slow answers"]);
  expect(told).toContainEqual(["set notice", null]);
  expect(told.flat().join(" ")).not.toContain("rul_");
});

it("the list and its tail name the customers that there are", async () => {
  const page = await ask<NamedRequestPage>("requests.list", { filters: { surface: "api", status: "2xx" } });
  expect(page.items).toHaveLength(4);
  expect(Object.keys(page.customers)).toEqual([customer.id]);
  const tail = await ask<NamedRequestTail>("requests.tail", { filters: { surface: "api", status: "4xx" }, since: new Date(0).toISOString() });
  expect([tail.items.length, tail.customers]).toEqual([2, {}]);
});

it("one entry is told with its customer, what is usual, and the others of its request", async () => {
  const { items } = await ask<NamedRequestPage>("requests.list", { filters: { request_id: "one-batch-of-two" } });
  const detail = await ask<RequestDetail>("requests.get", { id: items[0]?.id });
  expect(detail.same_request.map(({ id }) => id)).toEqual([items[1]?.id]);
  expect([detail.customer, detail.release]).toEqual([null, null]);
  const [answered] = (await ask<NamedRequestPage>("requests.list", { filters: { customer: customer.id } })).items;
  const known = await ask<RequestDetail>("requests.get", { id: answered?.id });
  expect(known.customer).toMatchObject({ email: expect.stringContaining("@") });
  expect(known.usual?.p50_ms).toBeGreaterThan(9);
  expect(known.usual?.p50_ms).toBeLessThan(11);
});

it("a page that refreshes itself does not keep an idle session alive; its reader does", async () => {
  const { page, _id: id } = await createSignedIn("viewer");
  const lastSeenAt = new Date(Date.now() - 20 * 60_000);
  await changeSessions(id, { lastSeenAt });
  const readSeen = async () => (await (await database()).collection("operator_sessions").findOne({ operatorId: id }))?.["lastSeenAt"];
  expect((await askDoor("overview.get", { range: "1h" }, { ...page, [BACKGROUND_HEADER]: "1" })).status).toBe(200);
  expect(await readSeen()).toEqual(lastSeenAt);
  expect((await askDoor("overview.get", { range: "1h" }, page)).status).toBe(200);
  expect(await readSeen()).not.toEqual(lastSeenAt);
});

it("a move of a model is one event in the charts, told by what became of the live version", async () => {
  await prepareCatalog();
  await createModel("moved", [priceSchema, otherSchema]);
  await startCandidate({ ...(await seen("moved")), version: 2, share: 10 }, operator._id);
  await promote(await seen("moved"), operator._id);
  await rollBack(await seen("moved"), operator._id);
  await startCandidate({ ...(await seen("moved")), version: 2, share: 5 }, operator._id);
  await stopCandidate(await seen("moved"), operator._id);
  const { events } = await ask<OverviewBoard>("overview.get", { range: "1h" });
  const told = events.filter(({ kind }) => kind === "release").map(({ name }) => name);
  expect(told.slice(-5)).toEqual(["moved 2 tried at 10 %", "moved 2 promoted", "moved back to 1", "moved 2 tried at 5 %", "moved trial stopped"]);
});
