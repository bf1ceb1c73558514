import type { Connection } from "mongoose";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { ApiKey } from "@/lib/contracts/keys";
import { useOwnDatabase } from "@/server/api/test-support";
import { database } from "@/server/core/db";
import { createId } from "@/server/core/ids";
import { createSecret, hashSecret } from "@/server/modules/keys/secret";
import * as keys from "@/server/modules/keys/service";
import { asAnotherProcess, codeOf, refusalOf } from "@/server/modules/keys/test-support";

const { createKey, forgetCustomer, KEY_TTL_MS, listKeys, resolveKey, revokeKey, rotateKey, updateKey } = keys;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const holder: typeof globalThis & { vitrineConnection?: Promise<Connection>; vitrineNotOpened?: unknown } = globalThis;
let other: Connection;
let elsewhere: typeof keys;

beforeAll(async () => {
  await useOwnDatabase("keys", process.env.MONGODB_URI);
  ({ connection: other, loaded: elsewhere } = await asAnotherProcess(() => import("@/server/modules/keys/service")));
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

afterAll(async () => other.close());

const newCustomer = () => createId("customer");
const plain = (name = "CI") => ({ name, models: null, expires_in_days: null });

async function stored(id: string) {
  return (await database()).db?.collection<{ _id: string; lastUsedAt: Date | null }>("api_keys").findOne({ _id: id });
}

async function change(id: string, fields: Record<string, unknown>): Promise<void> {
  await (await database()).db?.collection<{ _id: string }>("api_keys").updateOne({ _id: id }, { $set: fields });
}

const clock = performance.now.bind(performance);
let ahead = 0;

/** Lets time pass for what asks the clock, and no timer fire. */
function passTime(milliseconds: number): void {
  ahead += milliseconds;
  vi.spyOn(performance, "now").mockImplementation(() => clock() + ahead);
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + milliseconds });
}

describe("createKey", () => {
  it("tells the secret once and keeps only its hash", async () => {
    const customer = newCustomer();
    const { secret, ...made } = await createKey(customer, { name: "CI", models: ["a", "b", "a"], expires_in_days: 90 });
    expect(made).toMatchObject({ object: "api_key", name: "CI", models: ["a", "b"], status: "active", last_used_at: null, calls_24h: 0 });
    expect(made.hint).toBe(`${secret.slice(0, 12)}…${secret.slice(-4)}`);
    expect(Date.parse(made.expires_at ?? "") - Date.parse(made.created_at)).toBeCloseTo(90 * DAY_MS, -3);
    expect(await listKeys(customer)).toEqual([made]);
    const kept = JSON.stringify(await stored(made.id));
    expect(kept).toContain(hashSecret(secret));
    expect(kept).not.toContain(secret.slice(12, -4));
  });

  it("is limited by the minute", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const customer = newCustomer();
    const [first] = await Promise.all(Array.from({ length: 10 }, () => createKey(customer, plain())));
    expect(await codeOf(createKey(customer, plain()))).toBe("rate_limited");
    expect(await codeOf(rotateKey(customer, first?.id ?? "", "now"))).toBe("rate_limited");
    expect((await createKey(newCustomer(), plain())).status).toBe("active");
  });
});

describe("resolveKey", () => {
  it("says whose key it is and what it may call", async () => {
    const customer = newCustomer();
    const all = await createKey(customer, plain());
    const some = await createKey(customer, { ...plain(), models: ["customer-churn"] });
    expect(await resolveKey(all.secret)).toEqual({ keyId: all.id, customerId: customer, models: null });
    expect(await elsewhere.resolveKey(some.secret)).toEqual({ keyId: some.id, customerId: customer, models: ["customer-churn"] });
  });

  it("refuses what is no key without asking the database, and a key nobody made in the same words", async () => {
    const unknown = await refusalOf(resolveKey(createSecret()));
    const connection = holder.vitrineConnection;
    const secret = createSecret();
    const wrong = secret.slice(0, -1) + (secret.endsWith("0") ? "1" : "0");
    holder.vitrineConnection = Promise.reject(new Error("The database was asked."));
    const refusals = [await refusalOf(resolveKey("")), await refusalOf(resolveKey(wrong))];
    await expect(resolveKey(secret)).rejects.toThrow("The database was asked.");
    if (connection) holder.vitrineConnection = connection;
    delete holder.vitrineNotOpened;
    expect(unknown.code).toBe("key_invalid");
    expect(refusals).toEqual([unknown, unknown]);
    expect(await codeOf(resolveKey(secret))).toBe("key_invalid");
  });

  it("looks whether it was revoked, then whether it is switched on, then whether it has expired", async () => {
    const { id, secret } = await createKey(newCustomer(), plain());
    const codes: string[] = [];
    for (const fields of [{ expiresAt: new Date() }, { disabledAt: new Date() }, { revokedAt: new Date() }]) {
      await change(id, fields);
      passTime(KEY_TTL_MS);
      codes.push(await codeOf(resolveKey(secret)));
    }
    expect(codes).toEqual(["key_expired", "forbidden", "key_revoked"]);
  });

  it("notices an expiry on the moment, also between two look-ups", async () => {
    const { id, secret } = await createKey(newCustomer(), plain());
    const expiresAt = new Date(Date.now() + HOUR_MS);
    await change(id, { expiresAt });
    await resolveKey(secret);
    vi.useFakeTimers({ toFake: ["Date"], now: expiresAt.getTime() - 1 });
    expect((await resolveKey(secret)).keyId).toBe(id);
    vi.setSystemTime(expiresAt);
    expect(await codeOf(resolveKey(secret))).toBe("key_expired");
  });

  it.each<[string, (customer: string, id: string) => Promise<unknown>, string]>([
    ["revoked", revokeKey, "key_revoked"],
    ["switched off", (customer, id) => updateKey(customer, { id, enabled: false }), "forbidden"],
    ["rotated at once", (customer, id) => rotateKey(customer, id, "now"), "key_revoked"],
  ])("refuses a key that was %s at once here, and after three seconds in every process", async (_what, end, code) => {
    const customer = newCustomer();
    const { id, secret } = await createKey(customer, plain());
    await Promise.all([resolveKey(secret), elsewhere.resolveKey(secret)]);
    await end(customer, id);
    expect(await codeOf(resolveKey(secret))).toBe(code);
    passTime(KEY_TTL_MS);
    expect(await codeOf(elsewhere.resolveKey(secret))).toBe(code);
  });

  it("notes the use, once a minute over all processes", async () => {
    const { id, secret } = await createKey(newCustomer(), plain());
    await Promise.all([resolveKey(secret), elsewhere.resolveKey(secret)]);
    await vi.waitFor(async () => expect((await stored(id))?.lastUsedAt).toBeInstanceOf(Date));
    const first = (await stored(id))?.lastUsedAt?.getTime() ?? 0;
    passTime(30_000);
    await resolveKey(secret);
    passTime(31_000);
    await Promise.all([resolveKey(secret), elsewhere.resolveKey(secret)]);
    await vi.waitFor(async () => expect((await stored(id))?.lastUsedAt?.getTime()).toBeGreaterThan(first + 60_000));
  });
});

