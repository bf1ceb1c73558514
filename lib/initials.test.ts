import { expect, test } from "vitest";
import { initialsOf } from "@/lib/initials";

test("a name's initials are those of its first and its last word, in any script, and never empty", () => {
  expect(initialsOf("Ada Lovelace")).toBe("AL");
  expect(initialsOf("  ada   king  lovelace ")).toBe("AL");
  expect(initialsOf("Plato")).toBe("P");
  expect(initialsOf("(Łukasz) Żak")).toBe("ŁŻ");
  expect(initialsOf("𠮷田 健")).toBe("𠮷健");
  expect(initialsOf("—")).toBe("?");
  expect(initialsOf("")).toBe("?");
});
