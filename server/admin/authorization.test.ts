import { encode } from "next-auth/jwt";
import { beforeAll, describe, expect, it } from "vitest";
import { askDoor, changeSessions, codeOf, createOperator, createSignedIn, type Headers, pageOf, procedures, type SignedInOperator } from "@/server/admin/test-support";
import { createCustomer, createTestKey, ORIGIN, useOwnDatabase } from "@/server/api/test-support";
import { readConsoleSecret, readSessionSecret } from "@/server/core/secrets";
import { sealSession } from "@/server/modules/accounts/session";
import { changeOperator } from "@/server/modules/operators/repository";
import { beginSession, consoleCookieName, endOperatorSession, sealPending } from "@/server/modules/operators/sessions";

/** What a procedure takes: any session, also one that must change its password first, or a role, with the password typed again where `!` stands. */
type Needs = "any" | "viewer" | "viewer!" | "operator" | "operator!" | "owner" | "owner!";

const needs: Record<Needs, string> = {
  any: "me.get me.changePassword",
  viewer: `
    me.rename me.confirmPassword team.list audit.list audit.get audit.facets audit.verify palette.search
    overview.get requests.list requests.tail requests.get requests.counts requests.errors
    customers.list customers.get customers.usage customers.requests customers.key customers.previewLimits customers.previewSuspend
    models.list models.get models.compare uploads.drafts uploads.draft uploads.live
    alerts.active alerts.history alerts.rules alerts.preview
    operations.notice operations.environment operations.jobs operations.sessions`,
  "viewer!": "me.beginTwoFactor me.finishTwoFactor me.endTwoFactor",
  operator: `
    models.startCandidate models.setShare models.promote models.stopCandidate models.rollBack models.setLive
    models.pause models.resume models.updateCard
    uploads.start uploads.state uploads.storeChunk uploads.finish uploads.change uploads.try uploads.readRows uploads.discard uploads.publish
    customers.setLimits customers.unsuspend customers.endSessions customers.addNote customers.removeNote
    alerts.createRule alerts.changeRule alerts.switchRule alerts.muteRule alerts.deleteRule alerts.acknowledge
    operations.setNotice operations.removeNotice operations.runJob operations.reloadModels`,
  "operator!": "models.unpublish customers.suspend customers.revokeKey",
  owner: "",
  "owner!": "team.add team.change team.reset team.endSessions operations.endOperatorSessions operations.endCustomerSessions",
};
const rows = new Map<string, Needs>();
for (const need of Object.keys(needs) as Needs[]) for (const path of needs[need].match(/\S+/g) ?? []) rows.set(path, need);
const paths = [...rows.keys()].sort();
const ranks = { viewer: 0, operator: 1, owner: 2 };

function readNeed(path: string): { any: boolean; role: keyof typeof ranks; confirmed: boolean } {
  const need = rows.get(path) ?? "owner!";
  const role = (["owner", "operator"] as const).find((each) => need.startsWith(each)) ?? "viewer";
  return { any: need === "any", role, confirmed: need.endsWith("!") };
}

/** No procedure takes this: whoever gets so far as to hear that was let in. */
const WRONG_INPUT = { no_such_field: true };
const LET_IN = "malformed_body";
const codeFor = async (path: string, headers: Headers) => codeOf(await askDoor(path, WRONG_INPUT, headers));

/** What callers without a good session of the console send. */
const strangers = new Map<string, Headers>();

async function collectStrangers(): Promise<void> {
  const customer = await createCustomer();
  const key = await createTestKey(customer.id);
  const customerSession = await sealSession({ customerId: customer.id, sessionVersion: 1 });
  const owner = async () => createSignedIn("owner", true);
  const [expired, idle, signedOut, disabled] = await Promise.all([owner(), owner(), owner(), owner()]);
  await changeSessions(expired._id, { createdAt: new Date(Date.now() - 8 * 3_600_000), expiresAt: new Date(Date.now() - 1) });
  await changeSessions(idle._id, { lastSeenAt: new Date(Date.now() - 30 * 60_000) });
  await endOperatorSession(signedOut.token);
  await changeOperator(disabled._id, { disabledAt: new Date() });
  const good = await createOperator("owner");
  const sid = "a".repeat(43);
  const forge = async (secret: string, salt: string) => encode({ token: { sid, typ: "operator" }, secret, salt });
  strangers.set("nobody", { origin: ORIGIN });
  strangers.set("a customer's session", customer.page);
  strangers.set("a customer's key", { ...key.bearer, origin: ORIGIN });
  strangers.set("a customer's session under the console's name", pageOf(customerSession));
  strangers.set("a customer's key under the console's name", pageOf(key.secret));
  strangers.set("a session that is 8 hours old", expired.page);
  strangers.set("a session that was idle for 30 minutes", idle.page);
  strangers.set("a session that was signed out", signedOut.page);
  strangers.set("the session of a disabled operator", disabled.page);
  strangers.set("a session sealed with the customers' secret", pageOf(await forge(await readSessionSecret(), "vitrine console session")));
  strangers.set("a session that is not stored", pageOf(await forge(await readConsoleSecret(), "vitrine console session")));
  strangers.set("somebody who owes the second step", pageOf(await sealPending(good._id)));
  strangers.set("a second step under the console's name", { cookie: `${consoleCookieName("pending")}=${await sealPending(good._id)}`, origin: ORIGIN });
  const own = await beginSession(good._id);
  strangers.set("an operator's session under the customers' name", { cookie: `vitrine.session=${own}`, origin: ORIGIN });
  strangers.set("an operator's session as a key", { authorization: `Bearer ${own}`, origin: ORIGIN });
  strangers.set("an operator's session with a letter changed", pageOf(`${own.slice(0, -2)}${own.endsWith("A") ? "B" : "A"}A`));
}

