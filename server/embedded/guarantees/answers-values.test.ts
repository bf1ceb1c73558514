import mongoose from "mongoose";
import { describe, expect, it } from "vitest";
import { useRunningServer } from "./running-server";

/** What accumulators and expressions answer, types included; some of the examples are those of MongoDB's manual. */
const { Decimal128, Double, EJSON, Int32, Long } = mongoose.mongo.BSON;
type Document = mongoose.mongo.BSON.Document;

const server = useRunningServer();
const decimal = (text: string) => Decimal128.fromString(text);
const show = (value: unknown) => EJSON.stringify(value, { relaxed: false });

/** Runs stages over these documents, without a collection. */
async function over(documents: Document[], ...stages: Document[]): Promise<Document[]> {
  return server.client.db("values").aggregate([{ $documents: documents }, ...stages], { promoteValues: false }).toArray();
}

describe("$group", () => {
  it.each<[accumulator: Document, values: unknown[], expected: unknown]>([
    [{ $sum: "$v" }, [decimal("0.1"), decimal("0.2")], decimal("0.3")],
    [{ $sum: "$v" }, [decimal("1.10"), decimal("2.20")], decimal("3.30")],
    [{ $sum: "$v" }, [decimal("0.50"), 1, new Double(0.25)], decimal("1.75")],
    [{ $sum: "$v" }, [1, "x", null, Long.fromNumber(2)], Long.fromNumber(3)],
    [{ $sum: "$v" }, ["x", null], 0],
    [{ $sum: "$v" }, [[1, 2], 3], 3],
    [{ $sum: "$v" }, [Long.MAX_VALUE, 1], new Double(9223372036854775808)],
    [{ $sum: "$v" }, [0.1, 0.2, 0.3].map((value) => new Double(value)), new Double(0.6)],
    [{ $avg: "$v" }, [decimal("1.0"), decimal("2.0")], decimal("1.5")],
    [{ $avg: "$v" }, [1, 2], new Double(1.5)],
    [{ $avg: "$v" }, ["x", null], null],
    [{ $min: "$v" }, [null, 3, Long.fromNumber(2), "a"], Long.fromNumber(2)],
    [{ $max: "$v" }, [null, 3, "a"], "a"],
    [{ $max: "$v" }, [null, null], null],
    [{ $first: "$v" }, [null, 3], null],
    [{ $push: "$w" }, [1, 2], []],
    [{ $push: "$v" }, [1, null], [1, null]],
    [{ $addToSet: "$v" }, [1, Long.fromNumber(1), new Double(1)], [1]],
    [{ $stdDevPop: "$v" }, [2, 4, 4, 4, 5, 5, 7, 9], new Double(2)],
    [{ $stdDevSamp: "$v" }, [5], null],
    [{ $stdDevPop: "$v" }, [5, "x"], new Double(0)],
    [{ $firstN: { input: "$v", n: 2 } }, [null, 3, 4], [null, 3]],
    [{ $lastN: { input: "$v", n: 5 } }, [3, 4], [3, 4]],
    [{ $minN: { input: "$v", n: 2 } }, [null, 3, 1, 2], [1, 2]],
    [{ $maxN: { input: "$v", n: 2 } }, [null, 3, 1, "x"], ["x", 3]],
    [{ $median: { input: "$v", method: "approximate" } }, [62, 60, 67, 64, 60], new Double(62)],
    [
      { $percentile: { input: "$v", p: [0.5, 0.75, 0.9, 0.95], method: "approximate" } },
      [62, 60, 67, 64, 60],
      [new Double(62), new Double(64), new Double(67), new Double(67)],
    ],
    [{ $percentile: { input: "$v", p: [0.5], method: "approximate" } }, ["x"], [null]],
    [{ $count: {} }, [1, 2, 3], 3],
    [{ $mergeObjects: "$v" }, [{ a: 1, b: 1 }, null, { b: 2 }], { a: 1, b: 2 }],
  ])("with %j over %j gives %j", async (accumulator, values, expected) => {
    const [group] = await over(values.map((v) => ({ v })), { $group: { _id: null, x: accumulator } });
    expect(show(group?.x)).toBe(show(expected));
  });

  const scores = [
    { p: "A", g: 1, s: 31 },
    { p: "B", g: 1, s: 33 },
    { p: "C", g: 1, s: 99 },
    { p: "D", g: 1, s: 1 },
    { p: "A", g: 2, s: 10 },
    { p: "B", g: 2, s: 14 },
    { p: "C", g: 2, s: 66 },
    { p: "D", g: 2, s: 80 },
  ];

  it.each<[accumulator: Document, first: unknown, second: unknown]>([
    [{ $topN: { n: 3, sortBy: { s: -1 }, output: ["$p", "$s"] } }, [["C", 99], ["B", 33], ["A", 31]], [["D", 80], ["C", 66], ["B", 14]]],
    [{ $bottomN: { n: 2, sortBy: { s: -1 }, output: "$p" } }, ["A", "D"], ["B", "A"]],
    [{ $top: { sortBy: { s: -1 }, output: ["$p", "$s"] } }, ["C", 99], ["D", 80]],
    [{ $bottom: { sortBy: { s: -1 }, output: "$s" } }, 1, 10],
    [{ $firstN: { input: "$s", n: 2 } }, [31, 33], [10, 14]],
    [{ $maxN: { input: ["$s", "$p"], n: 1 } }, [[99, "C"]], [[80, "D"]]],
  ])("ranks with %j", async (accumulator, first, second) => {
    const groups = await over(scores, { $group: { _id: "$g", x: accumulator } }, { $sort: { _id: 1 } });
    expect(show(groups)).toBe(show([{ _id: 1, x: first }, { _id: 2, x: second }]));
  });

  it("makes one group of equal numbers, of null and missing, and keeps documents apart by field order", async () => {
    const values = [1, new Double(1), decimal("1.00"), null, { a: 1, b: 2 }, { b: 2, a: 1 }, [1, 2], [2, 1]];
    const documents = [...values.map((v) => ({ v })), {}];
    const groups = await over(documents, { $group: { _id: "$v", n: { $sum: 1 } } });
    expect(show(groups.map(({ _id, n }) => [_id, n]))).toBe(
      show([[1, 3], [null, 2], [{ a: 1, b: 2 }, 1], [{ b: 2, a: 1 }, 1], [[1, 2], 1], [[2, 1], 1]]),
    );
  });
});

