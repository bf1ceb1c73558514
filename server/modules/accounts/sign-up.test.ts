import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { database } from "@/server/core/db";
import { getAccount } from "@/server/modules/accounts/service";
import { resolveSession, sealSession } from "@/server/modules/accounts/session";
import { signIn } from "@/server/modules/accounts/sign-in";
import { confirmSignUp, MAILS_PER_ASKER, MAILS_PER_HOUR, MOST_TRIES, requestReset, requestSignUp, resetPassword } from "@/server/modules/accounts/sign-up";
import {
  codeOf,
  mailsTo,
  newContext,
  newCustomer,
  newEmail,
  newestToken,
  newName,
  ORIGIN,
  PASSWORD,
  refusalOf,
  useAccounts,
} from "@/server/modules/accounts/test-support";

const OTHER_PASSWORD = "another long password";

beforeAll(async () => useAccounts("accounts-sign-up", process.env.MONGODB_URI));

async function collection(name: string) {
  const { db } = await database();
  if (!db) throw new Error("The connection has no database.");
  return db.collection<{ _id: string; email: string; expiresAt: Date }>(name);
}

const signInWith = (email: string, password: string) => signIn({ email, password, address: newName("address") });

describe("signing up", () => {
  it("makes no account before the mailed link was opened, and one afterwards that can be signed in to", async () => {
    const email = newEmail();
    expect(await requestSignUp(newContext(), { email, name: "Ada", password: PASSWORD })).toEqual({ sent: true });
    expect(await codeOf(signInWith(email, PASSWORD))).toBe("sign_in_refused");
    expect(await confirmSignUp(await newestToken(email), PASSWORD)).toEqual({ email });
    const { customerId } = await signInWith(email.toUpperCase(), PASSWORD);
    expect(customerId).toMatch(/^cus_[0-9A-HJKMNP-TV-Z]{26}$/);
    expect(await getAccount(customerId)).toMatchObject({ email, name: "Ada", plan: "free", has_password: true, identities: [] });
  });

  it("mails a link that begins with our own address and stores only its hash", async () => {
    const email = newEmail();
    await requestSignUp(newContext(), { email, name: "Ada", password: PASSWORD });
    const token = await newestToken(email);
    expect((await mailsTo(email))[0]?.text).toContain(`${ORIGIN}/confirm?token=${token}`);
    const links = await (await collection("account_links")).find({ email }).toArray();
    expect(links).toHaveLength(1);
    expect(JSON.stringify(links)).not.toContain(token);
    expect(JSON.stringify(links)).not.toContain(PASSWORD);
  });

  it("takes a link once", async () => {
    const email = newEmail();
    await requestSignUp(newContext(), { email, name: "Ada", password: PASSWORD });
    const token = await newestToken(email);
    const codes = await Promise.all([codeOf(confirmSignUp(token, PASSWORD)), codeOf(confirmSignUp(token, PASSWORD))]);
    expect(codes.toSorted()).toEqual(["link_invalid", "none"]);
  });

  it("does not take a link after a day", async () => {
    const email = newEmail();
    await requestSignUp(newContext(), { email, name: "Ada", password: PASSWORD });
    const links = await collection("account_links");
    const link = await links.findOne({ email });
    expect(Math.abs((link?.expiresAt.getTime() ?? 0) - Date.now() - 86_400_000)).toBeLessThan(60_000);
    await links.updateOne({ email }, { $set: { expiresAt: new Date(Date.now() - 1) } });
    expect(await codeOf(confirmSignUp(await newestToken(email), PASSWORD))).toBe("link_invalid");
  });

  it("confirms the password of the very sign-up that the link was mailed for, whoever signed up again in between", async () => {
    const email = newEmail();
    await requestSignUp(newContext(), { email, name: "Ada", password: PASSWORD });
    const owners = await newestToken(email);
    await requestSignUp(newContext(), { email, name: "Mallory", password: OTHER_PASSWORD });
    const strangers = await newestToken(email);
    await confirmSignUp(owners, PASSWORD);
    expect(await codeOf(signInWith(email, OTHER_PASSWORD))).toBe("sign_in_refused");
    expect(await getAccount((await signInWith(email, PASSWORD)).customerId)).toMatchObject({ name: "Ada" });
    expect(await codeOf(confirmSignUp(strangers, OTHER_PASSWORD))).toBe("link_invalid");
  });

  it("makes one account of two links that are opened at once", async () => {
    const email = newEmail();
    await requestSignUp(newContext(), { email, name: "Ada", password: PASSWORD });
    const first = await newestToken(email);
    await requestSignUp(newContext(), { email: email.toUpperCase(), name: "Ada", password: PASSWORD });
    const second = await newestToken(email.toUpperCase());
    const codes = await Promise.all([codeOf(confirmSignUp(first, PASSWORD)), codeOf(confirmSignUp(second, PASSWORD))]);
    expect(codes.toSorted()).toEqual(["link_invalid", "none"]);
  });

  it("answers the same for an address that has an account, changes nothing, and tells its owner", async () => {
    const { email, customerId } = await newCustomer();
    expect(await requestSignUp(newContext(), { email: email.toUpperCase(), name: "Mallory", password: OTHER_PASSWORD })).toEqual({ sent: true });
    const [mail] = await mailsTo(email);
    expect(mail?.subject).toBe("You have a Vitrine account already");
    expect(mail?.text).toContain(`${ORIGIN}/sign-in`);
    expect(mail?.text).not.toContain("token=");
    expect(await getAccount(customerId)).toMatchObject({ name: "Ada" });
    expect(await codeOf(signInWith(email, OTHER_PASSWORD))).toBe("sign_in_refused");
  });

  it("refuses passwords that are guessed first with a pointer, before anything is mailed", async () => {
    const email = newEmail();
    const refusal = await refusalOf(requestSignUp(newContext(), { email, name: "Ada", password: "Password123" }));
    expect(refusal).toMatchObject({ code: "invalid_input", errors: [{ pointer: "#/password" }] });
    expect(await mailsTo(email)).toEqual([]);
  });

  it("asks for the password of the sign-up, a few times: a mailbox's owner does not confirm what a stranger signed up", async () => {
    const email = newEmail();
    await requestSignUp(newContext(), { email, name: "Mallory", password: OTHER_PASSWORD });
    const token = await newestToken(email);
    expect(await refusalOf(confirmSignUp(token, PASSWORD))).toMatchObject({ code: "invalid_input", errors: [{ pointer: "#/password" }] });
    expect(await codeOf(signInWith(email, OTHER_PASSWORD))).toBe("sign_in_refused");
    const tries = await Promise.all(Array.from({ length: MOST_TRIES }, () => codeOf(confirmSignUp(token, PASSWORD))));
    expect(tries).toContain("link_invalid");
    expect(await codeOf(confirmSignUp(token, OTHER_PASSWORD))).toBe("link_invalid");
  });

  it("writes one address a few mails an hour for each asker, and says nothing about it", async () => {
    const email = newEmail();
    const context = newContext();
    const signUp = (ctx: typeof context) => requestSignUp(ctx, { email, name: "Ada", password: PASSWORD });
    for (let asked = 0; asked < MAILS_PER_ASKER + 1; asked++) expect(await signUp(context)).toEqual({ sent: true });
    expect(await mailsTo(email)).toHaveLength(MAILS_PER_ASKER);
    await signUp(newContext());
    expect(await mailsTo(email)).toHaveLength(MAILS_PER_ASKER + 1);
    await Promise.all(Array.from({ length: MAILS_PER_HOUR }, () => requestReset(newContext(), email)));
    await signUp(newContext());
    expect(await mailsTo(email)).toHaveLength(MAILS_PER_ASKER + 2 + MAILS_PER_HOUR);
  });

  it("does not let sign-ups by strangers use up the mails that bring a lost password back", async () => {
    const { email } = await newCustomer();
    const context = newContext();
    for (let asked = 0; asked < MAILS_PER_ASKER; asked++) await requestSignUp(context, { email, name: "Ada", password: PASSWORD });
    await requestReset(context, email);
    expect((await mailsTo(email))[0]?.subject).toBe("Choose a new password for Vitrine");
  });

  it("limits how many mails one network address may ask for in a minute", async () => {
    const context = newContext();
    const asks = Array.from({ length: 12 }, () => codeOf(requestReset(context, newEmail())));
    expect(await Promise.all(asks)).toContain("rate_limited");
  });
});

