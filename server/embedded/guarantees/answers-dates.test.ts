import mongoose from "mongoose";
import { describe, expect, it } from "vitest";
import { useRunningServer } from "./running-server";
import { refusalOf } from "./support";

/** Dates, time zones and their formats, with the examples of MongoDB's manual where it has one. */
const { EJSON, Int32, Long } = mongoose.mongo.BSON;
type Document = mongoose.mongo.BSON.Document;
type Case = [expression: Document, expected: unknown];

const server = useRunningServer();
const at = (text: string) => new Date(text);

async function evaluate(expression: unknown): Promise<string> {
  const db = server.client.db("dates");
  const [found] = await db.aggregate([{ $documents: [{ x: expression }] }], { promoteValues: false }).toArray();
  return EJSON.stringify(found?.x, { relaxed: false });
}

function itGives(cases: Case[]): void {
  it.each(cases.map(([expression, expected]) => ({ text: JSON.stringify(expression), expression, expected })))("$text", async (one) => {
    expect(await evaluate(one.expression)).toBe(EJSON.stringify(one.expected, { relaxed: false }));
  });
}

const berlin = "Europe/Berlin";
const newYork = "America/New_York";
const utc = "UTC";

describe("$dateTrunc", () => {
  const weeks = (date: string): Document => ({
    $dateTrunc: { date: at(date), unit: "week", binSize: 2, timezone: "America/Los_Angeles", startOfWeek: "Monday" },
  });
  const trunc = (date: string, unit: string, more: Document = {}): Document => ({ $dateTrunc: { date: at(date), unit, ...more } });

  itGives([
    [weeks("2020-05-18T14:10:30Z"), at("2020-05-11T07:00:00Z")],
    [weeks("2021-03-20T11:30:05Z"), at("2021-03-15T07:00:00Z")],
    [weeks("2021-01-11T06:31:15Z"), at("2021-01-04T08:00:00Z")],
    [weeks("2020-02-08T13:13:23Z"), at("2020-02-03T08:00:00Z")],
    [weeks("2019-05-18T16:09:01Z"), at("2019-05-13T07:00:00Z")],
    [weeks("2019-01-08T06:12:03Z"), at("2019-01-07T08:00:00Z")],
    [trunc("2021-03-20T11:30:05Z", "week"), at("2021-03-14T00:00:00Z")],
    [trunc("2021-03-20T11:30:05Z", "quarter"), at("2021-01-01T00:00:00Z")],
    [trunc("2024-05-17T11:30:05Z", "month", { binSize: 5 }), at("2024-03-01T00:00:00Z")],
    [trunc("2024-05-17T11:30:05Z", "year", { binSize: 10 }), at("2020-01-01T00:00:00Z")],
    [trunc("1999-12-31T23:59:59Z", "year", { binSize: 10 }), at("1990-01-01T00:00:00Z")],
    [trunc("1969-12-31T23:59:59.999Z", "second"), at("1969-12-31T23:59:59Z")],
    [trunc("2024-03-31T12:00:00Z", "day", { timezone: berlin }), at("2024-03-30T23:00:00Z")],
    [trunc("2024-04-01T12:00:00Z", "day", { timezone: berlin }), at("2024-03-31T22:00:00Z")],
    [trunc("2024-10-27T00:30:00Z", "hour", { timezone: berlin }), at("2024-10-27T00:00:00Z")],
    [trunc("2024-10-27T01:30:00Z", "hour", { timezone: berlin }), at("2024-10-27T01:00:00Z")],
    [trunc("2024-10-27T22:59:00Z", "day", { timezone: berlin }), at("2024-10-26T22:00:00Z")],
    [trunc("2024-03-31T22:30:00Z", "month", { timezone: berlin }), at("2024-03-31T22:00:00Z")],
    [trunc("2024-06-01T12:45:00Z", "hour", { timezone: "Asia/Kolkata" }), at("2024-06-01T12:30:00Z")],
    [trunc("2024-06-01T12:45:00Z", "day", { timezone: "+05:45" }), at("2024-05-31T18:15:00Z")],
    [{ $dateTrunc: { date: null, unit: "day" } }, null],
  ]);
});

