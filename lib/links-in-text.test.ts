import { expect, test } from "vitest";
import { splitLinks } from "@/lib/links-in-text";

test("every address in a text is a part of its own, and the parts are the text again", () => {
  const text = "Open http://localhost:3000/confirm?token=a_b-C.\n\nOr (https://vitrine.example/reset), javascript:alert(1)";
  const parts = splitLinks(text);
  expect(parts.map((part) => part.text).join("")).toBe(text);
  expect(parts.filter((part) => part.isLink).map((part) => part.text)).toEqual([
    "http://localhost:3000/confirm?token=a_b-C",
    "https://vitrine.example/reset",
  ]);
  expect(new Set(parts.map((part) => part.start)).size).toBe(parts.length);
});
