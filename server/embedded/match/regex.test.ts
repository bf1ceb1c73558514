import { describe, expect, it } from "vitest";
import { codeOf } from "../guarantees/support";
import { compileRegex } from "./regex";

const CASES: [pattern: string, options: string, text: string, matches: boolean][] = [
  ["^ab", "", "abc", true],
  ["^AB", "i", "abc", true],
  ["^b", "m", "a\nb", true],
  ["^b", "", "a\nb", false],
  ["a$", "", "a\n", true],
  ["a.b", "", "a\nb", false],
  ["a.b", "s", "a\nb", true],
  ["a b # comment", "x", "ab", true],
  ["(?i)ab", "", "AB", true],
  ["\\Aab\\z", "", "ab", true],
  ["\\Aab\\z", "", "ab\n", false],
  ["\\Q.+\\E", "", "x.+x", true],
  ["\\Q.+\\E", "", "xyz", false],
  ["[[:alpha:]]+$", "", "abc", true],
  ["[[:digit:]]", "", "abc", false],
  ["a\\-b\\@c", "", "a-b@c", true],
  ["{}", "", "{}", true],
  ["^[\\w.+-]+@x", "", "a.b+c@x", true],
  ["\\s", "", "\u00a0", false],
  ["^.$", "", "\u{1F600}", true],
  ["(?P<n>a)", "", "a", true],
];

describe("regular expressions", () => {
  it.each(CASES)("/%s/%s on %j is %s, as in PCRE", (pattern, options, text, expected) => {
    expect(compileRegex(pattern, options)(text)).toBe(expected);
  });

  it.each(["(", "a**", "[a", "(?>a)", "a++", "\\K"])("refuse %s, which cannot be read", (pattern) => {
    expect(codeOf(() => compileRegex(pattern, ""))).toBe(51091);
  });

  it.each(["^(a+)+$", "(.*)(.*)(.*)(.*)x$"])("end a search for %s that would take hours", (pattern) => {
    const started = Date.now();
    expect(codeOf(() => compileRegex(pattern, "")(`${"a".repeat(2000)}!`))).toBe(51156);
    expect(Date.now() - started).toBeLessThan(5000);
  });
});
