import { beforeAll, describe, expect, it, vi } from "vitest";
import { requestFilters, type RequestEntry, type RequestFilters } from "@/lib/contracts/traffic.admin";
import { useOwnDatabase } from "@/server/api/test-support";
import { database } from "@/server/core/db";
import { createId } from "@/server/core/ids";
import { codeOf } from "@/server/modules/accounts/test-support";
import { type CallRecord, recordRequest, writeTraffic } from "@/server/modules/traffic/service";
import { getRequest, listRequests } from "@/server/modules/traffic/service.admin";
import { makeCall, recordCalls } from "@/server/modules/traffic/test-support";

const SEED = Number(process.env.TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
const ENTRIES = 3_000;
const SECOND = 1000;
/** The second half of the calls comes as close together as on a busy day, so that blocks are many and reach into each other. */
const timeOf = (index: number) => begin + (index < ENTRIES / 2 ? index * SECOND : (ENTRIES / 2) * SECOND + index * 3);
let state = SEED;
/** The whole log, newest first, as a plain list to compare with. */
let all: RequestEntry[];
let begin: number;

const random = () => (state = (state * 48_271) % 0x7fffffff) / 0x7fffffff;
const pick = <Value>(values: readonly Value[]): Value | undefined => values[Math.floor(random() * values.length)];
const nobody = { model: null, version: null, arm: null };

const refusals: Pick<CallRecord, "status" | "code">[] = [
  { status: 422, code: "invalid_input" },
  { status: 429, code: "rate_limited" },
  { status: 404, code: "not_found" },
  { status: 500, code: "internal_error" },
  { status: 503, code: "model_unavailable" },
];

function drawCall(at: Date): CallRecord {
  const [model = null, arm = null] = [pick(["churn", "house", "spam"]), pick(["live", "candidate", "pinned"] as const)];
  const asked = random() < 0.8 ? { model, version: random() < 0.9 ? 1 : 2, arm } : nobody;
  const customer = random() < 0.5 ? `cus_${Math.floor(random() ** 3 * 40)}` : null;
  const keyId = customer !== null && random() < 0.5 ? customer.replace("cus", "key") : null;
  const cameBy = customer === null ? ("visitor" as const) : keyId === null ? ("session" as const) : ("key" as const);
  const refusal = random() < 0.1 ? pick(refusals) : undefined;
  const surface = random() < 0.03 ? ("console" as const) : ("api" as const);
  const route = pick(["/api/v1/models/{model}/predictions", "trpc predict.run"]) ?? "";
  const milliseconds = 10 ** (random() * 4 - 0.5);
  const chosen = random() < 0.1 && { requestId: pick(["chosen-by-a-caller", createId("request", new Date(at.getTime() - 6 * SECOND))]) };
  const call = { at, ...asked, customerId: customer, keyId, cameBy, surface, route, milliseconds, ...refusal };
  return makeCall({ ...call, ...chosen });
}

/** The whole list that filters give, page by page. */
async function listAll(filters: RequestFilters, limit = 200): Promise<RequestEntry[]> {
  const items: RequestEntry[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await listRequests({ filters, cursor, limit });
    expect(page.items.length).toBeLessThanOrEqual(limit);
    if (page.searched_back_to !== null) expect(page.next_cursor).not.toBeNull();
    items.push(...page.items);
    if (page.next_cursor === null) return items;
    cursor = page.next_cursor;
  }
}

beforeAll(async () => {
  await useOwnDatabase("traffic-log", process.env.MONGODB_URI);
  begin = Date.now() - ENTRIES * SECOND;
  // As two processes do: what one of them stores lies between what the other stores.
  for (const first of [0, 1]) {
    for (let made = first; made < ENTRIES; made += 2) recordRequest(drawCall(new Date(timeOf(made))));
    await writeTraffic();
  }
  all = await listAll({});
}, 60_000);

function fits(entry: RequestEntry, filters: RequestFilters): boolean {
  const { status = "", slower_than_ms = -1, from, to, customer, key, ...same } = filters;
  const isStatus = status === "" || status === String(entry.status) || status === `${Math.floor(entry.status / 100)}xx`;
  const at = Date.parse(entry.at);
  const inTime = (from === undefined || at >= Date.parse(from)) && (to === undefined || at < Date.parse(to));
  const given = { ...same, ...(customer !== undefined && { customer_id: customer }), ...(key !== undefined && { key_id: key }) };
  const isSame = Object.entries(given).every(([name, value]) => value === undefined || entry[name as keyof RequestEntry] === value);
  return isStatus && inTime && isSame && entry.milliseconds > slower_than_ms;
}

/** Filters that some entry meets, and now and then none. */
function drawFilters(): RequestFilters {
  const like = pick(all);
  if (!like) throw new Error("There is no entry.");
  const time = Date.parse(like.at);
  const each: RequestFilters = {
    surface: like.surface,
    model: like.model ?? undefined,
    version: random() < 0.2 ? 7 : (like.version ?? undefined),
    arm: like.arm ?? undefined,
    customer: like.customer_id ?? undefined,
    key: like.key_id ?? undefined,
    status: random() < 0.5 ? String(like.status) : `${String(like.status).slice(0, 1)}xx`,
    code: like.code ?? undefined,
    route: like.route,
    slower_than_ms: pick([0, 20, 99, 100, 499, 500, 1_000, 2_000, 2_500]),
    came_by: like.came_by ?? undefined,
    request_id: random() < 0.1 ? like.request_id : undefined,
    from: new Date(time - random() ** 2 * ENTRIES * SECOND).toISOString(),
    to: new Date(time + random() ** 2 * ENTRIES * SECOND).toISOString(),
  };
  const chance = pick([0.1, 0.2, 0.4]) ?? 0;
  return requestFilters.parse(Object.fromEntries(Object.entries(each).filter(([, value]) => value !== undefined && random() < chance)));
}

describe(`the log (TEST_SEED=${SEED})`, () => {
  it("holds every call once, newest first", () => {
    expect(all).toHaveLength(ENTRIES);
    expect(new Set(all.map(({ id }) => id)).size).toBe(ENTRIES);
    for (const [index, entry] of all.entries()) expect(Date.parse(entry.at)).toBe(timeOf(ENTRIES - 1 - index));
  });

  it("gives by any filters, page by page, exactly the entries that meet them", async () => {
    for (let round = 0; round < 25; round++) {
      const filters = drawFilters();
      const wanted = all.filter((entry) => fits(entry, filters));
      const found = await listAll(filters, wanted.length > 300 ? 200 : 37);
      expect(found.map(({ id }) => id), JSON.stringify(filters)).toEqual(wanted.map(({ id }) => id));
    }
  }, 60_000);

  it("gives the same where each look takes longer than there is time for", async () => {
    let passed = 0;
    const clock = vi.spyOn(performance, "now").mockImplementation(() => (passed += 1_000));
    try {
      for (const filters of [{}, { version: 2 }, { slower_than_ms: 2_500 }, { came_by: "key" as const, status: "5xx" }]) {
        const wanted = all.filter((entry) => fits(entry, filters));
        expect((await listAll(filters, 50)).map(({ id }) => id)).toEqual(wanted.map(({ id }) => id));
      }
    } finally {
      clock.mockRestore();
    }
  }, 60_000);

  it("opens one entry, and says of another that there is none", async () => {
    for (const entry of [all[0], all[777], all[2_500]]) expect(await getRequest(entry?.id ?? "")).toEqual(entry);
    for (const id of ["ent_0000", ".*", `${all[0]?.id.slice(0, -1)}.`]) expect(await codeOf(getRequest(id))).toBe("not_found");
  });

  it("takes a cursor that is none for the end or the beginning, never for an error", async () => {
    expect((await listRequests({ cursor: "" })).items).toEqual([]);
    expect((await listRequests({ cursor: "~" })).items).toEqual(all.slice(0, 50));
  });
});

describe("a search for one request", () => {
  it("finds by a request id all calls that had it: made for the call, made long before it, chosen by the caller", async () => {
    const at = new Date(begin - 60 * SECOND);
    const timely = createId("request", at);
    recordCalls(2, { requestId: timely, at });
    recordCalls(1, { requestId: timely, at, status: 422, code: "invalid_input" });
    recordCalls(1, { requestId: timely, at: new Date(at.getTime() + 20 * SECOND) });
    await writeTraffic();
    expect((await listAll({ request_id: timely }, 2)).map(({ status }) => status).sort()).toEqual([200, 200, 200, 422]);
    expect(await listAll({ request_id: timely, status: "4xx" })).toHaveLength(1);
    expect(await listAll({ request_id: `${timely.slice(0, -1)}.` })).toEqual([]);
    const chosen = all.filter(({ request_id }) => request_id === "chosen-by-a-caller");
    expect(chosen.length).toBeGreaterThan(50);
    expect(await listAll({ request_id: "chosen-by-a-caller" }, 20)).toEqual(chosen);
  });
});

it("a request id of our form that one caller sends with hundreds of calls finds them all, page by page", async () => {
  const at = begin - 120 * SECOND;
  const requestId = createId("request", new Date(at));
  // Ten calls at once of each of twenty kinds, every half second: two hundred blocks.
  for (let time = 0; time < 10; time++) {
    for (let kind = 0; kind < 20; kind++) recordCalls(10, { requestId, at: new Date(at + time * 480 + kind), route: `trpc kind.${kind}` });
    await writeTraffic();
  }
  const found = await listAll({ request_id: requestId }, 50);
  expect([found.length, new Set(found.map(({ id }) => id)).size]).toEqual([2_000, 2_000]);
  expect(await listAll({ request_id: requestId, route: "trpc kind.7" }, 37)).toHaveLength(100);
});

describe("the cost of a page", () => {
  const ways: [string, Record<string, unknown>][] = [
    ["_id_", {}],
    ["model_1__id_1", { model: "churn" }],
    ["customerId_1__id_1", { customerId: "cus_0" }],
    ["keyId_1__id_1", { keyId: "key_0" }],
    ["code_1__id_1", { code: "invalid_input" }],
    ["failure_1__id_1", { failure: 4 }],
    ["over100_1__id_1", { over100: true }],
    ["over500_1__id_1", { over500: true }],
    ["over2000_1__id_1", { over2000: true }],
    ["surface_1__id_1", { surface: "console" }],
    ["arm_1__id_1", { arm: "candidate" }],
    ["chosenId_1__id_1", { chosenId: "chosen-by-a-caller" }],
  ];

  it.each(ways)("by the index %s is that of its entries, not of the log", async (hint, filter) => {
    const { db } = await database();
    const found = db?.collection("request_blocks").find(filter).sort({ _id: -1 }).limit(20).hint(hint);
    const { executionStats } = (await found?.explain("executionStats")) ?? {};
    expect(executionStats).toMatchObject({ nReturned: 20 });
    expect(executionStats?.totalDocsExamined).toBeLessThanOrEqual(21);
  });
});
