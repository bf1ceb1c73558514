import { randomBytes } from "node:crypto";
import { describe, expect, it, vi } from "vitest";
import { inspectModel } from "@/server/modules/predict/inspector/inspect.admin";
import { FileRefusal } from "@/server/modules/predict/inspector/refusal.admin";
import {
  createModel,
  floats,
  floatsAttribute,
  identity,
  INT64,
  int64s,
  intAttribute,
  message,
  node,
  opset,
  readDemoFile,
  stringsAttribute,
  tensorType,
  valueInfo,
  varint,
} from "@/server/modules/predict/inspector/test-support";
import { encodeField } from "@/server/modules/predict/protobuf";

const inspect = (file: Uint8Array) => inspectModel({ file, limits: { memoryMib: 2_048 }, enter: () => undefined }, null);

async function refusalOf(file: Uint8Array): Promise<string> {
  const thrown: unknown = await inspect(file).then(
    () => "It was taken.",
    (error: unknown) => error,
  );
  if (thrown instanceof FileRefusal) return thrown.message;
  throw thrown;
}

const noise = (begin: string) => Buffer.concat([Buffer.from(begin, "hex"), randomBytes(900)]);
const churn = readDemoFile("customer-churn");
const STRING = 8;
const oneRow = floats([1, 4]);
const sequence = encodeField(4, encodeField(1, floats(["N"])));
const use = (op: string, domain?: string) => node({ op, from: ["x"], to: ["y"], ...(domain !== undefined && { domain }) });

describe("a file that cannot be used is refused with its reason and a remedy:", () => {
  it.each<[string, Uint8Array, RegExp]>([
    ["nothing", Buffer.alloc(0), /The file is empty\..*Upload/],
    ["noise", noise("f3"), /This is not an ONNX file.*\.onnx/],
    ["a pickle", noise("80049512"), /Python pickle.*skl2onnx/],
    ["a compressed pickle", noise("789c"), /joblib.*skl2onnx/],
    ["a ZIP archive", noise("504b0304"), /ZIP archive.*torch\.onnx\.export/],
    ["a Keras file", noise("894844460d0a1a0a"), /HDF5.*tf2onnx/],
    ["a TensorFlow Lite model", noise("1c00000054464c33"), /TensorFlow Lite/],
    ["a safetensors file", Buffer.concat([Buffer.from([99, 0, 0, 0, 0, 0, 0, 0]), Buffer.from("{".padEnd(200, " "))]), /safetensors/],
    ["an image", noise("89504e470d0a1a0a"), /PNG image/],
    ["a pointer of Git LFS", Buffer.from("version https://git-lfs.github.com/spec/v1\noid sha256:12\n"), /git lfs pull/],
    ["a web page", Buffer.from("<!doctype html><html><body>Sign in</body></html>"), /web page.*again/],
    ["a table", Buffer.from("tenure,contract\n1,2\n"), /text file/],
    ["zeros", Buffer.alloc(10_000), /nothing but zeros/],
    ["a model cut off at its beginning", churn.subarray(0, 40), /cut off/],
    ["a model cut off in the middle", churn.subarray(0, 2_000), /cut off/],
    ["a model cut off at its end", churn.subarray(0, churn.length - 3), /cut off/],
    [
      "two main graphs",
      message(createModel({ graph: [identity] }), encodeField(7, encodeField(2, "second"))),
      /more than one main graph.*onnx\.save/,
    ],
    [
      "a graph for training",
      createModel({ graph: [identity], extra: [encodeField(20, encodeField(1, identity))] }),
      /graph for training.*Export/,
    ],
    [
      "no output",
      message(varint(1, 8), encodeField(7, message(identity, encodeField(11, valueInfo("x", floats(["N", 1]))))), opset(17)),
      /no outputs/,
    ],
    ["no input", createModel({ graph: [int64s("x", [1], [3]), identity], input: tensorType(INT64, [1]) }), /takes no input/],
    [
      "a value from nowhere",
      createModel({ graph: [node({ op: "Identity", from: ["ghost"], to: ["y"] })] }),
      /reads a value that nothing gives/,
    ],
    [
      "types that contradict each other",
      createModel({ graph: [identity], output: tensorType(INT64, ["N", 1]) }),
      /types in the graph contradict/,
    ],
  ])("%s", async (_what, file, words) => {
    expect(await refusalOf(file)).toMatch(words);
  });

  it.each<[string, Uint8Array, RegExp]>([
    [
      "an unknown operator",
      createModel({ graph: [use("Conjure")] }),
      /operator "Conjure" of the domain "ai\.onnx", opset 17.*another opset/,
    ],
    [
      "an operator younger than the opset",
      createModel({ graph: [use("Gelu")], opsets: [opset(13)] }),
      /operator "Gelu" of the domain "ai\.onnx", opset 13/,
    ],
    [
      "an operator of an extension",
      createModel({ graph: [use("Magic", "com.acme")], opsets: [opset(17), opset(1, "com.acme")] }),
      /"Magic" of the domain "com\.acme".*standard/,
    ],
    ["a domain without an opset", createModel({ graph: [use("Magic", "com.acme")] }), /domain "com\.acme" without naming its opset/],
    ["no opset at all", createModel({ graph: [identity], opsets: [] }), /does not say which opset/],
    [
      "an opset of the future",
      createModel({ graph: [identity], opsets: [opset(9_999)] }),
      /opset 9999 of "ai\.onnx"; the highest one supported here is \d\d\. Export/,
    ],
    [
      "an opset of the future for trees",
      createModel({ graph: [identity], opsets: [opset(17), opset(99, "ai.onnx.ml")] }),
      /opset 99 of "ai\.onnx\.ml"; the highest/,
    ],
    [
      "an IR version of the future",
      createModel({ graph: [identity], irVersion: 60 }),
      /IR version 60; the highest one supported here is \d+/,
    ],
  ])("%s", async (_what, file, words) => {
    expect(await refusalOf(file)).toMatch(words);
  });

  it("seconds of a processor to load it, though it came through in time", async () => {
    const used = vi.spyOn(process, "cpuUsage").mockImplementation((since) => ({ user: since ? 5_000_000 : 0, system: 0 }));
    const words = await refusalOf(churn);
    used.mockRestore();
    expect(words).toMatch(/takes 5\.0 s to load, and may take 3: .*onnxsim/);
  });

  it.each<[string, Uint8Array, RegExp]>([
    [
      "a sequence",
      createModel({ graph: [identity], input: sequence, output: sequence }),
      /input "x" is of the kind sequence.*plain tensors/,
    ],
    [
      "bfloat16",
      createModel({ graph: [identity], input: tensorType(16, ["N", 1]), output: tensorType(16, ["N", 1]) }),
      /"x" is of the type bfloat16/,
    ],
    [
      "float16",
      createModel({ graph: [identity], input: tensorType(10, ["N", 1]), output: tensorType(10, ["N", 1]) }),
      /float16.*keep_io_types=True/,
    ],
    [
      "a fixed number of rows",
      createModel({ graph: [identity], input: oneRow, output: oneRow }),
      /no free first dimension: it takes exactly 1 row at a time.*dynamic_axes/,
    ],
    [
      "rows of a length it does not say",
      createModel({
        graph: [int64s("third", [1], [2]), node({ op: "Gather", from: ["x", "third"], to: ["y"], attributes: [intAttribute("axis", 1)] })],
        input: floats(["N", "k"]),
      }),
      /does not say how many values a row of its input "x" has.*Export it with that number/,
    ],
    [
      "a row wider than a form",
      createModel({ graph: [identity], input: floats(["N", 4_000_000]) }),
      /takes 4,000,000 values a row.*500 fields/,
    ],
    ["a colour image", createModel({ graph: [identity], input: floats(["N", 3, 224, 224]) }), /takes 150,528 values a row/],
    [
      "text as the only answer",
      createModel({ graph: [identity], input: tensorType(STRING, ["N"]), output: tensorType(STRING, ["N"]) }),
      /None of the model's outputs can be shown/,
    ],
    [
      "more names than a page can show",
      createModel({
        graph: [
          node({
            op: "LabelEncoder",
            domain: "ai.onnx.ml",
            from: ["x"],
            to: ["y"],
            attributes: [
              stringsAttribute("keys_strings", Array.from({ length: 10_000 }, (_unused, index) => `${index}`.padEnd(200, "x"))),
              floatsAttribute("values_floats", Array.from({ length: 10_000 }, (_unused, index) => index)),
            ],
          }),
        ],
        input: tensorType(STRING, ["N", 1]),
        opsets: [opset(17), opset(3, "ai.onnx.ml")],
      }),
      /about its values and classes takes \d\.\d MB.*fewer/,
    ],
    [
      "no answer for each row",
      createModel({ graph: [node({ op: "ReduceMean", from: ["x"], to: ["y"] })], output: floats([1, 1]) }),
      /None of the model's outputs/,
    ],
  ])("what it takes or gives is %s", async (_what, file, words) => {
    expect(await refusalOf(file)).toMatch(words);
  });
});

