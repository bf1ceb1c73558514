import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { ModelCard } from "@/lib/contracts/catalog";
import type { InputField, InputTensor, ModelSchema, OutputField } from "@/lib/contracts/model-schema";
import { useOwnDatabase } from "@/server/api/test-support";
import { database } from "@/server/core/db";
import { getModel, readModelFile, resolveVersion } from "@/server/modules/catalog/service";
import { prepareCatalog, setAlias } from "@/server/modules/catalog/service.admin";
import { encodeField } from "@/server/modules/predict/protobuf";
import { type Publication, publishVersion } from "@/server/modules/predict/service.admin";

const DEMO = join(import.meta.dirname, "../../../demo");

const readJson = <Value>(slug: string, name: string) => JSON.parse(readFileSync(join(DEMO, slug, name), "utf8")) as Value;

function createPublication(slug: string, changes: Partial<Publication> = {}): Publication {
  const [first] = readJson<{ inputs: Record<string, unknown> }[]>(slug, "examples.json");
  return {
    slug,
    card: readJson<ModelCard>(slug, "card.json"),
    schema: readJson<ModelSchema>(slug, "schema.json"),
    file: readFileSync(join(DEMO, slug, "model.onnx")),
    examples: [{ name: "First", description: "", input: first?.inputs ?? {} }],
    algorithm: "as trained",
    trainedOn: "2026-01-01",
    releaseNotes: "",
    metrics: {},
    reference: {},
    by: "test",
    ...changes,
  };
}

/** The churn model with a changed schema. */
function withSchema(change: (schema: ModelSchema) => Partial<ModelSchema>): Publication {
  const publication = createPublication("customer-churn");
  return { ...publication, slug: "changed", schema: { ...publication.schema, ...change(publication.schema) } };
}

function replaceOutput(change: Partial<Extract<OutputField, { kind: "class" }>>): Publication {
  return withSchema(({ outputs }) => ({ outputs: outputs.map((output) => ({ ...output, ...change }) as OutputField) }));
}

function replaceField(name: string, change: object): Publication {
  const replace = (field: InputField) => (field.name === name ? ({ ...field, ...change } as InputField) : field);
  return withSchema(({ inputs }) => ({ inputs: inputs.map(replace) }));
}

function replaceTensor(name: string, change: Partial<InputTensor>): Publication {
  return withSchema(({ tensors }) => {
    return { tensors: { ...tensors, inputs: tensors.inputs.map((tensor) => (tensor.name === name ? { ...tensor, ...change } : tensor)) } };
  });
}

beforeAll(async () => {
  await useOwnDatabase("publish", process.env.MONGODB_URI);
  await prepareCatalog();
});

async function countDocuments(): Promise<number[]> {
  const connection = await database();
  const names = ["models", "model_versions", "model_files", "model_file_chunks"];
  return Promise.all(names.map((name) => connection.collection(name).countDocuments()));
}

describe("a published version", () => {
  it("keeps its own answers to the examples, the measured latency and the repaired file", async () => {
    const publication = createPublication("customer-churn");
    expect(await publishVersion(publication)).toEqual({ version: 1, added: true });
    await setAlias("customer-churn", "live", 1, "test");
    const { live } = await getModel("customer-churn");
    expect(live.examples).toMatchObject([{ name: "First", input: { tenure: 2 }, output: { churn: { label: "Yes" } } }]);
    expect(live.latency.p50_ms).toBeGreaterThan(0);
    expect(live.latency.p95_ms).toBeGreaterThanOrEqual(live.latency.p50_ms);
    expect(live.latency.measured_rows).toBeGreaterThan(0);
    const stored = await readModelFile((await resolveVersion("customer-churn")).sha256);
    expect(Buffer.from(stored).includes("ZipMap")).toBe(false);
    expect(live.bytes).toBe(stored.length);
  });

  it("is the same when it is published again, and nothing is written", async () => {
    const publication = createPublication("spam-filter");
    await publishVersion(publication);
    const before = await countDocuments();
    expect(await publishVersion({ ...publication, releaseNotes: "Again." })).toEqual({ version: 1, added: false });
    expect(await countDocuments()).toEqual(before);
  });
});