describe("arithmetic keeps types as MongoDB does", () => {
  it.each<[expression: unknown, expected: unknown]>([
    [{ $add: [2147483647, 1] }, Long.fromNumber(2147483648)],
    [{ $add: [Long.MAX_VALUE, 1] }, new Double(9223372036854775808)],
    [{ $multiply: [new Int32(3), new Double(1.5)] }, new Double(4.5)],
    [{ $multiply: [decimal("1.50"), 2] }, decimal("3.00")],
    [{ $divide: [4, 2] }, new Double(2)],
    [{ $divide: [decimal("1"), 3] }, decimal("0.3333333333333333333333333333333333")],
    [{ $mod: [-7, 3] }, -1],
    [{ $round: [new Double(2.5)] }, new Double(2)],
    [{ $round: [new Double(3.5)] }, new Double(4)],
    [{ $round: [new Double(1234.5678), -2] }, new Double(1200)],
    [{ $round: [new Double(1.25), 1] }, new Double(1.2)],
    [{ $round: [15, -1] }, 20],
    [{ $round: [25, -1] }, 20],
    [{ $trunc: [new Double(-1.9)] }, new Double(-1)],
    [{ $floor: new Double(-1.5) }, new Double(-2)],
    [{ $ceil: decimal("1.2") }, decimal("2")],
    [{ $abs: Long.fromNumber(-5) }, Long.fromNumber(5)],
    [{ $pow: [2, 3] }, 8],
    [{ $pow: [2, 62] }, Long.fromString("4611686018427387904")],
    [{ $pow: [2, -1] }, new Double(0.5)],
    [{ $sqrt: 9 }, new Double(3)],
    [{ $toString: new Double(1) }, "1"],
    [{ $toString: decimal("1.50") }, "1.50"],
    [{ $toInt: decimal("2.9") }, 2],
    [{ $toBool: "" }, true],
    [{ $toDecimal: "1.10" }, decimal("1.10")],
    [{ $add: [null, 1] }, null],
    [{ $cmp: [new Double(1), Long.fromNumber(1)] }, 0],
    [{ $substrCP: ["h\u00e9llo", 1, 2] }, "\u00e9l"],
    [{ $strLenBytes: "h\u00e9" }, 3],
    [{ $concat: ["a", null] }, null],
    [{ $split: ["a-b-", "-"] }, ["a", "b", ""]],
    [{ $indexOfCP: ["\u{1F600}b", "b"] }, 1],
    [{ $setUnion: [[1, new Double(1)], [Long.fromNumber(1)]] }, [1]],
    [{ $arrayElemAt: [[1, 2], -1] }, 2],
    [{ $slice: [[1, 2, 3], -2, 1] }, [2]],
    [{ $sortArray: { input: [3, "a", 1, null], sortBy: 1 } }, [null, 1, 3, "a"]],
    [{ $regexFind: { input: "xaby", regex: "a(b)(z)?" } }, { match: "ab", idx: 1, captures: ["b", null] }],
  ])("%j is %j", async (expression, expected) => {
    const [found] = await over([{ x: expression } as Document]);
    expect(show(found?.x)).toBe(show(expected));
  });
});
