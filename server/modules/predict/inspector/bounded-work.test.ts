import { describe, expect, it } from "vitest";
import { assertBoundedWork } from "@/server/modules/predict/inspector/bounded-work.admin";
import {
  createModel,
  graphAttribute,
  INT64,
  int64s,
  intAttribute,
  loopBody,
  message,
  node,
  readDemoFile,
} from "@/server/modules/predict/inspector/test-support";
import { encodeField } from "@/server/modules/predict/protobuf";

const step = (op: string, from: string[], to: string, attributes: Uint8Array[] = []) => node({ op, from, to: [to], attributes });
const count = step("Cast", ["x"], "count", [intAttribute("to", INT64)]);

const loop = (from: string[], ...nodes: Uint8Array[]) => step("Loop", from, "y", [graphAttribute("body", loopBody(...nodes))]);
const constant = int64s("five", [1], [5]);
const shape = step("Shape", ["x"], "size");

/** A function of the model's own: `Grow(value, size)`. */
const grow = encodeField(
  25,
  message(
    encodeField(1, "Grow"),
    encodeField(4, "value"),
    encodeField(4, "size"),
    encodeField(5, "large"),
    encodeField(7, message(encodeField(1, "value"), encodeField(1, "size"), encodeField(2, "large"), encodeField(4, "Expand"))),
    encodeField(10, "own"),
  ),
);
const callGrow = (size: string) => node({ op: "Grow", domain: "own", from: ["x", size], to: ["y"] });

describe("a model is refused when one call could make it work without end:", () => {
  it.each<[string, Uint8Array[], Uint8Array[], RegExp]>([
    ["a Loop as often as the input says", [count, loop(["count", "", "x"])], [], /runs a Loop as often as the values that are sent say.*fixed count/],
    ["a Loop without a count", [loop(["", "", "x"])], [], /runs a Loop/],
    ["a tensor as large as the input says", [count, step("ConstantOfShape", ["count"], "y")], [], /makes a value \(ConstantOfShape, "y"\)/],
    ["a range up to the input", [int64s("one", [], [1]), count, step("Range", ["one", "count", "one"], "y")], [], /Range/],
    ["a size that went through other nodes", [count, step("Abs", ["count"], "more"), step("Expand", ["x", "more"], "y")], [], /Expand/],
    [
      "a size within the rounds of a loop, of a value from around it",
      [constant, count, loop(["five", "", "x"], step("ConstantOfShape", ["count"], "waste"))],
      [],
      /ConstantOfShape, "waste"/,
    ],
    [
      "a size that grows from round to round",
      [constant, loop(["five", "", "x"], step("Cast", ["value"], "many", [intAttribute("to", INT64)]), step("ConstantOfShape", ["many"], "waste"))],
      [],
      /ConstantOfShape, "waste"/,
    ],
    ["a size within a function of its own", [count, callGrow("count")], [grow], /Expand, "large"/],
  ])("%s", (_what, graph, extra, words) => {
    expect(() => assertBoundedWork(createModel({ graph, extra }))).toThrow(words);
  });
});

describe("a model is taken whose work depends on how much is sent:", () => {
  it.each<[string, Uint8Array[], Uint8Array[]]>([
    ["sizes that are constants", [constant, step("Expand", ["x", "five"], "y")], []],
    ["sizes that are those of the input", [shape, step("Abs", ["size"], "same"), step("Expand", ["x", "same"], "y")], []],
    ["a Loop of a fixed count", [constant, loop(["five", "", "x"])], []],
    ["a size that counts the rounds", [constant, loop(["five", "", "x"], step("ConstantOfShape", ["round"], "waste"))], []],
    ["a function of its own with a size that is known", [shape, callGrow("size")], [grow]],
  ])("%s", (_what, graph, extra) => {
    expect(() => assertBoundedWork(createModel({ graph, extra }))).not.toThrow();
  });

  it.each(["customer-churn", "house-price", "breast-cancer", "spam-filter", "handwritten-digits"])("the demo's %s, both versions", (slug) => {
    for (const file of ["model.onnx", "model-v2.onnx"]) expect(() => assertBoundedWork(readDemoFile(slug, file))).not.toThrow();
  });
});