describe("$dateAdd and $dateSubtract", () => {
  const add = (startDate: string, unit: string, amount: number, timezone = utc): Document => ({
    $dateAdd: { startDate: at(startDate), unit, amount, timezone },
  });

  itGives([
    [add("2024-03-31T00:00:00Z", "month", -1), at("2024-02-29T00:00:00Z")],
    [add("2024-02-29T00:00:00Z", "year", 1), at("2025-02-28T00:00:00Z")],
    [add("2024-11-30T00:00:00Z", "quarter", 1), at("2025-02-28T00:00:00Z")],
    [add("2024-12-31T23:59:59.999Z", "millisecond", 1), at("2025-01-01T00:00:00Z")],
    [add("2024-10-26T12:00:00Z", "day", 1, berlin), at("2024-10-27T13:00:00Z")],
    [add("2024-03-30T12:00:00Z", "week", 1, berlin), at("2024-04-06T11:00:00Z")],
    [add("2024-03-31T00:30:00Z", "hour", 1, berlin), at("2024-03-31T01:30:00Z")],
    [add("2024-03-30T12:00:00Z", "hour", 24, berlin), at("2024-03-31T12:00:00Z")],
    [add("2024-01-31T23:30:00Z", "month", 1, berlin), at("2024-02-29T23:30:00Z")],
    [{ $dateSubtract: { startDate: at("2021-03-14T12:00:00Z"), unit: "day", amount: 1, timezone: newYork } }, at("2021-03-13T13:00:00Z")],
    [{ $dateAdd: { startDate: at("2021-01-01T00:00:00Z"), unit: "day", amount: null } }, null],
    [{ $add: [at("2021-01-01T00:00:00Z"), 1500] }, at("2021-01-01T00:00:01.500Z")],
    [{ $subtract: [at("2021-01-02T00:00:00Z"), at("2021-01-01T00:00:00Z")] }, Long.fromNumber(86_400_000)],
    [{ $subtract: [at("2021-01-02T00:00:00Z"), Long.fromNumber(1)] }, at("2021-01-01T23:59:59.999Z")],
  ]);
});

describe("$dateDiff counts the boundaries between", () => {
  const diff = (startDate: string, endDate: string, unit: string, more: Document = {}): Document => ({
    $dateDiff: { startDate: at(startDate), endDate: at(endDate), unit, ...more },
  });

  itGives([
    [diff("2021-01-01T23:59:00Z", "2021-01-02T00:01:00Z", "day"), Long.fromNumber(1)],
    [diff("2021-01-02T00:01:00Z", "2021-01-01T23:59:00Z", "day"), Long.fromNumber(-1)],
    [diff("2021-01-31T00:00:00Z", "2021-02-01T00:00:00Z", "month"), Long.fromNumber(1)],
    [diff("2024-03-31T23:59:59Z", "2024-04-01T00:00:00Z", "quarter"), Long.fromNumber(1)],
    [diff("2020-02-29T00:00:00Z", "2021-02-28T00:00:00Z", "year"), Long.fromNumber(1)],
    [diff("2023-12-31T23:30:00Z", "2024-01-01T00:30:00Z", "year", { timezone: newYork }), Long.fromNumber(0)],
    [diff("2023-12-31T22:30:00Z", "2023-12-31T23:30:00Z", "year", { timezone: berlin }), Long.fromNumber(1)],
    [diff("2024-03-30T23:00:00Z", "2024-03-31T22:00:00Z", "day", { timezone: berlin }), Long.fromNumber(1)],
    [diff("2024-01-06T00:00:00Z", "2024-01-07T00:00:00Z", "week", { startOfWeek: "monday" }), Long.fromNumber(0)],
    [diff("2024-01-07T00:00:00Z", "2024-01-08T00:00:00Z", "week", { startOfWeek: "monday" }), Long.fromNumber(1)],
    [diff("2024-01-01T00:00:59.999Z", "2024-01-01T00:01:00Z", "minute"), Long.fromNumber(1)],
    [diff("1969-12-31T23:59:59.999Z", "1970-01-01T00:00:00Z", "second"), Long.fromNumber(1)],
    [diff("1900-01-01T00:00:00Z", "2000-01-01T00:00:00Z", "millisecond"), Long.fromNumber(3_155_673_600_000)],
  ]);
});

