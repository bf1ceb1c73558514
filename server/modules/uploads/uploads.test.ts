import { beforeAll, describe, expect, it, vi } from "vitest";
import { UPLOAD_CHUNK_BYTES } from "@/lib/contracts/uploads.admin";
import type { ModelSchema } from "@/lib/contracts/model-schema";
import { useOwnDatabase } from "@/server/api/test-support";
import { database } from "@/server/core/db";
import { getModel, readModelFile, resolveVersion } from "@/server/modules/catalog/service";
import { prepareCatalog, setAlias } from "@/server/modules/catalog/service.admin";
import { createModel, floats, identity, metadata, readDemoFile } from "@/server/modules/predict/inspector/test-support";
import { findDisagreement, type KnownTensors, toKnownOutput } from "@/server/modules/predict/known-answers";
import { publishVersion } from "@/server/modules/predict/service.admin";
import {
  discardDraft,
  finishUpload,
  getDraft,
  listDrafts,
  publishDraft,
  readTrainingRows,
  readUpload,
  startUpload,
  storeChunk,
  tryDraft,
  updateDraft,
} from "@/server/modules/uploads/service.admin";
import { createDraft, OPERATOR, upload } from "@/server/modules/uploads/test-support";

interface Vectors {
  tolerance: { atol: number; rtol: number };
  vectors: { inputs: Record<string, string | number | number[]>; expected: Record<string, KnownTensors> }[];
}

const readDemo = <Value>(slug: string, name: string) => JSON.parse(readDemoFile(slug, name).toString()) as Value;
const small = createModel({ graph: [identity], input: floats(["N", 2]), output: floats(["N", 2]) });

/** Uploads, parts and drafts that belong to an upload. */
async function countStored(uploadId: string): Promise<number[]> {
  const connection = await database();
  const filters = { uploads: { _id: uploadId }, upload_chunks: { uploadId }, drafts: { uploadId } };
  return Promise.all(Object.entries(filters).map(([name, filter]) => connection.collection<{ _id: string }>(name).countDocuments(filter)));
}

// Every question starts a program, which takes a while on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

beforeAll(async () => {
  await useOwnDatabase("uploads", process.env.MONGODB_URI);
  await prepareCatalog();
});

describe("a file", () => {
  const bytes = Buffer.alloc(2 * UPLOAD_CHUNK_BYTES + 1_000, 7);
  const part = (n: number) => bytes.subarray(n * UPLOAD_CHUNK_BYTES, (n + 1) * UPLOAD_CHUNK_BYTES);

  it("takes no part from anybody but who began it", async () => {
    const { id } = await startUpload({ filename: "mine.onnx", bytes: bytes.length }, OPERATOR);
    await expect(storeChunk(id, 0, part(0), "opr_another")).rejects.toMatchObject({ code: "forbidden" });
    expect((await readUpload(id)).received).toEqual([]);
  });

  it("comes in parts in any order, also again, and says what of it is there", async () => {
    const { id, chunks, chunk_bytes } = await startUpload({ filename: "large.onnx", bytes: bytes.length }, OPERATOR);
    expect([chunks, chunk_bytes]).toEqual([3, 3 * 1024 * 1024]);
    for (const n of [2, 0, 2]) await storeChunk(id, n, part(n), OPERATOR);
    expect(await readUpload(id)).toMatchObject({ received: [0, 2], filename: "large.onnx", bytes: bytes.length });
    await expect(finishUpload(id, OPERATOR)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringMatching(/part 1 of 3 is missing/),
    });
    await Promise.all([storeChunk(id, 1, part(1), OPERATOR), storeChunk(id, 1, part(1), OPERATOR)]);
    expect((await readUpload(id)).received).toEqual([0, 1, 2]);
  });

  it("is refused part by part where a part has another size or no place", async () => {
    const { id } = await startUpload({ filename: "large.onnx", bytes: bytes.length }, OPERATOR);
    for (const [n, data] of [
      [0, part(2)],
      [2, part(0)],
      [3, part(2)],
      [-1, part(0)],
      [0.5, part(0)],
    ] as const) {
      await expect(storeChunk(id, n, data, OPERATOR)).rejects.toMatchObject({ code: "invalid_input" });
    }
    expect((await readUpload(id)).received).toEqual([]);
  });

  it("is not found once it is over, or when there never was one", async () => {
    const { id } = await startUpload({ filename: "old.onnx", bytes: 10 }, OPERATOR);
    await (
      await database()
    )
      .collection<{ _id: string }>("uploads")
      .updateOne({ _id: id }, { $set: { expiresAt: new Date(Date.now() - 1) } });
    for (const gone of [id, "upl_00000000000000000000000000"]) {
      await expect(readUpload(gone)).rejects.toMatchObject({ code: "not_found" });
      await expect(storeChunk(gone, 0, Buffer.alloc(10), OPERATOR)).rejects.toMatchObject({ code: "not_found" });
    }
  });

  it("is larger than a model may be: refused before a byte of it is taken", async () => {
    const call = startUpload({ filename: "huge.onnx", bytes: 200 * 1024 * 1024 + 1 }, OPERATOR);
    await expect(call).rejects.toMatchObject({ code: "model_refused", message: expect.stringMatching(/larger than 200 MB/) });
  });

  it("cannot be changed once it was inspected, and gives one draft however often it is finished", async () => {
    const id = await upload(small, "Small Model (1).onnx");
    const [first, second] = await Promise.all([finishUpload(id, OPERATOR), finishUpload(id, OPERATOR)]);
    expect(first.result).toMatchObject({ slug: "small-model-1", by: OPERATOR, revision: 1, published_as: null, tried: null });
    expect(second.result.id).toBe(first.result.id);
    await expect(storeChunk(id, 0, small, OPERATOR)).rejects.toMatchObject({ code: "conflict" });
    expect((await listDrafts()).items.map((draft) => draft.id)).toContain(first.result.id);
  });
});

