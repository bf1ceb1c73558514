import { describe, expect, it } from "vitest";
import { spanOf, toSteps } from "@/lib/answer-shape";

describe("the shape of answers", () => {
  it("keeps its area, however wide its bins are", () => {
    const [fine, rough] = [{ edges: [0, 1, 2, 3, 4], counts: [1, 1, 1, 1] }, { edges: [0, 2, 4], counts: [20, 20] }];
    const span = spanOf([fine, rough]);
    expect(span).toEqual({ low: 0, high: 4 });
    for (const shape of [fine, rough]) for (const { height } of toSteps(shape, span)) expect(height).toBeCloseTo(1 / 20);
  });

  it("is the share itself where the scale has twenty bins", () => {
    const edges = Array.from({ length: 21 }, (_unused, index) => index / 20);
    const counts = edges.slice(1).map((_unused, index) => (index === 3 ? 30 : 1));
    expect(toSteps({ edges, counts }, { low: 0, high: 1 })[3]?.height).toBeCloseTo(30 / 49);
  });

  it("is none without answers or without a scale", () => {
    expect(toSteps({ edges: [0, 1], counts: [0] }, { low: 0, high: 1 })).toEqual([]);
    expect(toSteps({ edges: [1, 1], counts: [5] }, { low: 1, high: 1 })).toEqual([]);
  });
});
