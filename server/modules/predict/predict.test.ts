import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it, vi } from "vitest";
import type { ModelCard } from "@/lib/contracts/catalog";
import type { ModelSchema } from "@/lib/contracts/model-schema";
import type { PredictionOutput, Row } from "@/lib/contracts/predict";
import { useOwnDatabase } from "@/server/api/test-support";
import { HeaderFields } from "@/server/core/exchange";
import { type Context, createCallerFactory } from "@/server/core/trpc";
import { prepareCatalog, setAlias } from "@/server/modules/catalog/service.admin";
import { findDisagreement, type KnownTensors, type Tolerance, toKnownOutput } from "@/server/modules/predict/known-answers";
import { predictRouter } from "@/server/modules/predict/router";
import { publishVersion } from "@/server/modules/predict/service.admin";
import { createPng, toDataUrl } from "@/server/modules/predict/test-support";

const DEMO = join(import.meta.dirname, "../../../demo");
const slugs = ["breast-cancer", "customer-churn", "handwritten-digits", "house-price", "spam-filter"] as const;
const files = ["model.onnx", "model-v2.onnx"] as const;

interface Vectors {
  tolerance: Tolerance;
  vectors: { inputs: Row; expected: Record<string, KnownTensors> }[];
}

function readDemo<Value>(slug: string, name: string): Value {
  return JSON.parse(readFileSync(join(DEMO, slug, name), "utf8")) as Value;
}

async function publish(slug: string, file: string) {
  const card = readDemo<ModelCard>(slug, "card.json");
  const facts = { algorithm: "as trained", trainedOn: "2026-01-01", releaseNotes: "", metrics: {}, reference: {}, by: "test" };
  const schema = readDemo<ModelSchema>(slug, "schema.json");
  return publishVersion({ slug, card, schema, file: readFileSync(join(DEMO, slug, file)), examples: [], ...facts });
}

function createContext(): Context {
  return { caller: { kind: "visitor", id: "visitor:test" }, requestId: "req_test", origin: "http://vitrine.test", headers: new HeaderFields() };
}

const createCaller = createCallerFactory(predictRouter);

beforeAll(async () => {
  vi.stubEnv("VISITOR_CALLS_PER_MINUTE", "0");
  vi.stubEnv("VISITOR_ROWS_PER_MINUTE", "0");
  await useOwnDatabase("predict", process.env.MONGODB_URI);
  await prepareCatalog();
  for (const slug of slugs) {
    for (const file of files) await publish(slug, file);
    await setAlias(slug, "live", 1, "test");
  }
});

const versions = files.map((file, index) => ({ version: index + 1, file }));

describe.each(slugs)("%s", (slug) => {
  const schema = readDemo<ModelSchema>(slug, "schema.json");
  const { tolerance, vectors } = readDemo<Vectors>(slug, "test-vectors.json");
  const compare = (file: string, rows: Vectors["vectors"], outputs: PredictionOutput[]) =>
    rows.map(({ expected }, index) => findDisagreement(toKnownOutput(schema, expected[file] ?? {}), outputs[index], tolerance));

  it.each(versions)("version $version gives the trainer's answers row by row", async ({ version, file }) => {
    const caller = createCaller(createContext());
    const outputs: PredictionOutput[] = [];
    for (const { inputs } of vectors) outputs.push((await caller.run({ model: slug, version, input: inputs })).output);
    expect(compare(file, vectors, outputs)).toEqual(vectors.map(() => null));
  });

  it.each(versions)("version $version gives the same answers as one batch, in order", async ({ version, file }) => {
    const { data } = await createCaller(createContext()).runMany({ model: slug, version, inputs: vectors.map((vector) => vector.inputs) });
    expect(compare(file, vectors, data.map((answer) => answer.output))).toEqual(vectors.map(() => null));
    expect(new Set(data.map((answer) => answer.id)).size).toBe(vectors.length);
  });
});

