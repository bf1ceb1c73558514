import { beforeAll, describe, expect, it } from "vitest";
import { handleExport } from "@/server/api/export";
import { ORIGIN, readProblem } from "@/server/api/test-support";
import { resolveSession, sealSession, sessionCookieName } from "@/server/modules/accounts/session";
import { newCustomer, useAccounts } from "@/server/modules/accounts/test-support";
import { recordPredictions } from "@/server/modules/history/service";
import { makePrediction } from "@/server/modules/history/test-support";
import { createKey } from "@/server/modules/keys/service";
import { recordCall } from "@/server/modules/usage/service";

beforeAll(async () => useAccounts("export", process.env.MONGODB_URI));

const ask = (headers: Record<string, string>, method = "GET") =>
  handleExport(new Request(`${ORIGIN}/api/account/export`, { method, headers }));

/** A customer with a session, a key, and so many predictions. */
async function newExporter(predictions: number) {
  const customer = await newCustomer();
  const session = await sealSession(customer);
  const caller = await resolveSession(session);
  if (!caller) throw new Error("There is no such customer.");
  const made = Array.from({ length: predictions }, () => makePrediction(new Date()));
  if (predictions > 0) await recordPredictions(caller, made);
  await recordCall(caller, "house-price", predictions);
  const key = await createKey(customer.customerId, { name: "mine", models: null, expires_in_days: null });
  return { ...customer, made, key, cookie: `${sessionCookieName()}=${session}` };
}

describe("the export", () => {
  it("is one document with the account, the keys without their secrets, the usage and every prediction", async () => {
    const [own, other] = [await newExporter(3), await newExporter(1)];
    const response = await ask({ cookie: own.cookie });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-disposition")).toMatch(/^attachment; filename="vitrine-export-\d{4}-\d\d-\d\d\.json"$/);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("request-id")).toMatch(/^req_/);
    const text = await response.text();
    const document = JSON.parse(text) as Record<string, unknown>;
    expect(Object.keys(document)).toEqual(["exported_at", "account", "keys", "usage", "sign_ins", "predictions"]);
    expect(document).toMatchObject({
      account: { id: own.customerId, email: own.email, name: own.name },
      keys: [{ id: own.key.id, name: "mine" }],
      usage: { object: "usage", data: [{ results: [{ calls: 1, rows: 3 }] }] },
      predictions: expect.arrayContaining(own.made.map((made) => ({ ...made, key: null }))),
    });
    for (const secret of [own.key.secret, "passwordHash", "argon2", "sessionVersion", other.email, other.customerId]) expect(text).not.toContain(secret);
  });

  it("of a customer without predictions is whole as well", async () => {
    const { cookie } = await newExporter(0);
    expect(await (await ask({ cookie })).json()).toMatchObject({ predictions: [] });
  });

  it("is sent in parts and holds everything however much there is", async () => {
    const { cookie, made } = await newExporter(700);
    const response = await ask({ cookie });
    const parts: number[] = [];
    let text = "";
    for await (const part of response.body ?? []) {
      parts.push(part.byteLength);
      text += Buffer.from(part).toString("utf8");
    }
    expect(parts.length).toBeGreaterThan(2);
    expect(Math.max(...parts)).toBeLessThan(200_000);
    const { predictions } = JSON.parse(text) as { predictions: { id: string }[] };
    expect(new Set(predictions.map(({ id }) => id))).toEqual(new Set(made.map(({ id }) => id)));
  });

  it("is given by key as by session, but not by a key that is limited to models", async () => {
    const { key, customerId } = await newExporter(1);
    const response = await ask({ authorization: `Bearer ${key.secret}` });
    expect(await response.json()).toMatchObject({ account: { id: customerId } });
    const limited = await createKey(customerId, { name: "limited", models: ["house-price"], expires_in_days: null });
    const refused = await ask({ authorization: `Bearer ${limited.secret}` });
    expect(refused.status).toBe(403);
    expect(await readProblem(refused)).toMatchObject({ code: "forbidden" });
  });

  it.each([
    ["nobody", {}, 401, "key_missing"],
    ["a session that is over", { cookie: "vitrine.session=over" }, 401, "key_missing"],
    ["an unknown key", { authorization: "Bearer vt_live_unknown" }, 401, "key_invalid"],
    ["another scheme", { authorization: "Basic dXNlcjpwYXNz" }, 401, "key_invalid"],
  ])("is not given to %s", async (_who, headers, status, code) => {
    const response = await ask(headers);
    expect(response.status).toBe(status);
    expect(await readProblem(response)).toMatchObject({ code });
  });

  it("is only read, never posted", async () => {
    const { cookie } = await newExporter(0);
    expect((await ask({ cookie }, "POST")).status).toBe(405);
    const head = await ask({ cookie }, "HEAD");
    expect([head.status, await head.text()]).toEqual([200, ""]);
  });
});
