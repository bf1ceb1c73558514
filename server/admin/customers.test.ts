import { beforeAll, describe, expect, it } from "vitest";
import { askDoor, createSignedIn, dataOf, type SignedInOperator } from "@/server/admin/test-support";
import { ask, createCustomer, createTestKey, loadDemoModels, post, readExampleInput, send, type TestCustomer, useOwnDatabase } from "@/server/api/test-support";
import { addToBuckets } from "@/server/modules/usage/repository";

let operator: SignedInOperator;
let input: Record<string, unknown>;

beforeAll(async () => {
  await useOwnDatabase("console-customers", process.env.MONGODB_URI);
  await loadDemoModels();
  operator = await createSignedIn("operator", true);
  input = await readExampleInput("house-price");
}, 120_000);

const SOON = { timeout: 6_000, interval: 200 };
const reason = "asked for by mail";
const none = { rows_per_minute: null, rows_per_month: null, rows_per_call: null, retention_days: null };
/** A customer without an agreement, as an operator saw it. */
const seen = { plan: "free", agreed: none };

const told = async (path: string, given: object): Promise<unknown> => dataOf(await askDoor(path, given, operator.page));
const predict = async (headers: Record<string, string>, rows = 1) =>
  post("/api/v1/models/house-price/predictions", { inputs: Array.from({ length: rows }, () => input) }, { headers });
const isSignedIn = async ({ page }: TestCustomer) => (await ask("query", "account.get", {}, page)).status === 200;

async function auditOf(id: string): Promise<unknown> {
  return told("audit.list", { target: id });
}

/** Answered calls of a customer in minutes of the last hours, without making them. */
async function addMinutes(customerId: string, keyId: string | null, rows: number[]): Promise<void> {
  const now = Math.floor(Date.now() / 60_000) * 60_000;
  const shared = { customerId, model: "house-price", keyId, calls: 1, limited: 0, expiresAt: new Date(now + 86_400_000) };
  const minutes = rows.map((count, index) => ({ ...shared, width: "1m" as const, start: new Date(now - index * 60_000), rows: count }));
  const hour = new Date(Math.floor(now / 3_600_000) * 3_600_000);
  const all = { ...shared, width: "1h" as const, start: hour, rows: rows.reduce((sum, count) => sum + count, 0), calls: rows.length };
  await addToBuckets([...minutes, all]);
}

