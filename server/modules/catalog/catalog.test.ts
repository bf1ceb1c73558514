import { randomBytes } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { useOwnDatabase } from "@/server/api/test-support";
import { database } from "@/server/core/db";
import { HeaderFields } from "@/server/core/exchange";
import { createCallerFactory } from "@/server/core/trpc";
import { catalogRouter } from "@/server/modules/catalog/router";
import { getModel, listModels, readModelFile, resolveVersion } from "@/server/modules/catalog/service";
import {
  addVersion,
  getAlias,
  hashBytes,
  listAliasMoves,
  type NewVersion,
  prepareCatalog,
  setAlias,
} from "@/server/modules/catalog/service.admin";
import { createVersion, priceSchema } from "@/server/modules/catalog/test-support";

const schema = priceSchema;

async function publish(slug: string, changes: Partial<NewVersion> = {}): Promise<void> {
  const { version } = await addVersion(createVersion(slug, randomBytes(100), changes));
  await setAlias(slug, "live", version, "ada");
}

async function refusalOf(call: Promise<unknown>): Promise<string> {
  const error: unknown = await call.then(() => null, (thrown: unknown) => thrown);
  return JSON.stringify(error instanceof Error ? { ...error, message: error.message } : null);
}

beforeAll(async () => {
  await useOwnDatabase("catalog", process.env.MONGODB_URI);
  await prepareCatalog();
});

