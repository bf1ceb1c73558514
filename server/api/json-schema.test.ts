import { describe, expect, it } from "vitest";
import { modelSchema } from "@/lib/contracts/model-schema";
import { describeInputRow, describeOutput } from "@/server/api/json-schema";

const tensor = (name: string) => ({ name, dtype: "float32", shape: ["N", 1], layout: "column", fields: [name] });
/** Values 0, 1, … with their labels. */
const named = (...labels: string[]) => labels.map((label, value) => ({ value, label }));
const schema = modelSchema.parse({
  schemaVersion: 1,
  task: "other",
  inputs: [
    { name: "age", label: "Age", type: "integer", unit: "years", min: 0, max: 99, default: 30, tensor: { name: "age" } },
    { name: "income", label: "Income", type: "number", tensor: { name: "income" } },
    { name: "senior", label: "Senior", type: "category", categories: named("No", "Yes"), tensor: { name: "senior" } },
    { name: "note", label: "Note", type: "text", required: false, maxLength: 9, tensor: { name: "note" } },
    { name: "photo", label: "Photo", type: "image", width: 2, height: 3, channels: 1, tensor: { name: "photo" } },
  ],
  tensors: { inputs: ["age", "income", "senior", "note", "photo"].map(tensor), outputs: [{ name: "out" }] },
  outputs: [
    { name: "grade", label: "Grade", kind: "class", probabilities: "out", encoding: "tensor", classes: named("A", "B") },
    { name: "price", label: "Price", kind: "number", tensor: "out", unit: "$", interval: { low: "out", high: "out", coverage: 0.8 } },
    { name: "parts", label: "Parts", kind: "vector", tensor: "out" },
  ],
});

describe("describeInputRow", () => {
  const row = describeInputRow(schema, "Row") as { properties: Record<string, Record<string, unknown>>; required: string[] };

  it("asks for what has no default and is not optional, and for nothing unknown", () => {
    expect(row.required).toEqual(["income", "senior", "photo"]);
    expect(row).toMatchObject({ $schema: "https://json-schema.org/draft/2020-12/schema", type: "object", additionalProperties: false });
  });

  it("tells the training range in words, because values outside are warned about and not refused", () => {
    expect(row.properties.age).toEqual({
      title: "Age",
      type: "integer",
      description: "In years. Trained on 0 to 99; outside there is a warning.",
      default: 30,
    });
  });

  it("names categories, lengths and the sizes of pictures", () => {
    expect(row.properties.senior).toMatchObject({ enum: [0, 1], description: "0 means No, 1 means Yes." });
    expect(row.properties.note).toMatchObject({ type: "string", maxLength: 9 });
    expect(row.properties.photo?.oneOf).toMatchObject([{ type: "string" }, { type: "array", minItems: 6, maxItems: 6 }]);
  });
});

describe("describeOutput", () => {
  it("describes each kind of output under its name", () => {
    const output = describeOutput(schema, "Output") as { properties: Record<string, { properties: unknown }>; required: string[] };
    expect(output.required).toEqual(["grade", "price", "parts"]);
    expect(output.properties.grade?.properties).toMatchObject({ label: { enum: [0, 1] }, probabilities: { required: ["0", "1"] } });
    const interval = { properties: { coverage: { const: 0.8 } } };
    expect(output.properties.price?.properties).toMatchObject({ unit: { const: "$" }, interval });
    expect(output.properties.parts).toMatchObject({ required: ["values"] });
  });
});
