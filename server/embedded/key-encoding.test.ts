import { Decimal128, Double, Int32, Long } from "bson";
import { describe, expect, it } from "vitest";
import { encodeKey } from "./key-encoding";

describe("an index key", () => {
  it("is the same for equal numbers of different types", () => {
    const key = encodeKey(new Int32(5)).toString("hex");
    expect([Long.fromNumber(5), new Double(5), Decimal128.fromString("5.0"), 5].map((n) => encodeKey(n).toString("hex"))).toEqual([
      key,
      key,
      key,
      key,
    ]);
    expect(encodeKey(Long.fromString("9007199254740993"))).toEqual(encodeKey(Decimal128.fromString("9007199254740993.0")));
  });

  it("stays within 700 bytes and still tells long strings apart", () => {
    const [a, b] = [encodeKey(`${"x".repeat(5000)}a`), encodeKey(`${"x".repeat(5000)}b`)];
    expect([a.length, b.length]).toEqual([700, 700]);
    expect(a.equals(b)).toBe(false);
  });

  it("ignores case under a case-insensitive collation only", () => {
    expect(encodeKey("Straße", false, { caseInsensitive: true })).toEqual(
      encodeKey("sTRASSE".replace("SS", "ß"), false, { caseInsensitive: true }),
    );
    expect(encodeKey("A")).not.toEqual(encodeKey("a"));
  });
});