/** Good sessions, by what they may do; nothing in this file ends them. */
const sessions = new Map<string, SignedInOperator>();

function sessionOf(name: string): Headers {
  const session = sessions.get(name);
  if (!session) throw new Error(`No session ${name}.`);
  return session.page;
}

beforeAll(async () => {
  await useOwnDatabase("console-authorization", process.env.MONGODB_URI);
  await collectStrangers();
  for (const role of ["viewer", "operator", "owner"] as const) sessions.set(role, await createSignedIn(role, true));
  sessions.set("unconfirmed owner", await createSignedIn("owner"));
  const stale = await createSignedIn("owner");
  await changeSessions(stale._id, { confirmedAt: new Date(Date.now() - 10 * 60_000 - 1) });
  sessions.set("owner confirmed too long ago", stale);
  sessions.set("invited owner", await createSignedIn("owner", true, { mustChangePassword: true }));
});

it("the table has a row for every procedure, and for nothing else", () => {
  expect(paths).toEqual([...procedures.keys()].sort());
});

describe("without a good session of the console", () => {
  it.each(paths)("%s answers nobody", async (path) => {
    for (const [who, headers] of strangers) expect(await codeFor(path, headers), who).toBe("console_session_needed");
  });
});

describe("a session of the console", () => {
  it.each(paths)("opens %s to its role and to those above, and to nobody below", async (path) => {
    const { any, role, confirmed } = readNeed(path);
    for (const given of ["viewer", "operator", "owner"] as const) {
      expect(await codeFor(path, sessionOf(given)), given).toBe(any || ranks[given] >= ranks[role] ? LET_IN : "forbidden");
    }
    expect(await codeFor(path, sessionOf("unconfirmed owner")), "without the password typed again").toBe(confirmed ? "confirmation_needed" : LET_IN);
  });

  it.each(paths.filter((path) => readNeed(path).confirmed))("%s wants the password again after ten minutes", async (path) => {
    expect(await codeFor(path, sessionOf("owner confirmed too long ago"))).toBe("confirmation_needed");
  });

  it.each(paths)("opens %s only as far as a password that must be changed allows", async (path) => {
    expect(await codeFor(path, sessionOf("invited owner"))).toBe(readNeed(path).any ? LET_IN : "password_change_needed");
  });
});

describe("a call from elsewhere than the console's own pages", () => {
  const mutations = paths.filter((path) => procedures.get(path) === "mutation");
  const elsewhere: [string, Headers][] = [
    ["no Origin", { origin: "" }],
    ["the Origin of another site", { origin: "https://evil.example" }],
    ["an Origin that is none", { origin: "null" }],
    ["another port", { origin: `${ORIGIN}:8443` }],
    ["a name that begins alike", { origin: `${ORIGIN}.evil.example` }],
    ["Sec-Fetch-Site of another site", { "sec-fetch-site": "cross-site" }],
    ["Sec-Fetch-Site of a neighbour", { "sec-fetch-site": "same-site" }],
  ];

  it.each(mutations)("is refused at %s, whoever is signed in", async (path) => {
    const page = sessionOf("owner");
    for (const [what, headers] of elsewhere) expect(await codeFor(path, { ...page, ...headers }), what).toBe("forbidden");
  });

  it("is refused where it is written as a simple request of a form", async () => {
    const page = sessionOf("owner");
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]) {
      const response = await askDoor("team.add", WRONG_INPUT, { ...page, "content-type": type });
      expect(await codeOf(response)).toBe("unsupported_media_type");
    }
  });
});

it.each<[string, object]>([
  ["team.change", { id: "", role: "viewer" }],
  ["team.reset", { id: "" }],
  ["team.endSessions", { id: "" }],
  ["alerts.switchRule", { id: "", enabled: true }],
  ["alerts.muteRule", { id: "", minutes: 1 }],
  ["alerts.deleteRule", { id: "" }],
  ["alerts.acknowledge", { id: "", note: "" }],
  ["customers.suspend", { id: "", reason: "Because" }],
  ["models.pause", { slug: "", note: "Because" }],
  ["uploads.discard", { id: "" }],
])("%s of nothing, which could not be written down, is refused and no fault of ours", async (path, input) => {
  expect(await codeOf(await askDoor(path, input, sessionOf("owner")))).toBe(LET_IN);
});

it("a change of role or a reset ends the sessions there are, at once", async () => {
  const owner = await createSignedIn("owner", true);
  for (const act of [
    (id: string) => askDoor("team.change", { id, role: "viewer" }, owner.page),
    (id: string) => askDoor("team.change", { id, enabled: false }, owner.page),
    (id: string) => askDoor("team.reset", { id }, owner.page),
    (id: string) => askDoor("team.endSessions", { id }, owner.page),
  ]) {
    const other = await createSignedIn("operator");
    expect(await codeOf(await askDoor("me.get", {}, other.page))).toBe("ok");
    expect(await codeOf(await act(other._id))).toBe("ok");
    expect(await codeOf(await askDoor("me.get", {}, other.page))).toBe("console_session_needed");
  }
});
