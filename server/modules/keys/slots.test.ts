import type { Connection } from "mongoose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MAX_LIVE_KEYS, type NewKey } from "@/lib/contracts/keys";
import { useOwnDatabase } from "@/server/api/test-support";
import { database } from "@/server/core/db";
import { createId } from "@/server/core/ids";
import { forgetSubject } from "@/server/core/limits";
import { createSecret, hashSecret } from "@/server/modules/keys/secret";
import { createKey, listKeys, resolveKey, revokeKey, rotateKey, updateKey } from "@/server/modules/keys/service";
import { asAnotherProcess, codeOf } from "@/server/modules/keys/test-support";

const stores: ((customerId: string) => Promise<unknown>)[] = [];
let other: Connection;

/** Stores a key as the service does, without its limit by the minute. */
async function bindStore(): Promise<(customerId: string) => Promise<unknown>> {
  const { takeSlot } = await import("@/server/modules/keys/slots");
  const { insertKey } = await import("@/server/modules/keys/repository");
  return (customerId) =>
    takeSlot(customerId, async (slot) => {
      const never = { models: null, expiresAt: null, disabledAt: null, revokedAt: null, rotatedTo: null, lastUsedAt: null };
      const named = { _id: createId("key"), customerId, name: "CI", hash: hashSecret(createSecret()), hint: "…", slot };
      return (await insertKey({ ...named, ...never, createdAt: new Date() })) ? "done" : "slot_taken";
    });
}

beforeAll(async () => {
  await useOwnDatabase("key-slots", process.env.MONGODB_URI);
  stores.push(await bindStore());
  const { loaded, connection } = await asAnotherProcess(bindStore);
  stores.push(loaded);
  other = connection;
});

afterAll(async () => other.close());

const newCustomer = () => createId("customer");
const plain = { name: "CI", models: null, expires_in_days: null };

async function find(id: string) {
  return (await database()).collection<{ _id: string }>("api_keys").findOne({ _id: id });
}

async function expire(id: string): Promise<void> {
  await (await database()).collection<{ _id: string }>("api_keys").updateOne({ _id: id }, { $set: { expiresAt: new Date() } });
}

it(`gives ${MAX_LIVE_KEYS} places to 40 keys that two processes store at once`, async () => {
  const customerId = newCustomer();
  const outcomes = await Promise.allSettled(Array.from({ length: 40 }, (_none, index) => stores[index % 2]?.(customerId)));
  const refused = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [Promise.reject(outcome.reason)] : []));
  expect(refused).toHaveLength(40 - MAX_LIVE_KEYS);
  expect(new Set(await Promise.all(refused.map(codeOf)))).toEqual(new Set(["too_many_keys"]));
  expect(await listKeys(customerId)).toHaveLength(MAX_LIVE_KEYS);
});

describe("an account with as many keys as it may have", () => {
  /** Makes a key as if a minute had passed since the one before. */
  async function createAnother(customer: string): Promise<NewKey> {
    await forgetSubject(`customer:${customer}`);
    return createKey(customer, plain);
  }

  async function fill(): Promise<{ customer: string; made: NewKey[] }> {
    const customer = newCustomer();
    const made: NewKey[] = [];
    for (let index = 0; index < MAX_LIVE_KEYS; index++) made.push(await createAnother(customer));
    return { customer, made };
  }

  it("has room again for each key that is revoked or has expired, and not for one that is switched off", async () => {
    const { customer, made } = await fill();
    const [one, two, three] = made.map(({ id }) => id);
    await updateKey(customer, { id: one ?? "", enabled: false });
    expect(await codeOf(createAnother(customer))).toBe("too_many_keys");
    await revokeKey(customer, two ?? "");
    await createAnother(customer);
    expect(await codeOf(createAnother(customer))).toBe("too_many_keys");
    await expire(three ?? "");
    await createAnother(customer);
    expect(await codeOf(createAnother(customer))).toBe("too_many_keys");
    const statuses = (await listKeys(customer)).map(({ status }) => status);
    expect(statuses.filter((status) => status === "active" || status === "disabled")).toHaveLength(MAX_LIVE_KEYS);
  });

  it("can rotate at once, but has no room for two keys during a grace", async () => {
    const { customer, made } = await fill();
    const id = made[7]?.id ?? "";
    expect(await codeOf(rotateKey(customer, id, "1h"))).toBe("too_many_keys");
    expect(await find(id)).toMatchObject({ rotatedTo: null, revokedAt: null, expiresAt: null });
    const successor = await rotateKey(customer, id, "now");
    expect((await resolveKey(successor.secret)).keyId).toBe(successor.id);
    expect(await codeOf(createAnother(customer))).toBe("too_many_keys");
  });
});
