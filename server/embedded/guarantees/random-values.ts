import { Binary, BSONRegExp, Code, Decimal128, Double, Int32, Long, MaxKey, MinKey, ObjectId, Timestamp } from "bson";
import type { Document } from "../bson";

/** Random numbers that are the same again for the same seed. */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** A whole number from 0 up to, not including, `limit`. */
  below(limit: number): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * limit);
  }

  /** True once in `count` times. */
  oneIn(count: number): boolean {
    return this.below(count) === 0;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }

  list<T>(length: number, make: () => T): T[] {
    return Array.from({ length }, make);
  }
}

type Maker = (random: Random) => unknown;

const TEXTS = [
  "", "a", "A", "ab", "aB", "b", "z", "a\0", "a\0b", "\0", "\0\0", "a\x01", "\x7f", "é", "e\u0301", "ß", "\ud7ff", "\ue000",
  "\ufffd", "\uffff", "\u{10000}", "\u{1f600}", "\u{10ffff}", "a\u{1f600}", "a\uffff",
];

const DOUBLES = [
  0, -0, 0.1, -0.1, 0.5, 1.5, 1, -1, 2 ** 53, 2 ** 53 + 2, -(2 ** 53), 2 ** 63, -(2 ** 63), 2 ** 64, 5e-324, -5e-324,
  2.2250738585072014e-308, 1.7976931348623157e308, -1.7976931348623157e308, 1e22, 1e23, 123456789.123456, Number.NaN, Infinity, -Infinity,
];

const LONGS = [
  "0", "1", "-1", "9007199254740991", "9007199254740992", "9007199254740993", "-9007199254740993", "9223372036854775807",
  "-9223372036854775808", "9223372036854775806", "4294967296",
];

const DECIMALS = [
  "0", "-0", "0E+3", "1", "1.0", "1.00", "1.5", "-2", "2.50", "0.1", "-0.1", "0.1000000000000000055511151231257827", "9007199254740992",
  "9007199254740993", "9007199254740992.5", "9007199254740993.5", "-9007199254740993.5", "9223372036854775807", "9223372036854775807.5",
  "9223372036854775808", "1E-400", "-1E-400", "2E-400", "1E400", "-1E400", "2E400", "1E6144", "9.999999999999999999999999999999999E6144",
  "1E-6176", "5E-324", "4.9406564584124654E-324", "1.7976931348623157E308", "1.8E308", "1E22", "1E23", "NaN", "Infinity", "-Infinity",
];

const INSTANTS = [0, -1, 1, 1000, -62_135_596_800_000, 8.64e15, -8.64e15, Number.NaN, 1_700_000_000_000, 1_700_000_000_001];

const NUMBER_MAKERS: Maker[] = [
  (random) => new Int32(random.below(7) - 3),
  (random) => new Int32(random.pick([2_147_483_647, -2_147_483_648, 0])),
  (random) => new Double(random.below(14) / 2 - 3),
  (random) => new Double(random.pick(DOUBLES)),
  (random) => new Double((random.below(1_000_000) - 500_000) / 1000),
  (random) => Long.fromNumber(random.below(7) - 3),
  (random) => Long.fromString(random.pick(LONGS)),
  (random) => Decimal128.fromString(random.pick(DECIMALS)),
  (random) => Decimal128.fromString(`${random.below(2_000_000) - 1_000_000}E${random.below(8) - 6}`),
];

/** A number of any of the four types, often at an edge or equal to one of another type. */
export function makeNumber(random: Random): unknown {
  return random.pick(NUMBER_MAKERS)(random);
}

/** A string, often one with a NUL, beyond the basic plane or beginning like another. */
export function makeText(random: Random): string {
  return random.oneIn(3) ? random.list(random.below(4), () => random.pick(TEXTS)).join("") : random.pick(TEXTS);
}

const SCALAR_MAKERS: Maker[] = [
  makeNumber,
  makeNumber,
  makeText,
  makeText,
  () => null,
  () => undefined,
  (random) => random.oneIn(2),
  (random) => new Date(random.pick(INSTANTS)),
  (random) => new ObjectId(`${"0".repeat(22)}${random.pick(["00", "01", "7f", "80", "ff"])}`),
  (random) => new Binary(Buffer.from(random.pick(["", "\0", "a", "ab", "b", "\0\0"])), random.pick([0, 4, 5, 128])),
  (random) => new Timestamp({ t: random.pick([0, 1, 2, 4_294_967_295]), i: random.pick([0, 1, 4_294_967_295]) }),
  (random) => new BSONRegExp(random.pick(["", "a", "ab", "^a"]), random.pick(["", "i", "im"])),
  (random) => new Code(random.pick(["", "a", "ab"])),
  () => new MinKey(),
  () => new MaxKey(),
];

/** A value of any type that is neither a document nor an array. */
export function makeScalar(random: Random): unknown {
  return random.pick(SCALAR_MAKERS)(random);
}

/** A value of any type; documents and arrays hold further ones, down to `depth`. */
export function makeValue(random: Random, depth = 3): unknown {
  if (depth === 0 || random.below(3) > 0) return makeScalar(random);
  if (random.oneIn(2)) return random.list(random.below(4), () => makeValue(random, depth - 1));
  const document: Document = {};
  for (let count = random.below(4); count > 0; count -= 1) {
    document[random.pick(["", "a", "aa", "b", "é", "\u{10000}", "\uffff"])] = makeValue(random, depth - 1);
  }
  return document;
}

/** A value that differs from the given one in a small way, or is equal but of another type. */
export function varyValue(random: Random, value: unknown): unknown {
  if (Array.isArray(value)) {
    const copy: unknown[] = [...(value as unknown[])];
    if (copy.length === 0 || random.oneIn(4)) return [...copy, makeScalar(random)];
    if (random.oneIn(4)) return copy.slice(0, -1);
    const at = random.below(copy.length);
    copy[at] = varyValue(random, copy[at]);
    return copy;
  }
  if (typeof value === "string") return random.pick([`${value}\0`, `${value}a`, `a${value}`, value.slice(0, -1), value]);
  if (value instanceof Int32) return random.pick([new Double(value.value), Long.fromNumber(value.value), varyNumber(random, value.value)]);
  if (value instanceof Double) return varyNumber(random, value.value);
  if (value instanceof Long) return random.pick([value.add(1), value.subtract(1), Decimal128.fromString(`${value.toString()}.5`)]);
  return makeScalar(random);
}

function varyNumber(random: Random, number: number): unknown {
  if (!Number.isFinite(number)) return makeNumber(random);
  const step = Math.max(Math.abs(number) * Number.EPSILON, Number.MIN_VALUE);
  const exact = Decimal128.fromStringWithRounding(String(number));
  return random.pick([new Double(number + step), new Double(number - step), new Double(number), exact]);
}
