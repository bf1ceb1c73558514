import { beforeAll, describe, expect, it, vi } from "vitest";
import { useOwnDatabase } from "@/server/api/test-support";
import { getModelForConsole, listModelsForConsole } from "@/server/modules/catalog/console.admin";
import { ALIAS_TTL_MS } from "@/server/modules/catalog/known";
import { pauseModel, resumeModel, setLive, startCandidate, stopCandidate, unpublish } from "@/server/modules/catalog/releases.admin";
import { getModel, listModels, resolveVersion } from "@/server/modules/catalog/service";
import { addVersion, prepareCatalog, updateCard } from "@/server/modules/catalog/service.admin";
import { createModel, createVersion, importElsewhere, otherSchema, priceSchema, seen } from "@/server/modules/catalog/test-support";

const ADA = "opr_ada";

async function start(slug: string, version: number, share: number) {
  return startCandidate({ ...(await seen(slug)), version, share }, ADA);
}

async function publishVersion(slug: string, version: number) {
  return setLive({ ...(await seen(slug)), version }, ADA);
}

/** A caller whom the candidate answers at half of the customers. */
async function findMember(slug: string): Promise<string> {
  for (let index = 0; index < 100; index++) {
    const { arm } = await resolveVersion(slug, undefined, `customer:${index}`);
    if (arm === "candidate") return `customer:${index}`;
  }
  throw new Error("Nobody was drawn.");
}

beforeAll(async () => {
  await useOwnDatabase("console-models", process.env.MONGODB_URI);
  await prepareCatalog();
});

describe("a model that was taken off the shelf", () => {
  it("is not found by customers in any way, and is there again when it is put back", async () => {
    await createModel("gone", [priceSchema, otherSchema]);
    await start("gone", 2, 50);
    expect((await unpublish(await seen("gone"), ADA)).result).toMatchObject({ live: null, candidate: null, share: null });
    for (const name of ["gone", "gone@live", "gone@candidate"]) {
      await expect(resolveVersion(name, undefined, "customer:x")).rejects.toMatchObject({ code: "not_found" });
      await expect(getModel(name)).rejects.toMatchObject({ code: "not_found" });
    }
    await expect(resolveVersion("gone", 1)).rejects.toMatchObject({ code: "not_found" });
    expect((await listModels({ limit: 9, q: "Model gone" })).items).toEqual([]);
    await expect(seen("gone").then((input) => unpublish(input, ADA))).rejects.toMatchObject({ code: "conflict" });
    await publishVersion("gone", 2);
    expect(await resolveVersion("gone")).toMatchObject({ version: 2 });
  });
});

