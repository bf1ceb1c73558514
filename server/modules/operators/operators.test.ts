import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { Secret } from "otpauth";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { useOwnDatabase } from "@/server/api/test-support";
import { database } from "@/server/core/db";
import { keepOwnPassword } from "@/server/modules/operators/handed-password";
import { changeOperator as changeRecord, findOperators, takeAttempt } from "@/server/modules/operators/repository";
import { addOperator, changeOperator, changeOwnPassword, listOperators, resetOperator } from "@/server/modules/operators/service.admin";
import { beginSession, resolveOperatorSession } from "@/server/modules/operators/sessions";
import { checkFirstStep } from "@/server/modules/operators/sign-in";
import { createRecoveryCodes, findStep, hashRecoveryCode, openSecret, sealSecret } from "@/server/modules/operators/two-factor";

beforeAll(async () => {
  await useOwnDatabase("operators", process.env.MONGODB_URI);
});

describe("codes of an authenticator", () => {
  /** RFC 6238 appendix B, SHA-1: the last six of its eight digits. */
  const secret = Secret.fromUTF8("12345678901234567890").base32;
  const vectors: [number, string][] = [
    [59, "287082"],
    [1_111_111_109, "081804"],
    [1_111_111_111, "050471"],
    [1_234_567_890, "005924"],
    [2_000_000_000, "279037"],
    [20_000_000_000, "353130"],
  ];

  it.each(vectors)("at %d s of RFC 6238 it is %s, in this step and for clocks one step apart", (seconds, code) => {
    const step = Math.floor(seconds / 30);
    for (const apart of [-30, 0, 30]) expect(findStep(secret, code, (seconds + apart) * 1000)).toBe(step);
    for (const apart of [-60, 60]) expect(findStep(secret, code, (seconds + apart) * 1000)).toBeNull();
  });

  it("are taken with a space in between, and nothing else is a code", () => {
    expect(findStep(secret, "287 082", 59_000)).toBe(1);
    for (const text of ["", "28708", "2870820", "abcdef", "287083"]) expect(findStep(secret, text, 59_000)).toBeNull();
  });

  it("come of a secret that is sealed differently each time, and that no changed seal opens", async () => {
    const [one, other] = [await sealSecret(secret), await sealSecret(secret)];
    expect(one).not.toBe(other);
    expect(await openSecret(one)).toBe(secret);
    await expect(openSecret(`${one.slice(0, -4)}AAAA`)).rejects.toThrow(/authenticate/);
  });

  it("have recovery codes of 80 random bits, which are the same however they are typed", () => {
    const codes = createRecoveryCodes();
    expect(new Set(codes).size).toBe(10);
    for (const code of codes) {
      expect(code).toMatch(/^([a-z2-7]{4}-){3}[a-z2-7]{4}$/);
      expect(hashRecoveryCode(` ${code.toUpperCase().replaceAll("-", " ")} `)).toBe(hashRecoveryCode(code));
    }
  });
});

it("attempts are counted exactly, however many come at once", async () => {
  const now = new Date();
  const taken = await Promise.all(Array.from({ length: 20 }, async () => takeAttempt("at once", 5, now, 60_000)));
  const left = taken.flatMap((attempt) => ("left" in attempt ? [attempt.left] : []));
  expect(left.toSorted()).toEqual([0, 1, 2, 3, 4]);
  expect(await takeAttempt("at once", 5, new Date(now.getTime() + 60_000), 60_000)).toEqual({ left: 4 });
});

async function removeOperators(): Promise<void> {
  await (await database()).collection("operators").deleteMany({});
}

