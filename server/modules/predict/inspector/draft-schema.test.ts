import { describe, expect, it } from "vitest";
import type { ModelSchema } from "@/lib/contracts/model-schema";
import { inspectModel } from "@/server/modules/predict/inspector/inspect.admin";
import {
  createModel,
  floats,
  identity,
  int64s,
  node,
  opset,
  readDemoFile,
  stringsAttribute,
  tensorType,
} from "@/server/modules/predict/inspector/test-support";

const inspect = (file: Uint8Array, base: ModelSchema | null = null) =>
  inspectModel({ file, limits: { memoryMib: 1_024 }, enter: () => undefined }, base);

const churn = readDemoFile("customer-churn");
const STRING = 8;

describe("a schema is drafted", () => {
  it("from columns, whose categories the encoders of the graph know", async () => {
    const { schema } = await inspect(churn);
    expect(schema.inputs.map(({ name, type }) => `${name} ${type}`).slice(0, 4)).toEqual([
      "tenure integer",
      "senior_citizen integer",
      "monthly_charges number",
      "contract category",
    ]);
    expect(schema.inputs[2]).toMatchObject({ label: "Monthly charges", required: true });
    expect(schema.outputs).toMatchObject([{ kind: "class", tensor: "output_label", positiveClass: "Yes", encoding: "zipmap" }]);
    expect(schema.task).toBe("binary-classification");
  });

  it("from a table whose columns the properties name, and its classes as well", async () => {
    const { schema } = await inspect(readDemoFile("breast-cancer"));
    expect(schema.inputs).toHaveLength(30);
    expect(schema.inputs[1]).toMatchObject({ name: "mean_texture", label: "Mean texture", tensor: { name: "float_input", index: 1 } });
    expect(schema.outputs).toMatchObject([
      {
        classes: [
          { value: 0, label: "malignant" },
          { value: 1, label: "benign" },
        ],
      },
    ]);
  });

  it("from two tables at once, with the categories of a column of one", async () => {
    const { schema } = await inspect(readDemoFile("house-price"));
    expect(schema.inputs.map(({ name }) => name)).toEqual([
      "living_area",
      "lot_area",
      "basement_area",
      "year_built",
      "year_remodeled",
      "full_baths",
      "bedrooms",
      "garage_cars",
      "fireplaces",
      "neighborhood",
      "building_type",
      "condition",
    ]);
    expect(schema.inputs[10]).toMatchObject({ type: "category", categories: [{ value: "Duplex" }, { value: "OneFam" }, {}, {}, {}] });
    expect(schema.outputs.map(({ kind }) => kind)).toEqual(["number", "number", "number"]);
    expect(schema.task).toBe("regression");
  });

  it("from an image, from text, and from columns nobody named", async () => {
    const image = await inspect(readDemoFile("handwritten-digits"));
    expect(image.schema.inputs).toMatchObject([{ type: "image", width: 28, height: 28, channels: 1 }]);
    expect(image.schema.outputs).toMatchObject([{ kind: "class", probabilities: "probabilities" }]);
    expect((await inspect(readDemoFile("spam-filter"))).schema.inputs).toMatchObject([{ name: "text", type: "text", multiline: true }]);
    const unnamed = await inspect(createModel({ graph: [identity], input: floats(["N", 3]), output: floats(["N", 3]) }));
    expect(unnamed.schema.inputs.map(({ name }) => name)).toEqual(["feature_1", "feature_2", "feature_3"]);
    expect(unnamed.schema.outputs).toMatchObject([{ kind: "vector", tensor: "y" }]);
    expect(unnamed.inspection.warnings).toMatchObject([{ detail: expect.stringMatching(/does not name the 3 columns/) }]);
  });

  it("with the categories of a column that is picked out of others", async () => {
    const encoder = { op: "OneHotEncoder", domain: "ai.onnx.ml", attributes: [stringsAttribute("cats_strings", ["red", "blue"])] };
    const graph = [
      int64s("second", [1], [1]),
      node({ op: "ArrayFeatureExtractor", from: ["x", "second"], to: ["picked"], domain: "ai.onnx.ml" }),
      node({ ...encoder, from: ["picked"], to: ["hot"] }),
      node({ op: "Flatten", from: ["hot"], to: ["y"] }),
    ];
    const opsets = [opset(17), opset(3, "ai.onnx.ml")];
    const { schema } = await inspect(createModel({ graph, input: tensorType(STRING, ["N", 2]), output: floats(["N", 2]), opsets }));
    expect(schema.inputs).toMatchObject([{ type: "text" }, { type: "category", categories: [{ value: "red" }, { value: "blue" }] }]);
  });

  it("with what another version of the model says about the same tensors", async () => {
    const base = JSON.parse(readDemoFile("customer-churn", "schema.json").toString()) as ModelSchema;
    expect((await inspect(readDemoFile("customer-churn", "model-v2.onnx"), base)).schema).toEqual(base);
  });

  it("with what is left of another version where tensors came and went", async () => {
    const base = (await inspect(createModel({ graph: [identity], input: floats(["N", 3]), output: floats(["N", 3]) }))).schema;
    const [first, ...others] = base.inputs;
    const known = { ...base, inputs: [{ ...first, name: "age", label: "Age", unit: "years", min: 18 }, ...others] } as ModelSchema;
    const { schema } = await inspect(createModel({ graph: [identity], input: floats(["N", 4]), output: floats(["N", 4]) }), known);
    expect(schema.inputs.map(({ name }) => name)).toEqual(["age", "feature_2", "feature_3", "feature_4"]);
    expect(schema.inputs[0]).toMatchObject({ label: "Age", unit: "years", min: 18 });
    expect(schema.tensors.inputs[0]).toMatchObject({ fields: ["age", "feature_2", "feature_3", "feature_4"], shape: ["N", 4] });
  });

  it("and is taken by the rules for schemas, with the answer to zeros named where it cannot be shown", async () => {
    const { schema, inspection } = await inspect(createModel({ graph: [node({ op: "Log", from: ["x"], to: ["y"] })] }));
    expect(schema.outputs).toMatchObject([{ kind: "number", name: "prediction" }]);
    expect(inspection.warnings).toMatchObject([
      { detail: expect.stringMatching(/not a finite number/), remedy: expect.stringMatching(/real row/) },
    ]);
  });
});
