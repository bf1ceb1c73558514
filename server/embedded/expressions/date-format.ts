import { failLocation } from "../errors";
import { dayOfYear, fromParts, isoWeek, readZone, toParts, UTC, type DateParts, type Zone } from "./time-zone";

const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
const ISO_DATE = /^(\d{4})-(\d{2})(?:-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?\s*(Z|[+-]\d{2}:?\d{2})?)?)?$/;

function pad(value: number, width: number): string {
  return String(value).padStart(width, "0");
}

/** Writes a date by `$dateToString`'s format. Throws 18536 for an unknown specifier. */
export function formatDate(date: Date, format: string, zone: Zone): string {
  const instant = date.getTime();
  const parts = toParts(instant, zone);
  return format.replace(/%([^]?)/g, (_, letter: string) => formatPart(letter, parts, instant, zone));
}

function formatPart(letter: string, parts: DateParts, instant: number, zone: Zone): string {
  const offset = Math.round(zone(instant) / 60_000);
  switch (letter) {
    case "Y":
      if (parts.year < 0 || parts.year > 9999)
        failLocation(18537, `$dateToString is only defined on year 0-9999, tried to use year ${parts.year}`);
      return pad(parts.year, 4);
    case "m":
      return pad(parts.month, 2);
    case "d":
      return pad(parts.day, 2);
    case "H":
      return pad(parts.hour, 2);
    case "M":
      return pad(parts.minute, 2);
    case "S":
      return pad(parts.second, 2);
    case "L":
      return pad(parts.millisecond, 3);
    case "j":
      return pad(dayOfYear(instant, zone), 3);
    case "w":
      return String((isoWeek(instant, zone).day % 7) + 1);
    case "u":
      return String(isoWeek(instant, zone).day);
    case "U":
      return pad(Math.floor((dayOfYear(instant, zone) + 6 - (isoWeek(instant, zone).day % 7)) / 7), 2);
    case "V":
      return pad(isoWeek(instant, zone).week, 2);
    case "G":
      return pad(isoWeek(instant, zone).year, 4);
    case "B":
      return MONTHS[parts.month - 1] ?? "";
    case "b":
      return (MONTHS[parts.month - 1] ?? "").slice(0, 3);
    case "z":
      return `${offset < 0 ? "-" : "+"}${pad(Math.floor(Math.abs(offset) / 60), 2)}${pad(Math.abs(offset) % 60, 2)}`;
    case "Z":
      return String(offset);
    case "%":
      return "%";
    default:
      return letter === ""
        ? failLocation(18535, "Unmatched '%' at end of format string")
        : failLocation(18536, `Invalid format character '%${letter}' in format string`);
  }
}

/**
 * Reads an ISO 8601 date; `undefined` when it is none. Text without an offset is local to `zone`, text with one may
 * not be given a zone as well.
 */
export function parseDate(text: string, zone?: Zone): Date | undefined {
  const match = ISO_DATE.exec(text.trim());
  if (!match) return undefined;
  const [, year, month, day = "1", hour = "0", minute = "0", second = "0", fraction = "0", offset] = match;
  const parts = {
    year: Number(year),
    month: Number(month),
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
    millisecond: Math.trunc(Number(`0.${fraction}`) * 1000),
  };
  if (!isRealDate(parts) || (offset !== undefined && zone !== undefined)) return undefined;
  return new Date(fromParts(parts, offset === undefined ? (zone ?? UTC) : readZone(offset)));
}

function isRealDate({ year, month, day, hour, minute, second }: DateParts): boolean {
  const days = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return month >= 1 && month <= 12 && day >= 1 && day <= days && hour < 24 && minute < 60 && second < 60;
}

type IsoPart = "isoYear" | "isoWeek" | "isoDay";
type PartReader = [pattern: string, part: keyof DateParts | IsoPart | "offset" | "monthName"];

const READERS: ReadonlyMap<string, PartReader> = new Map<string, PartReader>([
  ["Y", ["\\d{4}", "year"]],
  ["m", ["\\d{1,2}", "month"]],
  ["d", ["\\d{1,2}", "day"]],
  ["H", ["\\d{1,2}", "hour"]],
  ["M", ["\\d{1,2}", "minute"]],
  ["S", ["\\d{1,2}", "second"]],
  ["L", ["\\d{1,3}", "millisecond"]],
  ["B", ["[A-Za-z]+", "monthName"]],
  ["b", ["[A-Za-z]+", "monthName"]],
  ["z", ["Z|[+-]\\d{2}:?\\d{2}", "offset"]],
  ["G", ["\\d{4}", "isoYear"]],
  ["V", ["\\d{1,2}", "isoWeek"]],
  ["u", ["[1-7]", "isoDay"]],
]);

/** Puts the day that the ISO week names, if one was read, into the parts. */
function applyIsoWeek(parts: DateParts, { isoYear, isoWeek: week = 1, isoDay = 1 }: Partial<Record<IsoPart, number>>): void {
  if (isoYear === undefined) return;
  // The fourth of January is always in the first week.
  const fourth = Date.UTC(isoYear, 0, 4);
  const date = new Date(fourth + ((week - 1) * 7 + isoDay - isoWeek(fourth, UTC).day) * 86_400_000);
  Object.assign(parts, { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() });
}

/** Reads a date by a format; `undefined` when the text does not follow it, or has an offset and is given a zone too. */
export function parseDateWith(text: string, format: string, zone?: Zone): Date | undefined {
  const found: PartReader[1][] = [];
  const source = format.replace(/%([^]?)|[\\^$.*+?()[\]{}|]/g, (token, letter: string | undefined) => {
    if (letter === undefined) return `\\${token}`;
    if (letter === "%") return "%";
    const reader = READERS.get(letter) ?? failLocation(18536, `Invalid format character '%${letter}' in format string`);
    found.push(reader[1]);
    return `(${reader[0]})`;
  });
  const match = new RegExp(`^${source}$`).exec(text);
  if (!match) return undefined;
  const parts: DateParts = { year: 1970, month: 1, day: 1, hour: 0, minute: 0, second: 0, millisecond: 0 };
  const iso: Partial<Record<IsoPart, number>> = {};
  let own = zone ?? UTC;
  for (const [index, part] of found.entries()) {
    const value = match[index + 1] ?? "";
    if (part === "offset" && zone !== undefined) return undefined;
    if (part === "offset") own = readZone(value);
    else if (part === "isoYear" || part === "isoWeek" || part === "isoDay") iso[part] = Number(value);
    else if (part === "monthName")
      parts.month = MONTHS.findIndex((month) => month.slice(0, 3).toLowerCase() === value.slice(0, 3).toLowerCase()) + 1;
    else parts[part] = Number(value);
  }
  applyIsoWeek(parts, iso);
  return isRealDate(parts) ? new Date(fromParts(parts, own)) : undefined;
}
