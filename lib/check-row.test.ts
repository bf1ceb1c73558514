import { describe, expect, it } from "vitest";
import { checkRow } from "@/lib/check-row";
import type { InputField, InputTensor, ModelSchema } from "@/lib/contracts/model-schema";

const base = { label: "Field", required: true, tensor: { name: "t" } };

function createSchema(fields: InputField[], dtype: InputTensor["dtype"] = "float32"): ModelSchema {
  return {
    schemaVersion: 1,
    task: "other",
    inputs: fields,
    tensors: {
      inputs: [{ name: "t", dtype, shape: ["N", fields.length], layout: "matrix", fields: fields.map((field) => field.name) }],
      outputs: [{ name: "y" }],
    },
    outputs: [{ name: "y", label: "Y", kind: "vector", tensor: "y" }],
  };
}

/** The value of one field, or the sentence that refuses it. */
function check(field: InputField, value: unknown, dtype?: InputTensor["dtype"]): unknown {
  const { row, errors } = checkRow(createSchema([field], dtype), { [field.name]: value }, "#/input");
  expect(errors.every((error) => error.pointer === `#/input/${field.name}`)).toBe(true);
  return errors[0]?.detail ?? row[field.name];
}

const number: InputField = { ...base, name: "amount", type: "number" };
const integer: InputField = { ...base, name: "count", type: "integer" };
const text: InputField = { ...base, name: "message", type: "text", multiline: false, minLength: 1, maxLength: 5 };
const image: InputField = { ...base, name: "picture", type: "image", width: 2, height: 2, channels: 1, capture: ["draw"] };

function createCategory(...values: (string | number)[]): InputField {
  return { ...base, name: "kind", type: "category", categories: values.map((value) => ({ value, label: String(value) })) };
}

describe("a number", () => {
  it.each([
    [12, 12], ["12", 12], [" 12.5 ", 12.5], ["-0.5", -0.5], ["+3", 3], [".5", 0.5], ["5.", 5], ["1e3", 1000], ["1E-2", 0.01], ["007", 7],
  ])("takes %j as %j", (sent, value) => {
    expect(check(number, sent)).toBe(value);
  });

  it("has no negative zero, which JSON cannot tell from zero", () => {
    expect(Object.is(check(number, -0), 0)).toBe(true);
    expect(Object.is(check(number, "-0"), 0)).toBe(true);
  });

  it.each([
    "", " ", "0x10", "0b1", "1e999", "Infinity", "-Infinity", "NaN", "1,5", "1_000", "1 2", "١٢", "1e", ".", "--1",
    Infinity, Number.NaN, null, true, false, {}, { valueOf: 1 }, [], [1],
  ].map((sent) => ({ sent })))("refuses $sent without repeating it", ({ sent }) => {
    expect(check(number, sent)).toBe("Must be a number.");
  });

  it("must fit into the tensor", () => {
    expect(check(number, 1e39)).toBe("Must be between -3.4e38 and 3.4e38.");
    expect(check(number, 1e39, "float64")).toBe(1e39);
    expect(check(number, 2.5, "int64")).toBe("Must be a whole number.");
  });
});

describe("a whole number", () => {
  it.each([[3, 3], ["3", 3], ["3.0", 3], ["1e2", 100], [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]])("takes %j", (sent, value) => {
    expect(check(integer, sent, "int64")).toBe(value);
  });

  it.each([3.5, "3.5", "three", "", null, true])("refuses %j", (sent) => {
    expect(check(integer, sent, "int64")).toBe("Must be a whole number.");
  });

  it.each([
    ["int64", 2 ** 53, "Must be between -9007199254740991 and 9007199254740991."],
    ["float32", 1e300, "Must be between -9007199254740991 and 9007199254740991."],
    ["int32", 2 ** 31, "Must be between -2147483648 and 2147483647."],
    ["uint8", 256, "Must be between 0 and 255."],
    ["bool", 2, "Must be between 0 and 1."],
  ] as const)("in a tensor of %s refuses %j", (dtype, sent, detail) => {
    expect(check(integer, sent, dtype)).toBe(detail);
  });
});