describe("a paused model", () => {
  it("refuses predictions with the note and when to come back, and stays in the catalog", async () => {
    await createModel("paused", [priceSchema]);
    const { before, after, result } = await pauseModel({ slug: "paused", note: "Data is being corrected." }, ADA);
    expect([before, after]).toEqual([{ paused: null }, { paused: "Data is being corrected." }]);
    expect(result.paused).toMatchObject({ note: "Data is being corrected.", by: ADA });
    for (const [name, version] of [["paused", undefined], ["paused@live", undefined], ["paused", 1]] as const) {
      await expect(resolveVersion(name, version)).rejects.toMatchObject({
        code: "model_unavailable", message: expect.stringContaining("Data is being corrected."), retryAfterSeconds: 60,
      });
    }
    expect((await getModel("paused")).paused).toMatchObject({ note: "Data is being corrected." });
    expect((await listModels({ limit: 9, q: "Model paused" })).items).toMatchObject([{ paused: { note: "Data is being corrected." } }]);
    expect((await resumeModel("paused", ADA)).result.paused).toBeNull();
    expect(await resolveVersion("paused")).toMatchObject({ version: 1 });
    expect((await getModel("paused")).paused).toBeNull();
    await expect(pauseModel({ slug: "nobody", note: "x" }, ADA)).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("another process", () => {
  it("follows every move and every pause after the time a read is kept, which is well below five seconds", async () => {
    await createModel("follow", [priceSchema, otherSchema]);
    const other = await importElsewhere();
    expect(other.resolveVersion).not.toBe(resolveVersion);
    vi.useFakeTimers({ toFake: ["performance"] });
    try {
      await start("follow", 2, 50);
      const member = await findMember("follow");
      const arm = async () => (await other.resolveVersion("follow", undefined, member)).version;
      expect(await arm()).toBe(2);
      await stopCandidate(await seen("follow"), ADA);
      vi.advanceTimersByTime(ALIAS_TTL_MS);
      expect(await arm()).toBe(1);
      await publishVersion("follow", 2);
      vi.advanceTimersByTime(ALIAS_TTL_MS);
      expect(await arm()).toBe(2);
      await pauseModel({ slug: "follow", note: "Stopped." }, ADA);
      vi.advanceTimersByTime(ALIAS_TTL_MS);
      await expect(arm()).rejects.toMatchObject({ code: "model_unavailable" });
    } finally {
      vi.useRealTimers();
    }
    expect(ALIAS_TTL_MS).toBeLessThanOrEqual(4_000);
  });
});

describe("the card", () => {
  it("changes without a new version, once for those who edited the same one at the same time", async () => {
    await createModel("card", [priceSchema]);
    const { card, card_revision: revision } = await getModelForConsole("card");
    const edits = ["One", "Two", "Three"].map((name) => updateCard({ slug: "card", revision, card: { ...card, name } }));
    const results = await Promise.allSettled(edits);
    const done = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    expect(done).toHaveLength(1);
    for (const result of results) if (result.status === "rejected") expect(result.reason).toMatchObject({ code: "conflict" });
    expect((await getModel("card")).card.name).toBe((await getModelForConsole("card")).card.name);
    expect((await getModelForConsole("card")).card_revision).toBe(done[0]?.result.card_revision);
    expect((await getModel("card")).versions).toHaveLength(1);
    await expect(updateCard({ slug: "nobody", revision: 0, card })).rejects.toMatchObject({ code: "not_found" });
  });

  it("of a live model is not changed by a version that comes with another one, so that an edit that began before is stored", async () => {
    await createModel("fresh", [priceSchema]);
    const { card, card_revision: revision } = await getModelForConsole("fresh");
    await addVersion(createVersion("fresh", new Uint8Array(4), { card: { ...card, name: "From the upload" } }));
    await updateCard({ slug: "fresh", revision, card: { ...card, name: "Edited" } });
    expect((await getModelForConsole("fresh")).card.name).toBe("Edited");
  });
});

describe("the console's list", () => {
  it("holds all models with their state, also unpublished ones, page after page", async () => {
    await createModel("list-a", [priceSchema, otherSchema]);
    await createModel("list-b", [priceSchema]);
    await addVersion(createVersion("list-c", new Uint8Array(5)));
    await start("list-a", 2, 25);
    await pauseModel({ slug: "list-b", note: "Wait." }, ADA);
    const all = await listModelsForConsole({ q: "model list-", limit: 2 });
    expect(all).toMatchObject({ next_cursor: "list-b", total: 3 });
    expect(all.items).toMatchObject([
      { slug: "list-a", versions: 2, release: { live: 1, candidate: 2, share: 25, paused: null } },
      { slug: "list-b", versions: 1, release: { live: 1, paused: { note: "Wait." } } },
    ]);
    const rest = await listModelsForConsole({ q: "model list-", limit: 2, cursor: "list-b" });
    expect(rest).toMatchObject({ items: [{ slug: "list-c", versions: 1, task: null, release: { live: null } }], next_cursor: null, total: 3 });
    const slugsOf = async (state: "live" | "canary" | "paused" | "unpublished") => {
      return (await listModelsForConsole({ q: "model list-", state, limit: 9 })).items.map(({ slug }) => slug);
    };
    expect(await Promise.all((["live", "canary", "paused", "unpublished"] as const).map(slugsOf))).toEqual([
      ["list-a", "list-b"], ["list-a"], ["list-b"], ["list-c"],
    ]);
  });
});