describe("a file is told about", () => {
  it("with what it says of itself, what it computes with and what was repaired", async () => {
    const { inspection, algorithm } = await inspect(churn);
    expect(algorithm).toBe("Linear classifier");
    expect(inspection).toMatchObject({
      bytes: churn.length,
      ir_version: 8,
      opsets: [
        { domain: "ai.onnx", version: 15 },
        { domain: "ai.onnx.ml", version: 3 },
      ],
      producer: { name: "skl2onnx-style", version: "1.0" },
      graph_name: "churn-logistic",
      class_labels: ["No", "Yes"],
      problems: [],
    });
    expect(inspection.repairs).toEqual([expect.stringMatching(/ZipMap at the output "output_probability".*in the order No, Yes\./)]);
    expect(inspection.operators[0]).toEqual({ name: "OneHotEncoder", domain: "ai.onnx.ml", count: 9 });
    expect(inspection.inputs[0]).toEqual({ name: "tenure", dtype: "int64", shape: ["", 1] });
    expect(inspection.outputs[1]).toEqual({ name: "output_probability", dtype: "sequence", shape: null });
    expect(inspection.categories[0]).toEqual({ input: "contract", values: ["Month-to-month", "One year", "Two year"] });
    expect(inspection.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it("with its figures, wherever they lie: in constants and in the nodes themselves", async () => {
    expect((await inspect(readDemoFile("handwritten-digits"))).inspection.parameters).toBe(50_890);
    expect((await inspect(readDemoFile("breast-cancer"))).inspection.parameters).toBeGreaterThan(60);
  });
});
