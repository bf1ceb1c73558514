import { beforeAll, describe, expect, it, vi } from "vitest";
import type { Prediction } from "@/lib/contracts/predict";
import { appRouter } from "@/server/api/router";
import {
  ask,
  createCustomer,
  createTestKey,
  loadDemoModels,
  newAddress,
  ORIGIN,
  readExampleInput,
  type TestCustomer,
  useOwnDatabase,
} from "@/server/api/test-support";
import { handleTrpc } from "@/server/api/trpc";
import { createId } from "@/server/core/ids";

type Headers = Record<string, string>;
/** A customer with everything a customer can have. */
interface Owner extends TestCustomer {
  key: Awaited<ReturnType<typeof createTestKey>>;
  predictionId: string;
}

/** What a procedure asks of its caller. */
type Who = "anyone" | "customer" | "session";
interface Row {
  who: Who;
  /** A right input about what this owner has. */
  input: (owner: Owner) => unknown;
  /** What another customer is answered to that very input; "own": the same as always, about the other customer alone. */
  foreign: "own" | "not_found" | "invalid_input";
  /** Where the right input is not enough for an answer. */
  code?: string;
}

let churn: Record<string, unknown>;
const TOKEN = "x".repeat(43);
const PASSWORD = "six red umbrellas dry";

function row(who: Who, foreign: Row["foreign"], input: Row["input"] = () => ({}), code?: string): Row {
  return { who, foreign, input, ...(code !== undefined && { code }) };
}

const yesterday = () => new Date(Date.now() - 86_400_000).toISOString();

/** Every procedure there is: one without a row, and a row without its procedure, fail the first test. */
const rows: Record<string, Row> = {
  "catalog.list": row("anyone", "own"),
  "catalog.get": row("anyone", "own", () => ({ model: "customer-churn" })),
  "predict.run": row("anyone", "own", () => ({ model: "customer-churn", input: churn })),
  "predict.runMany": row("anyone", "own", () => ({ model: "customer-churn", inputs: [churn] })),
  "history.list": row("customer", "own"),
  "history.get": row("customer", "not_found", ({ predictionId }) => ({ id: predictionId })),
  "history.delete": row("session", "own", ({ predictionId }) => ({ ids: [predictionId] })),
  "keys.list": row("session", "own"),
  "keys.create": row("session", "own", () => ({ name: "Another" })),
  "keys.update": row("session", "not_found", ({ key }) => ({ id: key.id, name: "Renamed" })),
  "keys.rotate": row("session", "not_found", ({ key }) => ({ id: key.id, grace: "now" })),
  "keys.revoke": row("session", "not_found", ({ key }) => ({ id: key.id })),
  "usage.summary": row("customer", "own"),
  "usage.series": row("customer", "own", () => ({ start_time: yesterday(), group_by: ["model", "api_key_id"] })),
  "account.get": row("customer", "own"),
  "account.update": row("session", "own", () => ({ name: "Renamed" })),
  "account.changePassword": row("session", "own", () => ({ password: PASSWORD })),
  "account.signOutEverywhere": row("session", "own"),
  "account.delete": row("session", "invalid_input", ({ email }) => ({ email })),
  "account.signUp": row("anyone", "own", () => ({ name: "New", email: "new@example.com", password: PASSWORD }), "mail_unavailable"),
  "account.confirm": row("anyone", "own", () => ({ token: TOKEN, password: "a long password" }), "link_invalid"),
  "account.requestReset": row("anyone", "own", () => ({ email: "new@example.com" }), "mail_unavailable"),
  "account.resetPassword": row("anyone", "own", () => ({ token: TOKEN, password: PASSWORD }), "link_invalid"),
};
const paths = Object.keys(rows);
const pathsFor = (...who: Who[]) => paths.filter((path) => who.includes(rowOf(path).who));

function rowOf(path: string): Row {
  const found = rows[path];
  if (!found) throw new Error(`No row for ${path}.`);
  return found;
}

/** Every procedure of the router, `query` or `mutation`. */
const kinds = new Map<string, "query" | "mutation" | "subscription">(
  Object.entries(appRouter._def.record).flatMap(([group, procedures]) => {
    return Object.entries(procedures).map(([name, procedure]) => [`${group}.${name}`, procedure._def.type] as const);
  }),
);
const kindOf = (path: string) => (kinds.get(path) === "query" ? "query" : "mutation");

/** `ok`, or the code of the refusal after a look at its form. */
async function readCode(response: Response): Promise<string> {
  const body = (await response.json()) as { error?: { data: { code: string; httpStatus: number } } };
  if (!body.error) return response.status === 200 ? "ok" : `status ${response.status}`;
  expect(body.error.data.httpStatus).toBe(response.status);
  expect(response.headers.get("www-authenticate")?.startsWith("Bearer ") ?? false).toBe(response.status === 401);
  return body.error.data.code;
}

