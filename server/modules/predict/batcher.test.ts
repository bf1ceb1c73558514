import { describe, expect, it, vi } from "vitest";
import { type ModelSchema, modelSchema } from "@/lib/contracts/model-schema";
import type { PredictionOutput, Row } from "@/lib/contracts/predict";
import { scoreTogether } from "@/server/modules/predict/batcher";
import {
  createModel,
  floats,
  INT64,
  int64s,
  node,
  readDemoFile,
  tensorType,
} from "@/server/modules/predict/inspector/test-support";
import { findDisagreement } from "@/server/modules/predict/known-answers";
import { openOnnxFile } from "@/server/modules/predict/onnx-file";
import { checkRows, scoreRows } from "@/server/modules/predict/rows";
import { openModel, type OpenModel } from "@/server/modules/predict/runtime";

/** Probabilities to 1e-6; a price to two millionths: it is a sum of hundreds of float32, which a batch adds in another order. */
const CLOSE = { atol: 1e-6, rtol: 2e-6 };

/** The same figures in each run of the tests. */
function createDice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state % sides;
  };
}

/** Writes down how many rows each run had. */
function watch(model: OpenModel): { model: OpenModel; runs: number[] } {
  const runs: number[] = [];
  const run: OpenModel["run"] = (feeds, fetches) => {
    runs.push(Object.values(feeds)[0]?.dims[0] ?? 0);
    return model.run(feeds, fetches);
  };
  return { model: { ...model, run }, runs };
}

const open = (name: string, bytes: Uint8Array) => openModel(`batcher-${name}`, () => Promise.resolve(bytes));

async function openDemo(slug: string, file = "model.onnx"): Promise<{ model: OpenModel; schema: ModelSchema }> {
  const schema = modelSchema.parse(JSON.parse(readDemoFile(slug, "schema.json").toString("utf8")));
  return { model: await open(`${slug}/${file}`, openOnnxFile(readDemoFile(slug, file)).bytes), schema };
}

/** Rows with the fields of several of the trainer's rows each. */
function mixRows(slug: string, schema: ModelSchema, count: number): Row[] {
  const { vectors } = JSON.parse(readDemoFile(slug, "test-vectors.json").toString("utf8")) as { vectors: { inputs: Row }[] };
  const roll = createDice(count);
  const pick = (name: string) => vectors[roll(vectors.length)]?.inputs[name];
  const raws = Array.from({ length: count }, () => Object.fromEntries(schema.inputs.map(({ name }) => [name, pick(name)])));
  return checkRows(schema, raws.map((raw, index) => ({ raw, pointer: `#/inputs/${index}` }))).rows;
}

/** A schema of one number `a` for the input `x`, and one number `y`. */
function createSchema(dtype: "float32" | "int64"): ModelSchema {
  const tensors = { inputs: [{ name: "x", dtype, shape: ["N", 1], layout: "matrix", fields: ["a"] }], outputs: [{ name: "y" }] };
  const inputs = [{ name: "a", label: "A", type: "number", tensor: { name: "x" } }];
  const outputs = [{ name: "y", label: "Y", kind: "number", tensor: "y" }];
  return modelSchema.parse({ schemaVersion: 1, task: "regression", inputs, tensors, outputs });
}

const valueOf = (output: PredictionOutput | undefined) => (output?.y && "value" in output.y ? output.y.value : null);

describe.each(["breast-cancer", "customer-churn", "handwritten-digits", "house-price", "spam-filter"])("rows of %s", (slug) => {
  it.each(["model.onnx", "model-v2.onnx"])("have the same answers in batches as one by one (%s)", async (file) => {
    const { model, schema } = await openDemo(slug, file);
    const rows = mixRows(slug, schema, 200);
    const alone: PredictionOutput[] = [];
    for (const row of rows) alone.push(...(await scoreRows(model, schema, [row])).answers);
    const watched = watch(model);
    const roll = createDice(7);
    const calls: Row[][] = [];
    for (let from = 0; from < rows.length; from += calls.at(-1)?.length ?? 1) calls.push(rows.slice(from, from + 1 + roll(4)));
    const scored: PredictionOutput[][] = [];
    while (scored.length < calls.length) {
      const together = calls.slice(scored.length, scored.length + 1 + roll(24));
      scored.push(...(await Promise.all(together.map(async (call) => (await scoreTogether(watched.model, schema, call)).answers))));
    }
    expect(findDisagreement(alone, scored.flat(), CLOSE)).toBeNull();
    expect(scored.map((answers) => answers.length)).toEqual(calls.map((call) => call.length));
    expect(Math.max(...watched.runs)).toBeGreaterThan(20);
  });
});

