import { describe, expect, it } from "vitest";
import { foldText, parseCollation } from "./collation";
import { codeOf } from "./guarantees/support";
import { compareText } from "./values";

const SEED = Date.now() % 1_000_000;
const LETTERS = [..."abcABCzZ019_-.:@/ $'+", "é", "è", "E", "É", "ß", "ss"];

function makeTexts(count: number): string[] {
  let state = SEED;
  const below = (limit: number) => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return Math.floor((state / 4294967296) * limit);
  };
  return Array.from({ length: count }, () => Array.from({ length: below(4) }, () => LETTERS[below(LETTERS.length)]).join(""));
}

describe("collation", () => {
  it(`of strength 2 orders as Unicode's collation without case (seed ${SEED}, 80,000 pairs)`, () => {
    const collator = new Intl.Collator("en", { sensitivity: "accent" });
    const texts = makeTexts(400);
    const collation = parseCollation({ locale: "en", strength: 2 });
    const wrong = texts.flatMap((a) =>
      texts
        .filter((b) => Math.sign(collator.compare(a, b)) !== compareText(foldText(a, collation), foldText(b, collation)))
        .map((b) => [a, b]),
    );
    expect(wrong).toEqual([]);
  });

  it("of strength 3 tells case apart only where all else is equal", () => {
    const collation = parseCollation({ locale: "en_US" });
    const sorted = ["b", "A", "a", "B", "á", "ab", "aB"].sort((a, b) =>
      compareText(foldText(a, collation), foldText(b, collation)),
    );
    expect(sorted).toEqual(["a", "A", "á", "ab", "aB", "b", "B"]);
  });

  it("is refused where this server would sort differently", () => {
    expect(codeOf(() => parseCollation({ locale: "sv", strength: 2 }))).toBe(238);
    expect(codeOf(() => parseCollation({ locale: "en", strength: 1 }))).toBe(238);
    expect(codeOf(() => parseCollation({ locale: "en", numericOrdering: true }))).toBe(238);
    expect(codeOf(() => parseCollation({ locale: "en", foo: 1 }))).toBe(40415);
    expect(codeOf(() => parseCollation({ strength: 2 }))).toBe(40414);
    expect(parseCollation({ locale: "simple" })).toBeUndefined();
  });
});
