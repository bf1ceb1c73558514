import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { useOwnDatabase } from "@/server/api/test-support";
import { database } from "@/server/core/db";
import { DomainError } from "@/server/core/errors";
import type { AuditRecord, HeadRecord } from "@/server/modules/audit/collection";
import { hashEntry } from "@/server/modules/audit/chain";
import { listActions, listEntries, performAct, recordEvent, recordLostActs, verifyChain } from "@/server/modules/audit/service.admin";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const SCRIPT = ["--conditions=react-server", "--import", "tsx", "server/modules/audit/guarantees/act.ts"];
const operator = { id: "opr_1", email: "ada@example.com", name: "Ada" };
const actor = { operator, address: "192.0.2.1", requestId: "req_test_1" };
const act = (id: string, action = "test.act") => ({ action, target: { kind: "test", id } });
const perform = async (id: string) => performAct(actor, act(id), async () => ({ before: { on: false }, after: { on: true }, result: id }));

const entries = async () => (await database()).collection<AuditRecord>("audit_entries");
const heads = async () => (await database()).collection<HeadRecord>("audit_head");
const intents = async () => (await database()).collection("audit_intents");
const list = async (more: Partial<Parameters<typeof listEntries>[0]> = {}) => (await listEntries({ limit: 100, ...more })).items;

beforeAll(async () => {
  await useOwnDatabase("audit", process.env.MONGODB_URI);
  await listActions();
});

beforeEach(async () => {
  for (const collection of [await entries(), await heads(), await intents()]) await collection.deleteMany({});
});

