import { describe, expect, it } from "vitest";
import { type ModelSchema, modelSchema } from "@/lib/contracts/model-schema";
import type { Row } from "@/lib/contracts/predict";
import { scoreTogether } from "@/server/modules/predict/batcher";
import {
  createModel,
  graphAttribute,
  INT64,
  intAttribute,
  loopBody,
  node,
  readDemoFile,
} from "@/server/modules/predict/inspector/test-support";
import { openOnnxFile } from "@/server/modules/predict/onnx-file";
import { checkRows, scoreRows } from "@/server/modules/predict/rows";
import { openModel, type OpenModel } from "@/server/modules/predict/runtime";
import { Pace } from "@/server/modules/predict/slow/pace";
import { paceModel } from "@/server/modules/predict/slow/paced-model";

const SLOW_MS = 6;
/** More rounds than anybody would wait for. */
const ENDLESS = 1e15;

/** Goes round as often as the largest of its rows says, and gives them back. */
const looping = createModel({
  graph: [
    node({ op: "ReduceMax", from: ["x"], to: ["most"], attributes: [intAttribute("keepdims", 0)] }),
    node({ op: "Cast", from: ["most"], to: ["rounds"], attributes: [intAttribute("to", INT64)] }),
    node({ op: "Loop", from: ["rounds", "", "x"], to: ["y"], attributes: [graphAttribute("body", loopBody())] }),
  ],
});
const loopingSchema = modelSchema.parse({
  schemaVersion: 1,
  task: "regression",
  inputs: [{ name: "rounds", label: "Rounds", type: "number", tensor: { name: "x" }, min: 0, max: 1 }],
  tensors: { inputs: [{ name: "x", dtype: "float32", shape: ["N", 1], layout: "matrix", fields: ["rounds"] }], outputs: [{ name: "y" }] },
  outputs: [{ name: "y", label: "Y", kind: "number", tensor: "y" }],
});
const loopingAnswer = (rounds: number) => ({ y: { value: Math.fround(rounds), unit: "" } });

/** A model that was slow when it was measured, and must not be run in this process. `here` counts how often it was tried. */
async function openSlow(name: string, file: Uint8Array): Promise<{ model: OpenModel; here: () => number }> {
  let count = 0;
  const load = () => Promise.resolve(file);
  const opened = await openModel(`slow-${name}`, load);
  const run: OpenModel["run"] = () => {
    count += 1;
    return Promise.reject(new Error("It must not be run in this process."));
  };
  return { model: paceModel({ ...opened, run }, { sha256: `slow-${name}`, load, milliseconds: SLOW_MS }), here: () => count };
}

function readDemo(slug: string): { schema: ModelSchema; file: Uint8Array; rows: Row[] } {
  const schema = modelSchema.parse(JSON.parse(readDemoFile(slug, "schema.json").toString("utf8")));
  const { vectors } = JSON.parse(readDemoFile(slug, "test-vectors.json").toString("utf8")) as { vectors: { inputs: Row }[] };
  const { rows } = checkRows(schema, vectors.slice(0, 8).map(({ inputs }) => ({ raw: inputs, pointer: "#/input" })));
  return { schema, file: openOnnxFile(readDemoFile(slug)).bytes, rows };
}

describe("a slow model", () => {
  it.each(["customer-churn", "handwritten-digits"])("has the same answers from a process of its own (%s)", async (slug) => {
    const { schema, file, rows } = readDemo(slug);
    const { answers } = await scoreRows(await openModel(`here-${slug}`, () => Promise.resolve(file)), schema, rows);
    const { model, here } = await openSlow(slug, file);
    const [first] = rows;
    const [one, all] = await Promise.all([scoreRows(model, schema, first ? [first] : []), scoreRows(model, schema, rows)]);
    expect(here()).toBe(0);
    expect(all.answers).toEqual(answers);
    expect(Object.keys(one.answers[0] ?? {})).toEqual(Object.keys(answers[0] ?? {}));
    expect(all.seconds).toBeGreaterThan(0);
  }, 40_000);

  it("does not hold up a fast one", async () => {
    const { schema, file, rows } = readDemo("breast-cancer");
    const fast = await openModel("fast", () => Promise.resolve(file));
    const { model } = await openSlow("beside", looping);
    await scoreRows(model, loopingSchema, [{ rounds: 1 }]);
    let isOver = false;
    const slow = scoreRows(model, loopingSchema, [{ rounds: 1_000_000 }]).finally(() => {
      isOver = true;
    });
    for (const row of rows) await scoreTogether(fast, schema, [row]);
    expect(isOver).toBe(false);
    expect((await slow).answers).toEqual([loopingAnswer(1_000_000)]);
  }, 40_000);

  it("that never ends is ended and refused in time, those that came with it and after it are answered", async () => {
    const { model, here } = await openSlow("endless", looping);
    await scoreRows(model, loopingSchema, [{ rounds: 1 }]);
    const began = performance.now();
    const ended = await Promise.allSettled([3, ENDLESS, 5].map((rounds) => scoreRows(model, loopingSchema, [{ rounds }])));
    expect(performance.now() - began).toBeLessThan(15_000);
    expect(ended.map((end) => (end.status === "fulfilled" ? end.value.answers[0] : end.reason))).toEqual([
      loopingAnswer(3),
      expect.objectContaining({ code: "model_unavailable", message: "The model cannot answer at the moment." }),
      loopingAnswer(5),
    ]);
    for (const rounds of [7, 8, 9, 10]) expect((await scoreTogether(model, loopingSchema, [{ rounds }])).answers).toEqual([loopingAnswer(rounds)]);
    expect(here()).toBe(0);
  }, 40_000);
});

describe("the pace of a model", () => {
  const note = (pace: Pace, rows: number, ...figures: number[]) => figures.forEach((milliseconds) => pace.note(rows, milliseconds));

  it("is slow where the median of its last runs is over five milliseconds, by the order of the rows", () => {
    const pace = new Pace(0.1);
    expect(pace.isSlow(1)).toBe(false);
    note(pace, 1, 1, 40, 1, 1, 30);
    note(pace, 600, 6, 7, 4);
    expect([1, 512, 1_000].map((rows) => pace.isSlow(rows))).toEqual([false, true, true]);
    note(pace, 1_000, 1, 1, 1);
    expect(pace.isSlow(600)).toBe(false);
  });

  it("is what was measured when the version was added, until it is known better", () => {
    const pace = new Pace(20);
    expect(pace.isSlow(1)).toBe(true);
    note(pace, 1, 1, 1, 1);
    expect(pace.isSlow(1)).toBe(false);
    pace.noteEnded();
    note(pace, 1, 1, 1, 1);
    expect(pace.isSlow(1)).toBe(true);
  });

  it("with more rows than were ever tried is taken for slow only where it is likely to be by far", () => {
    const pace = new Pace(0.1);
    note(pace, 4, 0.1);
    expect(pace.isSlow(1_000)).toBe(false);
    note(pace, 4, 4, 4);
    expect([8, 1_000].map((rows) => pace.isSlow(rows))).toEqual([false, true]);
    note(pace, 1_000, 60);
    expect(pace.isSlow(1_000)).toBe(true);
  });
});
