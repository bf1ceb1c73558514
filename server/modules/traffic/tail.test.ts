import { afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import type { RequestFilters } from "@/lib/contracts/traffic.admin";
import { useOwnDatabase } from "@/server/api/test-support";
import { database } from "@/server/core/db";
import { type CallRecord, recordRequest, writeTraffic } from "@/server/modules/traffic/service";
import { listRequests, tailRequests } from "@/server/modules/traffic/service.admin";
import { makeCall, recordAt } from "@/server/modules/traffic/test-support";

const SEED = Number(process.env.TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** A quarter of an hour ago: whatever a test records lies in the past. */
const begin = Date.now() - 15 * MINUTE;
const since = new Date(begin).toISOString();

let state = SEED || 1;
const random = () => (state = (state * 48_271) % 0x7fffffff) / 0x7fffffff;

beforeAll(async () => useOwnDatabase("traffic-tail", process.env.MONGODB_URI));
beforeEach(async () => {
  const { db } = await database();
  await db?.collection("request_blocks").deleteMany({});
  // How far a look gets in its time is the search's own business: a busy machine must not cut it short here.
  vi.spyOn(performance, "now").mockReturnValue(0);
});
afterEach(() => void vi.restoreAllMocks());

it("gives what came in since, by the filters, and goes on behind what does not fit them", async () => {
  recordAt(begin - MINUTE, 2, { model: "new" });
  recordAt(begin + SECOND, 3, { model: "new" });
  recordAt(begin + 2 * SECOND, 2, { model: "other" });
  await writeTraffic();
  const first = await tailRequests({ filters: { model: "new" }, since });
  expect([first.items.map(({ model }) => model), first.skipped]).toEqual([["new", "new", "new"], false]);
  expect(first.until).toBe(new Date(begin + 2 * SECOND).toISOString());
  expect((await tailRequests({ filters: { model: "new" }, since: new Date(begin + 10 * SECOND).toISOString() })).items).toEqual([]);
});

it("stays where it is while nothing comes in", async () => {
  expect(await tailRequests({ since })).toEqual({ items: [], until: since, skipped: false });
});

it("gives 500 entries at most, the newest, and says that there were more", async () => {
  recordAt(begin + SECOND, 600);
  recordAt(begin + 2 * SECOND, 450);
  await writeTraffic();
  const { items, skipped } = await tailRequests({ since });
  expect([items.length, skipped, items[449]?.at, items[450]?.at]).toEqual([500, true, ...[2, 1].map((after) => new Date(begin + after * SECOND).toISOString())]);
});

it("says of no list that it has a gap where all that is new is there, however much came just before", async () => {
  for (let made = 0; made < 600; made++) recordAt(begin - 5 * SECOND + made * 8, 1, { route: `trpc kind.${made % 40}` });
  for (let made = 0; made < 70; made++) recordAt(begin + SECOND + made * 20, 1, { route: `trpc kind.${made % 40}` });
  await writeTraffic();
  const { items, skipped } = await tailRequests({ since });
  expect([items.filter(({ at }) => at > since).length, skipped]).toEqual([70, false]);
});

it("finds the one entry that fits among thousands that came in while nobody looked", async () => {
  for (let made = 0; made < 2_500; made++) recordAt(begin + made * 300, 1, { route: `trpc kind.${made % 40}`, customerId: `cus_${made % 7}`, cameBy: "session" });
  recordAt(begin + SECOND, 1, { status: 500, code: "internal_error" });
  await writeTraffic();
  const { items, skipped } = await tailRequests({ filters: { status: "5xx" }, since });
  expect([items.map(({ status }) => status), skipped]).toEqual([[500], false]);
});

it(`misses nothing of what several processes bring up to four seconds late (TEST_SEED=${SEED})`, async () => {
  const [looks, every] = [60, 2 * SECOND];
  const late: CallRecord[] = [];
  const wanted: RequestFilters[] = [{}, { status: "4xx" }, { model: "house" }, { route: "trpc predict.run" }];
  const seen = wanted.map(() => new Set<string>());
  let untils = wanted.map(() => since);
  for (let look = 0; look <= looks; look++) {
    const now = begin + look * every;
    // What was held up comes now, if it was held up for long enough.
    for (const call of late.splice(0).map((each) => ({ call: each, age: now - (each.at?.getTime() ?? 0) }))) {
      if (call.age < 4 * SECOND && random() < 0.5) late.push(call.call);
      else recordRequest(call.call);
    }
    for (let calls = look < looks ? Math.floor(random() * 40) : 0; calls > 0; calls--) {
      const refused = random() < 0.2 && { status: 422, code: "invalid_input" as const };
      const call = makeCall({ at: new Date(now - Math.floor(random() * every)), ...refused, ...(random() < 0.3 && { model: "house" }), ...(random() < 0.3 && { route: "trpc predict.run" }) });
      if (random() < 0.3) late.push(call);
      else recordRequest(call);
    }
    await writeTraffic();
    const tails = await Promise.all(wanted.map((filters, index) => tailRequests({ filters, since: untils[index] ?? since })));
    expect(tails.map(({ skipped }) => skipped)).toEqual(wanted.map(() => false));
    for (const [index, { items }] of tails.entries()) for (const { id } of items) seen[index]?.add(id);
    untils = tails.map(({ until }) => until);
  }
  for (const [index, filters] of wanted.entries()) {
    const all: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await listRequests({ filters, cursor, limit: 200 });
      all.push(...page.items.map(({ id }) => id));
      if (page.next_cursor === null) break;
      cursor = page.next_cursor;
    }
    expect(all.length).toBeGreaterThan(10);
    expect(all.filter((id) => !seen[index]?.has(id)), JSON.stringify(filters)).toEqual([]);
  }
}, 60_000);
