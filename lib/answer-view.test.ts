import { describe, expect, test } from "vitest";
import { describeChange, viewAnswer } from "@/lib/answer-view";
import type { ClassOutput, NumberOutput } from "@/lib/contracts/model-schema";

const churn: ClassOutput = {
  name: "churn", label: "Will the customer leave?", kind: "class", probabilities: "p", encoding: "tensor", positiveClass: "Yes", threshold: 0.5,
  classes: [{ value: "No", label: "Stays" }, { value: "Yes", label: "Leaves" }],
};
const digit: ClassOutput = {
  name: "digit", label: "Digit", kind: "class", probabilities: "p", encoding: "tensor",
  classes: [{ value: 0, label: "0" }, { value: 1, label: "1" }],
};
const price: NumberOutput = {
  name: "price", label: "Price", kind: "number", tensor: "p", format: { style: "currency", currency: "USD", maximumFractionDigits: 0 },
};

const churnAt = (yes: number) => viewAnswer(churn, { label: yes >= 0.5 ? "Yes" : "No", probabilities: { No: 1 - yes, Yes: yes } });
const priceAt = (value: number) => viewAnswer(price, { value, unit: "$", interval: { low: value - 10_000, high: value + 10_000, coverage: 0.8 } });

function change(now: ReturnType<typeof viewAnswer>, before: ReturnType<typeof viewAnswer>) {
  if (!now || !before) throw new Error("The answer does not fit its output.");
  return describeChange(now, before);
}

describe("viewAnswer", () => {
  test("a yes-or-no answer is the share of the positive class, whichever class came out on top", () => {
    expect(churnAt(0.766)).toMatchObject({ figure: "76.6", suffix: "%", verdict: "Leaves", ruler: { value: 76.6, threshold: 50 } });
    expect(churnAt(0.2)).toMatchObject({ figure: "20.0", verdict: "Stays" });
  });

  test("one of several is the class itself, with a bar for every class", () => {
    const view = viewAnswer(digit, { label: 1, probabilities: { "0": 0.2, "1": 0.8 } });
    expect(view).toMatchObject({ figure: "1", verdict: "80.0 % sure", ruler: undefined });
    expect(view?.bars.map(({ label, best }) => [label, best])).toEqual([["0", false], ["1", true]]);
  });

  test("a value stands on a scale of round steps that holds it, its range and the known cases", () => {
    const view = viewAnswer(price, { value: 900_000, unit: "$", interval: { low: 8e5, high: 1e6, coverage: 0.8 } }, { edges: [35_000, 600_000], counts: [1] });
    expect(view).toMatchObject({ figure: "$900,000", verdict: "$800,000 to $1,000,000", note: "8 in 10 fall in this range" });
    expect(view?.ruler?.scale).toMatchObject({ min: 0, max: 1_000_000 });
    expect(view?.ruler?.scale.ticks.map((tick) => tick.text)).toEqual(["$0", "$250k", "$500k", "$750k", "$1M"]);
  });

  test("a value of zero, or a negative one, still has a scale", () => {
    for (const value of [0, -5, -1e-9, 3e12]) {
      const scale = viewAnswer(price, { value, unit: "" })?.ruler?.scale;
      expect(scale && scale.min < scale.max && scale.min <= value && scale.max >= value, String(value)).toBe(true);
    }
  });

  test("an answer of another kind than its output is not drawn", () => {
    expect(viewAnswer(price, { values: [1] })).toBeNull();
  });
});

describe("describeChange", () => {
  test("counts points for shares and the value's own format for values", () => {
    expect(change(churnAt(0.766), churnAt(0.698))).toEqual({ way: "up", amount: "+6.8", unit: "points" });
    expect(change(priceAt(161_700), priceAt(174_000))).toEqual({ way: "down", amount: "\u2212$12,300", unit: "" });
  });

  test("a difference too small to write is no change", () => {
    expect(change(churnAt(0.76601), churnAt(0.766))).toMatchObject({ way: "same" });
    expect(change(priceAt(100), priceAt(100))).toMatchObject({ way: "same" });
  });

  test("two classes that came out on top are not compared", () => {
    const one = viewAnswer(digit, { label: 1, probabilities: { "0": 0.2, "1": 0.8 } });
    const other = viewAnswer(digit, { label: 0, probabilities: { "0": 0.9, "1": 0.1 } });
    expect(change(one, other)).toBeNull();
  });
});
