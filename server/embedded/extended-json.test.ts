import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  Decimal128,
  Double,
  EJSON,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  serialize,
  Timestamp,
} from "bson";
import { describe, expect, it } from "vitest";
import { formatExtendedJson, parseExtendedJson, parseForDriver } from "./extended-json";

const VALUES: Record<string, unknown> = {
  int32: new Int32(-2147483648),
  int64: Long.fromString("9223372036854775807"),
  "int64 that fits an int32": Long.fromNumber(5),
  "whole double": new Double(3),
  "large double": new Double(1e21),
  "small double": new Double(-5e-324),
  "negative zero": new Double(-0),
  infinity: new Double(-Infinity),
  NaN: new Double(Number.NaN),
  decimal: Decimal128.fromString("1.2300E-17"),
  "decimal NaN": Decimal128.fromString("NaN"),
  text: 'quotes " \\" backslash \\ NUL \0 lines \n\u2028 and 😀',
  date: new Date(-1),
  "far date": new Date(8.64e15),
  binary: new Binary(Buffer.from([0, 255, 128]), 0),
  uuid: new Binary(Buffer.alloc(16, 7), 4),
  "old binary": new Binary(Buffer.from("abc"), 2),
  "user binary": new Binary(Buffer.from("abc"), 0x80),
  id: new ObjectId("0123456789abcdef01234567"),
  timestamp: new Timestamp({ t: 4294967295, i: 4294967295 }),
  regex: new BSONRegExp('^a"/\\', "im"),
  "smallest key": new MinKey(),
  "largest key": new MaxKey(),
  code: new Code("return 1"),
  "code with scope": new Code("return x", { x: new Int32(1) }),
  symbol: new BSONSymbol("s"),
  null: null,
  booleans: [true, false],
  nested: { a: [{ b: [] }, {}, [[new Int32(1)]]] },
  reference: { $ref: "things", $id: new ObjectId("0123456789abcdef01234567"), $db: "other" },
  "a name with a dollar": { $price: "high" },
};

/** A document of one field `a`, for what the driver's own writer does not write. */
function makeBytes(type: number, ...value: number[]): Buffer {
  return Buffer.from([8 + value.length, 0, 0, 0, type, 0x61, 0, ...value, 0]);
}

function write(document: object): Buffer {
  return Buffer.from(serialize(document));
}

const int = (value: number) => new Int32(value);

const ODD: Record<string, Buffer> = {
  "names that look like integers": write(new Map<string, unknown>([["b", int(1)], ["10", new Map([["z", 1], ["1", 2]])], ["2", int(3)]])),
  "a list of such documents": write({ list: [[new Map([["b", int(1)], ["1", int(2)]])]] }),
  "a document that reads like an id": write({ a: { $oid: "0123456789abcdef01234567" } }),
  "a document that reads like a number": write({ a: [{ $numberInt: "1" }] }),
  "a document that is nothing but an id": write({ $oid: "0123456789abcdef01234567" }),
  "a document that reads like a driver's type": write(new Map([["a", new Map<string, unknown>([["_bsontype", "ObjectId"]])]])),
  "a document that is a reference": write({ $ref: "things", $id: int(1) }),
  "a line of this kind": write({ $bson: new Binary(Buffer.from([5, 0, 0, 0, 0])) }),
  "another $bson": write({ $bson: "text" }),
  "a decimal with another form of zero": makeBytes(0x13, ...Buffer.alloc(15, 0), 0x6c),
};

const UNSTORABLE: Record<string, Buffer> = {
  "the old undefined": makeBytes(0x06),
  "a name that occurs twice": Buffer.from([19, 0, 0, 0, ...[1, 2].flatMap((n) => [0x10, 0x61, 0, n, 0, 0, 0]), 0]),
  "a date no JavaScript has": makeBytes(0x09, ...Buffer.alloc(7, 255), 0x7f),
  "text that is not UTF-8": makeBytes(0x02, 2, 0, 0, 0, 0xff, 0),
};

describe("Extended JSON", () => {
  it.each(Object.entries(VALUES))("is what the driver's EJSON writes, and leads back to the same bytes: %s", (name, value) => {
    const bytes = write({ _id: int(1), [name]: value });
    const line = formatExtendedJson(bytes);
    expect(line).toBe(EJSON.stringify({ _id: int(1), [name]: value }, { relaxed: false }));
    expect(line).not.toContain("\n");
    expect(parseExtendedJson(line).equals(bytes)).toBe(true);
    expect(write(parseForDriver(line)).equals(bytes)).toBe(true);
    expect(JSON.stringify(JSON.parse(line))).toBe(line);
  });

  it("keeps names of the prototype", () => {
    const bytes = write(new Map([["__proto__", new Map([["constructor", "p"]])]]));
    expect(formatExtendedJson(bytes)).toBe('{"__proto__":{"constructor":"p"}}');
    expect(write(parseForDriver(formatExtendedJson(bytes))).equals(bytes)).toBe(true);
  });

  it.each(Object.entries(ODD))("carries the bytes where it would change something, and the driver gets the same: %s", (_what, bytes) => {
    const line = formatExtendedJson(bytes);
    expect(line).toBe(`{"$bson":{"$binary":{"base64":"${bytes.toString("base64")}","subType":"00"}}}`);
    expect(parseExtendedJson(line).equals(bytes)).toBe(true);
    expect(write(parseForDriver(line)).equals(bytes)).toBe(true);
    expect(JSON.stringify(JSON.parse(line))).toBe(line);
  });

  it.each(Object.entries(UNSTORABLE))("carries what no driver stores, and says so before it would be changed: %s", (_what, bytes) => {
    const line = formatExtendedJson(bytes);
    expect(parseExtendedJson(line).equals(bytes)).toBe(true);
    expect(() => parseForDriver(line)).toThrow(/^the driver cannot store it: .+$/);
  });

  it.each([
    "",
    "[]",
    "null",
    "{",
    '{"a":}',
    '{"a":1}}',
    '{"a":1}',
    '{"a": true}',
    '{"a":{"$oid":"xyz"}}',
    '{"a":{"$numberInt":"2147483648"}}',
    '{"a":{"$numberLong":"1e3"}}',
    '{"a":{"$date":"2020"}}',
    '{"a":{"$undefined":true}}',
    '{"a":"\n"}',
    '{"a":"\\"}',
    "{'a':1}",
    '{"a":{"_bsontype":"ObjectId"}}',
    '{"$oid":"0123456789abcdef01234567"}',
    '{"$bson":"BQAAAAA="}',
    '{"$bson":{"$binary":{"base64":"BQAAAAA=","subType":"04"}}}',
  ])("says in one line of what it did not write that it cannot be read: %j", (line) => {
    expect(() => parseExtendedJson(line)).toThrow(/^it is not a document in canonical Extended JSON: .+$/);
  });
});
