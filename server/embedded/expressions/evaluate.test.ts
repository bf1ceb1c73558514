import { BSONRegExp, Decimal128, Double, Int32, Long, ObjectId } from "bson";
import { describe, expect, it } from "vitest";
import type { Document } from "../bson";
import { codeOf } from "../guarantees/support";
import { evaluateExpression, evaluateLet } from "./evaluate";

const int = (value: number) => new Int32(value);
const double = (value: number) => new Double(value);
const long = (value: number | string) => Long.fromString(String(value));
const decimal = (value: string) => Decimal128.fromString(value);
const at = (text: string) => new Date(text);
const missing = undefined;

/** An expression that doubles a text so many times. */
const doubled = (times: number, initialValue: string) => ({
  $reduce: { input: { $range: [0, times] }, initialValue, in: { $concat: ["$$value", "$$value"] } },
});

type Case = [expression: unknown, expected: unknown, document?: Document];

const CASES: Case[] = [
  ["$a.b", [1, 2], { a: [{ b: 1 }, 5, { b: 2 }] }],
  ["$a", missing, {}],
  ["$$ROOT.a", 1, { a: 1 }],
  ["$$REMOVE", missing],
  [{ x: "$a", y: "$b" }, { x: 1 }, { a: 1 }],
  [["$a", "$b"], [1, null], { a: 1 }],
  [{ $literal: "$a" }, "$a"],
  // arithmetic and its types
  [{ $add: [int(1), int(2)] }, int(3)],
  [{ $add: [int(2147483647), int(1)] }, long(2147483648)],
  [{ $add: [int(1), double(0.5)] }, double(1.5)],
  [{ $add: [long("9007199254740993"), int(1)] }, long("9007199254740994")],
  [{ $add: [Long.MAX_VALUE, int(1)] }, double(9223372036854775808)],
  [{ $multiply: [decimal("9E6144"), decimal("-2")] }, decimal("-Infinity")],
  [{ $add: [decimal("9.9E6144"), decimal("1E6143")] }, decimal("Infinity")],
  [{ $multiply: [decimal("3E-6000"), decimal("1E-6000")] }, decimal("0E-6176")],
  [{ $multiply: [decimal("15E-6170"), decimal("1E-7")] }, decimal("2E-6176")],
  [{ $sum: [decimal("1E6144"), decimal("-1E-6176")] }, decimal("1.000000000000000000000000000000000E6144")],
  [{ $add: [decimal("0.1"), decimal("0.2")] }, decimal("0.3")],
  [{ $add: [at("2020-01-01T00:00:00Z"), int(1000)] }, at("2020-01-01T00:00:01Z")],
  [{ $add: [int(1), null] }, null],
  [{ $subtract: [at("2020-01-02T00:00:00Z"), at("2020-01-01T00:00:00Z")] }, long(86400000)],
  [{ $multiply: [int(3), int(4)] }, int(12)],
  [{ $divide: [int(7), int(2)] }, double(3.5)],
  [{ $divide: [decimal("1"), int(3)] }, decimal("0.3333333333333333333333333333333333")],
  [{ $mod: [int(-7), int(3)] }, int(-1)],
  [{ $abs: int(-5) }, int(5)],
  [{ $ceil: double(1.2) }, double(2)],
  [{ $floor: double(-1.2) }, double(-2)],
  [{ $round: [double(2.5)] }, double(2)],
  [{ $round: [double(1.235), int(2)] }, double(1.24)],
  [{ $round: [int(1250), int(-2)] }, int(1200)],
  [{ $trunc: [double(-1.79), int(1)] }, double(-1.7)],
  [{ $sqrt: int(9) }, double(3)],
  [{ $pow: [int(2), int(10)] }, int(1024)],
  // comparison, boolean, conditional
  [{ $gt: ["x", int(5)] }, true],
  [{ $eq: [int(1), double(1)] }, true],
  [{ $cmp: [int(1), int(2)] }, int(-1)],
  [{ $and: [1, 0] }, false],
  [{ $or: [null, "x"] }, true],
  [{ $not: [0] }, true],
  [{ $cond: [{ $gt: ["$a", 1] }, "big", "small"] }, "big", { a: 2 }],
  [{ $cond: { if: false, then: 1, else: 2 } }, 2],
  [{ $ifNull: ["$a", "$b", "x"] }, "x"],
  [
    {
      $switch: {
        branches: [
          { case: false, then: 1 },
          { case: true, then: 2 },
        ],
        default: 3,
      },
    },
    2,
  ],
  // strings
  [{ $concat: ["a", "b"] }, "ab"],
  [{ $concat: ["a", null] }, null],
  [{ $toUpper: "abé" }, "ABé"],
  [{ $strLenCP: "a\u{1F600}" }, int(2)],
  [{ $strLenBytes: "é" }, int(2)],
  [{ $substrCP: ["héllo", int(1), int(3)] }, "éll"],
  [{ $substrBytes: ["hello", int(1), int(-1)] }, "ello"],
  [{ $split: ["a,b", ","] }, ["a", "b"]],
  [{ $trim: { input: "  a " } }, "a"],
  [{ $ltrim: { input: "xxa", chars: "x" } }, "a"],
  [{ $indexOfCP: ["\u{1F600}b", "b"] }, int(1)],
  [{ $indexOfBytes: ["éb", "b"] }, int(2)],
  [{ $replaceAll: { input: "a.a", find: "a", replacement: { $literal: "$&" } } }, "$&.$&"],
  [{ $replaceOne: { input: "aa", find: "a", replacement: "b" } }, "ba"],
  [{ $regexMatch: { input: "Abc", regex: "^a", options: "i" } }, true],
  [{ $regexFind: { input: "xaby", regex: new BSONRegExp("a(b)(c)?", "") } }, { match: "ab", idx: int(1), captures: ["b", null] }],
  [
    { $regexFindAll: { input: "aa", regex: "a" } },
    [
      { match: "a", idx: int(0), captures: [] },
      { match: "a", idx: int(1), captures: [] },
    ],
  ],
  // arrays and sets
  [{ $size: "$a" }, int(2), { a: [1, 2] }],
  [{ $arrayElemAt: [[1, 2, 3], int(-1)] }, 3],
  [{ $first: "$a" }, 1, { a: [1, 2] }],
  [{ $slice: [[1, 2, 3], int(-2)] }, [2, 3]],
  [{ $slice: [[1, 2, 3], int(1), int(1)] }, [2]],
  [{ $concatArrays: [[1], [2]] }, [1, 2]],
  [{ $filter: { input: [1, 5, 9], cond: { $gt: ["$$this", 3] } } }, [5, 9]],
  [{ $map: { input: [int(1), int(2)], as: "x", in: { $multiply: ["$$x", int(2)] } } }, [int(2), int(4)]],
  [{ $reduce: { input: ["a", "b"], initialValue: "", in: { $concat: ["$$value", "$$this"] } } }, "ab"],
  [{ $in: [2, [1, 2]] }, true],
  [{ $indexOfArray: [["a", "b"], "b"] }, int(1)],
  [{ $range: [int(0), int(6), int(2)] }, [int(0), int(2), int(4)]],
  [
    { $zip: { inputs: [[1, 2], ["a"]], useLongestLength: true, defaults: [0, "z"] } },
    [
      [1, "a"],
      [2, "z"],
    ],
  ],
  [{ $sortArray: { input: [3, 1, 2], sortBy: -1 } }, [3, 2, 1]],
  [{ $objectToArray: { a: 1 } }, [{ k: "a", v: 1 }]],
  [
    {
      $arrayToObject: [
        [
          ["a", 1],
          ["b", 2],
        ],
      ],
    },
    { a: 1, b: 2 },
  ],
  [{ $mergeObjects: [{ a: 1, b: 1 }, null, { b: 2 }] }, { a: 1, b: 2 }],
  [
    {
      $setUnion: [
        [2, 1],
        [3, 1],
      ],
    },
    [1, 2, 3],
  ],
  [
    {
      $setIntersection: [
        [1, 2],
        [2, 3],
      ],
    },
    [2],
  ],
  [{ $setDifference: [[1, 2], [2]] }, [1]],
  [
    {
      $setEquals: [
        [1, 2],
        [2, 1, 1],
      ],
    },
    true,
  ],
  [{ $setIsSubset: [[1], [1, 2]] }, true],
  [{ $sum: ["$a", int(1)] }, int(3), { a: int(2) }],
  [{ $avg: "$a" }, double(2), { a: [int(1), int(3)] }],
  [{ $max: [int(1), null, int(3)] }, int(3)],
  [{ $maxN: { input: [1, 3, 2], n: 2 } }, [3, 2]],
  [{ $getField: "a.b" }, 1, { "a.b": 1 }],
  [{ $setField: { field: "x", input: "$$ROOT", value: 2 } }, { a: 1, x: 2 }, { a: 1 }],
  [{ $let: { vars: { x: 2 }, in: ["$$x", "$a"] } }, [2, 1], { a: 1 }],
  // conversions
  [{ $toInt: "12" }, int(12)],
  [{ $toInt: double(-1.9) }, int(-1)],
  [{ $toLong: at("1970-01-01T00:00:01Z") }, long(1000)],
  [{ $toDouble: "1.5" }, double(1.5)],
  [{ $toDecimal: double(0.1) }, decimal("0.1")],
  [{ $toString: long("9007199254740993") }, "9007199254740993"],
  [{ $toString: at("2020-01-01T00:00:00Z") }, "2020-01-01T00:00:00.000Z"],
  [{ $toDate: "2020-02-29" }, at("2020-02-29T00:00:00Z")],
  [{ $toObjectId: "000000000000000000000001" }, new ObjectId("000000000000000000000001")],
  [{ $convert: { input: "x", to: "int", onError: "bad" } }, "bad"],
  [{ $type: "$a" }, "missing", {}],
  [{ $type: [[1]] }, "array"],
  // dates
  [{ $year: "$d" }, int(2024), { d: at("2024-02-29T23:30:00Z") }],
  [{ $dayOfMonth: { date: "$d", timezone: "Europe/Berlin" } }, int(1), { d: at("2024-02-29T23:30:00Z") }],
  [{ $hour: { date: "$d", timezone: "+05:30" } }, int(5), { d: at("2024-02-29T23:30:00Z") }],
  [{ $dayOfWeek: at("2024-02-29T00:00:00Z") }, int(5)],
  [{ $isoWeek: at("2021-01-03T00:00:00Z") }, int(53)],
  [{ $isoWeekYear: at("2021-01-03T00:00:00Z") }, long(2020)],
  [{ $week: at("2024-01-07T00:00:00Z") }, int(1)],
  [{ $dayOfYear: at("2024-12-31T00:00:00Z") }, int(366)],
  [
    { $dateToString: { date: "$d", format: "%Y-%m-%d %H:%M %z", timezone: "America/New_York" } },
    "2024-07-01 08:00 -0400",
    { d: at("2024-07-01T12:00:00Z") },
  ],
  [{ $dateToString: { date: null, onNull: "none" } }, "none"],
  [{ $dateFromString: { dateString: "2024-07-01T12:00:00", timezone: "America/New_York" } }, at("2024-07-01T16:00:00Z")],
  [{ $dateFromString: { dateString: "01/02/2024", format: "%d/%m/%Y" } }, at("2024-02-01T00:00:00Z")],
  [{ $dateFromParts: { year: int(2024), month: int(14), day: int(1) } }, at("2025-02-01T00:00:00Z")],
  [{ $dateFromParts: { isoWeekYear: int(2020), isoWeek: int(53), isoDayOfWeek: int(7) } }, at("2021-01-03T00:00:00Z")],
  [{ $dateAdd: { startDate: at("2024-01-31T00:00:00Z"), unit: "month", amount: int(1) } }, at("2024-02-29T00:00:00Z")],
  [
    { $dateAdd: { startDate: at("2024-03-30T12:00:00Z"), unit: "day", amount: int(1), timezone: "Europe/Berlin" } },
    at("2024-03-31T11:00:00Z"),
  ],
  [{ $dateSubtract: { startDate: at("2024-01-01T00:00:00Z"), unit: "hour", amount: int(1) } }, at("2023-12-31T23:00:00Z")],
  [{ $dateDiff: { startDate: at("2023-12-31T23:59:00Z"), endDate: at("2024-01-01T00:00:00Z"), unit: "year" } }, long(1)],
  [{ $dateDiff: { startDate: at("2024-01-06T00:00:00Z"), endDate: at("2024-01-07T00:00:00Z"), unit: "week" } }, long(1)],
  [{ $dateTrunc: { date: at("2024-02-29T12:34:56Z"), unit: "month" } }, at("2024-02-01T00:00:00Z")],
  [{ $dateTrunc: { date: at("2024-02-29T12:34:56Z"), unit: "week", startOfWeek: "mon" } }, at("2024-02-26T00:00:00Z")],
  [{ $dateTrunc: { date: at("2024-07-01T02:00:00Z"), unit: "day", timezone: "America/New_York" } }, at("2024-06-30T04:00:00Z")],
  [{ $dateTrunc: { date: at("2024-02-29T12:34:56Z"), unit: "minute", binSize: int(15) } }, at("2024-02-29T12:30:00Z")],
];

