import { describe, expect, it } from "vitest";
import { encodeKey, typeRange } from "../key-encoding";
import { compareValues } from "../values";
import { makeValue, Random, varyValue } from "./random-values";
import { SEED } from "./settings";

/** From here on a key ends in a digest: exact for equality, not for order. */
const CUT_BYTES = 700;

function makeShortValue(random: Random): unknown {
  for (;;) {
    const value = makeValue(random);
    if (encodeKey(value).length < CUT_BYTES) return value;
  }
}

/** Values of all types, each third one close to the one before it. */
function makeValues(random: Random, count: number): unknown[] {
  const values: unknown[] = [];
  while (values.length < count) {
    const varied = values.length % 3 === 2 ? varyValue(random, values.at(-1)) : makeShortValue(random);
    if (encodeKey(varied).length < CUT_BYTES) values.push(varied);
  }
  return values;
}

interface CompoundKey {
  values: unknown[];
  bytes: Buffer;
}

function encodeCompound(values: unknown[], descending: boolean[]): CompoundKey {
  return { values, bytes: Buffer.concat(values.map((value, part) => encodeKey(value, descending[part]))) };
}

function compareCompound(a: unknown[], b: unknown[], descending: boolean[]): number {
  for (const [part, isDescending] of descending.entries()) {
    const order = compareValues(a[part], b[part]);
    if (order !== 0) return isDescending ? -order : order;
  }
  return 0;
}

describe(`index keys (EMBEDDED_SEED=${SEED})`, () => {
  it("sort exactly as values compare, in both directions (90,000 pairs)", () => {
    const values = makeValues(new Random(SEED), 424);
    const ascending = values.map((value) => encodeKey(value));
    const descending = values.map((value) => encodeKey(value, true));
    const wrong: unknown[] = [];
    for (const [i, a] of values.entries()) {
      for (let j = i; j < values.length; j += 1) {
        const order = compareValues(a, values[j]);
        const up = Buffer.compare(ascending[i] ?? Buffer.alloc(0), ascending[j] ?? Buffer.alloc(0));
        const down = Buffer.compare(descending[i] ?? Buffer.alloc(0), descending[j] ?? Buffer.alloc(0));
        if (order !== up || order + down !== 0) wrong.push({ a, b: values[j], order, up, down });
      }
    }
    expect(wrong, `EMBEDDED_SEED=${SEED}`).toEqual([]);
  });

  it("of several parts sort part by part, each in its own direction (30,000 pairs)", () => {
    const random = new Random(SEED + 1);
    const wrong: unknown[] = [];
    for (let round = 0; round < 100; round += 1) {
      const descending = random.list(1 + random.below(4), () => random.oneIn(2));
      // Few values, so that many keys agree in their first parts.
      const pool = makeValues(random, 6);
      const keys = random.list(25, () => encodeCompound(descending.map(() => random.pick(pool)), descending));
      for (const [i, a] of keys.entries()) {
        for (const b of keys.slice(i + 1)) {
          const order = compareCompound(a.values, b.values, descending);
          if (order !== Buffer.compare(a.bytes, b.bytes)) wrong.push({ a: a.values, b: b.values, descending, order });
        }
      }
    }
    expect(wrong, `EMBEDDED_SEED=${SEED}`).toEqual([]);
  });

  it("are never a prefix of a different key, so that components can be joined", () => {
    const keys = makeValues(new Random(SEED + 2), 1000).map((value) => encodeKey(value).toString("latin1"));
    const distinct = [...new Set(keys)].sort();
    const prefixes = distinct.filter((key, i) => distinct[i + 1]?.startsWith(key));
    expect(prefixes, `EMBEDDED_SEED=${SEED}`).toEqual([]);
  });

  it("lie within the range of their type", () => {
    const outside = makeValues(new Random(SEED + 3), 1000).filter((value) => {
      const [low, high] = typeRange(value);
      const key = encodeKey(value);
      return Buffer.compare(low, key) > 0 || Buffer.compare(key, high) >= 0;
    });
    expect(outside, `EMBEDDED_SEED=${SEED}`).toEqual([]);
  });

  it("that were cut still tell values apart, and their heads still sort", () => {
    const random = new Random(SEED + 4);
    const values = makeValues(random, 60).map((value) => [`${"x".repeat(640 + random.below(120))}`, value, "y".repeat(random.below(80))]);
    const wrong: unknown[] = [];
    for (const a of values) {
      for (const b of values) {
        const [left, right] = [encodeKey(a), encodeKey(b)];
        const order = compareValues(a, b);
        const head = Buffer.compare(left.subarray(0, CUT_BYTES - 32), right.subarray(0, CUT_BYTES - 32));
        if ((order === 0) !== left.equals(right) || (head !== 0 && head !== order)) wrong.push({ a, b, order, head });
      }
    }
    expect(wrong, `EMBEDDED_SEED=${SEED}`).toEqual([]);
  });
});
