/** Moments as people read them. Month names are written by hand, because engines disagree on short ones and the page must hydrate. */

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const twoDigits = (value: number) => String(value).padStart(2, "0");

/** A day without its year, in UTC: `22 Nov`. */
export function formatShortDay(iso: string): string {
  const moment = new Date(iso);
  return `${moment.getUTCDate()} ${MONTHS[moment.getUTCMonth()]}`;
}

/** A moment to the second, `22 Nov 2026, 14:03:12`, on the clock of UTC or of the machine this runs on. */
export function formatMoment(iso: string, clock: "utc" | "local"): string {
  const moment = new Date(iso);
  // Seen from UTC, the local clock shows what UTC's would show that much later.
  const ahead = clock === "utc" ? 0 : -moment.getTimezoneOffset() * MINUTE_MS;
  const shown = new Date(moment.getTime() + ahead);
  const time = [shown.getUTCHours(), shown.getUTCMinutes(), shown.getUTCSeconds()].map(twoDigits).join(":");
  return `${shown.getUTCDate()} ${MONTHS[shown.getUTCMonth()]} ${shown.getUTCFullYear()}, ${time}`;
}

/** A moment to the millisecond: `2026-11-22 14:03:12.123 UTC`. */
export function formatExact(iso: string): string {
  return new Date(iso).toISOString().replace("T", " ").replace("Z", " UTC");
}

/** How long ago: `just now`, `12 s ago`, `5 min ago`, `3 h ago`, and from a day on the day itself. */
export function formatAgo(iso: string, now: number): string {
  const age = now - Date.parse(iso);
  if (age < 2 * SECOND_MS) return "just now";
  if (age < MINUTE_MS) return `${Math.floor(age / SECOND_MS)} s ago`;
  if (age < HOUR_MS) return `${Math.floor(age / MINUTE_MS)} min ago`;
  if (age < DAY_MS) return `${Math.floor(age / HOUR_MS)} h ago`;
  return `${formatShortDay(iso)} ${new Date(iso).getUTCFullYear()}`;
}

/** How long until then, in the two largest units that matter: `37 s`, `12 min`, `9 h 47 min`, `8 d 3 h`. */
export function formatUntil(iso: string, now: number): string {
  const left = Math.max(0, Date.parse(iso) - now);
  if (left < MINUTE_MS) return `${Math.ceil(left / SECOND_MS)} s`;
  const [days, hours] = [Math.floor(left / DAY_MS), Math.floor((left % DAY_MS) / HOUR_MS)];
  const minutes = Math.floor((left % HOUR_MS) / MINUTE_MS);
  if (days > 0) return hours > 0 ? `${days} d ${hours} h` : `${days} d`;
  if (hours > 0) return minutes > 0 ? `${hours} h ${minutes} min` : `${hours} h`;
  return `${minutes} min`;
}

const clockParts = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" } as const;

/** By how much a zone's clock is ahead of UTC at a moment, in milliseconds. @throws {RangeError} for a zone that does not exist */
function offsetAt(moment: number, zone: string): number {
  const parts = new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", ...clockParts }).formatToParts(moment);
  const read = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((part) => part.type === type)?.value);
  const shown = Date.UTC(read("year"), read("month") - 1, read("day"), read("hour"), read("minute"), read("second"));
  return shown - Math.floor(moment / SECOND_MS) * SECOND_MS;
}

/**
 * The moment at which a day begins in a zone.
 * @param day `2026-11-22`
 * @param zone as browsers name it, e.g. `Europe/Berlin`; UTC stands in for one that does not exist
 * @param later how many days after that day
 * @returns null for a day that is none
 */
export function startOfDay(day: string, zone: string, later = 0): Date | null {
  const midnight = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== day) return null;
  const wanted = midnight + later * DAY_MS;
  try {
    const guess = wanted - offsetAt(wanted, zone);
    return new Date(wanted - offsetAt(guess, zone));
  } catch {
    return new Date(wanted);
  }
}
