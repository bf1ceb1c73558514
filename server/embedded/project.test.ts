import { Int32, Long } from "bson";
import { describe, expect, it } from "vitest";
import type { Document } from "./bson";
import { codeOf } from "./guarantees/support";
import { compileProjection } from "./project";
import { compileSort, sortDocuments } from "./sort";

function project(spec: unknown, document: Document, filter?: Document): unknown {
  return compileProjection(spec, { filter })?.(document);
}

const FULL = { _id: 1, a: 1, b: { c: 2, d: 3 }, e: [{ f: 1, g: 2 }, 7, { f: 3 }], n: [1, 2, 3, 4] };

const CASES: [name: string, spec: unknown, expected: Document, filter?: Document][] = [
  ["inclusion", { a: 1 }, { _id: 1, a: 1 }],
  ["inclusion without _id", { _id: 0, a: true }, { a: 1 }],
  ["inclusion of a nested path", { "b.c": 1 }, { _id: 1, b: { c: 2 } }],
  ["inclusion through an array", { e: { f: 1 } }, { _id: 1, e: [{ f: 1 }, { f: 3 }] }],
  ["exclusion", { a: 0, e: 0, n: 0 }, { _id: 1, b: { c: 2, d: 3 } }],
  ["exclusion through an array", { "e.f": 0, a: 0, b: 0, n: 0 }, { _id: 1, e: [{ g: 2 }, 7, {}] }],
  ["only _id", { _id: 1 }, { _id: 1 }],
  ["no _id", { _id: 0 }, { a: 1, b: FULL.b, e: FULL.e, n: FULL.n }],
  ["$slice among all fields", { n: { $slice: -2 }, b: 0, e: 0 }, { _id: 1, a: 1, n: [3, 4] }],
  ["$slice with a start", { a: 1, n: { $slice: [1, 2] } }, { _id: 1, a: 1, n: [2, 3] }],
  ["$elemMatch", { e: { $elemMatch: { f: 3 } } }, { _id: 1, e: [{ f: 3 }] }],
  ["$elemMatch without a hit", { e: { $elemMatch: { f: 9 } } }, { _id: 1 }],
  ["the positional operator", { "n.$": 1 }, { _id: 1, n: [3] }, { n: { $gt: 2 } }],
  ["an expression", { x: { $add: ["$a", new Int32(1)] } }, { _id: 1, x: new Int32(2) }],
  ["a renamed field", { x: "$b.c" }, { _id: 1, x: 2 }],
];

describe("projections", () => {
  it.each(CASES)("give %s", (_name, spec, expected, filter) => {
    expect(project(spec, FULL, filter)).toEqual(expected);
  });

  it("are nothing when the specification is empty", () => {
    expect(compileProjection({})).toBeNull();
  });
});

describe("sorting", () => {
  const order = (spec: unknown, documents: Document[]) => sortDocuments(documents, compileSort(spec), (document) => document);

  it("puts types in MongoDB's order and missing beside null", () => {
    const documents = [{ a: "x" }, { a: 1 }, {}, { a: true }, { a: [] }, { a: null }, { a: { b: 1 } }];
    expect(order({ a: 1 }, documents)).toEqual([{ a: [] }, {}, { a: null }, { a: 1 }, { a: "x" }, { a: { b: 1 } }, { a: true }]);
  });

  it("takes an array's smallest element ascending and its largest descending", () => {
    const [wide, middle] = [{ a: [1, 9] }, { a: 5 }];
    expect(order({ a: 1 }, [middle, wide])).toEqual([wide, middle]);
    expect(order({ a: -1 }, [middle, wide])).toEqual([wide, middle]);
  });

  it("goes on to the next key and keeps equal documents in place", () => {
    const documents = [
      { a: 1, b: 2, n: 1 },
      { a: new Long(1), b: 1 },
      { a: 1, b: 2, n: 2 },
    ];
    expect(order({ a: 1, b: -1 }, documents)).toEqual([documents[0], documents[2], documents[1]]);
  });

  it("refuses directions it does not know", () => {
    expect([codeOf(() => compileSort({ a: 2 })), codeOf(() => compileSort({ a: "x" }))]).toEqual([15975, 15974]);
  });
});
