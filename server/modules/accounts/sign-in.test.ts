import { beforeAll, describe, expect, it, vi } from "vitest";
import { closeDatabase, database } from "@/server/core/db";
import { MOST_ATTEMPTS, signIn } from "@/server/modules/accounts/sign-in";
import { requestReset, resetPassword } from "@/server/modules/accounts/sign-up";
import {
  codeOf,
  newContext,
  newCustomer,
  newEmail,
  newestToken,
  newName,
  PASSWORD,
  refusalOf,
  useAccounts,
} from "@/server/modules/accounts/test-support";

beforeAll(async () => useAccounts("accounts-sign-in", process.env.MONGODB_URI));

const WRONG = "not the password";
/** Answers that are delayed are not waited for; how long they would have been is kept. */
function newDelays() {
  const delays: number[] = [];
  return { delays, wait: async (ms: number) => void delays.push(ms) };
}

async function guess(email: string, address: string, times: number): Promise<string[]> {
  const codes = [];
  for (let n = 0; n < times; n++) codes.push(await codeOf(signIn({ email, password: WRONG, address }, newDelays().wait)));
  return codes;
}

async function accounts() {
  const { db } = await database();
  if (!db) throw new Error("The connection has no database.");
  return db.collection<{ _id: string }>("accounts");
}

describe("wrong passwords", () => {
  it.each(["known", "unknown"])("of a %s address cost nothing three times, then time, and after ten lock it for a quarter of an hour", async (kind) => {
    const email = kind === "known" ? (await newCustomer()).email : newEmail();
    const address = newName("address");
    const { delays, wait } = newDelays();
    for (let n = 0; n < MOST_ATTEMPTS; n++) expect(await codeOf(signIn({ email, password: WRONG, address }, wait))).toBe("sign_in_refused");
    expect(delays).toEqual([250, 500, 1_000, 2_000, 2_000, 2_000, 2_000]);
    const refusal = await refusalOf(signIn({ email, password: PASSWORD, address }, wait));
    expect(refusal).toMatchObject({ code: "sign_in_locked", message: expect.stringMatching(/wait 15 minutes, or ask for a new password/) });
    expect(refusal?.retryAfterSeconds).toBeGreaterThan(895);
    expect(refusal?.retryAfterSeconds).toBeLessThanOrEqual(900);
  });

  it("lock the account for that network address alone, and no other account", async () => {
    const [one, other] = [await newCustomer(), await newCustomer()];
    const address = newName("address");
    await guess(one.email, address, MOST_ATTEMPTS);
    expect(await codeOf(signIn({ ...one, address }))).toBe("sign_in_locked");
    expect(await codeOf(signIn({ ...one, address: newName("address") }))).toBe("none");
    expect(await codeOf(signIn({ ...other, address }))).toBe("none");
  });

  it("are counted before they are checked, so that guesses at the same time do not slip through", async () => {
    const { email } = await newCustomer();
    const address = newName("address");
    const guesses = Array.from({ length: 20 }, () => codeOf(signIn({ email, password: WRONG, address }, newDelays().wait)));
    const codes = await Promise.all(guesses);
    expect(codes.filter((code) => code === "sign_in_refused")).toHaveLength(MOST_ATTEMPTS);
    expect(codes.filter((code) => code === "sign_in_locked")).toHaveLength(20 - MOST_ATTEMPTS);
  });

  it("are counted for an address in whatever case it is written", async () => {
    const { email } = await newCustomer();
    const address = newName("address");
    await guess(email.toUpperCase(), address, MOST_ATTEMPTS);
    expect(await codeOf(signIn({ email, password: PASSWORD, address }))).toBe("sign_in_locked");
  });

  it("are forgotten after the right one", async () => {
    const { email } = await newCustomer();
    const address = newName("address");
    await guess(email, address, MOST_ATTEMPTS - 1);
    expect(await codeOf(signIn({ email, password: PASSWORD, address }, newDelays().wait))).toBe("none");
    expect(new Set(await guess(email, address, MOST_ATTEMPTS))).toEqual(new Set(["sign_in_refused"]));
  });

  it("are forgotten after a quarter of an hour", async () => {
    const { email } = await newCustomer();
    const address = newName("address");
    await guess(email, address, MOST_ATTEMPTS);
    const now = Date.now();
    const clock = vi.spyOn(Date, "now").mockReturnValue(now + 15 * 60 * 1000 + 1_000);
    try {
      expect(await codeOf(signIn({ email, password: PASSWORD, address }))).toBe("none");
    } finally {
      clock.mockRestore();
    }
  });

  it("do not keep the owner out who sets a new one by mail", async () => {
    const { email } = await newCustomer();
    const address = newName("address");
    await guess(email, address, MOST_ATTEMPTS);
    await requestReset(newContext(), email);
    await resetPassword(await newestToken(email), "another long password");
    expect(await codeOf(signIn({ email, password: "another long password", address }))).toBe("none");
  });

  it("of many accounts from one network address are limited per minute as well", async () => {
    const address = newName("address");
    const guesses = Array.from({ length: 32 }, () => codeOf(signIn({ email: newEmail(), password: WRONG, address })));
    expect(await Promise.all(guesses)).toContain("rate_limited");
  });
});