describe("rotateKey", () => {
  it("gives a new secret with the same name and models, and lets the old one live through the grace", async () => {
    const customer = newCustomer();
    const old = await createKey(customer, { name: "CI", models: ["a"], expires_in_days: 2 });
    const successor = await rotateKey(customer, old.id, "24h");
    expect(successor).toMatchObject({ name: "CI", models: ["a"], status: "active" });
    expect(Date.parse(successor.expires_at ?? "") - Date.now()).toBeCloseTo(2 * DAY_MS, -4);
    expect((await resolveKey(old.secret)).keyId).toBe(old.id);
    expect((await resolveKey(successor.secret)).keyId).toBe(successor.id);
    const ending = (await listKeys(customer)).find(({ id }) => id === old.id);
    expect(ending?.status).toBe("ending");
    expect(Date.parse(ending?.expires_at ?? "") - Date.now()).toBeCloseTo(DAY_MS, -4);
  });

  it("never prolongs the old key", async () => {
    const customer = newCustomer();
    const old = await createKey(customer, plain());
    const expiresAt = new Date(Date.now() + 1_000);
    await change(old.id, { expiresAt });
    await rotateKey(customer, old.id, "24h");
    expect((await listKeys(customer)).find(({ id }) => id === old.id)?.expires_at).toBe(expiresAt.toISOString());
  });

  it("makes one successor when it is asked for many times at once", async () => {
    const customer = newCustomer();
    const { id } = await createKey(customer, plain());
    const outcomes = await Promise.allSettled([1, 2, 3, 4].map((number) => (number % 2 ? keys : elsewhere).rotateKey(customer, id, "1h")));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await listKeys(customer)).toHaveLength(2);
    expect(await codeOf(rotateKey(customer, id, "now"))).toBe("invalid_input");
  });
});

describe("the owner of a key", () => {
  it.each<[string, (customer: string, id: string) => Promise<unknown>]>([
    ["updateKey", (customer, id) => updateKey(customer, { id, name: "mine" })],
    ["rotateKey", (customer, id) => rotateKey(customer, id, "now")],
    ["revokeKey", revokeKey],
  ])("%s says the same of somebody else's key and of one that never was, and changes nothing", async (_name, act) => {
    const owner = newCustomer();
    const { id, secret, ...before } = await createKey(owner, plain());
    const foreign = await refusalOf(act(newCustomer(), id));
    expect(foreign.code).toBe("not_found");
    expect(await refusalOf(act(owner, createId("key")))).toEqual(foreign);
    expect(await listKeys(owner)).toEqual([{ id, ...before }]);
    expect((await resolveKey(secret)).customerId).toBe(owner);
  });

  it("cannot change a key that was revoked, and may revoke it again without an effect", async () => {
    const customer = newCustomer();
    const { id } = await createKey(customer, plain());
    const ended = await revokeKey(customer, id);
    expect(ended.status).toBe<ApiKey["status"]>("revoked");
    expect(await codeOf(updateKey(customer, { id, enabled: true }))).toBe("not_found");
    expect(await codeOf(rotateKey(customer, id, "now"))).toBe("not_found");
    expect(await revokeKey(customer, id)).toEqual(ended);
  });

  it("renames a key, and switches it off and on", async () => {
    const customer = newCustomer();
    const { id, secret } = await createKey(customer, plain());
    expect(await updateKey(customer, { id, name: "Backup", enabled: false })).toMatchObject({ name: "Backup", status: "disabled" });
    expect(await updateKey(customer, { id, enabled: true })).toMatchObject({ name: "Backup", status: "active" });
    expect((await resolveKey(secret)).keyId).toBe(id);
  });
});

it("forgets one customer and nobody else, also when asked again", async () => {
  const [gone, stays] = [newCustomer(), newCustomer()];
  const theirs = await createKey(gone, plain());
  const ours = await createKey(stays, plain());
  await Promise.all([resolveKey(theirs.secret), resolveKey(ours.secret)]);
  await forgetCustomer(gone);
  await forgetCustomer(gone);
  expect(await codeOf(resolveKey(theirs.secret))).toBe("key_invalid");
  expect((await resolveKey(ours.secret)).customerId).toBe(stays);
  expect(JSON.stringify(await (await database()).db?.collection("api_keys").find().toArray())).not.toContain(gone);
});