describe("an answer", () => {
  const [first] = readDemo<Vectors>("customer-churn", "test-vectors.json").vectors;
  const row = first?.inputs ?? {};

  it("comes from the live version and says so in the headers", async () => {
    const context = createContext();
    const answer = await createCaller(context).run({ model: "customer-churn", input: row });
    expect(answer).toMatchObject({ object: "prediction", arm: "live", version: 1, status: "succeeded", warnings: [] });
    expect(answer.request_id).toBe("req_test");
    expect(answer.id).toMatch(/^prd_[0-9A-Z]{26}$/);
    expect(answer.metrics.predict_time).toBeGreaterThan(0);
    expect(answer.metrics.predict_time).toBeLessThan(0.1);
    expect([context.headers.get("model-version"), context.headers.get("model-arm")]).toEqual(["1", "live"]);
    expect(context.headers.get("server-timing")).toMatch(/^model;dur=[0-9.]+$/);
  });

  it("is the same for numbers sent as text", async () => {
    const caller = createCaller(createContext());
    const asText = Object.fromEntries(Object.entries(row).map(([name, value]) => [name, String(value)]));
    const plain = await caller.run({ model: "customer-churn", input: row });
    const coerced = await caller.run({ model: "customer-churn", input: asText });
    expect(coerced.output).toEqual(plain.output);
    expect(coerced.input).toEqual(plain.input);
  });

  it("keeps the type of a class: a number stays a number, and its probability is found under it as text", async () => {
    const [sample] = readDemo<Vectors>("handwritten-digits", "test-vectors.json").vectors;
    const answer = await createCaller(createContext()).run({ model: "handwritten-digits", input: sample?.inputs ?? {} });
    const digit = answer.output.digit;
    expect(digit).toMatchObject({ label: expect.any(Number) });
    expect(Object.keys(digit && "probabilities" in digit ? digit.probabilities : {}).join("")).toBe("0123456789");
  });

  it("is the same for an image sent as a PNG", async () => {
    const [sample] = readDemo<Vectors>("handwritten-digits", "test-vectors.json").vectors;
    const pixels = Array.isArray(sample?.inputs.image) ? sample.inputs.image : [];
    const lines = Array.from({ length: 28 }, (_unused, y) => [0, ...pixels.slice(y * 28, (y + 1) * 28)]).flat();
    const image = toDataUrl(createPng({ colorType: 0, width: 28, height: 28, lines }));
    const answer = await createCaller(createContext()).run({ model: "handwritten-digits", input: { image } });
    expect(answer.input).toEqual({ image: pixels });
  });

  it("warns outside the training range, and still answers", async () => {
    const answer = await createCaller(createContext()).run({ model: "customer-churn", input: { ...row, tenure: 500 } });
    expect(answer.warnings).toEqual([
      { code: "outside_training_range", pointer: "#/input/tenure", detail: "The model was trained on values from 0 to 72 months." },
    ]);
  });

  it("is refused where the model has no finite answer, with pointers and nothing to wait for", async () => {
    const caller = createCaller(createContext());
    const [house] = readDemo<Vectors>("house-price", "test-vectors.json").vectors;
    const good = { ...house?.inputs };
    const bad = { ...good, living_area: -5 };
    const refusals = [
      caller.run({ model: "house-price", input: bad }),
      caller.runMany({ model: "house-price", inputs: [good, bad, good, bad] }),
    ];
    const besides = Array.from({ length: 3 }, () => caller.run({ model: "house-price", input: good }));
    const [single, list] = await Promise.allSettled(refusals);
    const detail = expect.stringMatching(/^The model was trained on values from .* It has no finite answer for this row\.$/);
    expect(single).toMatchObject({ reason: { cause: { code: "invalid_input", errors: [{ pointer: "#/input/living_area", detail }] } } });
    const errors = [1, 3].map((place) => ({ pointer: `#/inputs/${place}/living_area`, detail }));
    const message = "The model has no finite answer for 2 of the 4 rows.";
    expect(list).toMatchObject({ reason: { cause: { code: "invalid_input", retryAfterSeconds: undefined, message, errors } } });
    for (const answer of await Promise.all(besides)) expect(answer.output.price).toMatchObject({ value: expect.any(Number) });
  });

  it("is refused as a whole when one row is bad, with a pointer for every cell", async () => {
    const hostile = JSON.parse('{"__proto__": {"tenure": 1}, "constructor": 1, "$where": "1"}') as Record<string, unknown>;
    const inputs = [row, { ...row, tenure: "many", contract: "Weekly" }, Object.assign(Object.create(null), hostile, { "a/b~": 1 })];
    const call = createCaller(createContext()).runMany({ model: "customer-churn", inputs });
    await expect(call).rejects.toMatchObject({
      code: "UNPROCESSABLE_CONTENT",
      cause: {
        code: "invalid_input",
        errors: [
          { pointer: "#/inputs/1/tenure", detail: "Must be a whole number." },
          { pointer: "#/inputs/1/contract", detail: 'Must be one of "Month-to-month", "One year", "Two year".' },
          ...["__proto__", "constructor", "%24where", "a~1b~0"].map((name) => ({
            pointer: `#/inputs/2/${name}`,
            detail: "This model has no such field.",
          })),
        ],
      },
    });
  });

  it("is refused for a single row with a hostile name as well", async () => {
    const input = JSON.parse('{"__proto__": {"tenure": 1}}') as Record<string, unknown>;
    const call = createCaller(createContext()).run({ model: "customer-churn", input });
    await expect(call).rejects.toMatchObject({ cause: { errors: [{ pointer: "#/input/__proto__" }] } });
  });

  it("is refused without a row, and with more than a thousand", async () => {
    const caller = createCaller(createContext());
    await expect(caller.runMany({ model: "customer-churn", inputs: [] })).rejects.toMatchObject({ code: "BAD_REQUEST" });
    const tooMany = Array.from({ length: 1001 }, () => row);
    await expect(caller.runMany({ model: "customer-churn", inputs: tooMany })).rejects.toMatchObject({ code: "BAD_REQUEST" });
  });
});
