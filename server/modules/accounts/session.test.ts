import { encode } from "next-auth/jwt";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { database } from "@/server/core/db";
import { moveMoment } from "@/server/core/moments";
import { readSessionSecret } from "@/server/core/secrets";
import { resolveCustomer } from "@/server/modules/accounts/caller";
import { changePassword, getAccount, signOutEverywhere, updateAccount } from "@/server/modules/accounts/service";
import { isSuspendedSession, resolveSession, sealSession } from "@/server/modules/accounts/session";
import { MOST_ATTEMPTS, signIn } from "@/server/modules/accounts/sign-in";
import { codeOf, newCustomer, newName, PASSWORD, refusalOf, useAccounts } from "@/server/modules/accounts/test-support";
import { createKey } from "@/server/modules/keys/service";

const OTHER_PASSWORD = "another long password";

beforeAll(async () => {
  vi.stubEnv("CONTACT_EMAIL", "help@vitrine.test");
  await useAccounts("accounts-session", process.env.MONGODB_URI);
});

async function change(customerId: string, $set: Record<string, unknown>): Promise<void> {
  const { db } = await database();
  if (!db) throw new Error("The connection has no database.");
  await db.collection<{ _id: string }>("accounts").updateOne({ _id: customerId }, { $set });
}

const anyKey = { name: "test", models: null, expires_in_days: null };

describe("a session", () => {
  it("leads to its customer, with what the plan and the agreement allow", async () => {
    const customer = await newCustomer();
    await change(customer.customerId, { plan: "team", limits: { rowsPerMinute: 7 } });
    expect(await resolveSession(await sealSession(customer))).toEqual({
      kind: "customer",
      id: `customer:${customer.customerId}`,
      customerId: customer.customerId,
      plan: "team",
      limits: { rowsPerMinute: 7, rowsPerMonth: 1_000_000, rowsPerCall: 1_000, retentionDays: 90 },
      via: { kind: "session" },
    });
  });

  it("is over when all were ended, and a later one is good", async () => {
    const customer = await newCustomer();
    const now = Date.now();
    vi.useFakeTimers({ toFake: ["Date"], now: now - 60_000 });
    const [before, other] = [await sealSession(customer), await sealSession(await newCustomer())];
    expect(await resolveSession(before)).not.toBeNull();
    vi.setSystemTime(now - 30_000);
    await moveMoment("customer_sessions");
    expect([await resolveSession(before), await resolveSession(other)]).toEqual([null, null]);
    vi.useRealTimers();
    expect(await resolveSession(await sealSession(customer))).not.toBeNull();
  });

  it("is not taken when it was sealed with another secret, for another door, or is no session at all", async () => {
    const { customerId: sub } = await newCustomer();
    const secret = await readSessionSecret();
    const salt = "vitrine customer session";
    const seal = (claims: object, sealedWith: object) => encode({ token: { ...claims }, secret, salt, ...sealedWith });
    const good = { sub, sv: 1, sid: "a", typ: "customer" };
    expect(await resolveSession(await seal(good, {}))).not.toBeNull();
    const bad = [
      await seal(good, { secret: "x".repeat(64) }),
      await seal(good, { salt: "" }),
      await seal(good, { maxAge: -60 }),
      await seal({ sub, sv: 1, sid: "a" }, {}),
      await seal({ sub, sv: 1, typ: "customer" }, {}),
      await seal({ sub, sv: 1, sid: "a", typ: "operator" }, {}),
      await seal({ sub, sv: "1", sid: "a", typ: "customer" }, {}),
      "",
      "a.b.c.d.e",
      `${await seal(good, {})}x`,
    ];
    for (const token of bad) expect(await resolveSession(token)).toBeNull();
  });

  it.each([
    ["signing out everywhere", async (id: string) => void (await signOutEverywhere(id))],
    ["a new password", async (id: string) => void (await changePassword(id, { current: PASSWORD, password: OTHER_PASSWORD }))],
    ["a suspension", async (id: string) => change(id, { suspendedAt: new Date() })],
    ["the begin of a deletion", async (id: string) => change(id, { deletingAt: new Date() })],
  ])("is ended at once by %s", async (_what, end) => {
    const customer = await newCustomer();
    const session = await sealSession(customer);
    expect(await resolveSession(session)).not.toBeNull();
    await end(customer.customerId);
    expect(await resolveSession(session)).toBeNull();
  });
});

