import { Long } from "bson";
import { failLocation } from "../errors";
import { toInteger, toText } from "../types";
import { isNullish, named } from "./arguments";
import { requireDate } from "./dates";
import type { OperatorTable } from "./scope";
import { dayNumber, fromParts, readZone, toParts, type DateParts, type Zone } from "./time-zone";

const UNITS = ["year", "quarter", "month", "week", "day", "hour", "minute", "second", "millisecond"] as const;
type Unit = (typeof UNITS)[number];

const WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const DAY = 86_400_000;
const CLOCK_UNITS: ReadonlyMap<Unit, number> = new Map<Unit, number>([
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1000],
  ["millisecond", 1],
]);
const MIDNIGHT = { hour: 0, minute: 0, second: 0, millisecond: 0 };

function readUnit(value: unknown, name: string): Unit {
  return (
    UNITS.find((unit) => unit === value) ??
    failLocation(5439014, `${name} parameter 'unit' value cannot be recognized as a time unit: ${String(value)}`)
  );
}

/** Monday is 0. */
function readStartOfWeek(value: unknown, name: string): number {
  if (isNullish(value)) return WEEKDAYS.indexOf("sunday");
  const text = (toText(value) ?? "").toLowerCase();
  const index = WEEKDAYS.findIndex((day) => day === text || day.slice(0, 3) === text);
  return index < 0
    ? failLocation(5439015, `${name} parameter 'startOfWeek' value cannot be recognized as a day of a week: ${text}`)
    : index;
}

/** Adds whole units by the zone's calendar. A day that the month does not have becomes its last. */
function addUnits(instant: number, unit: Unit, amount: number, zone: Zone): number {
  const clock = CLOCK_UNITS.get(unit);
  if (clock !== undefined) return instant + amount * clock;
  const parts = toParts(instant, zone);
  if (unit === "day" || unit === "week") return fromParts({ ...parts, day: parts.day + amount * (unit === "week" ? 7 : 1) }, zone);
  const months = parts.month - 1 + amount * (unit === "year" ? 12 : unit === "quarter" ? 3 : 1);
  const [year, month] = [parts.year + Math.floor(months / 12), (((months % 12) + 12) % 12) + 1];
  const lastDay = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return fromParts({ ...parts, year, month, day: Math.min(parts.day, lastDay) }, zone);
}

/** Number of the unit's boundary an instant lies after: the difference of two is `$dateDiff`. */
function boundaryNumber(instant: number, unit: Unit, zone: Zone, startOfWeek: number): number {
  const { year, month } = toParts(instant, zone);
  switch (unit) {
    case "year":
      return year;
    case "quarter":
      return year * 4 + Math.floor((month - 1) / 3);
    case "month":
      return year * 12 + month - 1;
    case "week":
      return Math.floor((dayNumber(instant, zone) + 3 - startOfWeek) / 7);
    case "day":
      return dayNumber(instant, zone);
    default:
      return Math.floor((instant + zone(instant)) / (CLOCK_UNITS.get(unit) ?? 1));
  }
}

const REFERENCE: DateParts = { year: 2000, month: 1, day: 1, ...MIDNIGHT };

/** Start of the bin an instant falls into. Bins count from 2000-01-01, as MongoDB's do. */
function truncate(instant: number, unit: Unit, size: number, zone: Zone, startOfWeek: number): number {
  const origin = fromParts(REFERENCE, zone);
  const first = unit === "week" ? origin + ((((startOfWeek - 5) % 7) + 7) % 7) * DAY : origin;
  const clock = CLOCK_UNITS.get(unit);
  if (clock !== undefined) return first + Math.floor((instant - first) / (clock * size)) * clock * size;
  const from = boundaryNumber(first, unit, zone, startOfWeek);
  const distance = boundaryNumber(instant, unit, zone, startOfWeek) - from;
  return addUnits(first, unit, Math.floor(distance / size) * size, zone);
}

function dateAdd(sign: 1 | -1) {
  return named(["startDate", "unit", "amount"], ["timezone"], ({ startDate, unit, amount, timezone }, name) => {
    if (isNullish(startDate) || isNullish(unit) || isNullish(amount) || timezone === null) return null;
    const count = toInteger(amount) ?? failLocation(5166405, `${name} expects integer amount of time units`);
    const moved = new Date(
      addUnits(requireDate(startDate, name, 5166403).getTime(), readUnit(unit, name), sign * count, readZone(timezone)),
    );
    return Number.isNaN(moved.getTime()) ? failLocation(5166406, `${name} overflowed`) : moved;
  });
}

const dateDiff = named(["startDate", "endDate", "unit"], ["timezone", "startOfWeek"], (args, name) => {
  const { startDate, endDate, unit, timezone } = args;
  if (isNullish(startDate) || isNullish(endDate) || isNullish(unit) || timezone === null) return null;
  const [known, zone, week] = [readUnit(unit, name), readZone(timezone), readStartOfWeek(args.startOfWeek, name)];
  const count = (date: unknown) => boundaryNumber(requireDate(date, name, 5166307).getTime(), known, zone, week);
  return Long.fromNumber(count(endDate) - count(startDate));
});

const dateTrunc = named(["date", "unit"], ["binSize", "timezone", "startOfWeek"], (args, name) => {
  const { date, unit, binSize, timezone } = args;
  if (isNullish(date) || isNullish(unit) || timezone === null || binSize === null) return null;
  const size = binSize === undefined ? 1 : toInteger(binSize);
  if (size === undefined || size < 1) failLocation(5439018, `${name} requires 'binSize' to be greater than 0`);
  const week = readStartOfWeek(args.startOfWeek, name);
  return new Date(truncate(requireDate(date, name, 5439012).getTime(), readUnit(unit, name), size, readZone(timezone), week));
});

/** Calculations with dates. */
export const DATE_MATH_OPERATORS: OperatorTable = [
  ["$dateAdd", dateAdd(1)],
  ["$dateSubtract", dateAdd(-1)],
  ["$dateDiff", dateDiff],
  ["$dateTrunc", dateTrunc],
];
