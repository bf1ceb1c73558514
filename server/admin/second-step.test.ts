import { encode } from "next-auth/jwt";
import { Secret, TOTP } from "otpauth";
import { afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import type { TwoFactorSetup } from "@/lib/contracts/operators.admin";
import {
  askDoor,
  codeOf,
  cookiesOf,
  createSignedIn,
  dataOf,
  endOf,
  pageOf,
  PASSWORD,
  placeOf,
  sendForm,
  type SignedInOperator,
} from "@/server/admin/test-support";
import { newAddress, useOwnDatabase } from "@/server/api/test-support";
import { readConsoleSecret } from "@/server/core/secrets";
import { findOperator } from "@/server/modules/operators/repository";

beforeAll(async () => {
  await useOwnDatabase("console-second-step", process.env.MONGODB_URI);
});

const signIn = async (email: string, address = newAddress()) => sendForm("callback/password", { email, password: PASSWORD }, {}, address);
const ask = async (path: string, input: object, { page }: Pick<SignedInOperator, "page">) => askDoor(path, input, page);
const tokenOf = (response: Response) => cookiesOf(response).get("console.session")?.value ?? "";

// The clock stands in the middle of a step, so that none ends while a test runs.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: Math.floor(Date.now() / 30_000) * 30_000 + 15_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

interface Armed extends SignedInOperator {
  totp: TOTP;
  codes: string[];
}

/** An operator with an authenticator. Its code of 30 s ago proved it, so that the ones of now and later are left. */
async function createArmed(): Promise<Armed> {
  const operator = await createSignedIn("owner", true);
  const { secret } = await dataOf<TwoFactorSetup>(await ask("me.beginTwoFactor", {}, operator));
  const totp = new TOTP({ secret: Secret.fromBase32(secret), algorithm: "SHA1", digits: 6, period: 30 });
  const { codes } = await dataOf<{ codes: string[] }>(await ask("me.finishTwoFactor", { code: codeAt(totp, -30) }, operator));
  return { ...operator, totp, codes };
}
const codeAt = (totp: TOTP, seconds: number) => totp.generate({ timestamp: Date.now() + seconds * 1000 });

const pendingOf = async ({ email }: SignedInOperator) => {
  const response = await signIn(email);
  expect(response.headers.get("location")).toBe("/admin/sign-in/code");
  expect([...cookiesOf(response).keys()]).toEqual(["console.pending"]);
  return cookiesOf(response).get("console.pending");
};
const sendCode = async (pending: string, code: string, address = newAddress()) =>
  sendForm("callback/code", { code }, { cookie: `console.pending=${pending}` }, address);

it("the second step is owed after the right password, and a code ends it", async () => {
  const armed = await createArmed();
  const pending = await pendingOf(armed);
  expect(pending?.attributes).toEqual(["Path=/admin", "Max-Age=300", "HttpOnly", "SameSite=Strict"]);
  const response = await sendCode(pending?.value ?? "", codeAt(armed.totp, 0));
  expect(response.headers.get("location")).toBe("/admin");
  expect(await codeOf(await askDoor("me.get", {}, pageOf(tokenOf(response))))).toBe("ok");
});

it("the second step takes a code once", async () => {
  const armed = await createArmed();
  const code = codeAt(armed.totp, 0);
  expect(await endOf(sendCode((await pendingOf(armed))?.value ?? "", code))).toBe("in");
  expect(await endOf(sendCode((await pendingOf(armed))?.value ?? "", code))).toMatch(/^code_refused/);
});

it("the second step takes one code once also of two at the same moment", async () => {
  const armed = await createArmed();
  const pending = (await pendingOf(armed))?.value ?? "";
  const code = codeAt(armed.totp, 0);
  const ends = await Promise.all([endOf(sendCode(pending, code)), endOf(sendCode(pending, code))]);
  expect(ends.filter((end) => end === "in")).toHaveLength(1);
});

it("the second step takes no code of a step that is behind the last one taken", async () => {
  const armed = await createArmed();
  expect(await endOf(sendCode((await pendingOf(armed))?.value ?? "", codeAt(armed.totp, 30)))).toBe("in");
  expect(await endOf(sendCode((await pendingOf(armed))?.value ?? "", codeAt(armed.totp, 0)))).toMatch(/^code_refused/);
});

it("the second step takes each recovery code once, however it is typed", async () => {
  const armed = await createArmed();
  const [code = ""] = armed.codes;
  expect(armed.codes).toHaveLength(10);
  const typed = ` ${code.toUpperCase().replaceAll("-", " ")}`;
  expect(await endOf(sendCode((await pendingOf(armed))?.value ?? "", typed))).toBe("in");
  expect(await endOf(sendCode((await pendingOf(armed))?.value ?? "", code))).toMatch(/^code_refused/);
  expect((await findOperator(armed._id))?.twoFactor?.recovery).toHaveLength(9);
});

it("the second step stores neither secret nor recovery codes as they are", async () => {
  const armed = await createArmed();
  const stored = JSON.stringify(await findOperator(armed._id));
  for (const text of [armed.totp.secret.base32, ...armed.codes, ...armed.codes.map((code) => code.replaceAll("-", ""))]) {
    expect(stored.toLowerCase()).not.toContain(text.toLowerCase());
  }
});

it("the second step is over after five minutes, and without a first step there is none", async () => {
  const { _id: sub, totp } = await createArmed();
  const token = { sub, typ: "second-step" };
  const old = await encode({ token, secret: await readConsoleSecret(), salt: "vitrine console second step", maxAge: -30 });
  for (const pending of [old, "nothing", (await createSignedIn("owner")).token]) {
    const place = placeOf(await sendCode(pending, codeAt(totp, 0)));
    expect(place.pathname).toBe("/admin/sign-in");
    expect(place.searchParams.get("error")).toBe("sign_in_refused");
  }
});

it("the second step counts wrong codes as tries, and the right password buys no more of them", async () => {
  const armed = await createArmed();
  const address = newAddress();
  const pending = cookiesOf(await signIn(armed.email, address)).get("console.pending")?.value ?? "";
  const ends: string[] = [];
  for (let attempt = 0; attempt < 3; attempt++) ends.push(await endOf(sendCode(pending, "000000", address)));
  expect(ends).toEqual(["code_refused 3", "code_refused 2", "code_refused 1"]);
  await signIn(armed.email, address);
  expect(await endOf(sendCode(pending, codeAt(armed.totp, 0), address))).toBe("sign_in_locked");
});

it("the second step cannot be taken away by a session that guesses codes, nor replaced without one", async () => {
  const armed = await createArmed();
  expect(await codeOf(await ask("me.beginTwoFactor", {}, armed))).toBe("conflict");
  const address = newAddress();
  const guess = async (code: string) => codeOf(await askDoor("me.endTwoFactor", { code }, armed.page, address));
  for (let attempt = 0; attempt < 5; attempt++) expect(await guess("000000")).toBe("code_refused");
  expect(await guess(codeAt(armed.totp, 0))).toBe("sign_in_locked");
  expect(await codeOf(await ask("me.endTwoFactor", { code: codeAt(armed.totp, 0) }, armed))).toBe("sign_in_locked");
});

it("the second step is not asked for before a first code proved the authenticator", async () => {
  const operator = await createSignedIn("viewer", true);
  await ask("me.beginTwoFactor", {}, operator);
  expect(await codeOf(await ask("me.finishTwoFactor", { code: "000000" }, operator))).toBe("code_refused");
  expect(await endOf(signIn(operator.email))).toBe("in");
});