const REFUSALS: [expression: unknown, code: number][] = [
  [{ $foo: 1 }, 168],
  [{ $function: {} }, 238],
  [{ $add: 1, $subtract: 1 }, 15983],
  ["$$nobody", 17276],
  [{ $divide: [1, 0] }, 2],
  [{ $mod: [1, 0] }, 2],
  [{ $add: ["x", 1] }, 14],
  [{ $concat: [1] }, 16702],
  [{ $size: 1 }, 17124],
  [{ $toInt: "x" }, 241],
  [{ $toInt: double(3e10) }, 241],
  [{ $eq: [1] }, 16020],
  [{ $dateToString: { date: at("2020-01-01T00:00:00Z"), format: "%q" } }, 18536],
  [{ $year: { date: at("2020-01-01T00:00:00Z"), timezone: "Mars/Base" } }, 40485],
  [{ $switch: { branches: [{ case: false, then: 1 }] } }, 40066],
  [{ $filter: { input: [], foo: 1 } }, 9],
  [{ $range: [0, 2000000000] }, 146],
  [{ $map: { input: { $range: [0, 5000] }, in: { $range: [0, 1000] } } }, 50],
  [{ $reduce: { input: { $range: [0, 40] }, initialValue: [1], in: { $concatArrays: ["$$value", "$$value"] } } }, 50],
  [{ $reduce: { input: { $range: [0, 40] }, initialValue: "xx", in: { $concat: ["$$value", "$$value"] } } }, 146],
  [{ $replaceAll: { input: doubled(12, "a"), find: "a", replacement: doubled(18, "x") } }, 146],
  ["$", 16872],
];

describe("expressions", () => {
  it.each(CASES)("%j give what MongoDB gives, type included", (expression, expected, document = {}) => {
    expect(evaluateExpression(expression, document)).toEqual(expected);
  });

  it.each(REFUSALS)("%j are refused with MongoDB's code", (expression, code) => {
    expect(codeOf(() => evaluateExpression(expression, {}))).toBe(code);
  });

  it("see one $$NOW and the variables of let", () => {
    const variables = evaluateLet({ x: { $add: [int(1), int(1)] } });
    expect(evaluateExpression(["$$x", { $eq: ["$$NOW", "$$NOW"] }], {}, variables)).toEqual([int(2), true]);
  });
});
