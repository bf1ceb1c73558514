import { describe, expect, it } from "vitest";
import { allWidths, coverSpan, customerWidths, startOf, widths } from "@/server/modules/traffic/spans";

const SEED = Number(process.env.TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
const DAY = widths["1d"].length;
/** 14:37:21 on a day in 2030. */
const NOW = Date.UTC(2030, 10, 20, 14, 37, 21);

/** The buckets of a cover, each as its beginning and end. */
function bucketsOf(spans: ReturnType<typeof coverSpan>): [number, number][] {
  return spans.flatMap(({ width, from, to }) => {
    const { length } = widths[width];
    const count = Math.ceil((to - from) / length);
    return Array.from({ length: count }, (_, index): [number, number] => [from + index * length, from + (index + 1) * length]);
  });
}

describe(`coverSpan (TEST_SEED=${SEED})`, () => {
  it("gives buckets that follow each other without gap or overlap, from the minute of the beginning to the end", () => {
    let state = SEED;
    const random = () => (state = (state * 48_271) % 0x7fffffff) / 0x7fffffff;
    for (let round = 0; round < 300; round++) {
      const from = NOW - 1 - Math.floor(random() ** 3 * 60 * DAY);
      const to = Math.min(NOW, from + Math.floor(random() ** 2 * 40 * DAY) + 1);
      const known = round % 2 === 0 ? allWidths : customerWidths;
      const spans = coverSpan(from, to, NOW, known);
      const buckets = bucketsOf(spans);
      for (const [index, [start]] of buckets.entries()) if (index > 0) expect(start).toBe(buckets[index - 1]?.[1]);
      const kept = known.find((width) => from >= NOW - widths[width].kept) ?? "1d";
      expect(buckets[0]?.[0]).toBe(startOf(kept, from));
      expect(buckets.at(-1)?.[1]).toBeGreaterThanOrEqual(to);
      for (const { width, from: begin } of spans) expect(begin).toBe(startOf(width, begin));
    }
  });

  it("reads a month by days, and what is left of its ends by shorter ones", () => {
    const from = startOf("3h", NOW) - 30 * DAY;
    expect(coverSpan(from, NOW, NOW).map(({ width, to, from: begin }) => [width, Math.ceil((to - begin) / widths[width].length)])).toEqual([
      ["3h", 4],
      ["1d", 29],
      ["3h", 5],
    ]);
  });

  it("reads the last hour by the minute, and what is going on by the minute that is", () => {
    const spans = coverSpan(startOf("1m", NOW) - 60 * 60_000, NOW, NOW);
    expect(spans.map(({ width }) => width)).toEqual(["1m", "15m", "1m"]);
    expect(bucketsOf(spans)).toHaveLength(8 + 3 + 8);
  });

  it("is nothing where the end is not after the beginning", () => {
    expect([coverSpan(NOW, NOW, NOW), coverSpan(NOW, NOW - 1, NOW)]).toEqual([[], []]);
  });
});