describe("a model", () => {
  const first = readDemo<Vectors>("customer-churn", "test-vectors.json").vectors[0]?.inputs ?? {};

  it("goes from its file to customers' answers: the trainer's, with the second churn model under a new slug", async () => {
    const { vectors, tolerance } = readDemo<Vectors>("customer-churn", "test-vectors.json");
    const draft = await createDraft(readDemoFile("customer-churn", "model-v2.onnx"), "churn-boosted.onnx");
    expect(draft).toMatchObject({ slug: "churn-boosted", algorithm: "Tree ensemble", card: { name: "Churn boosted" }, based_on: null });
    await expect(publishDraft(draft.id, 1, OPERATOR)).rejects.toMatchObject({
      code: "invalid_input",
      message: expect.stringMatching(/never tried/),
    });
    const known = vectors.map(({ expected }) => toKnownOutput(draft.schema, expected["model-v2.onnx"] ?? {}));
    const tried = await tryDraft(draft.id, first);
    expect(findDisagreement(known[0], tried.output, tolerance)).toBeNull();
    expect(tried.draft).toMatchObject({ revision: 1, tried: { current: true, input: first } });
    const published = await publishDraft(draft.id, 1, OPERATOR);
    expect(published).toMatchObject({ result: { slug: "churn-boosted", version: 1 }, before: { published_as: null } });
    expect(await publishDraft(draft.id, 1, OPERATOR)).toMatchObject({ result: { slug: "churn-boosted", version: 1 } });
    expect((await getDraft(draft.id)).published_as).toEqual({ slug: "churn-boosted", version: 1 });
    await expect(getModel("churn-boosted")).rejects.toMatchObject({ code: "not_found" });
    await setAlias("churn-boosted", "live", 1, OPERATOR);
    const { live } = await getModel("churn-boosted");
    expect(live.examples).toMatchObject([{ name: "Example", input: first, output: tried.output }]);
    expect(live.latency.measured_rows).toBeGreaterThan(0);
    expect(Buffer.from(await readModelFile((await resolveVersion("churn-boosted")).sha256)).includes("ZipMap")).toBe(false);
    await expect(tryDraft(draft.id, first)).rejects.toMatchObject({ code: "conflict", message: expect.stringMatching(/version 1/) });
  });

  it("that exists needs no typing: card, schema and examples are those of its live version", async () => {
    const [card, schema] = [readDemo<never>("breast-cancer", "card.json"), readDemo<ModelSchema>("breast-cancer", "schema.json")];
    const [example] = readDemo<{ inputs: Record<string, unknown> }[]>("breast-cancer", "examples.json");
    const input = example?.inputs ?? {};
    const facts = { algorithm: "a", trainedOn: "2026-01-01", releaseNotes: "", metrics: {}, reference: {}, by: "test" };
    const file = readDemoFile("breast-cancer");
    await publishVersion({ slug: "breast-cancer", card, schema, file, examples: [{ name: "First", description: "", input }], ...facts });
    await setAlias("breast-cancer", "live", 1, OPERATOR);
    const { live } = await getModel("breast-cancer");
    const draft = await createDraft(readDemoFile("breast-cancer", "model-v2.onnx"), "second.onnx", "breast-cancer");
    expect(draft).toMatchObject({ slug: "breast-cancer", based_on: 1, schema: live.schema, examples: [{ name: "First" }] });
    await tryDraft(draft.id, input);
    expect((await publishDraft(draft.id, 1, OPERATOR)).result).toEqual({ slug: "breast-cancer", version: 2 });
  });

  it("is tried with words for every field that is not valid, as customers get them", async () => {
    const draft = await createDraft(readDemoFile("customer-churn"), "words.onnx");
    const call = tryDraft(draft.id, { ...first, tenure: "many", colour: "red" });
    await expect(call).rejects.toMatchObject({
      code: "invalid_input",
      errors: [
        { pointer: "#/input/tenure", detail: "Must be a whole number." },
        { pointer: "#/input/colour", detail: "This model has no such field." },
      ],
    });
    expect((await getDraft(draft.id)).tried).toBeNull();
  });

  it("is told by training rows its ranges, defaults and distribution, and stays as it is", async () => {
    const draft = await createDraft(readDemoFile("customer-churn"), "rows.onnx");
    const { vectors } = readDemo<Vectors>("customer-churn", "test-vectors.json");
    const names = Object.keys(first).filter((name) => name !== "partner");
    const lines = vectors.map(({ inputs }) => names.map((name) => String(inputs[name])).join(","));
    const header = names.map((name) => (name === "monthly_charges" ? "Monthly Charges" : name)).join(",");
    const csv = [`${header},customer`, ...lines.map((line, index) => `${line},"c ${index}"`)].join("\n");
    const { report, schema, reference } = await readTrainingRows(draft.id, 1, csv);
    expect(report).toMatchObject({ rows: vectors.length, unused: ["customer"], missing: ["partner"], reference: ["prediction"] });
    expect(report.matched).toContainEqual({ column: "Monthly Charges", field: "monthly_charges" });
    expect(report.skipped).toEqual({ rows: 0, reason: null });
    const tenures = vectors.map(({ inputs }) => Number(inputs.tenure));
    const range = { min: Math.min(...tenures), max: Math.max(...tenures), step: 1 };
    expect(schema.inputs[0]).toMatchObject({ name: "tenure", type: "integer", ...range });
    expect(reference.prediction?.counts.reduce((sum, count) => sum + count, 0)).toBe(vectors.length);
    expect(await getDraft(draft.id)).toEqual(draft);
    await expect(readTrainingRows(draft.id, 2, csv)).rejects.toMatchObject({ code: "conflict" });
    const refused = readTrainingRows(draft.id, 1, "a,b\n1,2\n");
    await expect(refused).rejects.toMatchObject({ code: "invalid_input", message: expect.stringMatching(/None of the columns/) });
  });

  it("leaves out a row that the model has no finite answer to, alone, and says so where that is tried", async () => {
    const draft = await createDraft(readDemoFile("house-price"), "rows.onnx");
    const vectors = readDemo<Vectors>("house-price", "test-vectors.json").vectors.slice(0, 5);
    const rows = vectors.map(({ inputs }, place) => (place === 1 ? { ...inputs, living_area: -5 } : inputs));
    const names = Object.keys(rows[0] ?? {});
    const csv = [names.join(","), ...rows.map((row) => names.map((name) => String(row[name])).join(","))].join("\n");
    const { report, reference } = await readTrainingRows(draft.id, 1, csv);
    expect(report).toMatchObject({ rows: rows.length, skipped: { rows: 1, reason: "The model gave no usable answer." } });
    for (const { counts } of Object.values(reference)) expect(counts.reduce((sum, count) => sum + count, 0)).toBe(rows.length - 1);
    const call = tryDraft(draft.id, rows[1] ?? {});
    await expect(call).rejects.toMatchObject({ code: "invalid_input", errors: [{ pointer: expect.stringMatching(/^#\/input/) }] });
  });
});

describe("a draft", () => {
  it("says no day of training that nobody said, and can be published so", async () => {
    const draft = await createDraft(small, "undated.onnx");
    expect(draft.trained_on).toBe("");
    await tryDraft(draft.id, { feature_1: 1, feature_2: 2 });
    const { result } = await publishDraft(draft.id, 1, OPERATOR);
    await setAlias(result.slug, "live", result.version, OPERATOR);
    expect((await getModel(result.slug)).live.trained_on).toBe("");
  });

  it.each([
    ["training_date", "2026-01-31T08:00:00Z", "2026-01-31"],
    ["Trained on", "2026-01-31", "2026-01-31"],
    ["trained_on", "2026-02-31", ""],
    ["retrained_by", "2026-01-31", ""],
  ])("takes the day of training from the file's own note %s: %s", async (name, said, day) => {
    const file = createModel({ graph: [identity], input: floats(["N", 2]), output: floats(["N", 2]), extra: [metadata(name, said)] });
    expect((await createDraft(file, "dated.onnx")).trained_on).toBe(day);
  });

  it("that two operators change at once keeps the first change, and tells the second", async () => {
    const { id } = await createDraft(small, "twice.onnx");
    const changes = [{ algorithm: "Mine" }, { algorithm: "Yours" }].map((change) => updateDraft(id, 1, change));
    const [done, refused] = (await Promise.allSettled(changes)).toSorted((one) => (one.status === "fulfilled" ? -1 : 1));
    expect(done).toMatchObject({ value: { before: { revision: 1 }, after: { revision: 2 } } });
    expect(refused).toMatchObject({ reason: { code: "conflict" } });
    await expect(publishDraft(id, 1, OPERATOR)).rejects.toMatchObject({ code: "conflict" });
  });

  it("that is published and thrown away, or changed, at once is either a version as it was, or none", async () => {
    for (const other of [
      async (id: string) => discardDraft(id),
      async (id: string) => updateDraft(id, 1, { algorithm: "Changed at the last moment" }),
    ]) {
      const draft = await createDraft(small, "both.onnx");
      await updateDraft(draft.id, 1, { slug: `both-${draft.id.slice(4).toLowerCase()}` });
      const { slug, schema } = await getDraft(draft.id);
      await tryDraft(draft.id, Object.fromEntries(schema.inputs.map(({ name }) => [name, 1])));
      const publishing = publishDraft(draft.id, 2, OPERATOR);
      const settled = publishing.then(() => "published", (error: { code: string }) => error.code);
      const others: string[] = [];
      // As often as there is time: the other one comes at every moment of it.
      for (let over = false; !over; ) {
        over = await Promise.race([settled.then(() => true), new Promise<false>((resolve) => void setTimeout(() => resolve(false), 20))]);
        others.push(await other(draft.id).then(() => "done", (error: { code: string }) => error.code));
        if (others.includes("done")) break;
      }
      const stored = await (await database()).collection("model_versions").countDocuments({ slug });
      expect([await settled, stored, others.includes("done")]).toEqual(
        (await settled) === "published" ? ["published", 1, false] : ["conflict", 0, true],
      );
    }
  });

  it("has to be tried again after its schema was changed, and again fits its file", async () => {
    const draft = await createDraft(small, "changed.onnx");
    const { id } = draft;
    const input = { feature_1: 1, feature_2: 2 };
    await tryDraft(id, input);
    const inputs = draft.schema.inputs.map((field) => ({ ...field, label: `${field.label} in cm` }));
    const { result } = await updateDraft(id, 1, { schema: { ...draft.schema, inputs }, release_notes: "New labels." });
    expect(result.tried).toMatchObject({ current: false });
    await expect(publishDraft(id, 2, OPERATOR)).rejects.toMatchObject({ message: expect.stringMatching(/changed after the last test/) });
    await updateDraft(id, 2, { schema: { ...draft.schema, inputs: inputs.slice(1) } });
    await expect(tryDraft(id, { feature_2: 2 })).rejects.toMatchObject({
      code: "invalid_input",
      errors: [{ pointer: expect.stringMatching(/^#\/schema/) }, {}],
    });
  });

  it("is thrown away with its file", async () => {
    const uploaded = await upload(small, "away.onnx");
    const { id } = (await finishUpload(uploaded, OPERATOR)).result;
    expect(await countStored(uploaded)).toEqual([1, 1, 1]);
    expect(await discardDraft(id)).toMatchObject({ before: { id }, after: null, result: { discarded: true } });
    expect(await countStored(uploaded)).toEqual([0, 0, 0]);
    await expect(getDraft(id)).rejects.toMatchObject({ code: "not_found" });
  });

  it("does not come back without its file from those who were finishing the same upload when it was thrown away", async () => {
    const uploaded = await upload(small, "again.onnx");
    // Two files are inspected at once: the others are still at it when the first is done.
    const finishing = Array.from({ length: 4 }, async () => finishUpload(uploaded, OPERATOR));
    const { id } = (await Promise.race(finishing)).result;
    await discardDraft(id);
    const late = (await Promise.allSettled(finishing)).map((one) => (one.status === "fulfilled" ? one.value.result.id : one.reason.code));
    expect(late.filter((outcome) => outcome !== id && outcome !== "not_found")).toEqual([]);
    expect(late).toContain("not_found");
    expect(await countStored(uploaded)).toEqual([0, 0, 0]);
  });
});
