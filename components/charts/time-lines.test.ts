import { expect, it } from "vitest";
import { placeEnds } from "@/components/charts/time-lines";

const place = (values: number[]) => {
  const series = values.map((value, index) => ({ name: `line ${index}`, colour: "", dash: "", values: [null, value] }));
  return Object.fromEntries(placeEnds(series, 100).map((end) => [end.name, end.place]));
};

it("names of lines that end at one height stand in the order of the lines, apart from each other, and within the field", () => {
  for (const height of [100, 50, 0]) {
    const { "line 0": first = 0, "line 1": second = 0, "line 2": third = 0 } = place([height, height, height]);
    expect(first).toBeGreaterThanOrEqual(0);
    expect(third).toBeLessThanOrEqual(100);
    expect(second - first).toBeGreaterThanOrEqual(9);
    expect(third - second).toBeGreaterThanOrEqual(9);
  }
  expect(place([80, 40, 10])).toEqual({ "line 0": 20, "line 1": 60, "line 2": 90 });
});