describe("$dateToString", () => {
  const date = at("2014-01-01T08:15:39.736Z");
  const write = (format: string, timezone = utc, value = date): Document => ({ $dateToString: { format, date: value, timezone } });

  itGives([
    [write("%Y-%m-%d"), "2014-01-01"],
    [write("%H:%M:%S:%L%z", newYork), "03:15:39:736-0500"],
    [write("%H:%M:%S:%L%z", "+04:30"), "12:45:39:736+0430"],
    [write("%Z", newYork), "-300"],
    [write("%j"), "001"],
    [write("%w-%U"), "4-00"],
    [write("%G-W%V-%u"), "2014-W01-3"],
    [write("%b %B %d, 100%%"), "Jan January 01, 100%"],
    [write("%Y", utc, at("0099-05-01T00:00:00Z")), "0099"],
    [write("%G-%V-%u", utc, at("2021-01-03T00:00:00Z")), "2020-53-7"],
    [write("%U", utc, at("2023-12-31T00:00:00Z")), "53"],
    [write("%H %z", berlin, at("2024-10-27T00:30:00Z")), "02 +0200"],
    [write("%H %z", berlin, at("2024-10-27T01:30:00Z")), "02 +0100"],
    [{ $dateToString: { date } }, "2014-01-01T08:15:39.736Z"],
    [{ $dateToString: { date: null, onNull: "none" } }, "none"],
    [{ $dateToString: { date: null } }, null],
  ]);
});

describe("$dateFromString", () => {
  const read = (dateString: string, more: Document = {}): Document => ({ $dateFromString: { dateString, ...more } });

  itGives([
    [read("2017-02-08T12:10:40.787"), at("2017-02-08T12:10:40.787Z")],
    [read("2017-02-08T12:10:40.787", { timezone: newYork }), at("2017-02-08T17:10:40.787Z")],
    [read("2017-02-08"), at("2017-02-08T00:00:00Z")],
    [read("2017-02-08T12:10:40+0100"), at("2017-02-08T11:10:40Z")],
    [read("2024-07-01T12:00:00", { timezone: berlin }), at("2024-07-01T10:00:00Z")],
    [read("2024-12-01T12:00:00", { timezone: berlin }), at("2024-12-01T11:00:00Z")],
    [read("15-06-2018", { format: "%d-%m-%Y" }), at("2018-06-15T00:00:00Z")],
    [read("06/15/2018 07:08:09.010 +02:00", { format: "%m/%d/%Y %H:%M:%S.%L %z" }), at("2018-06-15T05:08:09.010Z")],
    [read("2014-W01-3", { format: "%G-W%V-%u" }), at("2014-01-01T00:00:00Z")],
    [read("nonsense", { onError: "bad" }), "bad"],
    [read("2017-02-30", { onError: "bad" }), "bad"],
    [{ $dateFromString: { dateString: null, onNull: "none" } }, "none"],
    [{ $dateFromString: { dateString: 5, onError: "bad" } }, "bad"],
  ]);
});

