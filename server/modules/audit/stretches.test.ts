import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { useOwnDatabase } from "@/server/api/test-support";
import { database } from "@/server/core/db";
import { DomainError } from "@/server/core/errors";
import { endStretches, listEntries, performAct, performInStretch, recordEvent, recordLostActs, verifyChain } from "@/server/modules/audit/service.admin";

const MINUTE_MS = 60_000;
const actorOf = (id: string, address = "192.0.2.1") => ({
  operator: { id, email: `${id}@example.com`, name: id },
  address,
  requestId: "req_test_1",
});
const ada = actorOf("opr_ada");
const eve = actorOf("opr_eve");
const draft = (id: string) => ({ kind: "draft", id });
const save = (from: number, actor = ada, id = "one") =>
  performInStretch(actor, { action: "draft.change", target: draft(id) }, async () => ({
    before: { revision: from },
    after: { revision: from + 1 },
    result: from + 1,
  }));
const act = (target: { kind: string; id: string }, actor = ada, behind?: { kind: string; id: string }) =>
  performAct(actor, { action: "test.act", target, ...(behind && { behind }) }, async () => ({ before: null, after: null, result: "done" }));

const intents = async () => (await database()).collection("audit_intents");
/** Makes what goes on so much older, or only its beginning. */
const wait = async (minutes: number, only?: "at") => {
  const older = (moment: Date) => new Date(moment.getTime() - minutes * MINUTE_MS);
  for (const { _id, at, stretch } of await (await intents()).find().toArray()) {
    await (await intents()).updateOne({ _id }, { $set: { at: older(at), ...(only ? {} : { "stretch.lastAt": older(stretch.lastAt) }) } });
  }
};
const list = async () => (await listEntries({ limit: 100 })).items.toReversed();

beforeAll(async () => {
  await useOwnDatabase("audit-stretches", process.env.MONGODB_URI);
  await listEntries({ limit: 1 });
});

beforeEach(async () => {
  const db = await database();
  for (const name of ["audit_entries", "audit_head", "audit_intents"]) await db.collection(name).deleteMany({});
});

describe("a stretch of saves", () => {
  it("is one entry, from before the first to behind the last, with how many there were, and the chain is whole", async () => {
    for (const revision of [1, 2, 3]) expect(await save(revision)).toBe(revision + 1);
    expect(await list(), "it goes on").toEqual([]);
    await endStretches("all");
    const [entry, ...others] = await list();
    expect(others).toEqual([]);
    expect(entry).toMatchObject({ action: "draft.change", outcome: "done", operator: ada.operator, target: draft("one"), address: ada.address });
    expect(entry?.before).toEqual({ revision: 1 });
    expect(entry?.after).toMatchObject({ revision: 4, saves: 3, first_saved_at: expect.any(String), last_saved_at: expect.any(String) });
    await endStretches("all");
    expect(await verifyChain()).toMatchObject({ whole: true, entries: 1 });
  });

  it.each<[string, () => Promise<unknown>, number]>([
    ["its operator does something else", () => act(draft("elsewhere")), 2],
    ["its operator signs out", () => recordEvent(ada, { action: "operator.sign_out", target: { kind: "operator", id: "opr_ada" } }), 2],
    ["its operator saves another draft", () => save(1, ada, "two"), 1],
    ["somebody else acts on the same target", () => act(draft("one"), eve), 2],
    ["somebody else saves the same draft", () => save(3, eve), 1],
    ["somebody else's act comes behind it", () => act({ kind: "model", id: "churn" }, eve, draft("one")), 2],
    ["its operator saves from another address", () => save(3, actorOf("opr_ada", "198.51.100.7")), 1],
  ])("is written down before %s", async (_when, other, entries) => {
    await save(1);
    await save(2);
    await other();
    const written = await list();
    expect(written).toHaveLength(entries);
    expect(written[0]).toMatchObject({ action: "draft.change", operator: { id: "opr_ada" }, after: { revision: 3, saves: 2 } });
  });

  it("is not ended by what others do elsewhere", async () => {
    await save(1);
    await act(draft("elsewhere"), eve);
    await save(1, eve, "two");
    await save(2);
    await endStretches("all");
    expect((await list()).map(({ operator, after }) => [operator?.id, after?.["saves"]])).toEqual([
      ["opr_eve", undefined],
      ["opr_ada", 2],
      ["opr_eve", 1],
    ]);
  });

  it("is over five minutes after its last save; the next one begins another, and upkeep writes down what is over", async () => {
    await save(1);
    await wait(4);
    await save(2);
    await recordLostActs();
    expect(await list()).toEqual([]);
    await wait(5);
    await save(3);
    expect(await list()).toMatchObject([{ before: { revision: 1 }, after: { revision: 3, saves: 2 } }]);
    await wait(5);
    await Promise.all([recordLostActs(), recordLostActs()]);
    expect(await list()).toMatchObject([{}, { before: { revision: 3 }, after: { revision: 4, saves: 1 } }]);
  });

  it("is over an hour after its first save, however busy it is", async () => {
    await save(1);
    await wait(60, "at");
    await save(2);
    expect(await list()).toMatchObject([{ after: { revision: 2, saves: 1 } }]);
  });

  it("loses no save that ends while it is written down", async () => {
    await save(1);
    const ended = performInStretch(ada, { action: "draft.change", target: draft("one") }, async () => {
      await endStretches("all");
      expect(await list(), "a save is at work").toEqual([]);
      await (await intents()).deleteMany({});
      return { before: { revision: 2 }, after: { revision: 3 }, result: 3 };
    });
    expect(await ended).toBe(3);
    expect(await list()).toMatchObject([{ outcome: "done", after: { revision: 3 } }]);
  });

  it("of which a save was cut off is written down as unknown, with what is known", async () => {
    await save(1);
    await (await intents()).updateMany({}, { $inc: { "stretch.begun": 1 } });
    await endStretches("all");
    expect(await list(), "it may still be at work").toEqual([]);
    await wait(3);
    await endStretches("all");
    expect(await list()).toMatchObject([{ outcome: "unknown", before: { revision: 1 }, after: { revision: 2, saves: 1 } }]);
  });
});

it("a refused save is an entry of its own, and leaves nothing open", async () => {
  const refuse = async () => {
    throw new DomainError("conflict", "A word that stays out.");
  };
  await expect(performInStretch(ada, { action: "draft.change", target: draft("one") }, refuse)).rejects.toMatchObject({ code: "conflict" });
  expect(await list()).toMatchObject([{ action: "draft.change", outcome: "refused", code: "conflict", before: null, after: null }]);
  expect(await (await intents()).countDocuments()).toBe(0);
});

it("twenty saves at once are twenty saves of stretches, none of them lost", async () => {
  await Promise.all(Array.from({ length: 20 }, (_unused, revision) => save(revision)));
  await endStretches("all");
  const saves = (await list()).reduce((sum, { after }) => sum + Number(after?.["saves"] ?? 1), 0);
  expect(saves).toBe(20);
  expect(await (await intents()).countDocuments()).toBe(0);
  expect((await verifyChain()).whole).toBe(true);
});
