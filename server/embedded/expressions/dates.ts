import { Int32, Long, ObjectId, Timestamp } from "bson";
import { fail, failLocation } from "../errors";
import { isDocument, isTruthy, toInteger, toText, typeName } from "../types";
import { isNullish, named, requireNamed } from "./arguments";
import { formatDate, parseDate, parseDateWith } from "./date-format";
import type { Operator, OperatorTable } from "./scope";
import { dayNumber, dayOfYear, fromParts, isoWeek, readZone, toParts, UTC, type DateParts, type Zone } from "./time-zone";

/** A date, or the date in an ObjectId or timestamp. Throws 16006, or the operator's own code, for anything else. */
export function requireDate(value: unknown, name: string, code = 16006): Date {
  if (value instanceof Date) return value;
  if (value instanceof ObjectId) return value.getTimestamp();
  if (value instanceof Timestamp) return new Date(value.getHighBitsUnsigned() * 1000);
  return failLocation(code, `can't convert from BSON type ${typeName(value)} to Date in ${name}`);
}

/** `{$year: date}`, `{$year: [date]}` or `{$year: {date, timezone}}`. */
function datePart(read: (instant: number, zone: Zone) => number, asLong = false): Operator {
  return (argument, compile, name) => {
    const single = Array.isArray(argument) && argument.length === 1 ? argument[0] : argument;
    const isNamed = isDocument(single) && !Object.keys(single)[0]?.startsWith("$");
    const fields = isNamed ? requireNamed(name, single, ["date"], ["timezone"]) : { date: single };
    const [date, timezone] = [compile(fields.date), compile("timezone" in fields ? fields.timezone : "UTC")];
    return (scope) => {
      const [value, zone] = [date(scope), timezone(scope)];
      if (isNullish(value) || isNullish(zone)) return null;
      const result = read(requireDate(value, name).getTime(), readZone(zone));
      return asLong ? Long.fromNumber(result) : new Int32(result);
    };
  };
}

const dateToString = named(["date"], ["format", "timezone", "onNull"], ({ date, format, timezone, onNull }, name) => {
  if (isNullish(date)) return onNull === undefined ? null : onNull;
  if (timezone === null || format === null) return null;
  const zone = readZone(timezone);
  const text =
    format === undefined ? undefined : (toText(format) ?? failLocation(18533, "$dateToString requires that 'format' be a string"));
  return formatDate(requireDate(date, name), text ?? (zone === UTC ? "%Y-%m-%dT%H:%M:%S.%LZ" : "%Y-%m-%dT%H:%M:%S.%L"), zone);
});

const dateFromString: Operator = (argument, compile, name) => {
  const fields = requireNamed(name, argument, ["dateString"], ["format", "timezone", "onError", "onNull"]);
  const read = (field: string) => compile(field in fields ? fields[field] : null);
  const [input, format, timezone, onNull] = [read("dateString"), read("format"), read("timezone"), read("onNull")];
  const onError = "onError" in fields ? compile(fields.onError) : undefined;
  return (scope) => {
    const value = input(scope);
    if (isNullish(value)) return onNull(scope);
    const text = toText(value);
    const layout = toText(format(scope));
    const named = timezone(scope);
    const zone = isNullish(named) ? undefined : readZone(named);
    const date = text === undefined ? undefined : layout === undefined ? parseDate(text, zone) : parseDateWith(text, layout, zone);
    if (date) return date;
    return onError ? onError(scope) : fail(241, "ConversionFailure", `Error parsing date string '${text ?? typeName(value)}'`);
  };
};

const dateToParts = named(["date"], ["timezone", "iso8601"], ({ date, timezone, iso8601 }, name) => {
  if (isNullish(date) || timezone === null) return null;
  const [instant, zone] = [requireDate(date, name).getTime(), readZone(timezone)];
  const { year, month, day, ...time } = toParts(instant, zone);
  const iso = isoWeek(instant, zone);
  const days = isTruthy(iso8601) ? { isoWeekYear: iso.year, isoWeek: iso.week, isoDayOfWeek: iso.day } : { year, month, day };
  return Object.fromEntries(Object.entries({ ...days, ...time }).map(([part, value]) => [part, new Int32(value)]));
});

const ISO_PARTS = ["isoWeekYear", "isoWeek", "isoDayOfWeek"];
const CALENDAR_PARTS = ["year", "month", "day", "hour", "minute", "second", "millisecond"];

const dateFromParts = named([], [...CALENDAR_PARTS, ...ISO_PARTS, "timezone"], (args) => {
  if (Object.values(args).some((value) => value === null)) return null;
  const read = (part: string, otherwise: number) => {
    if (args[part] === undefined) return otherwise;
    return toInteger(args[part]) ?? failLocation(40515, `'${part}' must evaluate to an integer, found ${typeName(args[part])}`);
  };
  const zone = readZone(args.timezone);
  const time = { hour: read("hour", 0), minute: read("minute", 0), second: read("second", 0), millisecond: read("millisecond", 0) };
  if (args.isoWeekYear === undefined) {
    if (args.year === undefined) failLocation(40516, "$dateFromParts requires either 'year' or 'isoWeekYear' to be present");
    return new Date(fromParts({ year: read("year", 1970), month: read("month", 1), day: read("day", 1), ...time }, zone));
  }
  const year = read("isoWeekYear", 1970);
  const fourth: DateParts = { year, month: 1, day: 4, hour: 0, minute: 0, second: 0, millisecond: 0 };
  // The fourth of January is always in the first week.
  const monday = 4 - (isoWeek(fromParts(fourth, UTC), UTC).day - 1);
  const day = monday + (read("isoWeek", 1) - 1) * 7 + read("isoDayOfWeek", 1) - 1;
  return new Date(fromParts({ year, month: 1, day, ...time }, zone));
});

/** Week of the year counted from Sundays; days before the first Sunday are week 0. */
function sundayWeek(instant: number, zone: Zone): number {
  const weekday = (((dayNumber(instant, zone) + 4) % 7) + 7) % 7;
  return Math.floor((dayOfYear(instant, zone) + 6 - weekday) / 7);
}

/** Dates taken apart, put together, written and read. */
export const DATE_OPERATORS: OperatorTable = [
  ["$year", datePart((instant, zone) => toParts(instant, zone).year)],
  ["$month", datePart((instant, zone) => toParts(instant, zone).month)],
  ["$dayOfMonth", datePart((instant, zone) => toParts(instant, zone).day)],
  ["$hour", datePart((instant, zone) => toParts(instant, zone).hour)],
  ["$minute", datePart((instant, zone) => toParts(instant, zone).minute)],
  ["$second", datePart((instant, zone) => toParts(instant, zone).second)],
  ["$millisecond", datePart((instant, zone) => toParts(instant, zone).millisecond)],
  ["$dayOfYear", datePart(dayOfYear)],
  ["$dayOfWeek", datePart((instant, zone) => (isoWeek(instant, zone).day % 7) + 1)],
  ["$week", datePart(sundayWeek)],
  ["$isoDayOfWeek", datePart((instant, zone) => isoWeek(instant, zone).day)],
  ["$isoWeek", datePart((instant, zone) => isoWeek(instant, zone).week)],
  ["$isoWeekYear", datePart((instant, zone) => isoWeek(instant, zone).year, true)],
  ["$dateToString", dateToString],
  ["$dateFromString", dateFromString],
  ["$dateToParts", dateToParts],
  ["$dateFromParts", dateFromParts],
];
