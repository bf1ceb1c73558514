import { describe, expect, it } from "vitest";
import type { InputTensor, ModelSchema, OutputField } from "@/lib/contracts/model-schema";
import { neededOutputs, type OutputData, readAnswers } from "@/server/modules/predict/answers";
import { buildFeeds } from "@/server/modules/predict/tensors";

function createSchema(inputs: InputTensor[], outputs: OutputField[], keys?: (string | number)[]): ModelSchema {
  return { schemaVersion: 1, task: "other", inputs: [], tensors: { inputs, outputs: [{ name: "p", keys }] }, outputs };
}

const classes = [{ value: 0, label: "No" }, { value: 1, label: "Yes" }];
const fromTensors = { tensor: "label", probabilities: "p", encoding: "tensor" } as const;
const classOutput: OutputField = { name: "answer", label: "Answer", kind: "class", ...fromTensors, classes };

function read(outputs: OutputField[], tensors: Record<string, OutputData["data"]>, rows = 2, keys?: (string | number)[]) {
  const data = Object.entries(tensors).map(([name, values]) => [name, { dims: [], data: values }] as const);
  return readAnswers(createSchema([], outputs, keys), new Map(data), rows);
}

describe("rows", () => {
  const rows = [{ a: 1, b: "x", pixels: [255, 51] }, { a: 3, b: "y", pixels: [0, 1] }];

  it("fill columns, matrices and images in the order of the tensor", () => {
    const schema = createSchema([
      { name: "i", dtype: "int64", shape: ["N", 1], layout: "column", fields: ["a"] },
      { name: "s", dtype: "string", shape: ["N"], layout: "column", fields: ["b"] },
      { name: "m", dtype: "float64", shape: ["N", 2], layout: "matrix", fields: ["a", "a"] },
      { name: "g", dtype: "float32", shape: ["N", 1, 1, 2], layout: "image-nchw", fields: ["pixels"], scale: 1 / 255 },
    ], []);
    const { i, s, m, g } = buildFeeds(schema, rows);
    expect(i).toEqual({ dtype: "int64", dims: [2, 1], data: BigInt64Array.of(1n, 3n) });
    expect(s).toEqual({ dtype: "string", dims: [2], data: ["x", "y"] });
    expect(m).toEqual({ dtype: "float64", dims: [2, 2], data: Float64Array.of(1, 1, 3, 3) });
    expect(g).toEqual({ dtype: "float32", dims: [2, 1, 1, 2], data: Float32Array.of(1, 0.2, 0, 1 / 255) });
  });

  it("fill int64 with every number that JavaScript has exactly", () => {
    const { MAX_SAFE_INTEGER, MIN_SAFE_INTEGER } = Number;
    const figures = [0, -1, 1, 2 ** 31, -(2 ** 31) - 1, 2 ** 32 - 1, -(2 ** 32), -(2 ** 33) - 5, MAX_SAFE_INTEGER, MIN_SAFE_INTEGER];
    const schema = createSchema([{ name: "i", dtype: "int64", shape: ["N", 1], layout: "column", fields: ["a"] }], []);
    const { i } = buildFeeds(schema, figures.map((a) => ({ a })));
    expect(i?.data).toEqual(BigInt64Array.from(figures, BigInt));
  });

  it("leave NaN and empty text where something optional is missing", () => {
    const schema = createSchema([
      { name: "f", dtype: "float32", shape: ["N", 1], layout: "column", fields: ["c"] },
      { name: "s", dtype: "string", shape: ["N", 1], layout: "column", fields: ["d"] },
    ], []);
    const { f, s } = buildFeeds(schema, rows);
    expect([f?.data, s?.data]).toEqual([Float32Array.of(Number.NaN, Number.NaN), ["", ""]]);
  });

  it("that do not fill a tensor are never run", () => {
    const schema = createSchema([{ name: "m", dtype: "float32", shape: ["N", 3], layout: "matrix", fields: ["a"] }], []);
    expect(() => buildFeeds(schema, rows)).toThrow("The model gave no usable answer.");
  });
});

describe("a class", () => {
  it("comes from the label tensor in the type of the schema's value", () => {
    const answers = read([classOutput], { label: BigInt64Array.of(1n, 0n), p: Float32Array.of(0.25, 0.75, 0.5, 0.5) });
    expect(answers).toEqual([
      { answer: { label: 1, probabilities: { 0: 0.25, 1: 0.75 } } },
      { answer: { label: 0, probabilities: { 0: 0.5, 1: 0.5 } } },
    ]);
    expect(neededOutputs(createSchema([], [classOutput]))).toEqual(["label", "p"]);
  });

  it("is the largest probability where there is no label tensor, in the order of the tensor's keys", () => {
    const answers = read([{ ...classOutput, tensor: undefined }], { p: Float32Array.of(0.25, 0.75, 0.5, 0.25) }, 2, [1, 0]);
    expect(answers.map(({ answer }) => answer)).toMatchObject([{ label: 0, probabilities: { 1: 0.25, 0: 0.75 } }, { label: 1 }]);
  });

  it.each([
    ["a class that is not in the schema", { label: BigInt64Array.of(7n, 0n), p: Float32Array.of(0.25, 0.75, 0.5, 0.5) }],
    ["NaN", { label: BigInt64Array.of(1n, 0n), p: Float32Array.of(Number.NaN, 0.75, 0.5, 0.5) }],
    ["too many probabilities", { label: BigInt64Array.of(1n, 0n), p: Float32Array.of(0.25, 0.75, 0.5, 0.5, 0.1, 0.1) }],
    ["no probabilities at all", { label: BigInt64Array.of(1n, 0n) }],
  ])("is refused when the model gives %s", (_what, tensors) => {
    expect(() => read([classOutput], tensors)).toThrow("The model gave no usable answer.");
  });
});

describe("a number", () => {
  const interval = { low: "l", high: "h", coverage: 0.8 };
  const output: OutputField = { name: "price", label: "Price", kind: "number", tensor: "y", interval };

  it("has its unit and its range", () => {
    const answers = read([{ ...output, unit: "$" }], { y: Float32Array.of(2, 3), l: Float32Array.of(1, 2), h: [4, 5] });
    expect(answers[1]).toEqual({ price: { value: 3, unit: "$", interval: { low: 2, high: 5, coverage: 0.8 } } });
  });

  it("is refused when it is not finite", () => {
    for (const value of [Number.NaN, Infinity, -Infinity]) {
      expect(() => read([output], { y: [value], l: [1], h: [2] }, 1)).toThrow("The model gave no usable answer.");
    }
  });
});

describe("a vector", () => {
  it("has the values of its row, with labels where the schema names them", () => {
    const output: OutputField = { name: "v", label: "V", kind: "vector", tensor: "y" };
    expect(read([output], { y: [1, 2, 3, 4] })).toEqual([{ v: { values: [1, 2] } }, { v: { values: [3, 4] } }]);
    expect(read([{ ...output, labels: ["a", "b"] }], { y: [1, 2] }, 1)).toEqual([{ v: { values: [1, 2], labels: ["a", "b"] } }]);
    expect(() => read([{ ...output, labels: ["a"] }], { y: [1, 2] }, 1)).toThrow("The model gave no usable answer.");
  });
});
