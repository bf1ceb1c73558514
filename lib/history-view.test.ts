import { describe, expect, test } from "vitest";
import { inputField, outputField } from "@/lib/contracts/model-schema";
import { pairInputs, sayAnswer, sayValue, viewInputs, writeJson } from "@/lib/history-view";

const tensor = { name: "x" };
const fields = [
  { name: "tenure", label: "Months", type: "integer", unit: "months", group: "Contract", tensor },
  { name: "bill", label: "Bill", type: "number", unit: "$", tensor },
  { name: "senior", label: "Senior", type: "category", categories: [{ value: 0, label: "No" }, { value: 1, label: "Yes" }], tensor },
  { name: "picture", label: "Picture", type: "image", width: 2, height: 1, channels: 1, tensor },
].map((field) => inputField.parse(field));

const churn = outputField.parse({
  name: "churn",
  label: "Will the customer leave?",
  kind: "class",
  probabilities: "p",
  encoding: "tensor",
  positiveClass: "Yes",
  classes: [{ value: "No", label: "Stays" }, { value: "Yes", label: "Leaves" }],
});
const price = outputField.parse({ name: "price", label: "Price", kind: "number", tensor: "p", format: { style: "currency", currency: "USD", maximumFractionDigits: 0 } });

describe("an answer in a few words", () => {
  const leaves = { label: "Yes", probabilities: { No: 0.2338, Yes: 0.7662 } };

  test("is the figure with what it speaks for", () => {
    expect(sayAnswer([churn], { churn: leaves })).toBe("76.6 % Leaves");
    expect(sayAnswer([price], { price: { value: 217_910.4, unit: "USD" } })).toBe("$217,910");
    expect(sayAnswer([churn, price], { churn: leaves, price: { value: 10, unit: "USD" } })).toBe("76.6 % Leaves, $10");
  });

  test("is what the answer itself says when its model is gone", () => {
    const output = { churn: leaves, price: { value: 217_910.4, unit: "USD" }, scores: { values: [1, 2, 3] } };
    expect(sayAnswer([], output)).toBe("Yes, 217,910.4 USD, 3 values");
  });
});

test("a value is told by its label, in its unit, without the noise of 32 bits", () => {
  const [tenure, bill, senior, picture] = fields;
  expect(sayValue(tenure, 2)).toBe("2 months");
  expect(sayValue(bill, 89.94999694824219)).toBe("$89.95");
  expect(sayValue(bill, -3.5)).toBe("\u2212$3.5");
  expect(sayValue(senior, 1)).toBe("Yes");
  expect(sayValue(picture, [0, 255])).toBe("2 × 1 pixels");
  expect(sayValue(undefined, 2005)).toBe("2005");
});

test("inputs stand in the order of the schema, and what it does not know is not lost", () => {
  const views = viewInputs(fields, { extra: "kept", bill: 1, tenure: 2 });
  expect(views.map(({ label, text, group }) => [label, text, group])).toEqual([
    ["Months", "2 months", "Contract"],
    ["Bill", "$1", undefined],
    ["extra", "kept", undefined],
  ]);
});

test("two predictions are told apart field by field, numbers by how much", () => {
  const one = viewInputs(fields, { tenure: 2, bill: 89.95, senior: 0, picture: [0, 1] });
  const other = viewInputs(fields, { tenure: 40, bill: 89.95, senior: 1, picture: [0, 1], extra: "new" });
  const pairs = pairInputs(fields, one, other).map(({ name, differs, change }) => [name, differs, change]);
  expect(pairs).toEqual([
    ["tenure", true, "+38 months"],
    ["bill", false, ""],
    ["senior", true, ""],
    ["picture", false, ""],
    ["extra", true, ""],
  ]);
});

test("JSON to be read keeps lists of numbers on one line, and stays the same JSON", () => {
  const value = { image: [0, -1.5, 2e-7, 255], text: "[1,\n 2]", empty: [], rows: [{ a: 1 }] };
  expect(writeJson(value)).toContain('"image": [0, -1.5, 2e-7, 255]');
  expect(JSON.parse(writeJson(value))).toEqual(value);
});