async function expectRefusal(publication: Publication, message: RegExp): Promise<void> {
  const before = await countDocuments();
  await expect(publishVersion(publication)).rejects.toMatchObject({ code: "invalid_input", message: expect.stringMatching(message) });
  expect(await countDocuments()).toEqual(before);
}

describe("a version is not added, and nothing is written,", () => {
  const withFile = (file: Uint8Array) => createPublication("customer-churn", { slug: "changed", file });
  const createFile = (graph: Uint8Array) => withFile(Buffer.concat([Uint8Array.of(8, 8), encodeField(7, graph)]));

  it("when an example gives another answer than the trainer says", async () => {
    const { examples } = createPublication("customer-churn");
    const expected = { churn: { label: "Yes", probabilities: { No: 0.3, Yes: 0.7 } } };
    const changed = examples.map((example) => ({ ...example, expected }));
    await expectRefusal(createPublication("customer-churn", { slug: "changed", examples: changed }), /expected answer/);
  });

  it("when an example is not valid", async () => {
    const examples = [{ name: "First", description: "", input: { tenure: "many" } }];
    await expectRefusal(createPublication("customer-churn", { slug: "changed", examples }), /One field is not valid/);
  });

  it("when its weights lie in another file", async () => {
    await expectRefusal(createFile(encodeField(5, Uint8Array.of(14 * 8, 1))), /weights in another file/);
  });

  it("when the file is cut off", async () => {
    await expectRefusal(withFile(createPublication("customer-churn").file.subarray(0, 2000)), /cut off/);
  });

  it("when the runtime cannot load it", async () => {
    const node = Buffer.concat([encodeField(1, "x"), encodeField(2, "y"), encodeField(4, "NoSuchOperator")]);
    await expectRefusal(createFile(encodeField(1, node)), /^The runtime cannot load this model\.$/);
  });
});

describe("a schema does not fit its file", () => {
  const otherClasses = [{ value: "No", label: "No" }, { value: "Maybe", label: "Maybe" }];
  const misfits: [string, () => Publication][] = [
    ["the classes stand in another order than in the file", () => withSchema(({ tensors }) => {
      const outputs = tensors.outputs.map((tensor) => ({ ...tensor, keys: tensor.keys?.toReversed() }));
      return { tensors: { ...tensors, outputs } };
    })],
    ["a class is missing", () => replaceOutput({ classes: otherClasses })],
    ["an output does not exist", () => replaceOutput({ tensor: "nothing" })],
    ["two outputs have one name", () => withSchema(({ outputs }) => ({ outputs: [...outputs, ...outputs] }))],
    ["an input tensor does not exist", () => replaceTensor("tenure", { name: "months" })],
    ["a tensor has another type", () => replaceTensor("tenure", { dtype: "float32" })],
    ["a tensor has room for more than its fields", () => replaceTensor("tenure", { shape: ["N", 2] })],
    ["an input of the file is forgotten", () => withSchema(({ inputs, tensors }) => {
      const rest = tensors.inputs.filter((tensor) => tensor.name !== inputs[0]?.name);
      return { inputs: inputs.slice(1), tensors: { ...tensors, inputs: rest } };
    })],
    ["a field fills no tensor", () => withSchema(({ inputs }) => ({ inputs: [...inputs, { ...inputs[0], name: "extra" } as InputField] }))],
    ["text categories fill numbers", () => replaceField("senior_citizen", { categories: [{ value: "a", label: "a" }], default: "a" })],
    ["something that may be left out has no way to say so", () => replaceField("tenure", { required: false, default: undefined })],
  ];

  it.each(misfits)("when %s, and nothing is written", async (_why, create) => {
    await expectRefusal(create(), /^The schema does not fit the model file\.$/);
  });
});