describe("calls that come together", () => {
  it("are one run, and share its time by their rows", async () => {
    const { model, schema } = await openDemo("customer-churn");
    const [row] = mixRows("customer-churn", schema, 1);
    const watched = watch(model);
    const call = (rows: number) => scoreTogether(watched.model, schema, Array.from({ length: rows }, () => row ?? {}));
    await call(1);
    watched.runs.length = 0;
    const [one, three] = await Promise.all([call(1), call(3), call(8)]);
    expect(watched.runs).toEqual([12]);
    expect(one.seconds * 3).toBeCloseTo(three.seconds, 9);
    await call(1);
    expect(watched.runs).toEqual([12, 1]);
  });

  it("go while a run is under way with the next one", async () => {
    const { model, schema } = await openDemo("customer-churn");
    const [row] = mixRows("customer-churn", schema, 1);
    const watched = watch(model);
    const later: Promise<unknown>[] = [];
    const run: OpenModel["run"] = (feeds, fetches) => {
      if (watched.runs.length === 6) for (let call = 0; call < 5; call++) later.push(scoreTogether(busy, schema, [row ?? {}]));
      return watched.model.run(feeds, fetches);
    };
    const busy = { ...model, run };
    await scoreTogether(busy, schema, [row ?? {}]);
    await Promise.all(later);
    // Six runs tried whether rows may share one.
    expect(watched.runs.slice(6)).toEqual([1, 5]);
  });

  it("are at most a thousand rows in one run, unless one call has more", async () => {
    const { model, schema } = await openDemo("breast-cancer");
    const [row] = mixRows("breast-cancer", schema, 1);
    const watched = watch(model);
    const call = (rows: number) => scoreTogether(watched.model, schema, Array.from({ length: rows }, () => row ?? {}));
    await call(1);
    watched.runs.length = 0;
    const scored = await Promise.all([600, 400, 1, 1_200, 900, 100].map(call));
    expect(scored.map(({ answers }) => answers.length)).toEqual([600, 400, 1, 1_200, 900, 100]);
    expect(watched.runs).toEqual([1_000, 1, 1_200, 1_000]);
  });

  it("fail alone: one that the model cannot answer takes none of the others with it", async () => {
    const whole = tensorType(INT64, ["N", 1]);
    const pick = node({ op: "Gather", from: ["table", "x"], to: ["y"] });
    const model = await open("gather", createModel({ graph: [int64s("table", [3], [10, 20, 30]), pick], input: whole, output: whole }));
    const schema = createSchema("int64");
    const watched = watch(model);
    await scoreTogether(watched.model, schema, [{ a: 0 }]);
    watched.runs.length = 0;
    const calls = [[{ a: 1 }], [{ a: 99 }], [{ a: 2 }, { a: 0 }]];
    const ended = await Promise.allSettled(calls.map((rows) => scoreTogether(watched.model, schema, rows)));
    const values = ended.map((end) => (end.status === "fulfilled" ? end.value.answers.map(valueOf) : end.reason));
    expect(values).toEqual([[20], expect.objectContaining({ code: "model_unavailable" }), [30, 10]]);
    expect(watched.runs).toEqual([4, 1, 1, 2]);
  });
});

describe("a call that has waited too long for slow runs of others", () => {
  it("is refused, and not run any more", async () => {
    const { model, schema } = await openDemo("customer-churn");
    const [row = {}] = mixRows("customer-churn", schema, 1);
    const watched = watch(model);
    await scoreTogether(watched.model, schema, [row]);
    watched.runs.length = 0;
    const clock = vi.spyOn(performance, "now").mockReturnValue(0);
    const late = scoreTogether(watched.model, schema, [row]);
    clock.mockReturnValue(9_000);
    const fresh = scoreTogether(watched.model, schema, [row]);
    await expect(late).rejects.toMatchObject({ code: "model_unavailable" });
    clock.mockRestore();
    expect((await fresh).answers).toHaveLength(1);
    expect(watched.runs).toEqual([1]);
  });
});

describe("a model whose answers depend on the rows beside", () => {
  const mean = node({ op: "ReduceMean", from: ["x"], to: ["mean"] });
  const subtract = node({ op: "Sub", from: ["x", "mean"], to: ["y"] });
  const sum = node({ op: "CumSum", from: ["x", "axis"], to: ["y"] });
  const axis = int64s("axis", [], [0]);

  it.each([
    ["their mean", createModel({ graph: [mean, subtract] }), 0],
    ["their order", createModel({ graph: [axis, sum] }), 5],
  ])("never sees those of other calls: %s", async (what, bytes, five) => {
    const watched = watch(await open(what, bytes));
    const schema = createSchema("float32");
    const scored = await Promise.all([4, 5, 6].map((a) => scoreTogether(watched.model, schema, [{ a }])));
    expect(valueOf(scored[1]?.answers[0])).toBe(five);
    expect(watched.runs.slice(-3)).toEqual([1, 1, 1]);
  });

  it("never sees those of other calls: their number", async () => {
    const fixed = floats([1, 1]);
    const identity = node({ op: "Identity", from: ["x"], to: ["y"] });
    const model = await open("fixed", createModel({ graph: [identity], input: fixed, output: fixed }));
    const scored = await Promise.all([4, 5, 6].map((a) => scoreTogether(model, createSchema("float32"), [{ a }])));
    expect(scored.map(({ answers }) => valueOf(answers[0]))).toEqual([4, 5, 6]);
  });
});