const call = async (path: string, owner: Owner, headers: Headers) => ask(kindOf(path), path, rowOf(path).input(owner), headers);
const codeOf = async (path: string, owner: Owner, headers: Headers) => readCode(await call(path, owner, headers));
/** What the owner of everything gets. */
const expected = (path: string) => rowOf(path).code ?? "ok";

async function createOwner(): Promise<Owner> {
  const customer = await createCustomer();
  const key = await createTestKey(customer.id);
  const predicted = await ask("mutation", "predict.run", { model: "customer-churn", input: churn }, key.bearer);
  const { result } = (await predicted.json()) as { result: { data: Prediction } };
  return { ...customer, key, predictionId: result.data.id };
}
let owner: Owner;

beforeAll(async () => {
  await useOwnDatabase("authorization", process.env.MONGODB_URI);
  await loadDemoModels();
  churn = await readExampleInput("customer-churn");
  owner = await createOwner();
});

it("the table has a row for every procedure, and for nothing else", () => {
  expect([...paths].sort()).toEqual([...kinds.keys()].sort());
});

describe("the customer", () => {
  it.each(paths)("may call %s by session", async (path) => {
    const own = await createOwner();
    expect(await codeOf(path, own, own.page)).toBe(expected(path));
  });

  it.each(paths)("may call %s by key, unless it takes a session", async (path) => {
    expect(await codeOf(path, owner, owner.key.bearer)).toBe(rowOf(path).who === "session" ? "forbidden" : expected(path));
  });
});

describe("somebody without key and session", () => {
  it.each(paths)("gets at %s what anyone gets", async (path) => {
    expect(await codeOf(path, owner, {})).toBe(rowOf(path).who === "anyone" ? expected(path) : "key_missing");
  });
});

describe("another customer", () => {
  it.each(paths)("learns nothing of the owner's at %s, by session or by key", async (path) => {
    const { who, foreign } = rowOf(path);
    for (const via of ["page", "key"] as const) {
      const other = await createCustomer();
      const headers = via === "page" ? other.page : (await createTestKey(other.id)).bearer;
      const response = await call(path, owner, headers);
      const text = await response.clone().text();
      const allowed = foreign === "own" ? expected(path) : foreign;
      expect(await readCode(response)).toBe(via === "key" && who === "session" ? "forbidden" : allowed);
      const { id, email, key, predictionId, session } = owner;
      for (const secret of [id, email, key.id, key.hint, key.secret, predictionId, session]) expect(text).not.toContain(secret);
    }
  });

  const naming = paths.filter((path) => rowOf(path).foreign === "not_found");
  it.each(naming)("gets from %s about the owner's the same bytes as about nothing", async (path) => {
    const other = await createCustomer();
    const headers = { ...other.page, "request-id": "the-same-id" };
    const named = rowOf(path).input(owner) as { id: string };
    const madeUp = { ...named, id: createId(path.startsWith("keys.") ? "key" : "prediction") };
    const answers = [];
    for (const input of [named, madeUp]) {
      const response = await ask(kindOf(path), path, input, headers);
      answers.push([response.status, [...response.headers], await response.text()]);
    }
    expect(answers[0]).toEqual(answers[1]);
  });

  it("left everything of the owner's as it was", async () => {
    const [own, other] = [await createOwner(), await createCustomer()];
    for (const path of paths) await call(path, own, other.page);
    for (const path of ["account.get", "history.get", "keys.list"]) expect(await codeOf(path, own, own.page)).toBe("ok");
    expect(await codeOf("history.get", own, own.key.bearer)).toBe("ok");
  });
});

describe("a key that is not good is refused everywhere, also where no key is needed:", () => {
  async function expectAll(code: string, headers: Headers): Promise<void> {
    const codes = await Promise.all(paths.map((path) => codeOf(path, owner, headers)));
    expect(codes).toEqual(paths.map(() => code));
  }

  it("one that was never made, and what is no key", async () => {
    for (const authorization of ["Bearer vt_live_0000000000000000000000000000000000000000", "Bearer", "Basic YTpi", "Bearer a b", ""]) {
      await expectAll("key_invalid", { authorization });
    }
  });

  it("one that was revoked", async () => {
    const key = await createTestKey(owner.id);
    expect(await codeOf("account.get", owner, key.bearer)).toBe("ok");
    await ask("mutation", "keys.revoke", { id: key.id }, owner.page);
    await expectAll("key_revoked", key.bearer);
  });

  it("one that is switched off", async () => {
    const key = await createTestKey(owner.id);
    await ask("mutation", "keys.update", { id: key.id, enabled: false }, owner.page);
    await expectAll("forbidden", key.bearer);
  });

  it("one that has expired", async () => {
    const key = await createTestKey(owner.id, null, 1);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 86_400_001 });
    try {
      await expectAll("key_expired", key.bearer);
    } finally {
      vi.useRealTimers();
    }
  });

  it("one of an account that is suspended, beside the session of a good one", async () => {
    const suspended = await createCustomer({ suspendedAt: new Date() });
    const key = await createTestKey(suspended.id);
    await expectAll("forbidden", { ...owner.page, ...key.bearer });
  });
});

