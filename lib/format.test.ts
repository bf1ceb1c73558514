import { describe, expect, test } from "vitest";
import { formatBytes, formatDay, formatMilliseconds, formatNumber, formatPercent, formatTick, formatValue } from "@/lib/format";

const dollars = { style: "currency", currency: "USD", maximumFractionDigits: 0 } as const;

describe("formatNumber", () => {
  test("separates thousands and writes a real minus sign", () => {
    expect(formatNumber(-1234.567)).toBe("\u22121,234.57");
    expect(formatNumber(1234.567, 0)).toBe("1,235");
  });
});

describe("formatPercent", () => {
  test("keeps one decimal", () => {
    expect(formatPercent(0.7658)).toBe("76.6");
    expect(formatPercent(0)).toBe("0.0");
    expect(formatPercent(1)).toBe("100.0");
  });

  test("what is neither certain nor impossible never reads as such", () => {
    expect(formatPercent(4.1e-9)).toBe("<0.1");
    expect(formatPercent(0.999999996)).toBe(">99.9");
    for (const share of [0.00049, 0.0005, 0.00051]) expect(formatPercent(share), String(share)).not.toBe("0.0");
    for (const share of [0.99949, 0.9995, 0.99951]) expect(formatPercent(share), String(share)).not.toBe("100.0");
  });
});

describe("formatValue", () => {
  test("writes money as the schema says, the minus before the sign", () => {
    expect(formatValue(173850.489, dollars)).toBe("$173,850");
    expect(formatValue(-12300, dollars)).toBe("\u2212$12,300");
  });

  test("puts the unit after a space, and shows what a small number is", () => {
    expect(formatValue(12.5, undefined, "kg")).toBe("12.5 kg");
    expect(formatValue(0.0000123456, undefined)).toBe("0.00001235");
    expect(formatValue(0, undefined)).toBe("0");
  });
});

describe("formatTick", () => {
  test("is short enough for an axis", () => {
    expect(formatTick(200_000, dollars)).toBe("$200k");
    expect(formatTick(0, dollars)).toBe("$0");
    expect(formatTick(1_500_000, undefined)).toBe("1.5M");
    expect(formatTick(-2_500, dollars)).toBe("\u2212$2.5k");
  });
});

describe("times, sizes and days", () => {
  test("milliseconds have as many digits as matter", () => {
    expect([0.01, 0.42, 12.4, 1_240].map(formatMilliseconds)).toEqual(["under 0.1 ms", "0.4 ms", "12 ms", "1.2 s"]);
  });

  test("sizes are in powers of a thousand", () => {
    expect([999, 4_362, 1_500_000].map(formatBytes)).toEqual(["999 B", "4.4 kB", "1.5 MB"]);
  });

  test("a day is the same in every zone, and what is no date stays as it was written", () => {
    expect(formatDay("2026-11-22")).toBe("22 Nov 2026");
    expect(formatDay("2026-11-22T23:59:59.000Z")).toBe("22 Nov 2026");
    expect(formatDay("autumn 2026")).toBe("autumn 2026");
  });
});
