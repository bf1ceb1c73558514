import { createHash } from "node:crypto";
import { Secret, TOTP } from "otpauth";
import { beforeAll, describe, expect, it } from "vitest";
import type { AuditEntry, AuditPage } from "@/lib/contracts/audit.admin";
import { handleAuditExport } from "@/server/admin/audit-export";
import {
  askDoor,
  codeOf,
  createOperator,
  createSignedIn,
  dataOf,
  type Headers,
  PASSWORD,
  sendForm,
  type SignedInOperator,
} from "@/server/admin/test-support";
import { createCustomer, createTestKey, ORIGIN, useOwnDatabase } from "@/server/api/test-support";
import { database } from "@/server/core/db";

let owner: SignedInOperator;

beforeAll(async () => {
  await useOwnDatabase("audit-trail", process.env.MONGODB_URI);
  owner = await createSignedIn("owner", true);
});

const newest = async (target: string): Promise<AuditEntry | undefined> => {
  const { items } = await dataOf<AuditPage>(await askDoor("audit.list", { target, limit: 1 }, owner.page));
  return items[0];
};

describe("what operators do", () => {
  it("is in the audit with before and after, the address and the id of the call", async () => {
    const { _id: id, name } = await createOperator("viewer");
    const response = await askDoor("team.change", { id, role: "operator" }, { ...owner.page, "request-id": "req_told_by_us" }, "198.51.100.7");
    expect(await codeOf(response)).toBe("ok");
    expect(await newest(id)).toMatchObject({
      action: "operator.change",
      outcome: "done",
      operator: { id: owner._id, email: owner.email },
      target: { kind: "operator", id },
      before: { name, role: "viewer" },
      after: { name, role: "operator" },
      address: "198.51.100.7",
      request_id: "req_told_by_us",
    });
  });

  it("is in the audit where it was refused, with the code", async () => {
    const { _id: id } = await createOperator("viewer");
    await askDoor("team.reset", { id: `${id}x` }, owner.page);
    expect(await newest(`${id}x`)).toMatchObject({ action: "operator.reset", outcome: "refused", code: "not_found", before: null, after: null });
  });

  it("signing in and out, and a known operator's refused sign-in, are in the audit; a stranger's is not", async () => {
    const { _id: id, email } = await createOperator("viewer");
    await sendForm("callback/password", { email, password: "wrong" });
    expect(await newest(id)).toMatchObject({ action: "operator.sign_in", outcome: "refused", code: "sign_in_refused", operator: null });
    const response = await sendForm("callback/password", { email, password: PASSWORD });
    expect(await newest(id)).toMatchObject({ action: "operator.sign_in", outcome: "done", operator: { id, email } });
    const cookie = response.headers.getSetCookie().map((line) => line.split(";")[0]).join("; ");
    await sendForm("signout", {}, { cookie });
    expect(await newest(id)).toMatchObject({ action: "operator.sign_out", outcome: "done", operator: { id } });
    const count = async () => (await database()).collection("audit_entries").countDocuments();
    const before = await count();
    await sendForm("callback/password", { email: "stranger@example.com", password: "wrong" });
    expect(await count()).toBe(before);
  });

  it("leaves no password, secret or code in the audit, nor anywhere else in plain text", async () => {
    const email = "someone.new@example.com";
    const added = await dataOf<{ operator: { id: string }; password: string }>(
      await askDoor("team.add", { email, name: "Someone", role: "operator" }, owner.page),
    );
    const reset = await dataOf<{ password: string }>(await askDoor("team.reset", { id: added.operator.id }, owner.page));
    const own = await createSignedIn("operator", true);
    const chosen = "eleven quiet otters swim";
    expect(await codeOf(await askDoor("me.changePassword", { current: PASSWORD, password: chosen }, own.page))).toBe("ok");
    const { secret } = await dataOf<{ secret: string }>(await askDoor("me.beginTwoFactor", {}, own.page));
    const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate();
    const { codes } = await dataOf<{ codes: string[] }>(await askDoor("me.finishTwoFactor", { code }, own.page));
    await askDoor("me.endTwoFactor", { code: codes[0] }, own.page);
    await sendForm("callback/password", { email: own.email, password: "a password that is wrong" });
    const connection = await database();
    const names = (await connection.listCollections()).map(({ name }) => name);
    const texts = await Promise.all(names.map(async (name) => JSON.stringify(await connection.collection(name).find().toArray())));
    const stored = texts.join("\n");
    expect(stored).toContain("operator.add_two_factor");
    const told = [added.password, reset.password, PASSWORD, chosen, secret, "a password that is wrong", own.token, ...codes];
    for (const text of told) expect(stored, text).not.toContain(text);
    const audit = texts[names.indexOf("audit_entries")] ?? "";
    expect(audit).not.toMatch(/argon2|passwordHash|sealed|recovery"/);
  });
});

it("nobody floods the audit: more acts than 240 in a minute are refused, and neither done nor written down", async () => {
  const flooding = await createSignedIn("viewer");
  const rename = async (number: number) => codeOf(await askDoor("me.rename", { name: `Name ${number}` }, flooding.page));
  const codes: string[] = [];
  for (let number = 0; number < 260; number++) codes.push(await rename(number));
  const done = codes.filter((code) => code === "ok").length;
  expect(codes.filter((code) => code !== "ok")).toEqual(Array.from({ length: 260 - done }, () => "rate_limited"));
  // A new minute may have begun in between.
  if (done > 240) expect(await rename(260)).toBe("ok");
  else expect(done).toBeGreaterThanOrEqual(200);
  const db = (await database()).db;
  const written = await db?.collection("audit_entries").countDocuments({ "operator.id": flooding._id });
  expect(written).toBe(done + (done > 240 ? 1 : 0));
}, 60_000);

describe("the export", () => {
  const get = async (headers: Headers, method = "GET") => handleAuditExport(new Request(`${ORIGIN}/admin/audit-export`, { method, headers }));
  interface Line {
    number: number;
    hash: string;
    previous_hash: string;
    hashed: string;
    action: string;
  }

  it("is a file of lines that prove themselves by the first line's rule alone, and is itself an act", async () => {
    const response = await get(owner.page);
    expect(response.headers.get("content-type")).toBe("application/jsonl; charset=utf-8");
    expect(response.headers.get("content-disposition")).toMatch(/^attachment; filename="vitrine-audit-\d{4}-\d{2}-\d{2}\.jsonl"$/);
    expect(response.headers.get("cache-control")).toBe("no-store");
    const [first = "", ...rest] = (await response.text()).trimEnd().split("\n");
    const about = JSON.parse(first) as { format: string; fields: string[]; how_to_verify: string };
    expect(about.format).toBe("vitrine-audit/1");
    expect(about.how_to_verify).toContain("SHA-256");
    let [number, previous] = [0, ""];
    for (const line of rest) {
      const entry = JSON.parse(line) as Line;
      const values = JSON.parse(entry.hashed) as unknown[];
      const named = Object.fromEntries(about.fields.map((name, index) => [name, values[index]]));
      expect(values).toHaveLength(about.fields.length);
      expect(createHash("sha256").update(entry.hashed).digest("hex")).toBe(entry.hash);
      expect(named).toMatchObject({ number: number + 1, previous_hash: previous, action: entry.action });
      [number, previous] = [entry.number, entry.hash];
    }
    expect(rest.at(-1)).toContain('"audit.export"');
    expect(await codeOf(await askDoor("audit.verify", {}, owner.page))).toBe("ok");
  });

  it("opens to owners and operators alone, by a session of the console alone", async () => {
    const operator = await createSignedIn("operator");
    const viewer = await createSignedIn("viewer");
    const invited = await createSignedIn("owner", true, { mustChangePassword: true });
    const customer = await createCustomer();
    const { bearer } = await createTestKey(customer.id);
    const read = async (headers: Headers) => {
      const response = await get(headers);
      return response.ok ? "ok" : ((await response.json()) as { code: string }).code;
    };
    expect(await read(operator.page)).toBe("ok");
    expect(await read(viewer.page)).toBe("forbidden");
    expect(await read(invited.page)).toBe("password_change_needed");
    for (const headers of [{}, customer.page, bearer]) expect(await read(headers)).toBe("console_session_needed");
  });

  it("takes GET and HEAD, and a HEAD is no export", async () => {
    const response = await get(owner.page, "HEAD");
    expect([response.status, await response.text()]).toEqual([200, ""]);
    expect((await get(owner.page, "POST")).status).toBe(405);
  });
});
