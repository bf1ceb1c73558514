import { EJSON } from "bson";
import { beforeAll, describe, expect, it } from "vitest";
import { database } from "@/server/core/db";
import { runOnce } from "@/server/core/idempotency";
import { createId } from "@/server/core/ids";
import type { CustomerCaller } from "@/server/core/trpc";
import { resolveCustomer } from "@/server/modules/accounts/caller";
import { deleteAccount, finishDeletions } from "@/server/modules/accounts/deletion";
import { getAccount } from "@/server/modules/accounts/service";
import { resolveSession, sealSession } from "@/server/modules/accounts/session";
import { MOST_ATTEMPTS, signIn } from "@/server/modules/accounts/sign-in";
import { confirmSignUp, requestReset, requestSignUp } from "@/server/modules/accounts/sign-up";
import { codeOf, newContext, newCustomer, newestToken, newName, PASSWORD, refusalOf, useAccounts } from "@/server/modules/accounts/test-support";
import { recordPredictions } from "@/server/modules/history/service";
import { makePrediction } from "@/server/modules/history/test-support";
import { createKey } from "@/server/modules/keys/service";
import { recordCall, takeRows } from "@/server/modules/usage/service";

beforeAll(async () => useAccounts("accounts-deletion", process.env.MONGODB_URI));

const noWait = async () => undefined;

async function db() {
  const connection = await database();
  if (!connection.db) throw new Error("The connection has no database.");
  return connection.db;
}

/** Every document of the whole database, as one text with the collection in front of each line. */
async function dump(): Promise<string> {
  const own = await db();
  const names = (await own.listCollections().toArray()).map(({ name }) => name);
  const lines = names.map(async (name) => (await own.collection(name).find().toArray()).map((document) => `${name} ${EJSON.stringify(document)}`));
  return (await Promise.all(lines)).flat().join("\n");
}

async function callerOf(customer: { customerId: string; sessionVersion: number }): Promise<CustomerCaller> {
  const caller = await resolveSession(await sealSession(customer));
  if (!caller) throw new Error("There is no such customer.");
  return caller;
}

/** A customer with something in every corner. */
async function newBusyCustomer() {
  const name = `Zebulon ${newName("Quist")} Esq.`;
  const customer = await newCustomer({ name });
  const caller = await callerOf(customer);
  const { secret } = await createKey(customer.customerId, { name: "mine", models: null, expires_in_days: null });
  await resolveCustomer({ authorization: `Bearer ${secret}`, session: null });
  await recordPredictions(caller, [makePrediction(new Date()), makePrediction(new Date())]);
  await takeRows(caller, "house-price", 2);
  await recordCall(caller, "house-price", 2);
  const call = { callerId: caller.id, route: "POST /x", key: newName("key"), body: "{}" };
  await runOnce(call, async () => ({ status: 200, headers: [], body: JSON.stringify({ customer: name }) }));
  await requestReset(newContext(), customer.email);
  await requestSignUp(newContext(), { email: customer.email.toUpperCase(), name, password: PASSWORD });
  await codeOf(signIn({ email: customer.email, password: "not the password", address: newName("address") }));
  return { ...customer, name, secret, session: await sealSession(customer) };
}

function traces(text: string, { customerId, email, name }: { customerId: string; email: string; name: string }): string[] {
  const needles = [customerId, email, name].map((needle) => needle.toLowerCase());
  return text.split("\n").filter((line) => needles.some((needle) => line.toLowerCase().includes(needle)));
}

