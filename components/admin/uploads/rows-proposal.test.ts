import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { proposeFields, takeFields } from "@/components/admin/uploads/rows-proposal";
import { keyOf, renameField } from "@/components/admin/uploads/schema-edits";
import { type InputField, modelSchema, type ModelSchema } from "@/lib/contracts/model-schema";

const schema = modelSchema.parse(JSON.parse(readFileSync("demo/customer-churn/schema.json", "utf8")));
const fieldOf = (of: ModelSchema, name: string) => {
  const field = of.inputs.find((one) => one.name === name);
  if (!field) throw new Error(`There is no field ${name}.`);
  return field;
};
const change = (of: ModelSchema, name: string, to: object): ModelSchema => ({
  ...of,
  inputs: of.inputs.map((field) => (field.name === name ? { ...field, ...to } : field)) as InputField[],
});
const keys = (...names: string[]) => new Set(names.map((name) => keyOf(fieldOf(schema, name))));
const found = change(change(schema, "tenure", { min: 1, max: 71, default: 30 }), "contract", { default: "Two year" });

describe("what rows would change", () => {
  it("is told field by field, from what to what, and nothing where the draft says it already", () => {
    const { min, max } = fieldOf(schema, "tenure") as { min: number; max: number };
    const proposals = proposeFields(schema, found);
    expect(proposals.map(({ name }) => name)).toEqual(["tenure", "contract"]);
    expect(proposals[0]?.changes).toContainEqual({ what: "Smallest", from: String(min), to: "1" });
    expect(proposals[0]?.changes).toContainEqual({ what: "Largest", from: String(max), to: "71" });
    expect(proposals[1]?.changes).toMatchObject([{ what: "Default", to: "Two year" }]);
    expect(proposeFields(found, found)).toEqual([]);
  });

  it("is taken for the fields that are chosen, and for no other", () => {
    const taken = takeFields(schema, found, keys("contract"));
    expect(fieldOf(taken, "contract")).toMatchObject({ default: "Two year" });
    expect(fieldOf(taken, "tenure")).toEqual(fieldOf(schema, "tenure"));
    expect(takeFields(schema, found, new Set())).toEqual(schema);
  });

  it("leaves what was written about a field since the rows were read: its name, label, unit, group and help", () => {
    const index = schema.inputs.findIndex(({ name }) => name === "tenure");
    const written = change(renameField(schema, index, "months"), "months", { label: "Months", unit: "mo", help: "Since the start.", group: "New" });
    const taken = takeFields(written, found, keys("tenure"));
    expect(fieldOf(taken, "months")).toMatchObject({ min: 1, max: 71, label: "Months", unit: "mo", help: "Since the start.", group: "New" });
    const { help: _help, group: _group, ...bare } = fieldOf(schema, "tenure");
    const cleared = { ...schema, inputs: schema.inputs.with(index, bare as InputField) };
    const kept = fieldOf(takeFields(cleared, change(found, "tenure", { help: "Old.", group: "Old" }), keys("tenure")), "tenure");
    expect([kept.help, kept.group]).toEqual([undefined, undefined]);
  });

  it("does not fit a field that became something else, or whose category is gone", () => {
    const retyped = change(schema, "tenure", { type: "number" });
    expect(proposeFields(retyped, found).map(({ name }) => name)).toEqual(["contract"]);
    const fewer = change(schema, "contract", { categories: [{ value: "One year", label: "One year" }], default: "One year" });
    expect(proposeFields(fewer, found).map(({ name }) => name)).toEqual(["tenure"]);
    expect(fieldOf(takeFields(fewer, found, keys("contract")), "contract")).toMatchObject({ default: "One year" });
  });

  it("can make a text a choice", () => {
    const contract = fieldOf(schema, "contract");
    const { categories: _categories, ...text } = { ...contract, categories: [] };
    const asText = change({ ...schema, inputs: schema.inputs.map((field) => (field.name === "contract" ? (text as InputField) : field)) }, "contract", {
      type: "text",
      multiline: false,
      minLength: 0,
      maxLength: 100,
      default: "",
    });
    const [, proposal] = proposeFields(asText, found);
    expect(proposal?.changes[0]).toEqual({ what: "Type", from: "text", to: "one of 3 categories" });
    expect(fieldOf(takeFields(asText, found, keys("contract")), "contract")).toMatchObject({ type: "category", default: "Two year" });
  });
});
