import { expect, test } from "vitest";
import type { UsageCount, UsageSeries } from "@/lib/contracts/usage";
import { chartDays, describeChart } from "@/lib/usage-view";

const NOW = Date.parse("2026-11-22T14:03:00Z");
const count = (model: string, rows: number, limited = 0): UsageCount => ({ model, calls: rows, rows, limited });
const bucket = (day: string, results: UsageCount[]) => ({ start_time: `${day}T00:00:00.000Z`, end_time: `${day}T23:59:59.999Z`, results });
const series = (data: UsageSeries["data"]): UsageSeries => ({ object: "usage", bucket_width: "1d", data });
const nameOf = (one: UsageCount) => one.model ?? "";

test("every day of the range is there, days without calls as zeros, and refusals are counted by day", () => {
  const chart = chartDays(series([bucket("2026-11-20", [count("a", 5, 2), count("b", 7)]), bucket("2026-11-22", [count("a", 1)])]), NOW, 3, nameOf);
  expect(chart.days).toEqual(["2026-11-20T00:00:00.000Z", "2026-11-21T00:00:00.000Z", "2026-11-22T00:00:00.000Z"]);
  expect(chart.series).toEqual([{ name: "b", values: [7, 0, 0] }, { name: "a", values: [5, 0, 1] }]);
  expect(chart.limited).toEqual([2, 0, 0]);
});

test("a day outside the range is not drawn", () => {
  expect(chartDays(series([bucket("2026-11-15", [count("a", 5)])]), NOW, 7, nameOf).series).toEqual([]);
});

test("with more series than colours the smallest are one", () => {
  const results = ["a", "b", "c", "d", "e", "f", "g", "h"].map((name, index) => count(name, 10 - index));
  const chart = chartDays(series([bucket("2026-11-22", results)]), NOW, 1, nameOf);
  expect(chart.series.map(({ name, values }) => [name, values[0]])).toEqual([["a", 10], ["b", 9], ["c", 8], ["d", 7], ["e", 6], ["Other", 5 + 4 + 3]]);
});

test("the chart is told in a sentence, also when there is nothing on it", () => {
  const chart = chartDays(series([bucket("2026-11-22", [count("a", 1_200), count("b", 3)])]), NOW, 7, nameOf);
  expect(describeChart(chart)).toBe("Predictions a day over the last 7 days, 1,203 in all: a 1,200, b 3.");
  expect(describeChart(chartDays(series([]), NOW, 7, nameOf))).toBe("No predictions in the last 7 days.");
});