describe("versions", () => {
  it("are numbered from 1, and the same file with the same schema is the same version", async () => {
    const [first, second] = [randomBytes(10), randomBytes(10)];
    expect(await addVersion(createVersion("numbers", first))).toEqual({ version: 1, added: true });
    expect(await addVersion(createVersion("numbers", second))).toEqual({ version: 2, added: true });
    expect(await addVersion(createVersion("numbers", first, { releaseNotes: "Changed." }))).toEqual({ version: 1, added: false });
    await setAlias("numbers", "live", 1, "ada");
    expect((await getModel("numbers")).live.release_notes).toBe("First.");
  });

  it("stay the same version when the members of the schema come in another order", async () => {
    const file = randomBytes(10);
    const { outputs, tensors, ...rest } = schema;
    await addVersion(createVersion("order", file));
    expect(await addVersion(createVersion("order", file, { schema: { outputs, tensors, ...rest } }))).toEqual({ version: 1, added: false });
    const renamed = { ...schema, outputs: [{ name: "cost", label: "Cost", kind: "number" as const, tensor: "y" }] };
    expect(await addVersion(createVersion("order", file, { schema: renamed }))).toEqual({ version: 2, added: true });
  });

  it("leave the card of a live model as customers read it, and write that of one nobody has seen", async () => {
    const { card } = createVersion("carded", randomBytes(1));
    await addVersion(createVersion("carded", randomBytes(10)));
    await addVersion(createVersion("carded", randomBytes(10), { card: { ...card, pitch: "Before." } }));
    await setAlias("carded", "live", 1, "ada");
    await addVersion(createVersion("carded", randomBytes(10), { card: { ...card, pitch: "After." } }));
    expect((await getModel("carded")).card.pitch).toBe("Before.");
  });

  it("get a number each when they are added at the same moment", async () => {
    const added = await Promise.all(Array.from({ length: 6 }, () => addVersion(createVersion("race", randomBytes(10)))));
    expect(added.map(({ version }) => version).sort()).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("are one version when the same file is added twice at the same moment", async () => {
    const file = randomBytes(10);
    const added = await Promise.all([1, 2, 3].map(() => addVersion(createVersion("twins", file))));
    expect(added.map(({ version }) => version)).toEqual([1, 1, 1]);
    expect(added.filter((result) => result.added)).toHaveLength(1);
  });
});

describe("model files", () => {
  it("come back byte for byte, also when they are larger than a chunk", async () => {
    const file = randomBytes(2_500_000);
    await publish("large", { file, uploadedSha256: hashBytes(file) });
    const { sha256 } = await resolveVersion("large");
    expect(sha256).toBe(hashBytes(file));
    expect(Buffer.compare(await readModelFile(sha256), file)).toBe(0);
  });

  it("are refused when they are gone or were changed", async () => {
    const file = randomBytes(100);
    await addVersion(createVersion("changed", file));
    await (await database()).collection("model_file_chunks").updateOne({ sha256: hashBytes(file) }, { $set: { data: randomBytes(100) } });
    await expect(readModelFile(hashBytes(file))).rejects.toMatchObject({ code: "model_unavailable" });
    await expect(readModelFile("0".repeat(64))).rejects.toMatchObject({ code: "model_unavailable" });
  });
});

describe("aliases", () => {
  it("keep every move, and a move to where they are is none", async () => {
    for (const file of [randomBytes(9), randomBytes(9)]) await addVersion(createVersion("moves", file));
    expect(await setAlias("moves", "live", 1, "ada")).toBe(true);
    expect(await setAlias("moves", "live", 2, "ben")).toBe(true);
    expect(await setAlias("moves", "live", 2, "ben")).toBe(false);
    expect(await setAlias("moves", "candidate", 1, "ben")).toBe(true);
    expect(await setAlias("moves", "live", 1, "cy")).toBe(true);
    expect(await getAlias("moves", "live")).toBe(1);
    const moves = await listAliasMoves("moves");
    expect(moves.map(({ alias, from, to, by }) => [alias, from, to, by])).toEqual([
      ["live", null, 1, "ada"], ["live", 1, 2, "ben"], ["candidate", null, 1, "ben"], ["live", 2, 1, "cy"],
    ]);
    expect(moves.every(({ at }) => at instanceof Date)).toBe(true);
  });

  it("are followed at once by the process that moved them", async () => {
    for (const file of [randomBytes(9), randomBytes(9)]) await addVersion(createVersion("follow", file));
    await setAlias("follow", "live", 1, "ada");
    expect(await resolveVersion("follow")).toMatchObject({ version: 1, arm: "live" });
    await setAlias("follow", "live", 2, "ada");
    expect(await resolveVersion("follow@live")).toMatchObject({ version: 2, arm: "live" });
    expect(await resolveVersion("follow", 1)).toMatchObject({ version: 1, arm: "pinned" });
    await setAlias("follow", "candidate", 1, "ada");
    expect(await resolveVersion("follow@candidate")).toMatchObject({ version: 1, arm: "candidate" });
    // Whoever chooses an arm must not bend the comparison of those who were drawn.
    const named = [await resolveVersion("follow@candidate"), await resolveVersion("follow@live"), await resolveVersion("follow", 1)];
    expect(named.map(({ comparedAs }) => comparedAs)).toEqual(["pinned", "pinned", "pinned"]);
    expect(await resolveVersion("follow")).toMatchObject({ comparedAs: "live" });
  });

  it("never lose a move when several are made at the same moment", async () => {
    for (const file of [randomBytes(9), randomBytes(9), randomBytes(9)]) await addVersion(createVersion("busy", file));
    await Promise.all([1, 2, 3].map((version) => setAlias("busy", "live", version, "ada")));
    const moves = await listAliasMoves("busy");
    expect(moves.map(({ from }) => from)).toEqual([null, ...moves.slice(0, -1).map(({ to }) => to)]);
    expect(moves.at(-1)?.to).toBe(await getAlias("busy", "live"));
  });

  it("cannot point at a version that does not exist", async () => {
    await addVersion(createVersion("target", randomBytes(9)));
    await expect(setAlias("target", "live", 2, "ada")).rejects.toMatchObject({ code: "not_found" });
    await expect(setAlias("nobody", "live", 1, "ada")).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("what is not there", () => {
  it("is not found in the same words, whichever part of the address is wrong", async () => {
    await addVersion(createVersion("hidden", randomBytes(9)));
    await publish("known");
    const calls = [
      resolveVersion("nobody"), resolveVersion("hidden"), resolveVersion("hidden", 1), resolveVersion("known", 99),
      resolveVersion("known@candidate"), resolveVersion("known@beta"), resolveVersion("known@live@live"), resolveVersion("known@live", 1),
      resolveVersion("../known"), resolveVersion("__proto__"), getModel("hidden"), getModel("known", 2),
    ];
    const refusals = await Promise.all(calls.map(refusalOf));
    expect(refusals[0]).toContain('"code":"not_found"');
    expect(new Set(refusals).size).toBe(1);
  });
});

describe("lists", () => {
  it("hold published models only, by slug, page after page", async () => {
    const { card } = createVersion("list", randomBytes(1));
    for (const slug of ["list-c", "list-a", "list-b"]) await publish(slug, { card: { ...card, pitch: "Paged (50%)." } });
    await addVersion(createVersion("list-d", randomBytes(9)));
    const first = await listModels({ limit: 2, q: "PAGED (50%)" });
    expect(first.items.map(({ slug }) => slug)).toEqual(["list-a", "list-b"]);
    expect(first.nextCursor).toBe("list-b");
    const second = await listModels({ limit: 2, q: "paged", cursor: "list-b" });
    expect(second.items.map(({ slug }) => slug)).toEqual(["list-c"]);
    expect(second.nextCursor).toBeNull();
  });

  it("find every word in name, pitch, or the label or name of an input, as plain text", async () => {
    const inputs = [{ name: "fathoms", label: "Depth of the lake", required: true, type: "number" as const, tensor: { name: "x" } }];
    const tensors = { ...schema.tensors, inputs: schema.tensors.inputs.map((tensor) => ({ ...tensor, fields: ["fathoms"] })) };
    await publish("lake", { schema: { ...schema, task: "other", inputs, tensors } });
    const slugsOf = async (filter: Parameters<typeof listModels>[0]) => (await listModels(filter)).items.map(({ slug }) => slug);
    expect(await slugsOf({ limit: 9, q: "LAKE price depth" })).toEqual(["lake"]);
    expect(await slugsOf({ limit: 9, q: "fathom" })).toEqual(["lake"]);
    expect(await slugsOf({ limit: 9, q: "lake ocean" })).toEqual([]);
    expect(await slugsOf({ limit: 9, q: ".*" })).toEqual([]);
    expect(await slugsOf({ limit: 9, task: "other" })).toEqual(["lake"]);
    expect(await slugsOf({ limit: 9, task: "other", q: "Size of the home" })).toEqual([]);
  });

  it("and details have the shape of the contract", async () => {
    await publish("shape");
    const context = { caller: { kind: "visitor" as const, id: "x" }, requestId: "req", origin: "http://vitrine.test", headers: new HeaderFields() };
    const caller = createCallerFactory(catalogRouter)(context);
    const page = await caller.list({ q: "Model shape" });
    expect(page.items).toMatchObject([{ object: "model", slug: "shape", name: "Model shape", live_version: 1, inputs: 1 }]);
    const detail = await caller.get({ model: "shape" });
    expect(detail).toMatchObject({ slug: "shape", live_version: 1, live: { version: 1, metrics: { mae: 3.5, matrix: [[1, 2]] }, schema } });
    expect(detail.live.examples).toEqual(createVersion("shape", randomBytes(1)).examples);
    expect(detail.versions.map(({ version }) => version)).toEqual([1]);
  });
});