describe("deleting an account", () => {
  it("leaves nothing in any collection that names the customer, and leaves everybody else alone", async () => {
    const [leaving, staying] = [await newBusyCustomer(), await newBusyCustomer()];
    const before = await dump();
    const kept = traces(before, staying);
    const collections = new Set(traces(before, leaving).map((line) => line.split(" ")[0]));
    for (const name of ["accounts", "account_links", "outbox", "idempotent_calls"]) expect(collections).toContain(name);
    expect(collections.size).toBeGreaterThanOrEqual(7);
    expect(await deleteAccount(leaving.customerId, { email: leaving.email.toUpperCase(), password: PASSWORD }, noWait)).toEqual({ done: true });
    const after = await dump();
    expect(traces(after, leaving)).toEqual([]);
    expect(traces(after, staying)).toEqual(kept);
  });

  it("ends sessions, keys and the way in at once, and frees the address", async () => {
    const leaving = await newBusyCustomer();
    let during: string[] = [];
    await deleteAccount(leaving.customerId, { email: leaving.email, password: PASSWORD }, async () => {
      const key = codeOf(resolveCustomer({ authorization: `Bearer ${leaving.secret}`, session: null }));
      during = [await key, String(await resolveSession(leaving.session)), await codeOf(getAccount(leaving.customerId))];
    });
    expect(during).toEqual(["key_revoked", "null", "not_found"]);
    expect(await resolveSession(leaving.session)).toBeNull();
    expect(await codeOf(signIn({ email: leaving.email, password: PASSWORD, address: newName("address") }))).toBe("sign_in_refused");
    const again = await newCustomer({ email: leaving.email });
    expect(again.customerId).not.toBe(leaving.customerId);
  });

  it("waits for calls that another process still takes, so that what they write down goes as well", async () => {
    const leaving = await newBusyCustomer();
    const caller = await callerOf(leaving);
    await deleteAccount(leaving.customerId, { email: leaving.email, password: PASSWORD }, async (ms) => {
      expect(ms).toBeGreaterThan(3_000);
      await recordPredictions(caller, [makePrediction(new Date())]);
    });
    expect(traces(await dump(), leaving)).toEqual([]);
  });

  it("wants the address typed again, and the password where there is one", async () => {
    const { customerId, email } = await newCustomer();
    const refused = async (input: { email: string; password?: string }, pointer: string) => {
      const refusal = await refusalOf(deleteAccount(customerId, input, noWait));
      expect(refusal).toMatchObject({ code: "invalid_input", errors: [{ pointer }] });
    };
    await refused({ email: "other@example.com", password: PASSWORD }, "#/email");
    await refused({ email }, "#/password");
    await refused({ email, password: "not the password" }, "#/password");
    expect(await getAccount(customerId)).toMatchObject({ email });
    await (await db()).collection<{ _id: string }>("accounts").updateOne({ _id: customerId }, { $set: { passwordHash: null } });
    expect(await deleteAccount(customerId, { email }, noWait)).toEqual({ done: true });
  });

  it("cannot be tried with passwords without end", async () => {
    const { customerId, email } = await newCustomer();
    const attempt = (password: string) => codeOf(deleteAccount(customerId, { email, password }, noWait));
    for (let n = 0; n < MOST_ATTEMPTS; n++) expect(await attempt("not the password")).toBe("invalid_input");
    expect(await attempt(PASSWORD)).toBe("sign_in_locked");
  });

  it("is finished later where a process died on the way", async () => {
    const leaving = await newBusyCustomer();
    const died = deleteAccount(leaving.customerId, { email: leaving.email, password: PASSWORD }, async () => {
      throw new Error("died");
    });
    await expect(died).rejects.toThrow("died");
    await finishDeletions();
    expect(traces(await dump(), leaving)).not.toEqual([]);
    await finishDeletions(Date.now() + 60_000);
    expect(traces(await dump(), leaving)).toEqual([]);
  });

  it("that was broken off is finished before the same person signs up again, and leaves that sign-up alone", async () => {
    const leaving = await newBusyCustomer();
    const died = deleteAccount(leaving.customerId, { email: leaving.email, password: PASSWORD }, async () => {
      throw new Error("died");
    });
    await expect(died).rejects.toThrow("died");
    await requestSignUp(newContext(), { email: leaving.email, name: "Back again", password: PASSWORD });
    await finishDeletions(Date.now() + 60_000);
    await confirmSignUp(await newestToken(leaving.email), PASSWORD);
    const signedIn = await signIn({ email: leaving.email, password: PASSWORD, address: newName("address") });
    expect(signedIn.customerId).not.toBe(leaving.customerId);
    expect(await dump()).not.toContain(leaving.customerId);
  });

  it("answers not_found for an account that is gone", async () => {
    expect(await codeOf(deleteAccount(createId("customer"), { email: "a@example.com" }, noWait))).toBe("not_found");
  });
});
