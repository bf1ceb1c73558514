import { describe, expect, test } from "vitest";
import { ownPath } from "@/lib/own-path";

describe("ownPath", () => {
  test("keeps a path of this site with its query and its fragment", () => {
    for (const path of ["/", "/keys", "/models/customer-churn?tenure=4&contract=One%20year#answer", "/history?next=//x"]) {
      expect(ownPath(path, "/keys")).toBe(path);
    }
  });

  test("goes nowhere else, however the address is written", () => {
    const elsewhere = [
      "https://evil.example/",
      "//evil.example/",
      "/\\evil.example",
      "\\/evil.example",
      "/\t/evil.example",
      "/\n/evil.example",
      "javascript:alert(1)",
      "evil.example",
      " //evil.example",
      "/a/..//evil.example",
      "/.//evil.example",
      "",
      undefined,
      null,
    ];
    for (const address of elsewhere) expect(ownPath(address, "/keys")).toBe("/keys");
  });
});
