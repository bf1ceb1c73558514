import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type InputField, inputField, type ModelSchema, modelSchema, type OutputField, outputField } from "@/lib/contracts/model-schema";
import { diffSchemas } from "@/lib/schema-diff";

const DEMO = join(import.meta.dirname, "..", "demo");

function readSchema(slug: string): ModelSchema {
  return modelSchema.parse(JSON.parse(readFileSync(join(DEMO, slug, "schema.json"), "utf8")));
}

const tensor = { name: "x" };
const base: ModelSchema = modelSchema.parse({
  schemaVersion: 1,
  task: "binary-classification",
  inputs: [
    { name: "age", label: "Age", type: "integer", min: 0, max: 90, tensor },
    { name: "income", label: "Income", type: "number", unit: "EUR", default: 10, tensor },
    { name: "plan", label: "Plan", type: "category", categories: [{ value: "a", label: "A" }, { value: "b", label: "B" }], tensor },
    { name: "note", label: "Note", type: "text", minLength: 2, maxLength: 100, required: false, tensor },
    { name: "photo", label: "Photo", type: "image", width: 8, height: 8, channels: 1, tensor },
  ],
  tensors: {
    inputs: [{ name: "x", dtype: "float32", shape: ["N", 5], layout: "matrix", fields: ["age", "income", "plan", "note", "photo"] }],
    outputs: [{ name: "y" }],
  },
  outputs: [
    {
      name: "leaves", label: "Leaves", kind: "class", probabilities: "y", encoding: "tensor", positiveClass: "Yes", threshold: 0.5,
      classes: [{ value: "No", label: "No" }, { value: "Yes", label: "Yes" }],
    },
    { name: "worth", label: "Worth", kind: "number", tensor: "y", unit: "EUR", interval: { low: "l", high: "h", coverage: 0.9 } },
    { name: "parts", label: "Parts", kind: "vector", tensor: "y", labels: ["one", "two"] },
  ],
});

function withInput(name: string, change: object | null): ModelSchema {
  const inputs = base.inputs.flatMap((field): InputField[] => {
    if (field.name !== name) return [field];
    return change === null ? [] : [inputField.parse({ ...field, ...change })];
  });
  return { ...base, inputs };
}

function withOutput(name: string, change: object | null): ModelSchema {
  const outputs = base.outputs.flatMap((output): OutputField[] => {
    if (output.name !== name) return [output];
    return change === null ? [] : [outputField.parse({ ...output, ...change })];
  });
  return { ...base, outputs };
}

const withNew = (change: object): ModelSchema => {
  const added = inputField.parse({ name: "extra", label: "Extra", type: "number", tensor, ...change });
  return { ...base, inputs: [...base.inputs, added] };
};

/** `pointer kind`, with an exclamation mark where it breaks. */
function tell(before: ModelSchema, after: ModelSchema): string[] {
  return diffSchemas(before, after).map(({ pointer, kind, breaking }) => `${pointer} ${kind}${breaking ? "!" : ""}`);
}

