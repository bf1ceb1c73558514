import { beforeAll, describe, expect, it } from "vitest";
import {
  askDoor,
  changeSessions,
  codeOf,
  cookiesOf,
  createOperator,
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
import { database } from "@/server/core/db";

const WRONG = "not the password at all";

beforeAll(async () => {
  await useOwnDatabase("console-auth", process.env.MONGODB_URI);
});

const signIn = async (email: string, password: string, address = newAddress()) => sendForm("callback/password", { email, password }, {}, address);
/** Lets so much time pass for everything that is counted of sign-ins. */
async function letPass(milliseconds: number): Promise<void> {
  const attempts = (await database()).collection("operator_attempts");
  await attempts.updateMany({}, [{ $set: { expiresAt: { $subtract: ["$expiresAt", milliseconds] } } }]);
}

const tokenOf = (response: Response) => cookiesOf(response).get("console.session")?.value ?? "";
const ask = async (path: string, input: object, { page }: Pick<SignedInOperator, "page">) => askDoor(path, input, page);

describe("a wrong password", () => {
  it.each(["known", "unknown"])("is told alike for an address that is %s, and the sixth try waits", async (kind) => {
    const email = kind === "known" ? (await createOperator("viewer")).email : `nobody-${Math.random()}@example.com`;
    const address = newAddress();
    const told: string[] = [];
    for (let attempt = 0; attempt < 6; attempt++) told.push(await endOf(signIn(email, WRONG, address)));
    expect(told).toEqual([4, 3, 2, 1, 0].map((left) => `sign_in_refused ${left}`).concat("sign_in_locked"));
    const locked = placeOf(await signIn(email, PASSWORD, address));
    expect(locked.searchParams.get("error")).toBe("sign_in_locked");
    expect(Number(locked.searchParams.get("retry"))).toBeGreaterThan(14 * 60);
    expect(Number(locked.searchParams.get("retry"))).toBeLessThanOrEqual(15 * 60);
  });

  it("locks one address alone, and for 15 minutes", async () => {
    const { email } = await createOperator("viewer");
    const address = newAddress();
    await Promise.all(Array.from({ length: 5 }, async () => signIn(email, WRONG, address)));
    expect(await endOf(signIn(email, PASSWORD, address))).toBe("sign_in_locked");
    await letPass(14 * 60_000);
    expect(await endOf(signIn(email, PASSWORD, address))).toBe("sign_in_locked");
    expect(await endOf(signIn(email, PASSWORD))).toBe("in");
    await Promise.all(Array.from({ length: 5 }, async () => signIn(email, WRONG, address)));
    await letPass(15 * 60_000);
    expect(await endOf(signIn(email, PASSWORD, address))).toBe("in");
  });

  it("five at the same moment are five tries", async () => {
    const { email } = await createOperator("viewer");
    const address = newAddress();
    const ends = await Promise.all(Array.from({ length: 12 }, async () => endOf(signIn(email, WRONG, address))));
    expect(ends.filter((end) => end === "sign_in_locked")).toHaveLength(7);
  });

  it("locks the account everywhere after fifty from everywhere", async () => {
    const { email } = await createOperator("viewer");
    for (let round = 0; round < 5; round++) await Promise.all(Array.from({ length: 10 }, async () => signIn(email, WRONG)));
    expect(await endOf(signIn(email, PASSWORD))).toBe("sign_in_locked");
    await letPass(15 * 60_000);
    expect(await endOf(signIn(email, PASSWORD))).toBe("in");
  });

  it("lets an operator in from a network of an earlier sign-in, however much is guessed from everywhere", async () => {
    const { email } = await createOperator("viewer");
    const home = newAddress();
    expect(await endOf(signIn(email, PASSWORD, home))).toBe("in");
    for (let round = 0; round < 5; round++) await Promise.all(Array.from({ length: 10 }, async () => signIn(email, WRONG)));
    expect(await endOf(signIn(email, PASSWORD))).toBe("sign_in_locked");
    expect(await endOf(signIn(email, PASSWORD, home))).toBe("in");
  });

  it("takes as long for an operator as for a stranger", async () => {
    const { email } = await createOperator("viewer");
    const measure = async (address: string) => {
      const started = performance.now();
      await signIn(address, WRONG);
      return performance.now() - started;
    };
    const times: Record<"known" | "unknown", number[]> = { known: [], unknown: [] };
    // In turns, so that whatever else the machine does falls on both.
    for (let attempt = 0; attempt < 9; attempt++) {
      times.known.push(await measure(email));
      times.unknown.push(await measure(`nobody-${Math.random()}@example.com`));
    }
    const median = (values: number[]) => values.toSorted((one, other) => one - other)[4] ?? 0;
    const [known, unknown] = [median(times.known), median(times.unknown)];
    expect(known / unknown).toBeGreaterThan(0.8);
    expect(known / unknown).toBeLessThan(1.25);
  });

  it("tells that a handed-over password has expired to who has it, and nobody else", async () => {
    const over = { mustChangePassword: true, passwordExpiresAt: new Date(Date.now() - 1) };
    const { email } = await createOperator("viewer", over);
    expect(await endOf(signIn(email, PASSWORD))).toBe("password_expired");
    expect(await endOf(signIn(email, "not the password"))).toMatch(/^sign_in_refused/);
    const invited = await createOperator("viewer", { ...over, passwordExpiresAt: new Date(Date.now() + 60_000) });
    expect(await endOf(signIn(invited.email, PASSWORD))).toBe("in");
  });

  it("does not tell a disabled operator from a stranger", async () => {
    const { email } = await createOperator("viewer", { disabledAt: new Date() });
    expect(await endOf(signIn(email, PASSWORD))).toBe("sign_in_refused 4");
  });
});

describe("a sign-in", () => {
  it("sets one cookie for the console alone, out of reach of scripts and of other sites, and forgets the second step", async () => {
    const { email } = await createOperator("viewer");
    const response = await signIn(email, PASSWORD);
    expect(response.status).toBe(303);
    expect(response.headers.get("location")).toBe("/admin");
    expect(response.headers.get("cache-control")).toBe("no-store");
    const cookies = cookiesOf(response);
    expect([...cookies.keys()]).toEqual(["console.session", "console.pending"]);
    const attributes = cookies.get("console.session")?.attributes ?? [];
    expect(attributes.filter((attribute) => !attribute.startsWith("Expires="))).toEqual(["Path=/admin", "HttpOnly", "SameSite=Strict"]);
    const expires = attributes.find((attribute) => attribute.startsWith("Expires="))?.slice(8) ?? "";
    expect((Date.parse(expires) - Date.now()) / 3_600_000).toBeCloseTo(8, 1);
    expect(cookies.get("console.pending")).toEqual({ value: "", attributes: ["Path=/admin", "Max-Age=0", "HttpOnly", "SameSite=Strict"] });
  });

  it("takes the address in whatever case", async () => {
    const { email } = await createOperator("viewer");
    expect(await endOf(signIn(` ${email.toUpperCase()} `, PASSWORD))).toBe("in");
  });

  it.each([
    ["/admin/audit?action=a.b", "/admin/audit?action=a.b"],
    ["https://evil.example/admin", "/admin"],
    ["//evil.example/admin", "/admin"],
    ["/keys", "/admin"],
    ["/administrator", "/admin"],
    ["/admin/../keys", "/admin"],
    ["/admin/auth/signout", "/admin"],
    ["/admin\\@evil.example", "/admin"],
  ])("leads on to %s only if that is the console's: %s", async (next, place) => {
    const { email } = await createOperator("viewer");
    const response = await sendForm("callback/password", { email, password: PASSWORD, next });
    expect(response.headers.get("location")).toBe(place);
  });

  it.each<[string, Record<string, string>, number]>([
    ["without an Origin", { origin: "" }, 403],
    ["from another site", { origin: "https://evil.example" }, 403],
    ["as the browser says, from another site", { "sec-fetch-site": "cross-site" }, 403],
    ["as JSON", { "content-type": "application/json" }, 415],
  ])("is refused %s", async (_, headers, status) => {
    const { email } = await createOperator("viewer");
    const response = await sendForm("callback/password", { email, password: PASSWORD }, headers);
    expect(response.status).toBe(status);
    expect(response.headers.getSetCookie()).toEqual([]);
  });

  it("a session that is used lives longer than 30 minutes, and never longer than 8 hours", async () => {
    const used = await createSignedIn("viewer");
    await changeSessions(used._id, { lastSeenAt: new Date(Date.now() - 29 * 60_000) });
    expect(await codeOf(await ask("me.get", {}, used))).toBe("ok");
    await changeSessions(used._id, { createdAt: new Date(Date.now() - 7.9 * 3_600_000) });
    expect(await codeOf(await ask("me.get", {}, used))).toBe("ok");
    await changeSessions(used._id, { expiresAt: new Date() });
    expect(await codeOf(await ask("me.get", {}, used))).toBe("console_session_needed");
  });

  it("signing out ends the session itself, so that a copy of its cookie opens nothing", async () => {
    const { page } = await createSignedIn("viewer");
    const response = await sendForm("signout", {}, page);
    expect(cookiesOf(response).get("console.session")).toEqual({ value: "", attributes: ["Path=/admin", "Max-Age=0", "HttpOnly", "SameSite=Strict"] });
    expect(await codeOf(await askDoor("me.get", {}, page))).toBe("console_session_needed");
  });

  it("signing out takes a page of the console", async () => {
    const { page } = await createSignedIn("viewer");
    expect((await sendForm("signout", {}, { ...page, origin: "https://evil.example" })).status).toBe(403);
    expect(await codeOf(await askDoor("me.get", {}, page))).toBe("ok");
  });
});

describe("a password", () => {
  const NEW = "seven copper lanterns";

  it("that was changed ends every other session, and the old one opens nothing", async () => {
    const operator = await createSignedIn("viewer");
    const other = tokenOf(await signIn(operator.email, PASSWORD));
    expect(await codeOf(await ask("me.changePassword", { current: PASSWORD, password: NEW }, operator))).toBe("ok");
    expect(await codeOf(await askDoor("me.get", {}, pageOf(other)))).toBe("console_session_needed");
    expect(await codeOf(await ask("me.get", {}, operator))).toBe("ok");
    expect(await endOf(signIn(operator.email, PASSWORD))).toMatch(/^sign_in_refused/);
    expect(await endOf(signIn(operator.email, NEW))).toBe("in");
  });

  it("that is typed again counts wrong ones by session, wherever it is used, and locks nobody out of signing in", async () => {
    const operator = await createSignedIn("owner");
    const address = newAddress();
    const confirm = async (password: string) => codeOf(await askDoor("me.confirmPassword", { password }, operator.page, address));
    for (let attempt = 0; attempt < 5; attempt++) expect(await confirm(WRONG)).toBe("invalid_input");
    expect(await confirm(PASSWORD)).toBe("sign_in_locked");
    expect(await codeOf(await askDoor("me.confirmPassword", { password: PASSWORD }, operator.page))).toBe("sign_in_locked");
    expect(await endOf(signIn(operator.email, PASSWORD))).toBe("in");
    await letPass(15 * 60_000);
    expect(await confirm(PASSWORD)).toBe("ok");
    expect(await codeOf(await ask("team.endSessions", { id: "opr_none" }, operator))).toBe("not_found");
  });

  it("told by somebody else opens nothing but its own change", async () => {
    const owner = await createSignedIn("owner", true);
    const added = { email: `new-${Math.random()}@example.com`, name: "New", role: "operator" };
    const { password } = await dataOf<{ password: string }>(await ask("team.add", added, owner));
    const page = pageOf(tokenOf(await signIn(added.email, password)));
    expect(await codeOf(await askDoor("team.list", {}, page))).toBe("password_change_needed");
    expect(await codeOf(await askDoor("me.changePassword", { current: password, password }, page))).toBe("invalid_input");
    expect(await codeOf(await askDoor("me.changePassword", { current: password, password: NEW }, page))).toBe("ok");
    expect(await codeOf(await askDoor("team.list", {}, page))).toBe("ok");
  });
});