describe("an act", () => {
  it("is written down with who, what, from where, before and after, and gives its result back", async () => {
    const result = await performAct(actor, { ...act("churn", "model.promote"), reason: "It is better." }, async () => ({
      before: { live: 1 },
      after: { live: 2 },
      result: "done",
    }));
    expect(result).toBe("done");
    const [entry, ...others] = await list();
    expect(others).toEqual([]);
    expect(entry).toMatchObject({
      number: 1,
      operator,
      action: "model.promote",
      target: { kind: "test", id: "churn" },
      outcome: "done",
      code: null,
      reason: "It is better.",
      before: { live: 1 },
      after: { live: 2 },
      address: "192.0.2.1",
      request_id: "req_test_1",
      previous_hash: "",
    });
    expect(entry?.hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it("that is refused is written down with the code, and nothing of its message", async () => {
    const refuse = async () => {
      throw new DomainError("conflict", "A word that stays out.");
    };
    await expect(performAct(actor, act("churn"), refuse)).rejects.toMatchObject({ code: "conflict" });
    expect(await list()).toMatchObject([{ outcome: "refused", code: "conflict", before: null, after: null }]);
    expect(JSON.stringify(await (await entries()).find().toArray())).not.toContain("A word that stays out");
  });

  it("that fails on our side is written down as unknown: it may have done a part", async () => {
    const fail = async () => {
      throw new Error("boom");
    };
    await expect(performAct(actor, act("churn"), fail)).rejects.toThrow("boom");
    expect(await list()).toMatchObject([{ outcome: "unknown", code: "internal_error" }]);
    expect(await (await intents()).countDocuments()).toBe(0);
  });

  it("whose process is killed in the middle is written down as unknown, once", async () => {
    const child = spawn(process.execPath, [...SCRIPT, "hang"], { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
    const exit = once(child, "exit");
    await once(child.stdout, "data");
    child.kill("SIGKILL");
    await exit;
    await recordLostActs();
    expect(await list(), "it may still go on").toEqual([]);
    await (await intents()).updateMany({}, { $set: { at: new Date(Date.now() - 3 * 60_000) } });
    await Promise.all([recordLostActs(), recordLostActs()]);
    expect(await list()).toMatchObject([{ outcome: "unknown", code: null, target: { id: "hanging" }, operator: { id: "opr_other" }, after: null }]);
    expect((await verifyChain()).whole).toBe(true);
  });

  it("that took so long that it was given up is written down again when it ends", async () => {
    await performAct(actor, act("slow"), async () => {
      await (await intents()).updateMany({}, { $set: { at: new Date(Date.now() - 3 * 60_000) } });
      await recordLostActs();
      return { before: null, after: { done: true }, result: null };
    });
    expect((await list()).map(({ outcome }) => outcome)).toEqual(["done", "unknown"]);
    expect((await verifyChain()).whole).toBe(true);
  });

  it("is not done when it cannot be written down that it begins", async () => {
    let done = false;
    const bad = { ...actor, requestId: "" };
    const work = async () => {
      done = true;
      return { before: null, after: null, result: null };
    };
    await expect(performAct(bad, act("churn"), work)).rejects.toThrow(/requestId/);
    expect(done).toBe(false);
  });
});

it("a hundred acts at once from two processes make one whole chain", async () => {
  const others = promisify(execFile)(process.execPath, [...SCRIPT, "many", "50"], { cwd: ROOT });
  const own = Array.from({ length: 50 }, async (_, number) => perform(`own-${number}`));
  await Promise.all([others, ...own]);
  expect(await verifyChain()).toMatchObject({ whole: true, entries: 100, fault: null });
  const ids = (await (await entries()).find().toArray()).map(({ target }) => target.id);
  expect(new Set(ids).size).toBe(100);
  expect(await (await intents()).countDocuments()).toBe(0);
});

it("half of a pair of surrogates is written down as it can be read back, and breaks no chain", async () => {
  const told = { ...actor, operator: { ...operator, name: "A\ud800" } };
  const half = { ...act("x\udc00"), reason: "why\ud800" };
  await performAct(told, half, async () => ({ before: { name: "\ud800" }, after: null, result: "done" }));
  await recordEvent(told, half);
  expect(await verifyChain()).toMatchObject({ whole: true, entries: 2 });
  expect((await list())[0]).toMatchObject({ target: { id: "x\ufffd" }, reason: "why\ufffd", operator: { name: "A\ufffd" } });
});

describe("tampering", () => {
  beforeEach(async () => {
    for (const id of ["one", "two", "three", "four"]) await perform(id);
  });

  const change = async (number: number, fields: object) => (await entries()).updateOne({ _id: number }, { $set: fields });
  const readStored = async (number: number) => {
    const record = await (await entries()).findOne({ _id: number });
    if (!record) throw new Error("There is no such entry.");
    return record;
  };
  /** Writes an entry anew with a hash that fits it. */
  const forge = async (number: number, fields: Partial<AuditRecord>) => {
    const forged = { ...(await readStored(number)), ...fields };
    await change(number, { ...fields, hash: hashEntry(forged) });
  };

  it("an untouched chain is whole, and ends with the hash of the newest entry", async () => {
    const [newest] = await list();
    expect(await verifyChain()).toEqual({ whole: true, entries: 4, fault: null, head: newest?.hash });
  });

  it.each<[string, object]>([
    ["operator", { operator: { id: "opr_2", email: "eve@example.com", name: "Eve" } }],
    ["time", { at: new Date(0) }],
    ["action", { action: "test.other" }],
    ["target", { target: { kind: "test", id: "elsewhere" } }],
    ["outcome", { outcome: "refused" }],
    ["code", { code: "forbidden" }],
    ["reason", { reason: "None" }],
    ["facts before", { before: '{"on":true}' }],
    ["facts after", { after: '{"on":false}' }],
    ["address", { address: "192.0.2.2" }],
    ["request id", { requestId: "req_other" }],
    ["id", { id: "aud_other" }],
    ["hash", { hash: "0".repeat(64) }],
  ])("a changed %s is found", async (_, fields) => {
    await change(2, fields);
    expect(await verifyChain()).toMatchObject({ whole: false, entries: 1, fault: { number: 2, detail: expect.stringContaining("changed") } });
  });

  it.each<[string, object]>([
    ["a time that is none", { at: "yesterday" }],
    ["no target", { target: null }],
    ["an operator that is none", { operator: "eve" }],
  ])("an entry with %s is named, whatever else is wrong", async (_, fields) => {
    await change(2, fields);
    expect(await verifyChain()).toMatchObject({ whole: false, entries: 1, fault: { number: 2, detail: expect.stringContaining("form") } });
  });

  it.each<[unknown, number]>([[0, 0], [-1, 0], [Number.NaN, 0], ["5", 0], [2.5, 3]])(
    "an entry that was put in under the number %s is found, is not listed before its time, and acts go on",
    async (_id, number) => {
      const forged = { ...(await readStored(4)), _id, id: "aud_forged" };
      await (await database()).collection<{ _id: unknown }>("audit_entries").insertOne(forged);
      expect(await verifyChain()).toMatchObject({ whole: false, fault: { number } });
      expect(await perform("later")).toBe("later");
      expect((await list())[0]).toMatchObject({ number: 5, target: { id: "later" } });
    },
  );

  it("a record of the end that holds no number is found", async () => {
    await (await database()).collection<{ _id: string }>("audit_head").updateOne({ _id: "head" }, { $set: { number: "4" } });
    expect(await verifyChain()).toMatchObject({ whole: false, fault: { number: 4 } });
  });

  it("a changed entry with a hash that fits it is found by the next one", async () => {
    await forge(2, { after: '{"on":false}' });
    expect(await verifyChain()).toMatchObject({ whole: false, fault: { number: 3, detail: expect.stringContaining("not linked") } });
  });

  it("the newest entry written anew with a hash that fits is found", async () => {
    await forge(4, { after: '{"on":false}' });
    expect(await verifyChain()).toMatchObject({ whole: false, fault: { number: 4 } });
  });

  it("all entries from one on written anew, hashes and links included, are found", async () => {
    await forge(3, { after: '{"on":false}' });
    await forge(4, { previousHash: (await readStored(3)).hash });
    expect(await verifyChain()).toMatchObject({ whole: false, fault: { number: 4 } });
  });

  it("an entry that was taken out is missed", async () => {
    await (await entries()).deleteOne({ _id: 2 });
    expect(await verifyChain()).toMatchObject({ whole: false, fault: { number: 3, detail: "Entry 2 is missing." } });
  });

  it("entries that were taken out in front are missed", async () => {
    await (await entries()).deleteMany({ _id: { $lte: 2 } });
    expect(await verifyChain()).toMatchObject({ whole: false, fault: { number: 3, detail: "Entries 1 to 2 are missing." } });
  });

  it("entries that were cut off at the end are missed, also after further acts", async () => {
    await (await entries()).deleteMany({ _id: { $gte: 3 } });
    expect(await verifyChain()).toMatchObject({ whole: false, fault: { number: 3, detail: expect.stringContaining("there were 4") } });
    await perform("later");
    expect(await verifyChain()).toMatchObject({ whole: false, fault: { number: 5, detail: "Entries 3 to 4 are missing." } });
  });

  it("an entry that was put in at the end is found, and acts go on", async () => {
    const last = await readStored(4);
    const forged = { ...last, _id: 5, id: "aud_forged", previousHash: last.hash };
    await (await entries()).insertOne({ ...forged, hash: hashEntry(forged) });
    expect(await verifyChain()).toMatchObject({ whole: false, fault: { number: 5 } });
    expect(await perform("later")).toBe("later");
    expect(await verifyChain()).toMatchObject({ whole: false });
  });

  it("a chain whose record of the end is gone is not called whole", async () => {
    await (await heads()).deleteMany({});
    expect(await verifyChain()).toMatchObject({ whole: false, fault: { number: 4 } });
  });

  it("an emptied audit is found", async () => {
    await (await entries()).deleteMany({});
    expect(await verifyChain()).toMatchObject({ whole: false, entries: 0, fault: { number: 1 } });
  });
});

describe("the list", () => {
  it("is filtered by action, operator, target and time, newest first, a page at a time", async () => {
    await perform("one");
    await perform("two");
    await recordEvent({ ...actor, operator: { ...operator, id: "opr_2" } }, act("one", "test.other"));
    expect((await list({ action: "test.other" })).map(({ number }) => number)).toEqual([3]);
    expect((await list({ operator: "opr_1" })).map(({ number }) => number)).toEqual([2, 1]);
    expect((await list({ target: "one" })).map(({ number }) => number)).toEqual([3, 1]);
    expect(await list({ to: new Date(Date.now() - 60_000).toISOString() })).toEqual([]);
    expect(await list({ from: new Date(Date.now() - 60_000).toISOString() })).toHaveLength(3);
    const first = await listEntries({ limit: 2 });
    expect(first.items.map(({ number }) => number)).toEqual([3, 2]);
    const second = await listEntries({ limit: 2, cursor: first.nextCursor ?? 0 });
    expect(second.items.map(({ number }) => number)).toEqual([1]);
    expect(second.nextCursor).toBeNull();
    expect(await listActions()).toEqual(["test.act", "test.other"]);
  });
});
