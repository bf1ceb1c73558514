import { Decimal128, Double, Int32, Long } from "bson";
import { describe, expect, it } from "vitest";
import type { Document } from "../bson";
import { MongoServerFault } from "../errors";
import { codeOf } from "../guarantees/support";
import { runPipeline, splitSink, type PipelineContext } from "./pipeline";

const int = (value: number) => new Int32(value);
const double = (value: number) => new Double(value);

const ORDERS: Document[] = [
  { _id: int(1), who: "ann", sum: int(10), tags: ["a", "b"] },
  { _id: int(2), who: "bob", sum: int(20), tags: [] },
  { _id: int(3), who: "ann", sum: int(30), tags: ["b"] },
  { _id: int(4), sum: double(2.5) },
];

const PEOPLE: Document[] = [
  { _id: "p1", name: "ann", age: int(30) },
  { _id: "p2", name: "bob", age: int(40) },
  { _id: "p3", age: int(50) },
];

const context: PipelineContext = { readCollection: (name) => (name === "people" ? PEOPLE : []) };

function run(pipeline: unknown[], documents: Document[] = ORDERS, own: Partial<PipelineContext> = {}): Document[] {
  return [...runPipeline(documents, pipeline, { ...context, ...own })].filter((document) => document !== undefined);
}

const total = (spec: Document) => run([{ $group: { _id: null, x: spec } }])[0]?.x;

describe("aggregation stages", () => {
  it("filter, sort, skip and limit", () => {
    const found = run([{ $match: { sum: { $gte: 10 } } }, { $sort: { sum: -1 } }, { $skip: 1 }, { $limit: 1 }]);
    expect(found.map(({ _id: id }) => id)).toEqual([int(2)]);
  });

  it("project, set, unset and replace", () => {
    const [one] = run([{ $match: { _id: 1 } }, { $set: { "x.y": "$sum", sum: { $add: ["$sum", int(1)] } } }, { $unset: "tags" }]);
    expect(one).toEqual({ _id: int(1), who: "ann", sum: int(11), x: { y: int(10) } });
    expect(Object.keys(one ?? {})).toEqual(["_id", "who", "sum", "x"]);
    expect(run([{ $limit: 1 }, { $project: { _id: 0, n: { $size: "$tags" }, who: 1 } }])).toEqual([{ who: "ann", n: int(2) }]);
    expect(run([{ $limit: 1 }, { $replaceWith: { $mergeObjects: [{ a: 1 }, { b: "$who" }] } }])).toEqual([{ a: 1, b: "ann" }]);
  });

  it("set a field inside every document of an array", () => {
    expect(run([{ $set: { "a.x": 1 } }], [{ a: [{ y: 2 }, 5] }])).toEqual([{ a: [{ y: 2, x: 1 }, { x: 1 }] }]);
  });

  it("group by a value, missing and null being one group", () => {
    const groups = run([{ $group: { _id: "$who", n: { $sum: int(1) }, all: { $push: "$sum" } } }], [...ORDERS, { who: null }]);
    expect(groups).toEqual([
      { _id: "ann", n: int(2), all: [int(10), int(30)] },
      { _id: "bob", n: int(1), all: [int(20)] },
      { _id: null, n: int(2), all: [double(2.5)] },
    ]);
  });

  it("group equal numbers of different types together", () => {
    expect(
      run([{ $group: { _id: "$a", n: { $count: {} } } }], [{ a: int(1) }, { a: Long.fromNumber(1) }, { a: double(1) }]),
    ).toEqual([{ _id: int(1), n: int(3) }]);
  });
});

