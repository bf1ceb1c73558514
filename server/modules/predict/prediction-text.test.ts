import { expect, it } from "vitest";
import type { Prediction } from "@/lib/contracts/predict";
import { createId } from "@/server/core/ids";
import { writePredictionList } from "@/server/modules/predict/prediction-text";

function make(changes: Partial<Prediction> = {}): Prediction {
  return {
    id: createId("prediction"),
    object: "prediction",
    model: "customer-churn",
    version: 1,
    arm: "live",
    status: "succeeded",
    input: { tenure: 2, contract: "Month-to-month" },
    output: { churn: { label: "Leaves", probabilities: { Stays: 0.25, Leaves: 0.75 } } },
    warnings: [],
    metrics: { predict_time: 0.000_012_34 },
    created_at: "2026-02-03T04:05:06.007Z",
    completed_at: "2026-02-03T04:05:06.008Z",
    request_id: "req_01M85DX5CRKFR2XXDJ98NJZCNK",
    ...changes,
  };
}

const warnings: Prediction["warnings"] = [{ code: "outside_training_range", pointer: "#/inputs/1/tenure", detail: "Up to 72 “months”." }];
const awkward = 'quotes " and \\, lines \n, \u2028, naïve, 東京, 👋🏽, a lone \ud800, __proto__';

const lists: [string, Prediction[]][] = [
  ["none", []],
  ["one", [make()]],
  ["some of one run, with warnings and images among them", [make(), make({ warnings, input: { pixels: [0, 255, 7] } }), make({ output: {} })]],
  ["characters of one to four bytes, and those that JSON escapes", [make({ input: { [awkward]: awkward } }), make({ model: awkward, request_id: awkward })]],
  ["far more than is reserved for a row", Array.from({ length: 20 }, () => make({ input: { text: "東".repeat(5_000) } }))],
  [
    "not of one run: each tells its own, whatever it differs in",
    [
      make(),
      make({ model: "house-price" }),
      make({ version: 2 }),
      make({ arm: "pinned" }),
      make({ metrics: { predict_time: 1 } }),
      make({ created_at: "2026-02-03T04:05:06.006Z" }),
      make({ completed_at: "2026-02-03T04:05:06.009Z" }),
      make({ request_id: "another" }),
      make(),
    ],
  ],
];

it.each(lists)("a list is written byte for byte as JSON.stringify writes it: %s", (_what, data) => {
  expect(writePredictionList({ object: "list", data }).toString()).toBe(JSON.stringify({ object: "list", data }));
});