describe("the training range", () => {
  const warnings = (field: Partial<InputField>, value: number) =>
    checkRow(createSchema([{ ...number, ...field } as InputField]), { amount: value }, "#/inputs/3").warnings;

  it("is a warning outside, never a refusal", () => {
    expect(warnings({ min: 0, max: 72, unit: "months" }, 73)).toEqual([
      { code: "outside_training_range", pointer: "#/inputs/3/amount", detail: "The model was trained on values from 0 to 72 months." },
    ]);
    expect(warnings({ min: 0 }, -1)[0]?.detail).toBe("The model was trained on values of 0 and more.");
    expect(warnings({ max: 5, unit: "$" }, 6)[0]?.detail).toBe("The model was trained on values up to 5 $.");
  });

  it("is silent inside, at its ends and where there is none", () => {
    expect([warnings({ min: 0, max: 72 }, 0), warnings({ min: 0, max: 72 }, 72), warnings({}, 1e9)]).toEqual([[], [], []]);
  });

  it("does not heed the step", () => {
    expect(checkRow(createSchema([{ ...number, step: 0.5 } as InputField]), { amount: 0.3 }, "#/input").errors).toEqual([]);
  });
});

describe("a category", () => {
  it.each([[0, 0], ["0", 0], [" 1.0 ", 1], [1, 1]])("of numbers takes %j as %j", (sent, value) => {
    expect(check(createCategory(0, 1), sent)).toBe(value);
  });

  it.each([2, "2", "", true, null, "one", [0]])("of numbers refuses %j", (sent) => {
    expect(check(createCategory(0, 1), sent)).toBe("Must be one of 0, 1.");
  });

  it("of text is matched exactly", () => {
    const contract = createCategory("Month-to-month", "One year", "Two year");
    expect(check(contract, "One year")).toBe("One year");
    for (const sent of ["one year", " One year", "", 1, null, ["One year"], "constructor"]) {
      expect(check(contract, sent)).toBe('Must be one of "Month-to-month", "One year", "Two year".');
    }
  });

  it("of text is not a number, even where its values look like some", () => {
    expect(check(createCategory("1", "2"), 1)).toBe('Must be one of "1", "2".');
  });

  it("with many values names eight and counts the rest", () => {
    const letters = createCategory(..."abcdefghij");
    expect(check(letters, "z")).toBe('Must be one of "a", "b", "c", "d", "e", "f", "g", "h" and 2 more.');
  });
});

describe("a text", () => {
  it.each([
    [1, "Must be text."], [null, "Must be text."], [{}, "Must be text."],
    ["", "Must have at least 1 character."], ["abcdef", "Must have at most 5 characters."],
    ["a\0b", "Must not contain a NUL character."], ["\ud800x", "Must be well-formed Unicode: it holds half of a character pair."],
  ])("refuses %j", (sent, detail) => {
    expect(check(text, sent)).toBe(detail);
  });

  it("is counted in characters, not in units of UTF-16, and comes through unchanged", () => {
    expect(check(text, "😀😀😀😀😀")).toBe("😀😀😀😀😀");
    expect(check(text, " a ")).toBe(" a ");
    const short = { ...text, minLength: 2, maxLength: 3 };
    expect(["😀", "😀a", "a😀b", "😀😀😀", "abc", "😀😀😀😀"].map((sent) => check(short, sent))).toEqual([
      "Must have at least 2 characters.", "😀a", "a😀b", "😀😀😀", "abc", "Must have at most 3 characters.",
    ]);
  });
});

describe("an image", () => {
  it("is a list of as many whole numbers as it has pixels", () => {
    expect(check(image, [0, 255, 3, 4])).toEqual([0, 255, 3, 4]);
    for (const sent of [[0, 1, 2], [], null, {}, "1,2,3,4", { length: 4 }]) {
      expect(check(image, sent)).toBe("Must be a list of 4 whole numbers from 0 to 255, row by row (2 × 2).");
    }
    for (const pixel of [256, -1, 0.5, "1", null, Number.NaN]) {
      expect(check(image, [0, 0, 0, pixel])).toBe("Every pixel must be a whole number from 0 to 255.");
    }
  });

  it("may be text where somebody can decode it", () => {
    const decode = (sent: string) => (sent === "good" ? [1, 2, 3, 4] : "Must be a PNG image.");
    const run = (sent: string) => checkRow(createSchema([image]), { picture: sent }, "#/input", { decodeImage: decode });
    expect(run("good").row.picture).toEqual([1, 2, 3, 4]);
    expect(run("bad").errors).toEqual([{ pointer: "#/input/picture", detail: "Must be a PNG image." }]);
  });
});