describe("accumulators", () => {
  it.each([
    [{ $sum: "$sum" }, double(62.5)],
    [{ $sum: int(1) }, int(4)],
    [{ $avg: "$sum" }, double(15.625)],
    [{ $min: "$sum" }, double(2.5)],
    [{ $max: "$who" }, "bob"],
    [{ $first: "$who" }, "ann"],
    [{ $last: "$who" }, null],
    [{ $addToSet: "$who" }, ["ann", "bob"]],
    [{ $firstN: { input: "$_id", n: 2 } }, [int(1), int(2)]],
    [{ $lastN: { input: "$_id", n: 2 } }, [int(3), int(4)]],
    [{ $minN: { input: "$sum", n: 2 } }, [double(2.5), int(10)]],
    [{ $maxN: { input: "$sum", n: 1 } }, [int(30)]],
    [{ $top: { sortBy: { sum: 1 }, output: "$_id" } }, int(4)],
    [{ $bottom: { sortBy: { sum: 1 }, output: "$_id" } }, int(3)],
    [{ $topN: { n: 2, sortBy: { sum: -1 }, output: "$_id" } }, [int(3), int(2)]],
    [{ $bottomN: { n: 2, sortBy: { sum: 1 }, output: "$_id" } }, [int(2), int(3)]],
    [{ $stdDevPop: { $cond: [{ $lt: ["$_id", 3] }, "$sum", null] } }, double(5)],
    [{ $median: { input: "$sum", method: "approximate" } }, double(10)],
    [{ $percentile: { input: "$sum", p: [0.9], method: "approximate" } }, [double(30)]],
    [{ $mergeObjects: { w: "$who" } }, { w: "bob" }],
  ])("accumulate %j", (spec, expected) => {
    const received = "$mergeObjects" in spec ? run([{ $limit: 2 }, { $group: { _id: null, x: spec } }])[0]?.x : total(spec);
    expect(received).toEqual(expected);
  });

  it("sum longs and decimals exactly", () => {
    const sum = (values: unknown[]) =>
      run(
        [{ $group: { _id: 1, x: { $sum: "$v" } } }],
        values.map((v) => ({ v })),
      )[0]?.x;
    expect(sum([Long.fromString("9007199254740993"), int(1)])).toEqual(Long.fromString("9007199254740994"));
    expect(sum([Decimal128.fromString("0.1"), Decimal128.fromString("0.2"), int(1)])).toEqual(Decimal128.fromString("1.3"));
    expect(sum([double(1e16), double(1), double(-1e16)])).toEqual(double(1));
    expect(sum([int(2147483647), int(1)])).toEqual(Long.fromNumber(2147483648));
  });
});

describe("stages that multiply or join", () => {
  it("unwind arrays, on request with index and empties", () => {
    expect(run([{ $unwind: "$tags" }]).map(({ _id: id, tags }) => [id, tags])).toEqual([
      [int(1), "a"],
      [int(1), "b"],
      [int(3), "b"],
    ]);
    const kept = run([
      { $unwind: { path: "$tags", includeArrayIndex: "i", preserveNullAndEmptyArrays: true } },
      { $project: { tags: 1, i: 1 } },
    ]);
    expect(kept[1]).toEqual({ _id: int(1), tags: "b", i: Long.fromNumber(1) });
    expect(kept[2]).toEqual({ _id: int(2), i: null });
    expect(kept).toHaveLength(5);
  });

  it("look up by equal fields, missing joining missing", () => {
    const joined = run([{ $lookup: { from: "people", localField: "who", foreignField: "name", as: "p" } }]);
    expect(joined.map(({ p }) => (p as Document[]).map(({ _id: id }) => id))).toEqual([["p1"], ["p2"], ["p1"], ["p3"]]);
  });

  it("look up through an array of keys", () => {
    const joined = run(
      [{ $lookup: { from: "people", localField: "keys", foreignField: "name", as: "p" } }],
      [{ keys: ["bob", "ann"] }],
    );
    expect(joined.flatMap(({ p }) => (p as Document[]).map(({ _id: id }) => id))).toEqual(["p1", "p2"]);
  });

  it("look up by a pipeline with variables, and by both", () => {
    const pipeline = [{ $match: { $expr: { $gt: ["$age", { $add: ["$$s", 15] }] } } }, { $project: { _id: 1 } }];
    const joined = run([{ $limit: 2 }, { $lookup: { from: "people", let: { s: "$sum" }, pipeline, as: "p" } }]);
    expect(joined.map(({ p }) => p)).toEqual([
      [{ _id: "p1" }, { _id: "p2" }, { _id: "p3" }],
      [{ _id: "p2" }, { _id: "p3" }],
    ]);
    const both = { from: "people", localField: "who", foreignField: "name", let: { s: "$sum" }, pipeline, as: "p" };
    expect(run([{ $limit: 2 }, { $lookup: both }]).map(({ p }) => p)).toEqual([[{ _id: "p1" }], [{ _id: "p2" }]]);
  });
});