describe("the last owner", () => {
  let owners = 0;
  const add = async (role: "owner" | "viewer") => {
    owners += 1;
    const { id } = (await addOperator({ email: `${role}-${owners}@example.com`, name: `Owner ${owners}`, role })).result.operator;
    await changeRecord(id, await keepOwnPassword("a password of their own"));
    return id;
  };
  const activeOwners = async () => (await listOperators()).filter(({ role, status }) => role === "owner" && status !== "disabled").length;

  beforeEach(removeOperators);

  it("can neither be disabled nor become something else", async () => {
    const id = await add("owner");
    await add("viewer");
    await expect(changeOperator({ id, enabled: false })).rejects.toMatchObject({ code: "invalid_input", errors: [{ pointer: "#/enabled" }] });
    await expect(changeOperator({ id, role: "operator" })).rejects.toMatchObject({ code: "invalid_input", errors: [{ pointer: "#/role" }] });
    expect(await activeOwners()).toBe(1);
    expect((await changeOperator({ id, name: "Renamed" })).result.name).toBe("Renamed");
  });

  it("is left over when two owners end each other's ownership at the same moment", async () => {
    for (let round = 0; round < 5; round++) {
      await removeOperators();
      const [one, other] = [await add("owner"), await add("owner")];
      const ends = await Promise.allSettled([changeOperator({ id: one, role: "viewer" }), changeOperator({ id: other, enabled: false })]);
      expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      expect(await activeOwners()).toBe(1);
    }
  });

  it("does not count who has not chosen a password: what was handed over may end unused", async () => {
    const one = await add("owner");
    await addOperator({ email: "invited@example.com", name: "Invited", role: "owner" });
    await expect(changeOperator({ id: one, role: "viewer" })).rejects.toMatchObject({ code: "invalid_input" });
  });

  it("does not count who is disabled", async () => {
    const [one, other] = [await add("owner"), await add("owner")];
    await changeOperator({ id: other, enabled: false });
    await expect(changeOperator({ id: one, role: "viewer" })).rejects.toMatchObject({ code: "invalid_input" });
  });
});

describe("a password that was handed over", () => {
  const email = "new@example.com";
  const invite = async () => (await addOperator({ email, name: "New", role: "viewer" })).result;
  const enter = async (password: string) => checkFirstStep(email, password, `192.0.2.${Math.ceil(Math.random() * 250)}`);
  const afterDays = (days: number) => vi.setSystemTime(Date.now() + days * 86_400_000);

  beforeEach(async () => {
    await removeOperators();
    vi.useFakeTimers({ toFake: ["Date"] });
  });
  afterEach(() => vi.useRealTimers());

  it("works for seven days, then not, which only who has it is told; a reset is a new way in for seven days", async () => {
    const { operator, password } = await invite();
    expect(Date.parse(operator.password_expires_at ?? "") - Date.now()).toBe(7 * 86_400_000);
    afterDays(6.99);
    expect(await enter(password)).toMatchObject({ operatorId: operator.id });
    afterDays(0.02);
    await expect(enter(password)).rejects.toMatchObject({ code: "password_expired", status: 403 });
    await expect(enter("not the password")).rejects.toMatchObject({ code: "sign_in_refused" });
    expect(await listOperators()).toMatchObject([{ status: "expired" }]);
    const { result } = await resetOperator(operator.id, "opr_of_an_owner");
    expect(result.operator).toMatchObject({ status: "invited" });
    expect(await enter(result.password)).toMatchObject({ operatorId: operator.id });
    afterDays(7);
    await expect(enter(result.password)).rejects.toMatchObject({ code: "password_expired" });
  });

  it("gives way to one of their own, which does not expire", async () => {
    const { operator, password } = await invite();
    const session = await resolveOperatorSession(await beginSession(operator.id));
    if (!session) throw new Error("There is no session.");
    await changeOwnPassword(session, { current: password, password: "seven grey geese" });
    afterDays(400);
    expect(await enter("seven grey geese")).toMatchObject({ operatorId: operator.id });
    expect(await listOperators()).toMatchObject([{ status: "active", password_expires_at: null }]);
  });

  it("from before its end was kept ends seven days after its owner came", async () => {
    const { operator, password } = await invite();
    await (await database()).collection<{ _id: string }>("operators").updateOne({ _id: operator.id }, { $unset: { passwordExpiresAt: "" } });
    expect(await enter(password)).toMatchObject({ operatorId: operator.id });
    afterDays(7);
    await expect(enter(password)).rejects.toMatchObject({ code: "password_expired" });
  });
});

