import { Binary, BSONRegExp, Decimal128, Double, Int32, Long, MaxKey, MinKey, ObjectId, Timestamp } from "bson";
import { describe, expect, it } from "vitest";
import { encodeKey, typeRange } from "./key-encoding";
import { compareValues } from "./values";

const SEED = Date.now() % 1_000_000;

function makeRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return state / 4294967296;
  };
}

type Below = (limit: number) => number;
type Pick = <T>(items: readonly T[]) => T;

function numberMakers(below: Below, pick: Pick): (() => unknown)[] {
  return [
    () => new Int32(below(7) - 3),
    () => new Double(below(14) / 2 - 3),
    () => new Double(pick([Number.NaN, -0, Infinity, -Infinity, 1.7976931348623157e308, 5e-324])),
    () => Long.fromNumber(below(7) - 3),
    () => Long.fromString(`90071992547409${90 + below(9)}`),
    () => new Double(9007199254740992 + 2 * below(3)),
    () =>
      Decimal128.fromString(
        pick(["1", "1.5", "-2", "2.50", "0", "0.1", "-0.1", "1E-400", "-1E-400", "1E400", "2E400", "9007199254740993.5"]),
      ),
    () => new Double(pick([0.1, -0.1])),
  ];
}

function makeValues(count: number, random: () => number): unknown[] {
  const below: Below = (limit) => Math.floor(random() * limit);
  const pick: Pick = <T>(items: readonly T[]): T => items[below(items.length)] as T;
  const scalars: (() => unknown)[] = [
    ...numberMakers(below, pick),
    () => null,
    () => undefined,
    () => pick(["", "a", "ab", "b", "a\u0000b", "a\u0000", "é", "\u{1F600}", "\uFFFD", "z"]),
    () => random() < 0.5,
    () => new Date(below(4) * 1000 - 2000),
    () => new ObjectId(String(below(4)).padStart(24, "0")),
    () => new Binary(Buffer.from(pick(["", "a", "ab", "b"])), pick([0, 5])),
    () => ({ x: new Int32(below(3)) }),
    () => ({ [pick(["x", "y", "__proto__x"])]: pick(["", "a", new Int32(1)]), z: null }),
    () => new Timestamp({ t: below(3), i: 1 }),
    () => new BSONRegExp(pick(["a", "b"]), pick(["", "i"])),
    () => pick([new MinKey(), new MaxKey()]),
  ];
  const scalar = () => pick(scalars)();
  return Array.from({ length: count }, () => (random() < 0.2 ? Array.from({ length: below(3) }, scalar) : scalar()));
}

describe("index keys", () => {
  it(`sort exactly as values compare, in both directions (seed ${SEED}, 45,150 pairs)`, () => {
    const values = makeValues(300, makeRandom(SEED));
    const ascending = values.map((value) => encodeKey(value));
    const descending = values.map((value) => encodeKey(value, true));
    const wrong: unknown[] = [];
    for (let i = 0; i < values.length; i += 1) {
      for (let j = i; j < values.length; j += 1) {
        const order = compareValues(values[i], values[j]);
        const up = Buffer.compare(ascending[i] ?? Buffer.alloc(0), ascending[j] ?? Buffer.alloc(0));
        const down = Buffer.compare(descending[i] ?? Buffer.alloc(0), descending[j] ?? Buffer.alloc(0));
        if (order !== up || order + down !== 0) wrong.push([values[i], values[j], order, up, down]);
      }
    }
    expect(wrong).toEqual([]);
  });

  it("are never a prefix of a different key, so that components can be joined", () => {
    const keys = makeValues(300, makeRandom(SEED + 1)).map((value) => encodeKey(value).toString("latin1"));
    const distinct = [...new Set(keys)].sort();
    const prefixes = distinct.filter((key, i) => distinct[i + 1]?.startsWith(key));
    expect(prefixes).toEqual([]);
  });

  it("are the same for equal numbers of different types", () => {
    const key = encodeKey(new Int32(5)).toString("hex");
    expect([Long.fromNumber(5), new Double(5), Decimal128.fromString("5.0"), 5].map((n) => encodeKey(n).toString("hex"))).toEqual([
      key,
      key,
      key,
      key,
    ]);
    expect(encodeKey(Long.fromString("9007199254740993"))).toEqual(encodeKey(Decimal128.fromString("9007199254740993.0")));
  });
});

describe("an index key", () => {
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

  it("lies within the range of its type", () => {
    for (const value of makeValues(100, makeRandom(SEED + 2))) {
      const [low, high] = typeRange(value);
      const key = encodeKey(value);
      expect(Buffer.compare(low, key)).toBeLessThanOrEqual(0);
      expect(Buffer.compare(key, high)).toBeLessThan(0);
    }
  });
});
