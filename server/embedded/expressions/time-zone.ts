import { failLocation } from "../errors";
import { toText, typeName } from "../types";

/** A date taken apart in some time zone. Months count from 1. */
export interface DateParts {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  millisecond: number;
}

/** Answers how far local time is ahead of UTC at an instant, in milliseconds. */
export type Zone = (instant: number) => number;

const OFFSET = /^([+-])(\d{2}):?(\d{2})?$/;
const MINUTE = 60_000;
const zones = new Map<string, Zone>();

/** UTC, where no time zone is named. */
export const UTC: Zone = () => 0;

/** Reads "Europe/Berlin", "+02:00", "UTC" and the like. Throws 40485 for an unknown zone, 40517 for what is no string. */
export function readZone(value: unknown): Zone {
  if (value === undefined || value === null) return UTC;
  const name = toText(value) ?? failLocation(40517, `timezone must evaluate to a string, found ${typeName(value)}`);
  if (name === "UTC" || name === "GMT" || name === "Z") return UTC;
  const offset = OFFSET.exec(name);
  if (offset) {
    const minutes = Number(offset[2]) * 60 + Number(offset[3] ?? 0);
    return () => (offset[1] === "-" ? -minutes : minutes) * MINUTE;
  }
  const known = zones.get(name) ?? loadZone(name);
  zones.set(name, known);
  return known;
}

function loadZone(name: string): Zone {
  const format = openFormat(name);
  return (instant) => {
    const parts = new Map(format.formatToParts(instant).map(({ type, value }) => [type, value]));
    const read = (part: Intl.DateTimeFormatPartTypes) => Number(parts.get(part));
    const year = parts.get("era") === "BC" ? 1 - read("year") : read("year");
    const local = utcInstant({
      year,
      month: read("month"),
      day: read("day"),
      hour: read("hour"),
      minute: read("minute"),
      second: read("second"),
      millisecond: 0,
    });
    return local - Math.floor(instant / 1000) * 1000;
  };
}

function openFormat(name: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat("en-US", {
      timeZone: name,
      hourCycle: "h23",
      era: "short",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch {
    return failLocation(40485, `unrecognized time zone identifier: "${name}"`);
  }
}

/** The instant of date parts read as UTC. Parts beyond their range carry over. */
function utcInstant(parts: DateParts): number {
  const date = new Date(0);
  date.setUTCFullYear(parts.year, parts.month - 1, parts.day);
  date.setUTCHours(parts.hour, parts.minute, parts.second, parts.millisecond);
  return date.getTime();
}

/** What a clock in the zone shows. */
export function toParts(instant: number, zone: Zone): DateParts {
  const local = new Date(instant + zone(instant));
  return {
    year: local.getUTCFullYear(),
    month: local.getUTCMonth() + 1,
    day: local.getUTCDate(),
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
    second: local.getUTCSeconds(),
    millisecond: local.getUTCMilliseconds(),
  };
}

/** The instant at which a clock in the zone shows these parts; the later reading where the clock skips them. */
export function fromParts(parts: DateParts, zone: Zone): number {
  const local = utcInstant(parts);
  const guess = local - zone(local);
  const settled = local - zone(guess);
  return zone(settled) === zone(guess) ? settled : Math.max(guess, settled);
}

const DAY = 86_400_000;

/** Days since 1970-01-01 of the local date. */
export function dayNumber(instant: number, zone: Zone): number {
  return Math.floor((instant + zone(instant)) / DAY);
}

/** ISO 8601 week, its year, and the day of the week from Monday as 1. */
export function isoWeek(instant: number, zone: Zone): { year: number; week: number; day: number } {
  const days = dayNumber(instant, zone);
  const day = ((((days + 3) % 7) + 7) % 7) + 1;
  const thursday = new Date((days - day + 4) * DAY);
  const year = thursday.getUTCFullYear();
  const week =
    Math.floor(
      (thursday.getTime() - utcInstant({ year, month: 1, day: 1, hour: 0, minute: 0, second: 0, millisecond: 0 })) / DAY / 7,
    ) + 1;
  return { year, week, day };
}

/** Day of the year from 1. */
export function dayOfYear(instant: number, zone: Zone): number {
  const { year } = toParts(instant, zone);
  const first = utcInstant({ year, month: 1, day: 1, hour: 0, minute: 0, second: 0, millisecond: 0 });
  return dayNumber(instant, zone) - first / DAY + 1;
}