describe("the customer of a call", () => {
  it("is the same by key and by session, and the key counts where both come along", async () => {
    const [one, other] = [await newCustomer(), await newCustomer()];
    const { secret, id } = await createKey(one.customerId, anyKey);
    const authorization = `Bearer ${secret}`;
    const byKey = await resolveCustomer({ authorization, session: null });
    expect(byKey).toMatchObject({ customerId: one.customerId, via: { kind: "key", keyId: id, models: null } });
    expect(await resolveCustomer({ authorization, session: await sealSession(other) })).toEqual(byKey);
    const bySession = await resolveCustomer({ authorization: null, session: await sealSession(one) });
    expect(bySession).toEqual({ ...byKey, via: { kind: "session" } });
  });

  it("is nobody without either, or with a session that is over", async () => {
    expect(await resolveCustomer({ authorization: null, session: null })).toBeNull();
    expect(await resolveCustomer({ authorization: null, session: "over" })).toBeNull();
  });

  it("is refused with any other or a malformed Authorization, even beside a good session", async () => {
    const session = await sealSession(await newCustomer());
    const wrong = ["", "Basic dXNlcjpwYXNz", "Bearer", "Bearer ", "Bearer sk_live_abc", "vt_live_abc", "Bearer vt_live_a b", "Bearer vt_live_unknown"];
    for (const authorization of wrong) expect(await codeOf(resolveCustomer({ authorization, session }))).toBe("key_invalid");
  });

  it("with a session is told that the account is suspended, for as long as nothing else has ended the session", async () => {
    const customer = await newCustomer();
    const session = await sealSession(customer);
    expect(await isSuspendedSession(session)).toBe(false);
    await change(customer.customerId, { suspendedAt: new Date() });
    expect([await resolveSession(session), await isSuspendedSession(session)]).toEqual([null, true]);
    for (const other of ["", "made up", session.slice(0, -4)]) expect(await isSuspendedSession(other)).toBe(false);
    await signOutEverywhere(customer.customerId);
    expect(await isSuspendedSession(session)).toBe(false);
  });

  it("is told that the account is suspended, and whom to write to", async () => {
    const { customerId } = await newCustomer();
    const { secret } = await createKey(customerId, anyKey);
    await change(customerId, { suspendedAt: new Date() });
    const refusal = await refusalOf(resolveCustomer({ authorization: `Bearer ${secret}`, session: null }));
    expect(refusal).toMatchObject({ code: "forbidden", message: expect.stringMatching(/suspended.*help@vitrine\.test/) });
  });
});

describe("an account", () => {
  it("takes another name", async () => {
    const { customerId } = await newCustomer();
    expect(await updateAccount(customerId, { name: "Ada Lovelace" })).toMatchObject({ id: customerId, name: "Ada Lovelace" });
    expect(await getAccount(customerId)).toMatchObject({ name: "Ada Lovelace" });
  });

  it("takes a new password only with the one it has, and only one that is not guessed first", async () => {
    const { customerId, email } = await newCustomer();
    const wrong = { code: "invalid_input", errors: [{ pointer: "#/current" }] };
    expect(await refusalOf(changePassword(customerId, { password: OTHER_PASSWORD }))).toMatchObject(wrong);
    expect(await refusalOf(changePassword(customerId, { current: "not the one", password: OTHER_PASSWORD }))).toMatchObject(wrong);
    const common = await refusalOf(changePassword(customerId, { current: PASSWORD, password: "qwertyuiop" }));
    expect(common).toMatchObject({ code: "invalid_input", errors: [{ pointer: "#/password" }] });
    expect(await codeOf(signIn({ email, password: PASSWORD, address: newName("address") }))).toBe("none");
    expect(await changePassword(customerId, { current: PASSWORD, password: OTHER_PASSWORD })).toEqual({ done: true });
    expect(await codeOf(signIn({ email, password: OTHER_PASSWORD, address: newName("address") }))).toBe("none");
  });

  it("that has no password takes one without", async () => {
    const { customerId } = await newCustomer();
    await change(customerId, { passwordHash: null });
    expect(await getAccount(customerId)).toMatchObject({ has_password: false });
    expect(await changePassword(customerId, { password: OTHER_PASSWORD })).toEqual({ done: true });
    expect(await getAccount(customerId)).toMatchObject({ has_password: true });
  });

  it("does not let an open page guess its password without end", async () => {
    const { customerId } = await newCustomer();
    const guess = () => codeOf(changePassword(customerId, { current: "not the one", password: OTHER_PASSWORD }));
    for (let n = 0; n < MOST_ATTEMPTS; n++) expect(await guess()).toBe("invalid_input");
    expect(await codeOf(changePassword(customerId, { current: PASSWORD, password: OTHER_PASSWORD }))).toBe("sign_in_locked");
  });
});
