import { expect, it } from "vitest";
import { placeNames } from "@/lib/place-names";

it("names the newest marks where there is no room for all", () => {
  expect(placeNames([0.5, 0.51, 0.52, 0.53, 0.54], 3)).toEqual([null, null, 2, 1, 0]);
});

it("names marks that are far apart in one lane, also where a name stands left of its mark", () => {
  expect(placeNames([0.05, 0.4], 3)).toEqual([0, 0]);
  expect(placeNames([0.3, 0.9], 3)).toEqual([0, 0]);
  expect(placeNames([0.5, 0.9], 3)).toEqual([1, 0]);
  expect(placeNames([], 3)).toEqual([]);
});