describe("further stages", () => {
  it("facet, bucket, count, union and sort by count", () => {
    const [facets] = run([{ $facet: { n: [{ $count: "n" }], big: [{ $match: { sum: { $gt: 15 } } }, { $project: { _id: 1 } }] } }]);
    expect(facets).toEqual({ n: [{ n: int(4) }], big: [{ _id: int(2) }, { _id: int(3) }] });
    expect(run([{ $bucket: { groupBy: "$sum", boundaries: [0, 20], default: "more" } }])).toEqual(
      [
        { _id: 0, count: int(2) },
        { _id: "more", count: int(2) },
      ].map((bucket) => ({ ...bucket })),
    );
    expect(run([{ $unionWith: "people" }, { $count: "n" }])).toEqual([{ n: int(7) }]);
    expect(run([{ $sortByCount: "$who" }])[0]).toEqual({ _id: "ann", count: int(2) });
    expect(run([{ $sample: { size: 2 } }])).toHaveLength(2);
    expect(run([{ $documents: [{ a: int(1) }] }], [])).toEqual([{ a: int(1) }]);
    expect(run([{ $count: "n" }], [])).toEqual([]);
  });
});

describe("the context of a pipeline", () => {
  it("brings the command's variables", () => {
    expect(
      run([{ $match: { $expr: { $eq: ["$who", "$$w"] } } }, { $count: "n" }], ORDERS, { variables: new Map([["w", "ann"]]) }),
    ).toEqual([{ n: int(2) }]);
  });

  it("is charged for what stages hold, and stops them", () => {
    const budget = {
      checkTime: () => undefined,
      isSliceOver: () => false,
      charge: () => {
        throw new MongoServerFault(146, "ExceededMemoryLimit", "too much");
      },
    };
    expect(codeOf(() => run([{ $sort: { sum: 1 } }], ORDERS, { budget }))).toBe(146);
    let charged = 0;
    const counting = { checkTime: () => undefined,
      isSliceOver: () => false, charge: (bytes: number) => void (charged += bytes) };
    run([{ $group: { _id: null, all: { $push: "$$ROOT" } } }], ORDERS, { budget: counting });
    expect(charged).toBeGreaterThan(150);
    const hurried = {
      charge: () => undefined,
      isSliceOver: () => false,
      checkTime: () => {
        throw new MongoServerFault(50, "MaxTimeMSExpired", "too long");
      },
    };
    expect(codeOf(() => run([{ $limit: 1 }], ORDERS, { budget: hurried }))).toBe(50);
  });
});

describe("pipelines", () => {
  it("give up their $out or $merge", () => {
    expect(splitSink([{ $match: {} }, { $out: "x" }])).toEqual({ stages: [{ $match: {} }], sink: { kind: "out", spec: "x" } });
  });

  it.each([
    [[{ $foo: 1 }], 40324],
    [[{ $graphLookup: {} }], 40324],
    [[{ $match: {}, $sort: {} }], 40323],
    [[{ $out: "x" }, { $match: {} }], 40601],
    [[{ $match: {} }, { $collStats: {} }], 40602],
    [{}, 9],
  ])("%j is refused with %i", (pipeline, code) => {
    expect(codeOf(() => splitSink(pipeline))).toBe(code);
  });

  it.each([
    [{ $limit: 0 }, 15958],
    [{ $group: { a: 1 } }, 15955],
    [{ $group: { _id: 1, a: { $foo: 1 } } }, 15952],
    [{ $group: { _id: 1, a: 1 } }, 40234],
    [{ $project: {} }, 51272],
    [{ $sort: {} }, 15976],
    [{ $unwind: "tags" }, 28818],
    [{ $match: { $where: "1" } }, 238],
    [{ $facet: { a: [{ $facet: {} }] } }, 40600],
    [{ $lookup: { from: "x", as: "y" } }, 9],
    [{ $count: "" }, 40156],
    [{ $replaceRoot: {} }, 40231],
  ])("%j is refused before a document is read", (stage, code) => {
    const unread = {
      [Symbol.iterator]: () => {
        throw new Error("was read");
      },
    };
    expect(codeOf(() => runPipeline(unread, [stage], context))).toBe(code);
  });
});