describe("limits agreed for one customer", () => {
  it("hold for the next calls of key and page, with the new figures in the headers and in the refusal, and are in the audit", async () => {
    const customer = await createCustomer({ plan: "free" });
    const { bearer } = await createTestKey(customer.id);
    expect((await predict(bearer)).headers.get("X-RateLimit-Limit")).toBe("3000");
    const agreed = { ...none, rows_per_minute: 5, rows_per_call: 4 };
    expect(await told("customers.setLimits", { id: customer.id, plan: "team", agreed, seen, reason })).toEqual({ done: true });
    expect((await predict(customer.page)).headers.get("X-RateLimit-Limit")).toBe("5");
    await expect.poll(async () => (await predict(bearer)).headers.get("X-RateLimit-Limit"), SOON).toBe("5");
    await expect.poll(async () => (await predict(bearer, 4)).status, SOON).toBe(429);
    expect((await predict(bearer, 4)).headers.get("RateLimit-Policy")).toContain('"minute";q=5;w=60');
    expect((await predict(bearer, 5)).status).toBe(422);
    const facts = { before: { plan: "free", ...none }, after: { plan: "team", ...agreed } };
    expect(await auditOf(customer.id)).toMatchObject({ items: [{ action: "customer.set_limits", outcome: "done", reason, ...facts }] });
    await told("customers.setLimits", { id: customer.id, plan: "free", agreed: none, seen: { plan: "team", agreed }, reason });
    await expect.poll(async () => (await predict(bearer)).headers.get("X-RateLimit-Limit"), SOON).toBe("3000");
  });

  it("are not lost when two operators change them at once: one is told what the other put there, and nothing of it is saved", async () => {
    const { id } = await createCustomer({ plan: "free" });
    const change = async (to: object, from: object = seen) => askDoor("customers.setLimits", { id, plan: "free", agreed: none, ...to, seen: from, reason }, operator.page);
    const theirs = { plan: "team", agreed: { ...none, rows_per_minute: 5_000 } };
    expect((await change(theirs)).status).toBe(200);
    const late = await change({ agreed: { ...none, rows_per_call: 4 } });
    expect(late.status).toBe(409);
    const errors = [{ pointer: "#/plan", detail: "is Team now" }, { pointer: "#/agreed/rows_per_minute", detail: "is 5,000 now" }];
    expect(await late.json()).toMatchObject({ error: { data: { code: "conflict", errors } } });
    expect(await told("customers.get", { id })).toMatchObject({ account: { plan: "team" }, agreed: theirs.agreed });
    expect(await auditOf(id)).toMatchObject({ items: [{ outcome: "refused", code: "conflict" }, { outcome: "done" }] });
    const minutes = [1, 2, 3, 4].map((rows_per_minute) => change({ agreed: { ...none, rows_per_minute } }, theirs));
    expect((await Promise.all(minutes)).map(({ status }) => status).toSorted()).toEqual([200, 409, 409, 409]);
  });

  it("are told beforehand: the busiest minute, how many would have been refused, and a month that is used up", async () => {
    const { id } = await createCustomer({ plan: "free" });
    await addMinutes(id, null, [100, 1_800, 400, 20]);
    const preview = async (agreed: object) => told("customers.previewLimits", { id, plan: "free", agreed: { ...none, ...agreed } });
    expect(await preview({})).toMatchObject({ peak_rows_per_minute: 1_800, minutes_used: 4, minutes_over: 0, month_over: false });
    expect(await preview({ rows_per_minute: 399 })).toMatchObject({ minutes_over: 2, limits: { rows_per_minute: 399, rows_per_month: 50_000 } });
    expect(await preview({ rows_per_minute: 400 })).toMatchObject({ minutes_over: 1 });
  });

  it.each([{ rows_per_minute: 0 }, { rows_per_minute: 1.5 }, { rows_per_call: 1_001 }, { retention_days: 3_651 }, { rows_per_month: -1 }])(
    "take whole numbers within reason, not %o",
    async (wrong) => {
      const { id } = await createCustomer();
      const response = await askDoor("customers.setLimits", { id, plan: "free", agreed: { ...none, ...wrong }, seen, reason }, operator.page);
      expect(response.status).toBe(400);
    },
  );
});

describe("suspending a customer", () => {
  it("refuses keys and pages within seconds, and lets both in again when it is taken back", async () => {
    const customer = await createCustomer();
    const { bearer } = await createTestKey(customer.id);
    expect([(await predict(bearer)).status, await isSignedIn(customer)]).toEqual([200, true]);
    expect(await told("customers.suspend", { id: customer.id, reason })).toEqual({ done: true });
    expect(await isSignedIn(customer)).toBe(false);
    await expect.poll(async () => (await predict(bearer)).status, SOON).toBe(403);
    expect(await told("customers.get", { id: customer.id })).toMatchObject({ status: "suspended" });
    expect(await told("customers.unsuspend", { id: customer.id, reason })).toEqual({ done: true });
    expect(await isSignedIn(customer)).toBe(true);
    await expect.poll(async () => (await predict(bearer)).status, SOON).toBe(200);
  });

  it("counts beforehand the keys in use and the calls of 24 hours that would stop, without those of keys that are over", async () => {
    const { id } = await createCustomer();
    const [used, idle, revoked] = [await createTestKey(id), await createTestKey(id), await createTestKey(id)];
    await addMinutes(id, used.id, [1, 1, 1]);
    await addMinutes(id, revoked.id, [1, 1]);
    await addMinutes(id, null, [1]);
    await told("customers.revokeKey", { id, key: revoked.id, reason });
    expect(idle.id).not.toBe(used.id);
    expect(await told("customers.previewSuspend", { id })).toEqual({ keys_in_use: 1, calls_24h: 4, sessions: 0 });
  });

  it("is refused where it changes nothing, and says so in the audit", async () => {
    const { id } = await createCustomer();
    expect((await askDoor("customers.unsuspend", { id, reason }, operator.page)).status).toBe(422);
    expect(await auditOf(id)).toMatchObject({ items: [{ action: "customer.unsuspend", outcome: "refused", code: "invalid_input" }] });
  });
});

