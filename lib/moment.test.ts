import { describe, expect, test } from "vitest";
import { formatAgo, formatExact, formatMoment, formatUntil, startOfDay } from "@/lib/moment";

const NOW = Date.parse("2026-11-22T14:03:12.345Z");
const before = (seconds: number) => new Date(NOW - seconds * 1_000).toISOString();
const after = (seconds: number) => new Date(NOW + seconds * 1_000).toISOString();

test("a moment is written to the second, its exact form to the millisecond", () => {
  expect(formatMoment("2026-09-02T04:05:06.789Z", "utc")).toBe("2 Sep 2026, 04:05:06");
  expect(formatExact("2026-09-02T04:05:06.789Z")).toBe("2026-09-02 04:05:06.789 UTC");
});

test("what is long ago is a day, what is recent an age", () => {
  const ages = [0, 12, 300, 3 * 3_600, 3 * 86_400].map((seconds) => formatAgo(before(seconds), NOW));
  expect(ages).toEqual(["just now", "12 s ago", "5 min ago", "3 h ago", "19 Nov 2026"]);
});

test("the time until then keeps the two units that matter", () => {
  const left = [37, 12 * 60, 9 * 3_600 + 47 * 60, 2 * 3_600, 8 * 86_400 + 3 * 3_600, -5].map((seconds) => formatUntil(after(seconds), NOW));
  expect(left).toEqual(["37 s", "12 min", "9 h 47 min", "2 h", "8 d 3 h", "0 s"]);
});

describe("the beginning of a day", () => {
  const begin = (day: string, zone: string, later?: number) => startOfDay(day, zone, later)?.toISOString() ?? null;

  test("is midnight on the reader's clock, in summer and in winter", () => {
    expect(begin("2026-11-22", "UTC")).toBe("2026-11-22T00:00:00.000Z");
    expect(begin("2026-11-22", "Europe/Berlin")).toBe("2026-11-21T23:00:00.000Z");
    expect(begin("2026-07-01", "Europe/Berlin")).toBe("2026-06-30T22:00:00.000Z");
    expect(begin("2026-11-22", "America/Los_Angeles")).toBe("2026-11-22T08:00:00.000Z");
    expect(begin("2026-11-22", "Asia/Kathmandu")).toBe("2026-11-21T18:15:00.000Z");
  });

  test("is right on both days on which the clocks change", () => {
    expect(begin("2026-03-29", "Europe/Berlin")).toBe("2026-03-28T23:00:00.000Z");
    expect(begin("2026-03-29", "Europe/Berlin", 1)).toBe("2026-03-29T22:00:00.000Z");
    expect(begin("2026-10-25", "Europe/Berlin", 1)).toBe("2026-10-25T23:00:00.000Z");
  });

  test("is UTC's for a zone that does not exist, and none for a day that is none", () => {
    expect(begin("2026-11-22", "Nowhere/Else")).toBe("2026-11-22T00:00:00.000Z");
    for (const day of ["2026-02-30", "2026-13-01", "today", "", "2026-11-22T10:00"]) expect(begin(day, "UTC"), day).toBeNull();
  });
});