describe("a session that is over makes a visitor:", () => {
  async function expectVisitor(headers: Headers): Promise<void> {
    for (const path of paths) {
      expect([path, await codeOf(path, owner, headers)]).toEqual([path, rowOf(path).who === "anyone" ? expected(path) : "key_missing"]);
    }
  }

  it("one that was ended everywhere", async () => {
    const own = await createOwner();
    await ask("mutation", "account.signOutEverywhere", {}, own.page);
    await expectVisitor(own.page);
  });

  it("one of a suspended account, one of an account that is being deleted", async () => {
    await expectVisitor((await createCustomer({ suspendedAt: new Date() })).page);
    await expectVisitor((await createCustomer({ deletingAt: new Date() })).page);
  });

  it("one that is broken, empty or cut short", async () => {
    for (const value of ["", "broken", owner.session.slice(0, -4), `${owner.session}x`]) {
      const cookie = owner.page.cookie.replace(owner.session, value);
      expect([value.length, await codeOf("account.get", owner, { ...owner.page, cookie })]).toEqual([value.length, "key_missing"]);
    }
  });

  it("one in a cookie of another name", async () => {
    for (const name of ["session", "Vitrine.session", "xvitrine.session", "vitrine.session.0", "next-auth.session-token"]) {
      expect(await codeOf("account.get", owner, { ...owner.page, cookie: `${name}=${owner.session}` })).toBe("key_missing");
    }
  });
});

describe("the wrong door:", () => {
  it("a session does not open as a key, nor a key as a session", async () => {
    for (const path of paths) {
      expect(await codeOf(path, owner, { authorization: `Bearer ${owner.session}` })).toBe("key_invalid");
    }
    const cookie = owner.page.cookie.replace(owner.session, owner.key.secret);
    for (const path of pathsFor("customer", "session")) expect(await codeOf(path, owner, { ...owner.page, cookie })).toBe("key_missing");
  });

  it.each(paths)("%s is not changed by a session from a page of somebody else", async (path) => {
    const headers = { ...owner.page, origin: "https://stranger.example" };
    expect(await codeOf(path, owner, headers)).toBe(kindOf(path) === "mutation" ? "forbidden" : expected(path));
  });

  it.each(paths)("%s is asked by its own method alone", async (path) => {
    const other = kindOf(path) === "query" ? "mutation" : "query";
    expect(await readCode(await ask(other, path, rowOf(path).input(owner), owner.page))).toBe("method_not_allowed");
  });

  it("nothing of the table is open to a batch that brings no session", async () => {
    const closed = pathsFor("customer").filter((path) => kindOf(path) === "query");
    const input = JSON.stringify(Object.fromEntries(closed.map((path, index) => [index, rowOf(path).input(owner)])));
    const query = new URLSearchParams({ batch: "1", input });
    const response = await handleTrpc(new Request(`${ORIGIN}/api/trpc/${closed.join(",")}?${query}`), newAddress());
    const answers = (await response.json()) as { error?: { data: { code: string } } }[];
    expect(answers.map((answer) => answer.error?.data.code)).toEqual(closed.map(() => "key_missing"));
  });
});

describe("a key for one model", () => {
  it("predicts with that one alone, live or pinned, by any of its names", async () => {
    const { bearer } = await createTestKey(owner.id, ["house-price"]);
    const input = await readExampleInput("house-price");
    expect(await readCode(await ask("mutation", "predict.run", { model: "house-price", input }, bearer))).toBe("ok");
    for (const target of [{ model: "customer-churn" }, { model: "customer-churn@live" }, { model: "customer-churn", version: 1 }]) {
      expect(await readCode(await ask("mutation", "predict.run", { ...target, input: churn }, bearer))).toBe("forbidden");
      expect(await readCode(await ask("mutation", "predict.runMany", { ...target, inputs: [churn] }, bearer))).toBe("forbidden");
    }
  });

  it("sees no prediction of another model", async () => {
    const { bearer } = await createTestKey(owner.id, ["house-price"]);
    expect(await codeOf("history.get", owner, bearer)).toBe("not_found");
    const list = await (await call("history.list", owner, bearer)).text();
    expect(list).not.toContain(owner.predictionId);
    expect(await (await call("usage.series", owner, bearer)).text()).not.toContain("customer-churn");
  });
});