describe("a customer's key", () => {
  it("is refused within seconds once an operator has revoked it, and the audit names it without its secret", async () => {
    const { id } = await createCustomer();
    const key = await createTestKey(id);
    expect((await predict(key.bearer)).status).toBe(200);
    expect(await told("customers.revokeKey", { id, key: key.id, reason })).toMatchObject({ status: "revoked", id: key.id });
    await expect.poll(async () => (await predict(key.bearer)).status, SOON).toBe(401);
    const text = JSON.stringify(await auditOf(id));
    expect(text).toContain(key.id);
    expect(text).not.toContain(key.secret);
    expect((await askDoor("customers.revokeKey", { id, key: key.id, reason }, operator.page)).status).toBe(422);
  });

  it("of another customer is not found", async () => {
    const [one, other] = [await createCustomer(), await createCustomer()];
    const key = await createTestKey(one.id);
    expect((await askDoor("customers.revokeKey", { id: other.id, key: key.id, reason }, operator.page)).status).toBe(404);
    expect((await predict(key.bearer)).status).toBe(200);
  });
});

describe("ending all sessions", () => {
  it("ends pages and leaves keys alone", async () => {
    const customer = await createCustomer();
    const { bearer } = await createTestKey(customer.id);
    await told("customers.endSessions", { id: customer.id, reason });
    expect([await isSignedIn(customer), (await predict(bearer)).status]).toEqual([false, 200]);
  });
});

describe("what the console shows of a customer", () => {
  it("never holds what was sent or answered, nor anything that opens the account", async () => {
    const customer = await createCustomer({ passwordHash: "not for anybody" });
    const { bearer, secret } = await createTestKey(customer.id);
    const marked = { input: { ...input, Neighborhood: "OldTown" } };
    await send("/api/v1/models/house-price/predictions", { method: "POST", body: marked, headers: bearer });
    const paths = ["customers.get", "customers.requests", "customers.previewSuspend"];
    const texts = await Promise.all(paths.map(async (path) => JSON.stringify(await told(path, { id: customer.id }))));
    for (const secretText of ["OldTown", secret, "not for anybody", "sessionVersion"]) expect(texts.join()).not.toContain(secretText);
  });

  it("keeps notes of the team, whose words are not in the audit", async () => {
    const { id } = await createCustomer();
    const note = (await told("customers.addNote", { id, text: "Promised a call back." })) as { id: string };
    expect(await told("customers.get", { id })).toMatchObject({ notes: [{ text: "Promised a call back.", author: operator.name }] });
    expect(JSON.stringify(await auditOf(id))).not.toContain("Promised");
    await told("customers.removeNote", { id, note: note.id });
    expect(await told("customers.get", { id })).toMatchObject({ notes: [] });
  });

  it("answers not_found for who is not a customer", async () => {
    const id = `cus_${"0".repeat(26)}`;
    for (const path of ["customers.get", "customers.usage", "customers.previewSuspend"]) expect((await askDoor(path, { id }, operator.page)).status).toBe(404);
    for (const path of ["customers.suspend", "customers.endSessions"]) expect((await askDoor(path, { id, reason }, operator.page)).status).toBe(404);
  });
});