describe("signing in", () => {
  it("takes the same time for a known and an unknown address", async () => {
    const { email } = await newCustomer();
    const measure = async (given: string) => {
      const [started, before] = [performance.now(), process.cpuUsage()];
      await codeOf(signIn({ email: given, password: WRONG, address: newName("address") }));
      const { user, system } = process.cpuUsage(before);
      return { work: user + system, time: performance.now() - started };
    };
    const ratios: { work: number; time: number }[] = [];
    for (let pair = 0; pair < 60; pair++) {
      const unknownFirst = pair % 2 ? await measure(newEmail()) : null;
      const known = await measure(email);
      const unknown = unknownFirst ?? (await measure(newEmail()));
      ratios.push({ work: known.work / unknown.work, time: known.time / unknown.time });
    }
    const median = (values: number[]) => values.toSorted((one, other) => one - other)[values.length / 2] ?? 0;
    // The processor's time to the tenth; the clock's, which is also everybody else's on a busy machine, for waiting alone.
    const work = median(ratios.map((ratio) => ratio.work));
    const time = median(ratios.map((ratio) => ratio.time));
    expect(work, "work").toBeGreaterThan(0.9);
    expect(work, "work").toBeLessThan(1.1);
    expect(time, "time").toBeGreaterThan(0.6);
    expect(time, "time").toBeLessThan(1.6);
  }, 60_000);

  it("tells a suspended customer so, and only who knows the password", async () => {
    const { email, customerId } = await newCustomer();
    await (await accounts()).updateOne({ _id: customerId }, { $set: { suspendedAt: new Date() } });
    const refusal = await refusalOf(signIn({ email, password: PASSWORD, address: newName("address") }));
    expect(refusal).toMatchObject({ code: "forbidden", message: expect.stringContaining("suspended") });
    expect(await codeOf(signIn({ email, password: WRONG, address: newName("address") }))).toBe("sign_in_refused");
  });

  it("is refused for an account without a password, and for one that is being deleted", async () => {
    const [one, other] = [await newCustomer(), await newCustomer()];
    await (await accounts()).updateOne({ _id: one.customerId }, { $set: { passwordHash: null } });
    await (await accounts()).updateOne({ _id: other.customerId }, { $set: { deletingAt: new Date() } });
    for (const { email } of [one, other]) {
      expect(await codeOf(signIn({ email, password: PASSWORD, address: newName("address") }))).toBe("sign_in_refused");
    }
  });

  it("is shut while the database is away", async () => {
    const { email } = await newCustomer();
    const connection = await database();
    await connection.getClient().close();
    try {
      expect(await codeOf(signIn({ email, password: PASSWORD, address: newName("address") }))).toBe("database_unavailable");
    } finally {
      await closeDatabase();
    }
    expect(await codeOf(signIn({ email, password: PASSWORD, address: newName("address") }))).toBe("none");
  });
});
