import { beforeAll, describe, expect, it, vi } from "vitest";
import { useOwnDatabase } from "@/server/api/test-support";
import { HeaderFields } from "@/server/core/exchange";
import { createCallerFactory } from "@/server/core/trpc";
import { getModelForConsole } from "@/server/modules/catalog/console.admin";
import { ALIAS_TTL_MS } from "@/server/modules/catalog/known";
import { pauseModel, resumeModel, setLive, unpublish } from "@/server/modules/catalog/releases.admin";
import { catalogRouter } from "@/server/modules/catalog/router";
import { addVersion, prepareCatalog, updateCard } from "@/server/modules/catalog/service.admin";
import { createModel, createVersion, importElsewhere, otherSchema, priceSchema, seen } from "@/server/modules/catalog/test-support";

const ADA = "opr_ada";
const context = { caller: { kind: "visitor" as const, id: "x" }, requestId: "req", origin: "http://vitrine.test", headers: new HeaderFields() };
/** What pages and API ask. */
const caller = createCallerFactory(catalogRouter)(context);

type Asked = Pick<typeof caller, "list" | "get">;

/** What a page shows of a model: in the catalog, and on its own page. */
async function look(slug: string, { list, get }: Asked = caller) {
  const listed = (await list({ limit: 100 })).items.find((item) => item.slug === slug);
  const { live_version, paused, card, versions } = await get({ model: slug });
  const own = { live: live_version, paused: paused?.note ?? null, name: card.name };
  const inList = listed && { live: listed.live_version, paused: listed.paused?.note ?? null, name: listed.name };
  expect(inList, "the catalog says what the model's page says").toEqual(own);
  return { ...own, versions: versions.map(({ version }) => version) };
}

async function publishVersion(slug: string, version: number) {
  return setLive({ ...(await seen(slug)), version }, ADA);
}

beforeAll(async () => {
  await useOwnDatabase("known-models", process.env.MONGODB_URI);
  await prepareCatalog();
});

describe("what a process knows of the catalog", () => {
  it("follows each act of its own at once, in the list and on the model's page", async () => {
    await createModel("at-once", [priceSchema, otherSchema]);
    expect(await look("at-once")).toEqual({ live: 1, paused: null, name: "Model at-once", versions: [2, 1] });
    await publishVersion("at-once", 2);
    expect(await look("at-once")).toMatchObject({ live: 2 });
    await pauseModel({ slug: "at-once", note: "Stopped." }, ADA);
    expect(await look("at-once")).toMatchObject({ paused: "Stopped." });
    await resumeModel("at-once", ADA);
    expect(await look("at-once")).toMatchObject({ paused: null });
    const { card, card_revision: revision } = await getModelForConsole("at-once");
    await updateCard({ slug: "at-once", revision, card: { ...card, name: "Renamed" } });
    expect(await look("at-once")).toMatchObject({ name: "Renamed" });
    await addVersion(createVersion("at-once", new Uint8Array(5), { releaseNotes: "Third." }));
    expect(await look("at-once")).toMatchObject({ live: 2, versions: [3, 2, 1] });
    await unpublish(await seen("at-once"), ADA);
    expect((await caller.list({ limit: 100 })).items.map(({ slug }) => slug)).not.toContain("at-once");
    await expect(caller.get({ model: "at-once" })).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it("is the same object until it is read again, so that nothing is checked or written out twice", async () => {
    await createModel("same", [priceSchema, otherSchema]);
    const read = async () => Promise.all([caller.list({ limit: 100 }), caller.get({ model: "same" }), caller.get({ model: "same", version: 2 })]);
    const [first, second] = [await read(), await read()];
    for (const [index, told] of first.entries()) expect(second[index]).toBe(told);
    expect(first[1]).toMatchObject({ live: { version: 1 } });
    expect(first[2]).toMatchObject({ live: { version: 2 } });
  });

  it("follows another process after the time a read is kept at the latest, however often it was asked meanwhile", async () => {
    await createModel("elsewhere", [priceSchema, otherSchema]);
    const elsewhere = await importElsewhere();
    const other: Asked = { list: async (input) => elsewhere.listModels({ limit: 100, ...input }), get: async ({ model }) => elsewhere.getModel(model) };
    vi.useFakeTimers({ toFake: ["performance"] });
    try {
      expect(await look("elsewhere", other)).toMatchObject({ live: 1, paused: null });
      await pauseModel({ slug: "elsewhere", note: "Stopped." }, ADA);
      await publishVersion("elsewhere", 2);
      for (let passed = 0; passed < ALIAS_TTL_MS; passed += 500) {
        await look("elsewhere", other);
        vi.advanceTimersByTime(500);
      }
      expect(await look("elsewhere", other)).toMatchObject({ live: 2, paused: "Stopped." });
    } finally {
      vi.useRealTimers();
    }
    expect(ALIAS_TTL_MS).toBeLessThanOrEqual(3_000);
  });
});

describe("modules that Next evaluates more than once", () => {
  it("know the same: what one of them did, the other tells at once", async () => {
    await createModel("twice", [priceSchema, otherSchema]);
    vi.resetModules();
    const twin = await import("@/server/modules/catalog/service");
    expect((await twin.getModel("twice")).live_version).toBe(1);
    await publishVersion("twice", 2);
    expect((await twin.getModel("twice")).live_version).toBe(2);
    expect((await twin.listModels({ limit: 100 })).items.find(({ slug }) => slug === "twice")?.live_version).toBe(2);
  });
});