it("of two owners who change the same role at once the second is told, and the role stays as the first left it", async () => {
  await removeOperators();
  const { id } = (await addOperator({ email: "one@example.com", name: "One", role: "viewer" })).result.operator;
  const owner = (await addOperator({ email: "chief@example.com", name: "Chief", role: "owner" })).result.operator;
  await changeRecord(owner.id, await keepOwnPassword("a password of their own"));
  await changeOperator({ id, role: "operator", seen_role: "viewer" });
  const late = changeOperator({ id, role: "owner", seen_role: "viewer" });
  await expect(late).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("has made One operator") });
  expect((await listOperators())[0]).toMatchObject({ role: "operator" });
});

it("no two operators share an address, in whatever case, also when both are added at once", async () => {
  await removeOperators();
  const add = async (email: string) => addOperator({ email, name: "Twin", role: "viewer" });
  const ends = await Promise.allSettled([add("twin@example.com"), add("Twin@Example.com"), add("TWIN@example.com")]);
  expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
});

describe("the first operator", () => {
  const ROOT = join(import.meta.dirname, "..", "..", "..");
  /** What the command prints, as whoever starts the service reads it. */
  const start = async (env: Record<string, string> = {}) => {
    const options = ["--conditions=react-server", "--import", "tsx", "bin/first-operator.ts"];
    const { stdout } = await promisify(execFile)(process.execPath, options, { cwd: ROOT, env: { ...process.env, ...env } });
    return stdout === "" ? null : (JSON.parse(stdout) as { email: string; password: string; expires_at: string });
  };

  beforeEach(removeOperators);

  it("gets a one-time password that ends after seven days, and that every start tells anew until it was changed", async () => {
    const first = await start();
    const second = await start();
    expect(first).toMatchObject({ email: "owner@vitrine.local" });
    expect(second?.password).not.toBe(first?.password);
    const address = "192.0.2.77";
    await expect(checkFirstStep("owner@vitrine.local", first?.password ?? "", address)).rejects.toMatchObject({ code: "sign_in_refused" });
    const { operatorId } = await checkFirstStep("owner@vitrine.local", second?.password ?? "", address);
    const [only, ...others] = await findOperators();
    expect(others).toEqual([]);
    expect(only).toMatchObject({ _id: operatorId, role: "owner", mustChangePassword: true });
    await changeRecord(operatorId, { passwordExpiresAt: new Date(Date.now() - 1) });
    await expect(checkFirstStep("owner@vitrine.local", second?.password ?? "", address)).rejects.toMatchObject({ code: "password_expired" });
    const third = await start();
    expect(Date.parse(third?.expires_at ?? "") - Date.now()).toBeGreaterThan(6.9 * 86_400_000);
    expect(await checkFirstStep("owner@vitrine.local", third?.password ?? "", address)).toMatchObject({ operatorId });
    await changeRecord(operatorId, await keepOwnPassword("a password of their own"));
    expect(await start()).toBeNull();
  });

  it("is the configured one where one is configured, who has nothing to be told, and whom a later start leaves alone", async () => {
    const configured = { ADMIN_EMAIL: "Chief@example.com", ADMIN_PASSWORD: "four green doors open" };
    expect(await start(configured)).toBeNull();
    expect(await start({ ...configured, ADMIN_PASSWORD: "another password here" })).toBeNull();
    const [only] = await findOperators();
    expect(only).toMatchObject({ email: "Chief@example.com", role: "owner", mustChangePassword: false });
    expect(await checkFirstStep("chief@example.com", "four green doors open", "192.0.2.78")).toMatchObject({ owesCode: false });
  });
});
