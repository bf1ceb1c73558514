import { beforeAll, expect, it } from "vitest";
import type { PaletteItem } from "@/lib/contracts/palette.admin";
import { askDoor, createSignedIn, dataOf, type SignedInOperator } from "@/server/admin/test-support";
import { createCustomer, createTestKey, loadDemoModels, useOwnDatabase } from "@/server/api/test-support";

let viewer: SignedInOperator;

beforeAll(async () => {
  await useOwnDatabase("palette", process.env.MONGODB_URI);
  await loadDemoModels();
  viewer = await createSignedIn("viewer");
});

const find = async (query: string) => (await dataOf<{ items: PaletteItem[] }>(await askDoor("palette.search", { query }, viewer.page))).items;

it("finds models by name and slug", async () => {
  const [model] = await find("customer-churn");
  expect(model).toMatchObject({ kind: "model", href: "/admin/models/customer-churn" });
});

it("finds a customer by the address, the id and a key as its owner sees it", async () => {
  const { id, email } = await createCustomer();
  const { hint } = await createTestKey(id);
  for (const query of [email, id, hint]) expect(await find(query)).toContainEqual(expect.objectContaining({ kind: "customer", href: `/admin/customers/${id}` }));
});

it("leads to a request by its id, to somebody of the team by a part of the name, and nowhere without a word", async () => {
  expect(await find("req_01M81JKSTFKWQK2S0NDJZP5YBB")).toContainEqual(
    expect.objectContaining({ kind: "request", href: "/admin/requests?request_id=req_01M81JKSTFKWQK2S0NDJZP5YBB" }),
  );
  expect(await find(viewer.name)).toContainEqual(expect.objectContaining({ kind: "operator", detail: viewer.email }));
  expect(await find("  ")).toEqual([]);
  expect(await find("($ne .* nothing of the kind")).toEqual([]);
});
