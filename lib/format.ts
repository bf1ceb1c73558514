/** Numbers and dates as people read them: real minus signs, thousands separators, a space before the percent sign. */
import type { NumberOutput } from "@/lib/contracts/model-schema";

const MINUS = "\u2212";
const withMinus = (text: string) => text.replace("-", MINUS);

/** Making a format takes a hundred times as long as using it, and there are few: by digits and currency. */
const formats = new Map<string, Intl.NumberFormat>();
function writeNumber(value: number, options: Intl.NumberFormatOptions): string {
  const key = JSON.stringify(options);
  const format = formats.get(key) ?? new Intl.NumberFormat("en-US", options);
  formats.set(key, format);
  return withMinus(format.format(value));
}

const days = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });

/** A plain number with at most `digits` decimals, e.g. `−1,234.5`. */
export function formatNumber(value: number, digits = 2): string {
  return writeNumber(value, { maximumFractionDigits: digits });
}

/** A share of 1 in percent without the sign, one decimal; what is not 0 or 100 never reads as such. */
export function formatPercent(share: number): string {
  if (share > 0 && share < 0.0005) return "<0.1";
  if (share < 1 && share >= 0.9995) return ">99.9";
  return (share * 100).toFixed(1);
}

/** A number below 1 with four significant digits, so that it never reads as 0. */
function formatSmall(value: number): string {
  return writeNumber(value, { maximumSignificantDigits: 4 });
}

type NumberFormat = NumberOutput["format"];

/** A model's number in its own format: a currency where the schema says so, else with as many digits as matter, and the unit. */
export function formatValue(value: number, format: NumberFormat, unit = ""): string {
  if (format?.style === "currency") {
    const currency = { style: "currency", currency: format.currency ?? "USD", maximumFractionDigits: format.maximumFractionDigits ?? 2 } as const;
    return writeNumber(value, currency);
  }
  const digits = format?.maximumFractionDigits ?? (Math.abs(value) >= 100 ? 1 : 4);
  const isSmall = format?.maximumFractionDigits === undefined && Math.abs(value) < 1;
  return `${isSmall ? formatSmall(value) : formatNumber(value, digits)}${unit === "" ? "" : ` ${unit}`}`;
}

const magnitudes = [
  { from: 1e9, letter: "B" },
  { from: 1e6, letter: "M" },
  { from: 1e3, letter: "k" },
] as const;

/** A short form for axes: `$200k`, `1.5M`. By hand, because engines disagree on Intl's compact notation and the page must hydrate. */
export function formatTick(value: number, format: NumberFormat): string {
  const magnitude = magnitudes.find(({ from }) => Math.abs(value) >= from);
  const size = Math.abs(value) / (magnitude?.from ?? 1);
  const number = `${formatNumber(size, magnitude ? 1 : 3)}${magnitude?.letter ?? ""}`;
  const sign = value < 0 ? MINUS : "";
  if (format?.style !== "currency") return `${sign}${number}`;
  const zero = formatValue(0, { ...format, maximumFractionDigits: 0 });
  return `${sign}${zero.replace("0", number)}`;
}

/** Milliseconds with as many digits as matter: `0.4 ms`, `12 ms`, `1.2 s`. */
export function formatMilliseconds(milliseconds: number): string {
  if (milliseconds < 0.1) return "under 0.1 ms";
  if (milliseconds >= 1_000) return `${formatNumber(milliseconds / 1_000, 1)} s`;
  return `${formatNumber(milliseconds, milliseconds < 10 ? 1 : 0)} ms`;
}

export function formatBytes(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${formatNumber(bytes / 1_000, 1)} kB` : `${formatNumber(bytes / 1_000_000, 1)} MB`;
}

/** A day as `22 Nov 2026`, in UTC so that server and browser write the same; text that is no ISO date stays as it is. */
export function formatDay(iso: string): string {
  if (!/^\d{4}-\d{2}-\d{2}/.test(iso) || Number.isNaN(Date.parse(iso))) return iso;
  return days.format(new Date(iso));
}
