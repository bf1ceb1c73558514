import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DomainError } from "@/server/core/errors";
import { openOnnxFile } from "@/server/modules/predict/onnx-file";
import { encodeField, encodeVarint } from "@/server/modules/predict/protobuf";

const readModel = (slug: string, file = "model.onnx") => readFileSync(join(import.meta.dirname, "../../../demo", slug, file));
const message = (...fields: Uint8Array[]) => Buffer.concat(fields);
const varint = (number: number, value: number) => message(encodeVarint(number * 8), encodeVarint(value));

type Extra = Partial<Record<"graph" | "node" | "model", Uint8Array[]>>;

/** A model of one node, with more fields in its graph, its node or the model itself. */
function createModel({ graph = [], node = [], model = [] }: Extra): Uint8Array {
  const identity = message(encodeField(1, "x"), encodeField(2, "y"), encodeField(4, "Identity"), ...node);
  return message(varint(1, 8), encodeField(7, message(encodeField(1, identity), ...graph)), ...model);
}

function refusalOf(bytes: Uint8Array): string | null {
  try {
    openOnnxFile(bytes);
    return null;
  } catch (error) {
    if (error instanceof DomainError && error.code === "invalid_input") return error.message;
    throw error;
  }
}

describe("a ZipMap", () => {
  it.each([
    ["customer-churn", ["No", "Yes"]],
    ["spam-filter", ["ham", "spam"]],
  ])("of %s becomes a tensor and gives its class labels", (slug, labels) => {
    for (const file of ["model.onnx", "model-v2.onnx"]) {
      const uploaded = readModel(slug, file);
      const { bytes, zipped } = openOnnxFile(uploaded);
      expect([...zipped]).toEqual([["output_probability", labels]]);
      expect(uploaded.includes("ZipMap")).toBe(true);
      expect(Buffer.from(bytes).includes("ZipMap")).toBe(false);
      expect(openOnnxFile(bytes).zipped.size).toBe(0);
    }
  });

  it("of a file without a standard opset brings the one that its replacement needs", () => {
    const zipMap = message(encodeField(1, "p"), encodeField(2, "out"), encodeField(4, "ZipMap"));
    const { bytes } = openOnnxFile(createModel({ graph: [encodeField(1, zipMap)], model: [encodeField(8, encodeField(1, "ai.onnx.ml"))] }));
    expect(Buffer.from(bytes.slice(-4))).toEqual(Buffer.from([0x42, 2, 16, 13]));
  });
});

describe("a file without a ZipMap", () => {
  it("is kept byte for byte, and its classifier's labels are read", () => {
    const uploaded = readModel("breast-cancer");
    expect(openOnnxFile(uploaded)).toMatchObject({ bytes: uploaded, labels: [0, 1] });
    expect(openOnnxFile(readModel("handwritten-digits")).labels).toBeNull();
  });
});

describe("weights in another file", () => {
  const byLocation = varint(14, 1);
  const byEntry = encodeField(13, message(encodeField(1, "location"), encodeField(2, "package.json")));
  const inGraph = (graph: Uint8Array) => ({ node: [encodeField(5, encodeField(6, graph))] });
  const places: [string, (tensor: Uint8Array) => Extra][] = [
    ["an initializer", (tensor) => ({ graph: [encodeField(5, tensor)] })],
    ["the values of a sparse initializer", (tensor) => ({ graph: [encodeField(15, encodeField(1, tensor))] })],
    ["the indices of a sparse initializer", (tensor) => ({ graph: [encodeField(15, encodeField(2, tensor))] })],
    ["a node's attribute", (tensor) => ({ node: [encodeField(5, encodeField(5, tensor))] })],
    ["a list of tensors of an attribute", (tensor) => ({ node: [encodeField(5, encodeField(10, tensor))] })],
    ["a sparse tensor of an attribute", (tensor) => ({ node: [encodeField(5, encodeField(22, encodeField(1, tensor)))] })],
    ["a list of sparse tensors of an attribute", (tensor) => ({ node: [encodeField(5, encodeField(23, encodeField(2, tensor)))] })],
    ["a subgraph", (tensor) => inGraph(encodeField(5, tensor))],
    ["a list of subgraphs", (tensor) => ({ node: [encodeField(5, encodeField(11, encodeField(5, tensor)))] })],
    ["a subgraph of a subgraph", (tensor) => inGraph(encodeField(1, encodeField(5, encodeField(6, encodeField(5, tensor)))))],
    ["a function", (tensor) => ({ model: [encodeField(25, encodeField(7, encodeField(5, encodeField(5, tensor))))] })],
    ["a default of a function", (tensor) => ({ model: [encodeField(25, encodeField(11, encodeField(5, tensor)))] })],
    ["training information", (tensor) => ({ model: [encodeField(20, encodeField(1, encodeField(5, tensor)))] })],
  ];

  it.each(places)("are refused in %s", (_place, put) => {
    for (const mark of [byLocation, byEntry]) expect(refusalOf(createModel(put(mark)))).toMatch(/weights in another file/);
    expect(refusalOf(createModel(put(varint(14, 0))))).toBeNull();
  });

  it("are refused when a later mark takes the first one back", () => {
    expect(refusalOf(createModel({ graph: [encodeField(5, message(byLocation, varint(14, 0)))] }))).toMatch(/another file/);
  });
});

describe("anything else", () => {
  it.each([
    ["nothing", Buffer.alloc(0)],
    ["JSON", Buffer.from('{"inputs": []}')],
    ["a ZIP archive", Buffer.from("504b0304140000000800", "hex")],
    ["noise", Buffer.from(Array.from({ length: 4096 }, (_unused, index) => (index * 7919 + 13) % 251))],
    ["a model without a graph", varint(1, 8)],
    ["a graph without a node", message(varint(1, 8), encodeField(7, encodeField(2, "empty")))],
    ["two main graphs", message(createModel({}), encodeField(7, encodeField(2, "second")))],
    ["a tag above 32 bits", message(createModel({}), Buffer.from([0x80, 0x80, 0x80, 0x80, 0x20, 0]))],
    ["a number that never ends", message(createModel({}), Buffer.alloc(11, 0xff))],
    ["a field that is longer than the file", message(createModel({}), Buffer.from([0x12, 0xff, 0xff, 0xff, 0xff, 0x0f]))],
  ])("is refused in plain words: %s", (_what, bytes) => {
    expect(refusalOf(bytes)).toMatch(/^(This is not an ONNX file|The file has)/);
  });

  it("is refused when its graphs lie endlessly within each other", () => {
    let graph: Uint8Array = encodeField(2, "innermost");
    for (let depth = 0; depth < 200; depth++) graph = encodeField(1, encodeField(5, encodeField(6, graph)));
    expect(refusalOf(createModel({ graph: [encodeField(1, encodeField(5, encodeField(6, graph)))] }))).toMatch(/too deep/);
  });

  it("never fails in another way, wherever a file is cut off or damaged", () => {
    const model = readModel("breast-cancer");
    for (let length = 0; length < model.length; length += 7) refusalOf(model.subarray(0, length));
    for (let index = 0; index < 400; index++) {
      const damaged = Buffer.from(model);
      damaged[(index * 2_654_435_761) % model.length] = (index * 97) % 256;
      refusalOf(damaged);
    }
    expect(refusalOf(model.subarray(0, 900))).toMatch(/not an ONNX file/);
  });
});