describe("parts", () => {
  const ints = (parts: Record<string, number>) =>
    Object.fromEntries(Object.entries(parts).map(([name, value]) => [name, new Int32(value)]));

  itGives([
    [
      { $dateToParts: { date: at("2017-01-01T01:29:09.123Z") } },
      ints({ year: 2017, month: 1, day: 1, hour: 1, minute: 29, second: 9, millisecond: 123 }),
    ],
    [
      { $dateToParts: { date: at("2017-01-01T01:29:09.123Z"), timezone: newYork } },
      ints({ year: 2016, month: 12, day: 31, hour: 20, minute: 29, second: 9, millisecond: 123 }),
    ],
    [
      { $dateToParts: { date: at("2017-01-01T01:29:09.123Z"), iso8601: true } },
      ints({ isoWeekYear: 2016, isoWeek: 52, isoDayOfWeek: 7, hour: 1, minute: 29, second: 9, millisecond: 123 }),
    ],
    [{ $dateFromParts: { year: 2017, month: 2, day: 8, hour: 12 } }, at("2017-02-08T12:00:00Z")],
    [
      { $dateFromParts: { year: 2016, month: 12, day: 31, hour: 23, minute: 46, second: 12, timezone: newYork } },
      at("2017-01-01T04:46:12Z"),
    ],
    [{ $dateFromParts: { year: 2017, month: 14, day: 1, hour: 12 } }, at("2018-02-01T12:00:00Z")],
    [{ $dateFromParts: { year: 2017, month: 0, day: 1, hour: 12 } }, at("2016-12-01T12:00:00Z")],
    [{ $dateFromParts: { isoWeekYear: 2017, isoWeek: 6, isoDayOfWeek: 3, hour: 12 } }, at("2017-02-08T12:00:00Z")],
    [{ $dayOfWeek: { date: at("2024-03-10T06:59:00Z"), timezone: newYork } }, new Int32(1)],
    [{ $hour: { date: at("2024-03-10T07:00:00Z"), timezone: newYork } }, new Int32(3)],
    [{ $dayOfYear: { date: at("2024-12-31T23:30:00Z"), timezone: berlin } }, new Int32(1)],
    [{ $isoWeek: at("2024-12-30T00:00:00Z") }, new Int32(1)],
  ]);
});

describe("refused is", () => {
  const date = at("2024-01-01T00:00:00Z");
  it.each<[expression: Document, code: number]>([
    [{ $dateFromString: { dateString: "nonsense" } }, 241],
    [{ $dateFromString: { dateString: "2017-02-08T12:10:40+01:00", timezone: berlin } }, 241],
    [{ $dateToString: { date, format: "%Q" } }, 18536],
    [{ $dateToString: { date, format: "%" } }, 18535],
    [{ $dateToString: { date: "2024", format: "%Y" } }, 16006],
    [{ $year: "2024" }, 16006],
    [{ $year: { date, timezone: "Mars/Base" } }, 40485],
    [{ $dateAdd: { startDate: "x", unit: "day", amount: 1 } }, 5166403],
    [{ $dateAdd: { startDate: date, unit: "fortnight", amount: 1 } }, 5439014],
    [{ $dateDiff: { startDate: date, endDate: date, unit: "fortnight" } }, 5439014],
    [{ $dateDiff: { startDate: "x", endDate: date, unit: "day" } }, 5166307],
    [{ $dateTrunc: { date: "x", unit: "day" } }, 5439012],
    [{ $dateTrunc: { date, unit: "day", binSize: 0 } }, 5439018],
    [{ $dateFromParts: { month: 1 } }, 40516],
    [{ $dateFromParts: { year: "x" } }, 40515],
    [{ $add: [date, date] }, 16612],
    [{ $toDate: "nonsense" }, 241],
  ])("%j with %i", async (expression, code) => {
    const command = { aggregate: 1, pipeline: [{ $documents: [{ x: expression }] }], cursor: {} };
    expect(await refusalOf(server.client.db("dates"), command)).toMatchObject({ code });
  });
});