describe("differences between two schemas", () => {
  it.each(readdirSync(DEMO).filter((name) => !name.startsWith("_")))("are none between %s and itself", (slug) => {
    expect(diffSchemas(readSchema(slug), readSchema(slug))).toEqual([]);
  });

  const cases: [string, ModelSchema, string[]][] = [
    ["a field that is gone", withInput("age", null), ["#/inputs/age removed!"]],
    ["a new field without a default", withNew({}), ["#/inputs/extra added!"]],
    ["a new field with a default", withNew({ default: 1 }), ["#/inputs/extra added"]],
    ["a new field that may be left out", withNew({ required: false }), ["#/inputs/extra added"]],
    ["whole numbers where any number was taken", withInput("income", { type: "integer" }), ["#/inputs/income/type type!"]],
    ["any number where whole ones were taken", withInput("age", { type: "number" }), ["#/inputs/age/type type"]],
    ["another type", withInput("plan", { type: "text" }), ["#/inputs/plan/type type!"]],
    ["a training range", withInput("age", { min: 18 }), ["#/inputs/age/range range"]],
    ["the unit of a field", withInput("income", { unit: "USD" }), ["#/inputs/income/unit unit"]],
    ["a label, a help or a group", withInput("age", { label: "Years", help: "Since birth", group: "Person" }), ["#/inputs/age wording"]],
    ["a default that is gone", withInput("income", { default: undefined }), ["#/inputs/income/required required!"]],
    ["a default that is new", withInput("age", { default: 30 }), ["#/inputs/age/required required"]],
    ["another default", withInput("income", { default: 20 }), ["#/inputs/income/default default"]],
    ["a field that must be sent now", withInput("note", { required: true }), ["#/inputs/note/required required!"]],
    ["a field that may be left out now", withInput("age", { required: false }), ["#/inputs/age/required required"]],
    [
      "categories gone, new and renamed",
      withInput("plan", { categories: [{ value: "a", label: "Alpha" }, { value: "c/d", label: "C" }] }),
      ["#/inputs/plan/categories/b category!", "#/inputs/plan/categories/c~1d category", "#/inputs/plan/categories/a wording"],
    ],
    ["a shorter longest text", withInput("note", { maxLength: 99 }), ["#/inputs/note/maxLength length!"]],
    ["a longer longest text", withInput("note", { maxLength: 101 }), ["#/inputs/note/maxLength length"]],
    ["a longer shortest text", withInput("note", { minLength: 3 }), ["#/inputs/note/minLength length!"]],
    ["a shorter shortest text", withInput("note", { minLength: 0 }), ["#/inputs/note/minLength length"]],
    ["another size of a picture", withInput("photo", { width: 16 }), ["#/inputs/photo/size size!"]],
    ["an output that is gone", withOutput("worth", null), ["#/outputs/worth removed!"]],
    ["an output of another kind", withOutput("parts", { kind: "number" }), ["#/outputs/parts/kind type!"]],
    [
      "classes gone and new",
      withOutput("leaves", { classes: [{ value: "No", label: "No" }, { value: "Maybe", label: "Maybe" }] }),
      ["#/outputs/leaves/classes/Yes class!", "#/outputs/leaves/classes/Maybe class!"],
    ],
    ["another threshold", withOutput("leaves", { threshold: 0.3 }), ["#/outputs/leaves/threshold decision"]],
    ["the unit of an answer", withOutput("worth", { unit: "USD" }), ["#/outputs/worth/unit unit!"]],
    ["the currency of an answer", withOutput("worth", { format: { style: "currency", currency: "USD" } }), ["#/outputs/worth/unit unit!"]],
    ["a range around the value that is gone", withOutput("worth", { interval: undefined }), ["#/outputs/worth/interval interval!"]],
    ["a range of another coverage", withOutput("worth", { interval: { low: "l", high: "h", coverage: 0.8 } }), ["#/outputs/worth/interval interval"]],
    ["other labels of a list", withOutput("parts", { labels: ["one"] }), ["#/outputs/parts/labels labels!"]],
    ["the name of an output", withOutput("worth", { label: "Value" }), ["#/outputs/worth wording"]],
  ];

  it.each(cases)("name %s, and say whether it breaks", (_what, after, told) => {
    expect(tell(base, after)).toEqual(told);
  });

  it("count an output more as breaking nobody", () => {
    expect(tell(withOutput("worth", null), base)).toEqual(["#/outputs/worth added"]);
  });

  it("tell the text 1 from the number 1, because callers who send the one are refused for the other", () => {
    const [text, number] = ["1", 1].map((value) => withInput("plan", { categories: [{ value, label: "One" }] }));
    expect(text && number && diffSchemas(text, number).map(({ words }) => words)).toEqual(['Category "1" is gone.', "Category 1 is new."]);
  });

  it("see a tensor that takes fewer numbers than before", () => {
    const narrow = { ...base, tensors: { ...base.tensors, inputs: base.tensors.inputs.map((entry) => ({ ...entry, dtype: "uint8" as const })) } };
    expect(tell(base, narrow)).toEqual(["#/inputs/age/type type!", "#/inputs/income/type type!"]);
    expect(tell(narrow, base)).toEqual(["#/inputs/age/type type", "#/inputs/income/type type"]);
  });

  it("are said in sentences, each about one place", () => {
    for (const [, after] of cases) for (const { words } of diffSchemas(base, after)) expect(words).toMatch(/^[A-Z].*\.$/);
  });

  it("find the place of a removed category in the demo's churn model", () => {
    const before = readSchema("customer-churn");
    const inputs = before.inputs.map((field) => {
      return field.name === "contract" && field.type === "category" ? { ...field, categories: field.categories.slice(0, 2) } : field;
    });
    expect(diffSchemas(before, { ...before, inputs })).toEqual([
      { pointer: "#/inputs/contract/categories/Two%20year", kind: "category", words: 'Category "Two year" is gone.', breaking: true },
    ]);
  });
});
