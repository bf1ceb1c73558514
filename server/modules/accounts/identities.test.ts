import { beforeAll, describe, expect, it } from "vitest";
import { readGithub, readGoogle } from "@/server/api/auth-providers";
import { database } from "@/server/core/db";
import { signInWithIdentity as signInFrom, type Vouched } from "@/server/modules/accounts/identities";
import { getAccount } from "@/server/modules/accounts/service";
import { codeOf, newCustomer, newEmail, newName, useAccounts } from "@/server/modules/accounts/test-support";

beforeAll(async () => useAccounts("accounts-identities", process.env.MONGODB_URI));

const signInWithIdentity = async (vouched: Vouched) => signInFrom(vouched, newName("network"));

const newPerson = (verifiedEmail: string | null, name: string | null = "Grace") =>
  ({ provider: "github", subject: newName("subject"), verifiedEmail, name }) as const;

describe("an identity of GitHub or Google", () => {
  it("makes an account without a password the first time, and leads to it afterwards", async () => {
    const email = newEmail();
    const person = newPerson(email);
    const first = await signInWithIdentity(person);
    expect(await getAccount(first.customerId)).toMatchObject({ email, name: "Grace", has_password: false, identities: ["github"] });
    const { customerId, sessionVersion } = first;
    expect(await signInWithIdentity({ ...person, verifiedEmail: newEmail(), name: "Other" })).toMatchObject({ customerId, sessionVersion });
    expect((await getAccount(first.customerId)).last_sign_in_at).not.toBeNull();
  });

  it("is added to the account that has its confirmed address", async () => {
    const { email, customerId } = await newCustomer();
    const person = newPerson(email.toUpperCase());
    expect(await signInWithIdentity(person)).toMatchObject({ customerId });
    expect(await signInWithIdentity({ ...newPerson(email), provider: "google" })).toMatchObject({ customerId });
    expect(await signInWithIdentity({ ...person, verifiedEmail: null })).toMatchObject({ customerId });
    expect(await getAccount(customerId)).toMatchObject({ name: "Ada", has_password: true, identities: ["github", "google"] });
  });

  it("opens nothing by an address that its provider does not call confirmed", async () => {
    expect(await codeOf(signInWithIdentity(newPerson(null)))).toBe("forbidden");
    expect(await codeOf(signInWithIdentity(newPerson("no address")))).toBe("forbidden");
  });

  it("with the same number at another provider is somebody else", async () => {
    const one = newPerson(newEmail());
    const other = { ...one, provider: "google", verifiedEmail: newEmail() } as const;
    expect((await signInWithIdentity(one)).customerId).not.toBe((await signInWithIdentity(other)).customerId);
  });

  it("makes one account when it signs in twice at once", async () => {
    const person = newPerson(newEmail());
    const [one, other] = await Promise.all([signInWithIdentity(person), signInWithIdentity(person)]);
    expect(one.customerId).toBe(other.customerId);
    expect((await getAccount(one.customerId)).identities).toEqual(["github"]);
  });

  it("does not sign in to a suspended account", async () => {
    const { email, customerId } = await newCustomer();
    const { db } = await database();
    await db?.collection<{ _id: string }>("accounts").updateOne({ _id: customerId }, { $set: { suspendedAt: new Date() } });
    expect(await codeOf(signInWithIdentity(newPerson(email)))).toBe("forbidden");
  });

  it("takes a name from the address where the provider says none", async () => {
    const email = newEmail();
    const { customerId } = await signInWithIdentity(newPerson(email, " "));
    expect(await getAccount(customerId)).toMatchObject({ name: email.split("@")[0] });
  });
});

describe("what a provider says", () => {
  const user = { id: 17, login: "grace", name: null, email: "typed@example.com" };

  it("of GitHub counts as confirmed only where its list of addresses says primary and verified", () => {
    const address = (verified: boolean, primary: boolean) => [{ email: "grace@example.com", verified, primary }];
    const said = { provider: "github", subject: "17", name: "grace" };
    expect(readGithub(user, address(true, true))).toEqual({ ...said, verifiedEmail: "grace@example.com" });
    for (const list of [address(false, true), address(true, false), []]) expect(readGithub(user, list)).toEqual({ ...said, verifiedEmail: null });
  });

  it("of Google counts as confirmed only where the token says so", () => {
    const claims = { sub: "9", email: "grace@example.com", name: "Grace" };
    const said = { provider: "google", subject: "9", name: "Grace" };
    expect(readGoogle({ ...claims, email_verified: true })).toEqual({ ...said, verifiedEmail: "grace@example.com" });
    for (const rest of [{ email_verified: false }, {}]) expect(readGoogle({ ...claims, ...rest })).toEqual({ ...said, verifiedEmail: null });
  });
});