describe("a forgotten password", () => {
  let customer: Awaited<ReturnType<typeof newCustomer>>;
  beforeEach(async () => {
    customer = await newCustomer();
    await requestReset(newContext(), customer.email);
  });

  it("is replaced by the mailed link, once, and every session ends", async () => {
    const session = await sealSession(customer);
    expect(await resolveSession(session)).not.toBeNull();
    const token = await newestToken(customer.email);
    expect(await resetPassword(token, OTHER_PASSWORD)).toEqual({ done: true });
    expect(await resolveSession(session)).toBeNull();
    expect(await codeOf(signInWith(customer.email, PASSWORD))).toBe("sign_in_refused");
    expect(await signInWith(customer.email, OTHER_PASSWORD)).toMatchObject({ customerId: customer.customerId });
    expect(await codeOf(resetPassword(token, PASSWORD))).toBe("link_invalid");
  });

  it("ends the other links of that customer when one was used", async () => {
    const first = await newestToken(customer.email);
    await requestReset(newContext(), customer.email);
    await resetPassword(await newestToken(customer.email), OTHER_PASSWORD);
    expect(await codeOf(resetPassword(first, PASSWORD))).toBe("link_invalid");
  });

  it("keeps the link for another try when the new password is a common one", async () => {
    const token = await newestToken(customer.email);
    expect(await refusalOf(resetPassword(token, "qwertyuiop"))).toMatchObject({ code: "invalid_input", errors: [{ pointer: "#/password" }] });
    expect(await resetPassword(token, OTHER_PASSWORD)).toEqual({ done: true });
  });

  it("cannot be set by a link of a sign-up, nor an account be made by a link of a reset", async () => {
    const email = newEmail();
    await requestSignUp(newContext(), { email, name: "Ada", password: PASSWORD });
    expect(await codeOf(resetPassword(await newestToken(email), OTHER_PASSWORD))).toBe("link_invalid");
    expect(await codeOf(confirmSignUp(await newestToken(customer.email), PASSWORD))).toBe("link_invalid");
  });

  it("is answered the same for an address without an account, which gets a mail without a link to a password", async () => {
    const email = newEmail();
    expect(await requestReset(newContext(), email)).toEqual({ sent: true });
    const [mail] = await mailsTo(email);
    expect(mail?.subject).toBe("No Vitrine account with this address");
    expect(mail?.text).not.toContain("token=");
  });
});