describe("a row", () => {
  const schema = createSchema([{ ...number, default: 7 } as InputField, integer, { ...text, required: false } as InputField]);

  it("gets defaults for what is left out, and says what is missing", () => {
    expect(checkRow(schema, { count: 1 }, "#/input")).toEqual({ row: { amount: 7, count: 1 }, warnings: [], errors: [] });
    expect(checkRow(schema, {}, "#/input").errors).toEqual([{ pointer: "#/input/count", detail: "Is missing." }]);
  });

  it("holds only what was accepted, in the order of the schema, whatever the order it was sent in", () => {
    const full = createSchema([number, integer, { ...text, default: "none" } as InputField]);
    const sent = [{ message: "hi", count: 2, amount: 1.5 }, { count: "x", amount: 1 }, { count: 4, amount: 3 }];
    const rows = sent.map((raw) => Object.entries(checkRow(full, raw, "#/input").row));
    expect(rows).toEqual([
      [["amount", 1.5], ["count", 2], ["message", "hi"]],
      [["amount", 1], ["message", "none"]],
      [["amount", 3], ["count", 4], ["message", "none"]],
    ]);
  });

  it("does not take null for left out", () => {
    const { errors } = checkRow(schema, { amount: null, count: 1 }, "#/input");
    expect(errors).toEqual([{ pointer: "#/input/amount", detail: "Must be a number." }]);
  });

  it("tells all its problems at once, in the order of the schema", () => {
    const { errors } = checkRow(schema, { other: 1, message: 2, count: "x", amount: "y" }, "#/inputs/17");
    expect(errors.map((error) => error.pointer)).toEqual(["amount", "count", "message", "other"].map((name) => `#/inputs/17/${name}`));
  });

  it("refuses fields with names that mean something to JavaScript or to a database, and takes nothing from prototypes", () => {
    const text = '{"count": 1, "__proto__": {"amount": 5}, "constructor": {}, "toString": 1, "$where": "1", "a.b": 1}';
    const { row, errors } = checkRow(schema, JSON.parse(text) as Record<string, unknown>, "#/input");
    const names = ["__proto__", "constructor", "toString", "%24where", "a.b"];
    expect(errors.map((error) => error.pointer)).toEqual(names.map((name) => `#/input/${name}`));
    expect(row).toEqual({ amount: 7, count: 1 });
    expect(Object.getPrototypeOf(row)).toBe(Object.prototype);
    expect(checkRow(schema, Object.create({ count: 1 }) as Record<string, unknown>, "#/input").errors).toHaveLength(1);
  });

  it("points at odd names as RFC 6901 says, and does not repeat endless ones", () => {
    const names = ["a/b~c", "ü %", "\ud800", "x".repeat(65)];
    const { errors } = checkRow(schema, { count: 1, ...Object.fromEntries(names.map((name) => [name, 1])) }, "#/input");
    expect(errors.map((error) => error.pointer)).toEqual(["#/input/a~1b~0c", "#/input/%C3%BC%20%25", "#/input/%EF%BF%BD", "#/input"]);
  });

  it("counts unknown fields once there are many", () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_unused, index) => [`extra${index}`, 1]));
    const { errors } = checkRow(schema, { count: 1, ...many }, "#/input");
    expect(errors).toHaveLength(21);
    expect(errors.at(-1)).toEqual({ pointer: "#/input", detail: "480 more fields are not fields of this model." });
  });

  it("may use names that every object has", () => {
    const odd = createSchema([{ ...integer, name: "toString" } as InputField, { ...integer, name: "hasOwnProperty" } as InputField]);
    expect(checkRow(odd, {}, "#/input").errors.map((error) => error.detail)).toEqual(["Is missing.", "Is missing."]);
    const { row } = checkRow(odd, { toString: 1, hasOwnProperty: 2 }, "#/input");
    expect(Object.entries(row)).toEqual([["toString", 1], ["hasOwnProperty", 2]]);
  });
});
