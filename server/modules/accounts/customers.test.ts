import { beforeAll, describe, expect, it } from "vitest";
import { listCustomersInput } from "@/lib/contracts/customers.admin";
import { database } from "@/server/core/db";
import { createCustomer, createTestKey, useOwnDatabase } from "@/server/api/test-support";
import { startOfIds } from "@/server/core/ids";
import { fillNamePartsAcrossCustomers, updateName } from "@/server/modules/accounts/repository";
import { listCustomers } from "@/server/modules/accounts/search.admin";
import { countCustomers, namesOfCustomers } from "@/server/modules/accounts/service.admin";
import { takeMonthRows } from "@/server/modules/usage/repository";
import { endOfMonthCount, monthOf } from "@/server/modules/usage/spans";

beforeAll(async () => useOwnDatabase("accounts-customers", process.env.MONGODB_URI));

const list = async (filter: object) => listCustomers(listCustomersInput.parse(filter));
const find = async (filter: object) => (await list(filter)).items.map(({ id }) => id);

async function useRows(customerId: string, rows: number): Promise<void> {
  const month = monthOf(Date.now());
  await takeMonthRows(customerId, month, { rows, quota: 1e12, expiresAt: endOfMonthCount(month) });
}

describe("finding a customer", () => {
  it("goes by the beginning of the address, whatever its case, and not by its middle", async () => {
    const { id } = await createCustomer({ email: "Rare.Bird@example.com", emailKey: "rare.bird@example.com" });
    expect(await find({ search: "RARE.b" })).toEqual([id]);
    expect(await find({ search: "rare.bird@example.com" })).toEqual([id]);
    expect(await find({ search: "ird@example" })).toEqual([]);
  });

  it("goes by any part of the words of a name, in any order, without case and accents", async () => {
    const { id } = await createCustomer({ name: "Zoë Quintana-García Li" });
    for (const search of ["quintana", "QUINT", "tana", "garcia zoe", "Zoë", "li"]) expect(await find({ search }), search).toEqual([id]);
    expect(await find({ search: "quintana miller" })).toEqual([]);
    expect(await find({ search: "%" })).toEqual([]);
  });

  it("goes by the id of the customer or of a key, and by what its owner sees of a key", async () => {
    const { id } = await createCustomer();
    const key = await createTestKey(id);
    const typed = [id, id.toLowerCase(), key.id, key.hint, key.hint.replace("…", "..."), key.hint.slice("vt_live_".length), key.secret];
    for (const search of [...typed, key.hint.slice(0, 12)]) expect(await find({ search }), search).toEqual([id]);
    expect(await find({ search: `${id.slice(0, -1)}${id.endsWith("0") ? "1" : "0"}` })).toEqual([]);
  });

  it("finds a renamed customer by the new name alone, and one from before names were looked for at all", async () => {
    const accounts = (await database()).collection<{ _id: string; nameParts?: string[] }>("accounts");
    const { id } = await createCustomer({ name: "Oldest Palimpsest" });
    await accounts.updateOne({ _id: id }, { $unset: { nameParts: 1 } });
    await fillNamePartsAcrossCustomers();
    expect(await find({ search: "palimp" })).toEqual([id]);
    await updateName(id, "Newest Manuscript");
    expect(await find({ search: "palimp" })).toEqual([]);
    expect(await find({ search: "manusc" })).toEqual([id]);
  });

  it("narrows by plan, suspension and the day of sign-up, all at once", async () => {
    const old = new Date("2020-03-01T12:00:00Z");
    const mark = { name: "Narrowness", createdAt: old };
    const id = (n: number) => `${startOfIds("customer", old)}${String(n).padStart(16, "0")}`;
    await createCustomer({ ...mark, _id: id(1), plan: "scale", suspendedAt: new Date() });
    await createCustomer({ ...mark, _id: id(2), plan: "scale" });
    await createCustomer({ ...mark, _id: id(3), plan: "free", suspendedAt: new Date() });
    expect(await find({ search: "narrown" })).toEqual([id(3), id(2), id(1)]);
    expect(await find({ search: "narrown", plan: "scale" })).toEqual([id(2), id(1)]);
    expect(await find({ search: "narrown", plan: "scale", suspended: true })).toEqual([id(1)]);
    expect(await find({ search: "narrown", suspended: false })).toEqual([id(2)]);
    expect(await find({ search: "narrown", signed_up_since: "2020-03-01T12:00:00Z" })).toHaveLength(3);
    expect(await find({ search: "narrown", signed_up_since: "2020-03-01T12:00:01Z" })).toEqual([]);
    expect(await find({ suspended: true })).toEqual(expect.arrayContaining([id(1), id(3)]));
  });

  it("shows who used 80 % of the month or more, most first, by the limit that holds for each", async () => {
    const named = { name: "Nearness" };
    const agreed = (await createCustomer({ ...named, plan: "free", limits: { rowsPerMonth: 100 } })).id;
    const free = (await createCustomer({ ...named, plan: "free" })).id;
    const below = (await createCustomer({ ...named, plan: "free" })).id;
    const team = (await createCustomer({ ...named, plan: "team" })).id;
    const raised = (await createCustomer({ ...named, plan: "free", limits: { rowsPerMonth: 1_000_000 } })).id;
    const rows = [[agreed, 100], [free, 40_000], [below, 39_999], [team, 45_000], [raised, 49_000]] as const;
    for (const [id, used] of rows) await useRows(id, used);
    expect(await find({ near_limit: true })).toEqual([agreed, free]);
    expect(await find({ near_limit: true, limit: 1 })).toEqual([agreed]);
    expect(await find({ near_limit: true, limit: 1, cursor: agreed })).toEqual([free]);
    expect(await find({ near_limit: true, search: "nobody" })).toEqual([]);
  });
});

describe("a page of customers", () => {
  it("goes on where the one before ended, without a gap or a repetition, while new customers come", async () => {
    const made = [];
    for (let n = 0; n < 7; n++) made.push((await createCustomer({ name: "Pagination" })).id);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await list({ search: "paginat", limit: 3, ...(cursor && { cursor }) });
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.next_cursor ?? undefined;
      await createCustomer({ name: "Pagination" });
    } while (cursor);
    expect(seen).toEqual(made.toSorted().toReversed());
  });

  it("tells plan, working keys, rows of the month, last call and status of each", async () => {
    const { id, email, name } = await createCustomer({ plan: "team", limits: { rowsPerMonth: 500 }, suspendedAt: new Date() });
    await createTestKey(id);
    await createTestKey(id);
    await useRows(id, 7);
    const [row] = (await list({ search: id })).items;
    expect(row).toMatchObject({ id, email, name, plan: "team", agreed: true, keys: 2, month: { used: 7, limit: 500 }, status: "suspended" });
    expect(row).toMatchObject({ last_sign_in_at: null });
    expect(Date.now() - Date.parse(row?.last_call_at ?? "")).toBeLessThan(60_000);
  });
});

describe("for other sections", () => {
  it("names and counts customers", async () => {
    const before = await countCustomers();
    const { id, email, name } = await createCustomer();
    expect(await countCustomers()).toBe(before + 1);
    expect([...(await namesOfCustomers([id, id, "cus_gone"]))]).toEqual([[id, { name, email }]]);
  });
});
