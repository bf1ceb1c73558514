import { describe, expect, it } from "vitest";
import { takeRequestId } from "@/server/core/answer";

describe("takeRequestId", () => {
  it.each(["abcd1234", "A_b-c".repeat(12)])("takes over %s", (id) => {
    expect(takeRequestId(new Request("http://x", { headers: { "request-id": id } }))).toBe(id);
  });

  it.each(["short", "a".repeat(65), "with space", "<script>", ""])("makes an id of its own in place of %j", (id) => {
    expect(takeRequestId(new Request("http://x", { headers: { "request-id": id } }))).toMatch(/^req_/);
  });
});
