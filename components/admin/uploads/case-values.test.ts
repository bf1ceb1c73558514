import { describe, expect, it } from "vitest";
import { fillValues, pickValues } from "@/components/admin/uploads/case-values";
import type { InputField } from "@/lib/contracts/model-schema";

const schemaOf = (...inputs: InputField[]) => ({ inputs });
const number = (name: string, more: Partial<Extract<InputField, { type: "number" }>> = {}): InputField => ({
  name, label: name, type: "number", required: true, tensor: { name }, ...more,
});

describe("the preview's form", () => {
  it("follows a default that is set, until somebody chooses a value", () => {
    expect(fillValues(schemaOf(number("a")), {})).toEqual({ a: "0" });
    expect(fillValues(schemaOf(number("a", { min: 10, default: 12 })), {})).toEqual({ a: "12" });
    expect(fillValues(schemaOf(number("a", { min: 10, default: 12 })), { a: "30" })).toEqual({ a: "30" });
  });

  it("lies within the bounds where there is no default", () => {
    expect(fillValues(schemaOf(number("a", { min: 10, max: 20 })), {})).toEqual({ a: "15" });
  });

  it("takes from a row what is a value, so that the rest follows the schema", () => {
    const schema = schemaOf(number("a"), number("b", { default: 70 }), number("c", { default: 1 }));
    const chosen = pickValues(schema, { a: 5, b: null, gone: 3 });
    expect(chosen).toEqual({ a: "5" });
    expect(fillValues(schema, chosen)).toEqual({ a: "5", b: "70", c: "1" });
  });
});
