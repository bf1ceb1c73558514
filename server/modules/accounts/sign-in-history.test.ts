import { beforeAll, describe, expect, it } from "vitest";
import { changeAccount } from "@/server/modules/accounts/repository";
import { deleteAccount } from "@/server/modules/accounts/deletion";
import { signInWithIdentity } from "@/server/modules/accounts/identities";
import { countOpenSessions, requireAccount } from "@/server/modules/accounts/service.admin";
import { signOutEverywhere } from "@/server/modules/accounts/service";
import { endSession, sealSession } from "@/server/modules/accounts/session";
import { signIn } from "@/server/modules/accounts/sign-in";
import { listSignIns } from "@/server/modules/accounts/sign-in-history";
import { codeOf, newCustomer, newEmail, newName, PASSWORD, useAccounts } from "@/server/modules/accounts/test-support";

beforeAll(async () => useAccounts("accounts-sign-ins", process.env.MONGODB_URI));

const told = async (customerId: string) => (await listSignIns(customerId)).map(({ how, outcome, network }) => [how, outcome, network]);

describe("the history of sign-ins", () => {
  it("tells what worked, wrong passwords and refusals of a suspended account, newest first, each with its network", async () => {
    const { customerId, email } = await newCustomer();
    const [first] = await told(customerId);
    const network = newName("network");
    await codeOf(signIn({ email, password: "not the password", address: network }));
    await expect.poll(async () => told(customerId)).toEqual([["password", "wrong_password", network], first]);
    await changeAccount(customerId, { suspendedAt: new Date() });
    expect(await codeOf(signIn({ email, password: PASSWORD, address: network }))).toBe("forbidden");
    await expect.poll(async () => (await told(customerId))[0]).toEqual(["password", "suspended", network]);
  });

  it("tells which provider somebody came by", async () => {
    const vouched = { provider: "github", subject: newName("subject"), verifiedEmail: newEmail(), name: "Grace" } as const;
    const network = newName("network");
    const { customerId } = await signInWithIdentity(vouched, network);
    expect(await told(customerId)).toEqual([["github", "done", network]]);
  });

  it("keeps nothing of an address that has no account, and goes with the account", async () => {
    const { customerId, email } = await newCustomer();
    await codeOf(signIn({ email: newEmail(), password: "not the password", address: newName("network") }));
    await deleteAccount(customerId, { email, password: PASSWORD }, async () => undefined);
    expect(await told(customerId)).toEqual([]);
  });
});

describe("the count of signed-in pages", () => {
  const count = async (customerId: string) => countOpenSessions(await requireAccount(customerId));

  it("goes up with each sign-in, down by one with a sign-out, and to none when all sessions end", async () => {
    const { customerId, email } = await newCustomer();
    const again = await signIn({ email, password: PASSWORD, address: newName("network") });
    expect(await count(customerId)).toBe(2);
    await endSession(await sealSession(again));
    expect(await count(customerId)).toBe(1);
    await signOutEverywhere(customerId);
    expect(await count(customerId)).toBe(0);
  });

  it("is none while the account is suspended", async () => {
    const { customerId } = await newCustomer();
    await changeAccount(customerId, { suspendedAt: new Date() });
    expect(await count(customerId)).toBe(0);
  });
});
