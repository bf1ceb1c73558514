import { describe, expect, it } from "vitest";
import { kindsFor, moveField, rekindOutput, renameField, renameKey, retypeField, typesFor } from "@/components/admin/uploads/schema-edits";
import { placeErrors } from "@/components/admin/uploads/draft-problems";
import { modelSchema, type ModelSchema } from "@/lib/contracts/model-schema";

const schema: ModelSchema = {
  schemaVersion: 1,
  task: "other",
  inputs: [
    {
      name: "feature_1",
      label: "One",
      required: true,
      tensor: { name: "x", index: 0 },
      type: "number",
      min: 0.5,
      max: 9,
      step: 0.5,
      unit: "m",
      default: 1.5,
    },
    { name: "feature_2", label: "Two", required: true, tensor: { name: "x", index: 1 }, type: "number", default: 0 },
    { name: "town", label: "Town", required: true, tensor: { name: "town" }, type: "text", multiline: false, minLength: 0, maxLength: 10 },
  ],
  tensors: {
    inputs: [
      { name: "x", dtype: "float32", shape: ["N", 2], layout: "matrix", fields: ["feature_1", "feature_2"] },
      { name: "town", dtype: "string", shape: ["N", 1], layout: "column", fields: ["town"] },
    ],
    outputs: [{ name: "y", dtype: "float32", shape: ["N", 3] }],
  },
  outputs: [{ name: "y", label: "Y", kind: "vector", tensor: "y" }],
};
const [first, , town] = schema.inputs;
const [y] = schema.outputs;
if (!first || !town || !y) throw new Error("The test's own schema is not whole.");

describe("edits of a schema", () => {
  it("rename a field where its tensor names it, in the same place", () => {
    const renamed = renameField(schema, 0, "area");
    expect(renamed.inputs.map(({ name }) => name)).toEqual(["area", "feature_2", "town"]);
    expect(renamed.tensors.inputs[0]?.fields).toEqual(["area", "feature_2"]);
    expect(schema.inputs[0]?.name).toBe("feature_1");
  });

  it("move a field in the form, never in its tensor", () => {
    const moved = moveField(schema, 0, 1);
    expect(moved.inputs.map(({ name }) => name)).toEqual(["feature_2", "feature_1", "town"]);
    expect(moved.tensors).toEqual(schema.tensors);
    expect(moveField(schema, 0, -1)).toBe(schema);
    expect(moveField(schema, 2, 1)).toBe(schema);
  });

  it("offer the types that a tensor can be filled with", () => {
    expect(typesFor(schema.tensors.inputs[0])).toEqual(["number", "integer", "category"]);
    expect(typesFor(schema.tensors.inputs[1])).toEqual(["category", "text"]);
  });

  it("give a schema that is one, whatever type a field becomes", () => {
    for (const type of typesFor(schema.tensors.inputs[0])) {
      expect(modelSchema.parse({ ...schema, inputs: [retypeField(first, type, "float32")] }).inputs[0]?.type).toBe(type);
    }
    expect(retypeField(town, "category", "string")).toMatchObject({ categories: [{ value: "first" }, { value: "second" }] });
    expect(retypeField(first, "integer", "float32")).toMatchObject({ type: "integer", min: 0.5, max: 9, unit: "m", default: 2 });
  });

  it("make classes of a list of numbers, and a list of classes again", () => {
    expect(kindsFor(schema, y)).toEqual(["vector", "class"]);
    const asClass = rekindOutput(schema, y, "class");
    expect(asClass).toMatchObject({ kind: "class", probabilities: "y", classes: [{ value: 0 }, { value: 1 }, { value: 2 }] });
    expect(rekindOutput(schema, asClass, "vector")).toEqual({ ...y, labels: ["0", "1", "2"] });
  });

  it("rename a member of a record without moving it", () => {
    expect(Object.entries(renameKey({ a: 1, b: 2, c: 3 }, "b", "z"))).toEqual([["a", 1], ["z", 2], ["c", 3]]);
  });
});

describe("refusals of the service", () => {
  it("lead to the field they are about, also those about its tensor", () => {
    const places = placeErrors(
      [
        { pointer: "#/changes/schema/inputs/1/label", detail: "is empty" },
        { pointer: "#/schema/tensors/inputs/1/shape", detail: "does not fit" },
        { pointer: "#/schema/outputs/0", detail: "is not there" },
        { pointer: "#/changes/card/name", detail: "is empty" },
      ],
      schema,
    );
    expect(places.map(({ place }) => place)).toEqual(["inputs/1/label", "inputs/2", "outputs/0", "card/name"]);
    expect(places[0]?.words).toBe("feature_2: is empty");
  });
});
